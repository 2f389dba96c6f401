"""The feeds as their standards demand, and as readers that are not ours read them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

import feedparser
import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from search_api.outputs.table import ATOM, FEEDS, JSON_FEED, RSS, Output
from tests.node_readers import NodeReaders
from tests.search_api.conftest import BASE, Client
from tests.search_api.outputs.json_feed_schema import SCHEMA

FORMS = ["", "dept=21", "q=gaines", "q=rienquirende", "status=cancelled&lang=fr", "q=m%C3%A9diath%C3%A8que", "size=3"]
_NS = "{http://www.w3.org/2005/Atom}"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")  # section 3.3
# RFC 4287, sections 4.1.1 and 4.1.2: the children that may stand, and how often (least, most).
_ANY = 1_000
_FEED = {
    "author": (1, _ANY),  # since our entries need none of their own
    "category": (0, _ANY),
    "contributor": (0, _ANY),
    "entry": (0, _ANY),
    "generator": (0, 1),
    "icon": (0, 1),
    "id": (1, 1),
    "link": (0, _ANY),
    "logo": (0, 1),
    "rights": (0, 1),
    "subtitle": (0, 1),
    "title": (1, 1),
    "updated": (1, 1),
}
_ENTRY = {
    "author": (0, _ANY),
    "category": (0, _ANY),
    "content": (0, 1),
    "contributor": (0, _ANY),
    "id": (1, 1),
    "link": (0, _ANY),
    "published": (0, 1),
    "rights": (0, 1),
    "source": (0, 1),
    "summary": (0, 1),
    "title": (1, 1),
    "updated": (1, 1),
}


def check_atom(body: bytes) -> None:
    """Hold a feed against each MUST of RFC 4287 that a document can break."""
    feed = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    assert feed.tag == f"{_NS}feed"  # 2
    _check_children(feed, _FEED)
    entries = feed.findall(f"{_NS}entry")
    for entry in entries:
        _check_children(entry, _ENTRY)
        alternate = [link for link in entry.findall(f"{_NS}link") if link.get("rel", "alternate") == "alternate"]
        assert alternate or entry.find(f"{_NS}content") is not None  # 4.1.2
    assert len({entry.findtext(f"{_NS}id") for entry in entries}) == len(entries)  # 4.1.1, same updated aside


def _check_children(element: etree._Element, allowed: dict[str, tuple[int, int]]) -> None:
    counted = Counter(child.tag for child in element)
    assert set(counted) <= {_NS + name for name in allowed}
    for name, (least, most) in allowed.items():
        assert least <= counted[_NS + name] <= most, name
    kinds = Counter(
        (link.get("rel", "alternate"), link.get("type"), link.get("hreflang")) for link in element.findall(f"{_NS}link")
    )
    assert all(number == 1 for (rel, *_), number in kinds.items() if rel == "alternate")  # 4.1.1, 4.1.2
    for child in element:
        name = child.tag.removeprefix(_NS)
        if name in ("updated", "published"):  # 3.3
            assert _MOMENT.fullmatch(child.text or "") and datetime.fromisoformat(child.text or "")
        elif name == "id":  # 4.2.6: an IRI that is absolute
            assert re.fullmatch(r"[a-z][a-z0-9+.-]*:\S+", child.text or "")
        elif name in ("title", "subtitle", "content", "summary", "rights"):  # 3.1, 4.1.3
            assert child.get("type", "text") in ("text", "html") and len(child) == 0
        elif name == "link":  # 4.2.7: href is demanded, rel is a name or an IRI
            assert re.match(r"https?://", child.get("href", "")) and child.text is None
            assert child.get("rel", "alternate") in ("alternate", "self", "first", "next")
            assert re.fullmatch(r"[\w.+-]+/[\w.+-]+", child.get("type", "text/html"))  # 4.2.7.3
        elif name == "category":  # 4.2.2
            assert child.get("term")
        elif name == "author":  # 3.2
            assert [part.tag for part in child] == [f"{_NS}name"] and child.findtext(f"{_NS}name")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_atom_keeps_every_must_of_its_standard(client: Client, form: str, language: str) -> None:
    check_atom(client.get(f"{ATOM.path}?{form}", Accept_Language=language).content)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<title>", b"<title/><title>"),
        (b"<updated>2", b"<updated>yesterday 2"),
        (b"<id>urn:", b"<id>/"),
        (b'rel="self"', b'rel="sel f"'),
        (b'rel="first"', b'type="text/html"'),
        (b'<content type="html">', b'<content type="xhtml">'),
        (b"<name>Tenderwatch</name>", b""),
        (b"term=", b"word="),
    ],
)
def test_the_check_of_atom_can_fail(client: Client, old: bytes, new: bytes) -> None:
    body = client.get(f"{ATOM.path}?q=charpente").content
    assert old in body
    with pytest.raises(AssertionError):
        check_atom(body.replace(old, new, 1))


@pytest.mark.parametrize("form", FORMS)
def test_json_feed_keeps_its_rules(client: Client, form: str) -> None:
    answer = client.get(f"{JSON_FEED.path}?{form}")
    assert answer.headers["content-type"] == "application/feed+json"
    Draft202012Validator(SCHEMA).validate(answer.json())
    assert answer.json()["language"] == "fr"
    assert answer.json()["feed_url"] == f"{BASE}{JSON_FEED.path}" + (f"?{form}" if form else "")


def _entries(feed: Any) -> list[tuple[str, str, str]]:
    return [(entry.id, entry.title, entry.link) for entry in feed.entries]


def _theirs(form: Output, feed: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Id, title and link of what the other reader read."""
    if form is JSON_FEED:
        return [(item["id"], item["title"], item["url"]) for item in feed.get("items", ())]
    if form is RSS:
        return [(item["guid"]["value"], item["title"], item["link"]) for item in feed.get("items", ())]
    return [(entry["id"], entry["title"], entry["links"][0]["href"]) for entry in feed.get("entries", ())]


