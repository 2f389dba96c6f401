"""Any feed as notices: ids, dates, kinds, codes, texts, and what an attacker may write into one."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from crawlers.formats import FORMATS, Refusal
from crawlers.formats.feed import read_feed_day
from tenders.model import Notice, NoticeKind

CALLS = "https://brume.example/feeds/rss.xml#kind=competition"


def rss(*items: str) -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel><title>t</title>{inner}</channel></rss>'.encode()


def read(body: bytes, origin: str = CALLS) -> list[Notice | Refusal]:
    return list(FORMATS["feed"].read(body, origin))


def one(body: bytes, origin: str = CALLS) -> Notice:
    (found,) = read(body, origin)
    assert isinstance(found, Notice), found
    return found


PLAIN = "<title>Un marché</title><guid>g1</guid>"


def test_what_an_entry_does_is_said_by_its_category_or_by_whoever_named_the_feed() -> None:
    assert one(rss(PLAIN)).kind is NoticeKind.COMPETITION
    assert one(rss(PLAIN), "feed.xml#kind=result").kind is NoticeKind.RESULT
    assert one(rss(PLAIN + "<category>Avis rectificatif</category>")).kind is NoticeKind.CHANGE
    (refused,) = read(rss(PLAIN), "feed.xml")
    assert isinstance(refused, Refusal) and "nothing says what this entry does" in refused.reason
    (unknown,) = read(rss(PLAIN), "feed.xml#kind=gossip")
    assert isinstance(unknown, Refusal) and "unknown kind 'gossip'" in unknown.reason


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Thu, 26 Mar 2026 23:30:00 +0100", date(2026, 3, 26)),
        ("Thu, 26 Mar 2026 23:30:00 CEST", date(2026, 3, 26)),
        ("26 Mar 26 08:00 GMT+2", date(2026, 3, 26)),
        ("Thu, 26 Mar 2026 23:30:00 -9999", date(2026, 3, 26)),
        ("Thu, 26 Mar 2026", date(2026, 3, 26)),
        ("2026-03-26T23:59:00-04:00", date(2026, 3, 26)),
        ("2026-03-26T10:00:00.123Z", date(2026, 3, 26)),
        ("2026-03-26", date(2026, 3, 26)),
        ("31 Feb 2026 10:00:00 GMT", None),
        ("2026-13-45", None),
        ("hier", None),
        ("", None),
        (None, None),
    ],
)
def test_a_day_is_the_one_written_whatever_its_zone(written: str | None, day: date | None) -> None:
    assert read_feed_day(written) == day


@pytest.mark.parametrize(
    ("category", "cpv", "descriptors"),
    [
        ("<category>45261000</category>", ("45261000",), ()),
        ("<category>45261000-4</category>", ("45261000",), ()),
        ("<category>CPV: 45261000-4</category>", ("45261000",), ()),
        ("<category>45261000-4 - Charpente</category>", ("45261000",), ()),
        ("<category domain='cpv'>99999999</category>", ("99999999",), ()),
        ("<category>99999999</category>", (), ("99999999",)),
        ("<category>45261000-1</category>", (), ("45261000-1",)),
        ("<category>Toiture</category>", (), ("Toiture",)),
    ],
)
def test_a_category_is_a_cpv_code_where_it_is_one(category: str, cpv: tuple[str], descriptors: tuple[str]) -> None:
    found = one(rss(PLAIN + category))
    assert (found.cpv, found.descriptors) == (cpv, descriptors)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/avis/1", "https://brume.example/avis/1"),
        ("1?a=b", "https://brume.example/feeds/1?a=b"),
        ("//autre.example/1", "https://autre.example/1"),
        ("javascript:alert(1)", None),
        ("http://[::1", None),
        ("file:///etc/passwd", None),
    ],
)
def test_a_link_is_absolute_or_none(link: str, url: str | None) -> None:
    assert one(rss(f"{PLAIN}<link>{link}</link>")).url == url


def test_one_id_twice_is_one_notice_and_other_contents_under_it_are_refused() -> None:
    assert len(read(rss(PLAIN, PLAIN))) == 1
    found = read(rss(PLAIN, PLAIN.replace("Un", "Deux"), "<title>x</title><guid>g2</guid>"))
    assert [type(item) for item in found] == [Notice, Refusal, Notice]


def test_a_very_long_id_is_its_hash() -> None:
    found = one(rss(f"<title>x</title><guid>{'g' * 5000}</guid>"))
    assert found.source_id.startswith("sha256:") and len(found.source_id) < 60


def test_an_entry_that_cannot_be_read_does_not_cost_the_others() -> None:
    bomb = "<description>&lt;p " + " ".join(f"a{n}=1" for n in range(100_000)) + "&gt;</description>"
    start = time.monotonic()
    found = read(rss(f"<title>x</title><guid>b</guid>{bomb}", "<guid>u</guid>", "<title>nul</title>", PLAIN))
    assert time.monotonic() - start < 5
    reasons = [item.reason for item in found if isinstance(item, Refusal)]
    assert [reason[:12] for reason in reasons] == ["a tag of mor", "no title", "no id: neith"]
    assert isinstance(found[3], Notice)


def test_html_is_read_as_a_person_sees_it() -> None:
    html = (
        "&lt;p&gt;Un &amp;amp; deux&lt;br/&gt;trois&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img onerror=x&gt;"
    )
    found = one(rss(f"{PLAIN}<description>{html}</description>"))
    assert found.description == "Un & deux\ntrois"


def test_the_xml_parser_bears_many_attributes_and_comments() -> None:
    for inner in (" ".join(f"a{n}='1'" for n in range(200_000)), ""):
        start = time.monotonic()
        list(FORMATS["feed"].read(f"<rss {inner}><channel/></rss>".encode() + b"<!---->" * 100_000, CALLS))
        assert time.monotonic() - start < 5


def test_the_captured_feed_of_spain_is_read_as_any_feed(real_data: Path) -> None:
    path = real_data / "mixed-tendersbay-testdata/source/es/testdata/atom_sample.xml"
    found = list(FORMATS["feed"].read(path.read_bytes(), f"{path}#kind=competition"))
    notices = [item for item in found if isinstance(item, Notice)]
    assert len(found) == len(notices) == 2
    assert all(item.url and item.description and item.published == date(2026, 7, 18) for item in notices)
    assert len(list(FORMATS["feed"].read(path.read_bytes(), str(path)))) == 2  # two refusals: it says no kind
