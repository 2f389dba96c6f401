"""What strangers write is harmless in every output, one test each."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import feedparser
import pytest
from icalendar import Calendar
from lxml import etree, html

from indexer.columns import make_row, write_csv
from search_api.outputs.calendar import Deadlines, write_calendar
from search_api.outputs.calendar_routes import make_deadline
from search_api.outputs.feed_routes import make_entry
from search_api.outputs.feeds import Feed, render
from search_api.outputs.table import ATOM, FEEDS, JSON_FEED, RSS
from search_api.outputs.workbook import write_workbook
from tenders.store.tenders import Dates
from tests.node_readers import NodeReaders
from tests.search_api.conftest import BASE, NOW, Client
from tests.search_api.outputs import hostile
from tests.search_api.outputs.conftest import read_csv, read_events, read_sheets

# Controls but tab and line ends, what turns the direction of writing, lone surrogates, non-characters.
BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
FORMULA = re.compile(r"^[\s\u200b]*[=+\-@\t\r＝＋－＠]")
DATES = Dates(first_at=NOW, changed_at=NOW, changed={}, written_at=NOW)


def check_html(text: str) -> None:
    """Nothing but our own few elements, and links to our own pages."""
    shown = html.fragment_fromstring(text, create_parent="div")
    assert {element.tag for element in shown.iter()} <= {"div", "p", "b", "br", "a"}
    for element in shown.iter():
        assert set(element.attrib) <= {"href"}
        assert element.get("href", BASE).startswith(BASE)


@pytest.mark.parametrize("form", [ATOM, RSS])
def test_in_atom_and_rss(attacked: Client, form: Any) -> None:
    answer = attacked.get(f"{form.path}?size=100")
    assert answer.status_code == 200
    assert not BAD.search(answer.text)
    assert len(answer.content) < 200_000, "a title of a megabyte does not weigh on everybody who follows"
    tree = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False, no_network=True))
    texts = [e.text or "" for e in tree.iter("{*}content", "description") if e.getparent().tag != "channel"]
    assert len(texts) == len(hostile.ALL) - 1
    for text in texts:
        check_html(text)
    links = [e.get("href") or e.text or "" for e in tree.iter("{*}link", "link")]
    assert links and all(link.startswith(BASE) for link in links)
    read = feedparser.parse(answer.content)
    assert not read.bozo and len(read.entries) == len(texts)


def test_in_json_feed(attacked: Client, readers: NodeReaders) -> None:
    answer = attacked.get(f"{JSON_FEED.path}?size=100")
    items = answer.json()["items"]
    assert len(items) == len(hostile.ALL) - 1
    for item in items:
        check_html(item["content_html"])
        assert item["url"].startswith(BASE)
        for text in (item["title"], item["content_html"], *(a["name"] for a in item.get("authors", ()))):
            assert not BAD.search(text)
        assert len(item["title"]) < 400
    assert len(readers.read_feed(answer.content)[1]["items"]) == len(items)


def test_in_a_calendar(attacked: Client, readers: NodeReaders) -> None:
    body = attacked.get("/tenders.ics").content
    assert not BAD.search(body.decode())
    assert body.count(b"\r\n") == body.count(b"\n") == body.count(b"\r")
    events = read_events(body)
    assert len(events) == len(hostile.ALL) - 1 == body.count(b"\r\nBEGIN:VEVENT\r\n")
    for uid, event in events.items():
        assert re.fullmatch(r"[0-9a-f]{16}@tenderwatch\.example", uid)
        assert "\n" not in event["SUMMARY"] and "\n" not in event.get("LOCATION", "")
        assert event["URL"].startswith(BASE) and len(event["SUMMARY"]) < 300
    assert any("injecté" in event["SUMMARY"] for event in events.values()), "what was attempted is read as a text"
    theirs = {event["uid"]: event for event in readers.read_calendar(body)["events"]}
    assert {uid: event["SUMMARY"] for uid, event in events.items()} == {
        uid: event["summary"] for uid, event in theirs.items()
    }


def test_in_csv(attacked: Client) -> None:
    body = attacked.get("/tenders.csv").content
    assert not BAD.search(body.decode("utf-8-sig"))
    rows = read_csv(body)
    assert len(rows) == len(hostile.ALL) - 1 == body.count(b"\n") - 1, "a line a tender: no text breaks one"
    for row in rows:
        for name, cell in row.items():
            assert name == "value_amount" or not FORMULA.match(cell), (name, cell[:40])
            assert not re.search(r";\s*[=+\-@＝＋－＠]", cell), "nor where a semicolon parts cells"
            assert len(cell) < 32_767
        assert row["url"] in ("", "https://boamp.example/avis") and row["page"].startswith(BASE)
    titles = [row["title"] for row in rows]
    assert {"'=1+1", "'+1", "'-1", "'@SUM(A1)", "'＝1+1", "'＋1", "'－1", "'＠x", "a;'=1+1", "a; '@x"} <= set(titles)
    assert titles.count("'=1+1") == 4, "what stood before the formula and is not seen is no shelter"
    assert {row["value_amount"] for row in rows} == {"", "-1.50"}, "a number stays one"


def test_in_xlsx(attacked: Client) -> None:
    body = attacked.get("/tenders.xlsx").content
    sheet, told = read_sheets(body)
    assert sheet.max_row == len(hostile.ALL)
    for line in (*sheet.iter_rows(), *told.iter_rows()):
        for cell in line:
            assert cell.data_type in ("s", "n", "d") and cell.hyperlink is None
            if isinstance(cell.value, str):
                assert not BAD.search(cell.value) and not FORMULA.match(cell.value)
                assert "_x000" not in cell.value and len(cell.value) < 32_767
    with ZipFile(BytesIO(body)) as book:
        assert not any("externalLink" in name or "hyperlink" in name for name in book.namelist())
        for name in book.namelist():
            assert not re.search(rb"<f>|<hyperlink|javascript:", book.read(name))


def test_in_the_names_of_what_was_asked(attacked: Client) -> None:
    asked = "q=%22%3Cscript%3E%0D%0AX-Evil%3A+1%22+%E2%80%AEx"
    for path in (
        "/tenders.atom",
        "/tenders.rss",
        "/tenders.feed.json",
        "/tenders.ics",
        "/tenders.csv",
        "/tenders.xlsx",
    ):
        answer = attacked.get(f"{path}?{asked}")
        assert answer.status_code == 200
        assert "x-evil" not in answer.headers
        if not path.endswith("xlsx"):
            assert "<script>" not in answer.text and not BAD.search(answer.text)
    named = str(Calendar.from_ical(attacked.get(f"/tenders.ics?{asked}").content)["X-WR-CALNAME"])
    assert "\n" not in named and "\r" not in named


def test_lone_surrogates_which_no_store_takes_are_dropped_by_every_writer() -> None:
    tender = hostile.lone_surrogate()
    entry = make_entry(tender, DATES, BASE, "fr")
    feed = Feed("urn:x:y", "t", "a", "fr", BASE, BASE, BASE, None, (entry,))
    for form in FEEDS:
        assert b"ab" in render(feed, form)
    deadline = make_deadline(tender, tender.merged.deadline or NOW, DATES, BASE, "fr")
    body = write_calendar(Deadlines("n", "a", "fr", BASE, BASE, "example.org", [deadline]))
    assert b"SUMMARY:ab\r\n" in body
    rows = [make_row(tender, NOW, BASE), make_row(replace(tender, id="2"), NOW, BASE)]
    assert "".join(write_csv(rows)).encode().count(b",ab,cd,") == 2
    book = BytesIO()
    write_workbook(book, rows, [("n", "a\ud800b")], NOW, "fr")
    sheet, told = read_sheets(book.getvalue())
    assert (sheet["C2"].value, told["B1"].value) == ("ab", "ab")