@pytest.mark.parametrize("form", FORMS)
def test_two_readers_read_the_same_entries_in_each_form(client: Client, readers: NodeReaders, form: str) -> None:
    seen = []
    for output in FEEDS:
        body = client.get(f"{output.path}?{form}").content
        named, feed = readers.read_feed(body)
        assert named == {ATOM: "atom", RSS: "rss", JSON_FEED: "json"}[output]
        seen.append(_theirs(output, feed))
        if output is not JSON_FEED:  # which this reader does not know
            read = feedparser.parse(body)
            assert not read.bozo, read.get("bozo_exception")
            seen.append(_entries(read))
            assert read.feed.title == client.get(f"{JSON_FEED.path}?{form}").json()["title"]
    assert all([i for i, *_ in one] == [i for i, *_ in seen[0]] for one in seen)
    assert all([link for *_, link in one] == [link for *_, link in seen[0]] for one in seen)


def test_json_feed_pages_as_the_others_do(client: Client) -> None:
    path, ids, pages = f"{JSON_FEED.path}?nature=supplies", [], 0
    while path:
        page = client.get(path).json()
        ids += [item["id"] for item in page["items"]]
        path, pages = page.get("next_url", ""), pages + 1
    assert pages == 3
    assert len(ids) == len(set(ids)) == client.search("nature=supplies")["total"]


def test_json_feed_says_when_and_what_as_atom_does(client: Client) -> None:
    [item] = client.get(f"{JSON_FEED.path}?q=charpente").json()["items"]
    entry = feedparser.parse(client.get(f"{ATOM.path}?q=charpente").content).entries[0]
    assert (item["date_published"], item["date_modified"]) == (entry.published, entry.updated)
    assert item["tags"] == [tag.label for tag in entry.tags]
    assert item["authors"] == [{"name": "Commune de Vallebrune"}]
    assert item["title"] == entry.title


def test_an_unchanged_json_feed_is_304(client: Client) -> None:
    first = client.get(f"{JSON_FEED.path}?dept=21")
    again = client.get(f"{JSON_FEED.path}?dept=21", If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
