"""Feeds as a reader finds them: from a page's head, fetched over HTTP, with the tenders that the API finds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import feedparser
import httpx
import pytest
from lxml import html

from search_api.outputs.table import FEEDS, JSON_FEED
from search_api.serve import bind, local_address, make_server
from tenders.settings import Settings
from tests.notices import House
from tests.search_api.samples import NOTICES


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service that runs."""
    home = tmp_path_factory.mktemp("feeds")
    house = House(home)
    house.bring(*NOTICES)
    house.close()
    listening = bind("127.0.0.1", 0)
    server = make_server(Settings(home=home, _env_file=None), base_url=local_address(listening))  # type: ignore[call-arg]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    with httpx.Client(base_url=local_address(listening), timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join(20)
    listening.close()


def open_page(reader: httpx.Client, path: str) -> html.HtmlElement:
    answer = reader.get(path)
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.text)


def announced(page: html.HtmlElement) -> list[tuple[str, str]]:
    """What a reader finds in a head: media type and address of each feed."""
    kinds = {feed.media_type for feed in FEEDS}
    links = page.xpath("//head/link[@rel='alternate'][@title]")
    return [(link.get("type"), link.get("href")) for link in links if link.get("type") in kinds]


def listed(reader: httpx.Client, kind: str, address: str) -> set[str]:
    """The ids of the tenders in a feed; every address is fetched as it stands, but whole."""
    whole = f"{address}{'&' if urlsplit(address).query else '?'}size=100"
    answer = reader.get(urljoin(str(reader.base_url), whole))
    assert answer.headers["content-type"].partition(";")[0] == kind
    if kind == JSON_FEED.media_type:
        return {item["id"].rpartition(":")[2] for item in answer.json()["items"]}
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == {"application/atom+xml": "atom10", "application/rss+xml": "rss20"}[kind]
    assert parsed.feed.title
    return {entry.id.rpartition(":")[2] for entry in parsed.entries}


def found(reader: httpx.Client, form: str) -> set[str]:
    answer = reader.get(f"/api/v1/tenders?{form}&size=100")
    return {item["id"] for item in answer.json()["items"]}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/fr/observatory?territory=dept-21", "dept=21"),
        ("/en/observatory?territory=region-27&q=toiture&period=2026", None),
        ("/observatory/territories?q=dijon%20m%C3%A9tropole", None),
        ("/observatory/territories?q=gironde", "dept=33"),
        ("/fr/cpv/45000000", "cpv_any=45"),
        ("/en/cpv/45261000", "cpv_any=45261"),
        ("/fr/?q=toiture&dept=21", "q=toiture&dept=21"),
        ("/en/?status=open", "status=open"),
    ],
)
def test_each_page_announces_and_shows_its_three_feeds(reader: httpx.Client, path: str, form: str | None) -> None:
    page = open_page(reader, path)
    feeds = announced(page)
    assert [kind for kind, _ in feeds[:3]] == [feed.media_type for feed in FEEDS]
    shown = set(page.xpath("//main//a/@href"))
    assert feeds[0][1] in shown, "people see it too"
    for kind, address in feeds:
        ids = listed(reader, kind, address)
        asked = urlsplit(address).query
        assert ids == found(reader, asked), address
        if form is not None:
            assert ids == found(reader, form)


def test_the_page_of_a_tender_announces_the_feeds_of_its_buyer(reader: httpx.Client) -> None:
    one = reader.get("/api/v1/tenders?q=toiture&size=1").json()["items"][0]
    page = open_page(reader, f"/en/tenders/{one['id']}")
    feeds = announced(page)
    assert len(feeds) == 3
    assert {address for _, address in feeds} <= set(page.xpath("//section[@aria-labelledby='buyer']//a/@href"))
    for kind, address in feeds:
        ids = listed(reader, kind, address)
        assert one["id"] in ids
        assert ids == found(reader, urlsplit(address).query)


@pytest.mark.parametrize("figure", ["buyers", "divisions", "places"])
def test_the_rows_of_the_observatory_lead_to_feeds_of_what_they_count(reader: httpx.Client, figure: str) -> None:
    page = open_page(reader, "/en/observatory?period=all&dept=21&dept=71")
    rows = page.xpath(f"//section[@aria-labelledby='{figure}']//tbody/tr")
    assert rows
    for row in rows:
        counted, *feeds = row.xpath("./td/a/@href")
        kinds = [feed.media_type for feed in FEEDS[: len(feeds)]]
        assert len(feeds) == (1 if figure == "places" else 2)
        for kind, address in zip(kinds, feeds, strict=True):
            assert listed(reader, kind, address) == found(reader, urlsplit(counted).query)
