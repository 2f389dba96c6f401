"""Atom and RSS: same entries, stable ids, bytes that change only when the data does, nothing lost by being away."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from lxml import etree, html

from search_api.app import create_app
from tests.notices import House, notice
from tests.search_api.conftest import BASE, Client, Open
from tests.search_api.samples import HOSTILE, ROOF, ROOF_MOVED, STOP, STOPPED, moment
from tests.search_api.test_search import FORMS

ATOM = "{http://www.w3.org/2005/Atom}"


def read(answer_content: bytes) -> etree._Element:
    return etree.fromstring(answer_content, etree.XMLParser(resolve_entities=False, no_network=True))


def atom_entries(client: Client, form: str = "") -> list[etree._Element]:
    answer = client.get(f"/tenders.atom?{form}")
    assert answer.status_code == 200, answer.text
    return read(answer.content).findall(f"{ATOM}entry")


def by_id(client: Client, form: str = "") -> dict[str, etree._Element]:
    return {entry.findtext(f"{ATOM}id"): entry for entry in atom_entries(client, form)}


def check_atom(body: bytes) -> etree._Element:
    """RFC 4287, sections 4.1.1 and 4.1.2: what a feed and an entry must hold, and how often."""
    feed = read(body)
    assert feed.tag == f"{ATOM}feed"
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
            assert element.findtext(f"{ATOM}{name}")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", element.findtext(f"{ATOM}updated") or "")
        assert re.match(r"urn:[a-z0-9]+:", element.findtext(f"{ATOM}id") or "")
        assert element.findall(f"{ATOM}author") or feed.findall(f"{ATOM}author")
        for link in element.findall(f"{ATOM}link"):
            assert link.get("href", "").startswith(BASE)
    relations = [link.get("rel") for link in feed.findall(f"{ATOM}link")]
    assert relations.count("self") == 1 and len(relations) == len(set(relations))
    return feed


def check_rss(body: bytes) -> etree._Element:
    """RSS 2.0: channel title, link and description; each item a title, a link and a guid of its own."""
    rss = read(body)
    assert (rss.tag, rss.get("version")) == ("rss", "2.0")
    [channel] = rss.findall("channel")
    for name in ("title", "link", "description", "lastBuildDate"):
        assert len(channel.findall(name)) == 1 and channel.findtext(name)
    guids = [item.findtext("guid") for item in channel.findall("item")]
    assert len(guids) == len(set(guids))
    for item in channel.findall("item"):
        assert item.findtext("title") and item.findtext("link", "").startswith(BASE)
        assert item.find("guid").get("isPermaLink") == "false"  # type: ignore[union-attr]
        assert parsedate_to_datetime(item.findtext("pubDate") or "").tzinfo
    for date in channel.iter("lastBuildDate", "pubDate"):
        assert parsedate_to_datetime(date.text or "")
    return channel


@pytest.mark.parametrize("form", ["", "dept=21", "q=gaines", "q=rienquirende", "status=cancelled"])
def test_both_feeds_are_valid_and_hold_the_same_entries_in_the_same_order(client: Client, form: str) -> None:
    feed = check_atom(client.get(f"/tenders.atom?{form}").content)
    channel = check_rss(client.get(f"/tenders.rss?{form}").content)
    entries, items = feed.findall(f"{ATOM}entry"), channel.findall("item")
    assert [e.findtext(f"{ATOM}id") for e in entries] == [i.findtext("guid") for i in items]
    assert [e.findtext(f"{ATOM}title") for e in entries] == [i.findtext("title") for i in items]
    assert [e.findtext(f"{ATOM}content") for e in entries] == [i.findtext("description") for i in items]


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_gives_the_same_set_as_the_search(client: Client, form: str) -> None:
    ids = {f"urn:tenderwatch:tender:{line['id']}" for line in client.search(f"{form}&size=100")["items"]}
    assert set(by_id(client, f"{form}&size=100")) == ids


def test_a_reader_who_was_away_finds_every_entry_by_following_next(client: Client) -> None:
    for form, name in (("atom", f"{ATOM}entry"), ("rss", "item")):
        path, ids, pages = f"/tenders.{form}?nature=supplies", [], 0
        while path:
            tree = read(client.get(path).content)
            ids += [entry.findtext(f"{ATOM}id") or entry.findtext("guid") for entry in tree.iter(name)]
            links = {link.get("rel"): link.get("href") for link in tree.iter(f"{ATOM}link")}
            path, pages = links.get("next"), pages + 1
            assert links["first"].startswith(f"{BASE}/tenders.{form}?nature=supplies")
        assert pages == 3
        assert len(ids) == len(set(ids)) == client.search("nature=supplies")["total"]


def test_new_entries_while_a_reader_pages_neither_hide_nor_repeat_any(empty: House, open_client: Open) -> None:
    empty.bring(*(notice(str(n), f"Lot de chaises numéro {n}") for n in range(10)))
    client = open_client(empty)
    first = read(client.get("/tenders.atom?size=4").content)
    empty.bring(*(notice(f"new-{n}", f"Lot de tables numéro {n}") for n in range(5)))
    ids, tree = [], first
    while True:
        ids += [entry.findtext(f"{ATOM}id") for entry in tree.iter(f"{ATOM}entry")]
        following = [link.get("href") for link in tree.iter(f"{ATOM}link") if link.get("rel") == "next"]
        if not following:
            break
        tree = read(client.get(following[0]).content)
    assert len(ids) == len(set(ids)) == 10


def test_the_newest_change_comes_first_and_a_sort_may_be_asked_for(client: Client) -> None:
    lines = client.search("sort=-seq&size=50")["items"]
    assert list(by_id(client)) == [f"urn:tenderwatch:tender:{line['id']}" for line in lines]
    assert list(by_id(client, "q=mobilier")) != list(by_id(client, "q=mobilier&sort=deadline"))


def test_updated_moves_on_a_material_change_only_and_the_id_never_does(empty: House, open_client: Open) -> None:
    empty.bring(ROOF, notice("26-2", "Achat de chaises"))
    client = open_client(empty)
    before = by_id(client)
    [key] = [key for key, entry in before.items() if "toiture" in (entry.findtext(f"{ATOM}title") or "")]
    empty.bring(replace(ROOF, title="Réfection de la toiture et de la charpente de l'école des Tilleuls, à Vallebrune"))
    edited = by_id(client)
    assert edited.keys() == before.keys()
    assert (edited[key].findtext(f"{ATOM}title") or "").endswith("Vallebrune")
    assert edited[key].findtext(f"{ATOM}updated") == before[key].findtext(f"{ATOM}updated")
    empty.bring(ROOF_MOVED)
    moved = by_id(client)
    assert list(moved) == [key, *(other for other in before if other != key)]
    assert (moved[key].findtext(f"{ATOM}updated") or "") > (before[key].findtext(f"{ATOM}updated") or "")
    assert moved[key].findtext(f"{ATOM}published") == before[key].findtext(f"{ATOM}published")
    assert (moved[key].findtext(f"{ATOM}title") or "").startswith("[Modifié] ")
    assert "3 juin" in (moved[key].findtext(f"{ATOM}content") or "").replace("\xa0", " ")
    feed = read(client.get("/tenders.atom").content)
    assert feed.findtext(f"{ATOM}updated") == moved[key].findtext(f"{ATOM}updated")


def test_a_title_says_cancelled_or_awarded_but_not_what_time_alone_brings(client: Client) -> None:
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in atom_entries(client, "size=100&nature=services")]
    assert "[Annulé] Nettoyage des vitres du lycée" in titles
    [won] = atom_entries(client, "q=médiathèque")
    assert (won.findtext(f"{ATOM}title") or "").startswith("[Attribué] ")
    english = client.get("/tenders.atom?q=vitres", Accept_Language="en").content
    assert "[Cancelled] " in (read(english).findtext(f"{ATOM}entry/{ATOM}title") or "")


def test_content_tells_buyer_deadline_place_and_link_and_categories_are_cpv(client: Client) -> None:
    [entry] = atom_entries(client, "q=charpente")
    content = (entry.findtext(f"{ATOM}content") or "").replace("\xa0", " ")
    for said in ("Commune de Vallebrune", "mercredi 17 juin 2026 à 12 h 00", "Côte-d’Or (21)", f"{BASE}/tenders/"):
        assert said in content
    categories = {(c.get("term"), c.get("label")) for c in entry.findall(f"{ATOM}category")}
    assert ("45261210", "45261210 Travaux de couverture") in categories


def test_hostile_texts_are_escaped_and_cleaned(client: Client) -> None:
    for path, name in (("/tenders.atom?q=gaines", f"{ATOM}content"), ("/tenders.rss?q=gaines", "description")):
        body = client.get(path).content
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf\xbe", body)
        content = next(e.text or "" for e in read(body).iter(name) if "Régie" in (e.text or ""))
        shown = html.fragment_fromstring(content, create_parent="div")
        assert {element.tag for element in shown.iter()} <= {"div", "p", "b", "br", "a"}
        assert all(a.get("href", "").startswith(BASE) for a in shown.iter("a"))
        assert "<img src=x onerror=alert(1)>" in shown.text_content()
        assert "<p>" not in shown.text_content() and "<br>" not in shown.text_content()
        title = next(e.text for e in read(body).iter(f"{ATOM}title", "title") if "Fourniture" in (e.text or ""))
        assert "</script><script>alert(1)</script>" in (title or "")
        assert "\x07" not in (title or "")
    assert HOSTILE.url and HOSTILE.url.startswith("javascript:")


def test_an_unchanged_feed_is_byte_identical_and_304(empty: House, open_client: Open) -> None:
    empty.bring(STOPPED, notice("26-2", "Achat de chaises"))
    later = datetime.now(UTC) + timedelta(minutes=5)
    for path in ("/tenders.atom", "/tenders.rss", "/tenders.atom?status=open", "/tenders.rss?q=rienquirende"):
        first = open_client(empty, later).get(path)
        second = open_client(empty, later + timedelta(days=3)).get(path)
        assert first.content == second.content
        tag = first.headers["etag"]
        assert re.fullmatch(r'"[0-9a-f]{32}"', tag) and second.headers["etag"] == tag
        assert parsedate_to_datetime(first.headers["last-modified"]) <= later
        assert "max-age" in first.headers["cache-control"]
        again = open_client(empty, later).get(path, If_None_Match=tag)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    client = open_client(empty, later)
    told = client.get("/tenders.atom").headers["last-modified"]
    assert client.get("/tenders.atom", If_Modified_Since=told).status_code == 304
    early = format_datetime(parsedate_to_datetime(told) - timedelta(seconds=1), usegmt=True)
    assert client.get("/tenders.atom", If_Modified_Since=early).status_code == 200
    assert client.get("/tenders.atom", If_Modified_Since=told, If_None_Match='"x"').status_code == 200
    assert client.get("/tenders.atom", If_Modified_Since="yesterday").status_code == 200
    empty.bring(STOP)
    assert client.get("/tenders.atom", If_None_Match=client.get("/tenders.rss").headers["etag"]).status_code == 200


class Behind:
    """An index that does not know the store's last write yet; everything else is the real one's."""

    def __init__(self, house: House) -> None:
        self.engine = house.engine

    def mark(self) -> int:
        return self.engine.mark() - 1

    def __getattr__(self, name: str) -> object:
        return getattr(self.engine, name)


def test_last_modified_never_hides_what_time_or_a_late_index_brings(empty: House, open_client: Open) -> None:
    empty.bring(notice("1", "Achat de chaises", deadline=moment("2027-01-10T12:00:00+01:00")))
    later = datetime.now(UTC) + timedelta(minutes=5)
    told = open_client(empty, later).get("/tenders.atom?deadline_within=7d").headers["last-modified"]
    entered = open_client(empty, moment("2027-01-05T12:00:00+01:00"))
    answer = entered.get("/tenders.atom?deadline_within=7d", If_Modified_Since=told)
    assert answer.status_code == 200 and b"chaises" in answer.content
    told = open_client(empty, later).get("/tenders.atom").headers["last-modified"]
    assert open_client(empty, later).get("/tenders.atom", If_Modified_Since=told).status_code == 304
    behind = Client(create_app(empty.store, Behind(empty), base_url=BASE, clock=lambda: later))  # type: ignore[arg-type]
    assert behind.get("/tenders.atom", If_Modified_Since=told).status_code == 200


def test_within_the_second_of_a_write_the_date_told_is_an_earlier_one(empty: House, open_client: Open) -> None:
    empty.bring(notice("1", "Achat de chaises"))
    answer = open_client(empty, datetime.now(UTC) + timedelta(minutes=5)).get("/tenders.atom")
    written = datetime.fromisoformat(read(answer.content).findtext(f"{ATOM}updated") or "")
    assert parsedate_to_datetime(answer.headers["last-modified"]) == written.replace(microsecond=0)
    client = open_client(empty, written + timedelta(milliseconds=300))
    told = client.get("/tenders.atom").headers["last-modified"]
    assert parsedate_to_datetime(told) < written.replace(microsecond=0)
    assert client.get("/tenders.atom", If_Modified_Since=told).status_code == 200
