"""What robots are told: every tender that stands, in both languages, and where they need not go."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree

from search_api.app import create_app
from search_api.outputs import sitemap
from search_api.outputs.sitemap import name_parts
from tests.notices import House, notice
from tests.search_api.conftest import BASE, NOW, Client, Open
from tests.search_api.samples import ROOF, ROOF_MOVED

NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def index(client: Client) -> dict[str, datetime]:
    """The parts that hold tenders."""
    answer = client.get("/sitemap.xml")
    assert answer.headers["content-type"] == "application/xml"
    tree = etree.fromstring(answer.content)
    assert tree.tag == f"{{{NS['s']}}}sitemapindex"
    return {
        one.findtext("s:loc", "", NS): datetime.fromisoformat(one.findtext("s:lastmod", "", NS))
        for one in tree.findall("s:sitemap", NS)
        if one.find("s:lastmod", NS) is not None  # the part of pages says no day
    }


def test_pages_that_are_no_tenders_are_told_and_are_there(client: Client) -> None:
    assert f"<loc>{BASE}/sitemap-pages.xml.gz</loc>" in client.get("/sitemap.xml").text
    answer = client.get("/sitemap-pages.xml.gz")
    urls = etree.fromstring(gzip.decompress(answer.content)).findall("s:url", NS)
    told = [one.findtext("s:loc", "", NS) for one in urls]
    assert len(told) == len(set(told)) <= 50_000
    lasting = ("/fr/help", "/en/cpv/45421000", "/fr/", "/fr/observatory?territory=dept-21")
    assert {f"{BASE}{path}" for path in lasting} <= set(told)
    for address in (*told[:16], *told[16::2000]):
        assert client.get(address.removeprefix(BASE)).status_code == 200, address
    assert len(urls[0].findall("x:link", NS)) == 3


def part(client: Client, address: str) -> dict[str, tuple[datetime, dict[str, str]]]:
    answer = client.get(address)
    assert answer.headers["content-type"] == "application/gzip"
    return {
        one.findtext("s:loc", "", NS): (
            datetime.fromisoformat(one.findtext("s:lastmod", "", NS)),
            {link.get("hreflang", ""): link.get("href", "") for link in one.findall("x:link", NS)},
        )
        for one in etree.fromstring(gzip.decompress(answer.content)).findall("s:url", NS)
    }


def test_every_standing_tender_is_told_in_both_languages(client: Client) -> None:
    [address] = index(client)
    told = part(client, address)
    ids: set[str] = set()
    path = "/api/v1/tenders?size=100"
    while path:
        page = client.get(path).json()
        ids |= {line["id"] for line in page["items"]}
        path = page["next"]
    assert set(told) == {f"{BASE}/{language}/tenders/{id_}" for id_ in ids for language in ("fr", "en")}
    for found, (_, others) in told.items():
        id_ = found.rpartition("/")[2]
        assert others == {
            "fr": f"{BASE}/fr/tenders/{id_}",
            "en": f"{BASE}/en/tenders/{id_}",
            "x-default": f"{BASE}/tenders/{id_}",
        }


def test_lastmod_is_the_last_material_change(empty: House, open_client: Open) -> None:
    empty.bring(ROOF)
    [(address, before)] = index(open_client(empty)).items()
    [told, _] = part(open_client(empty), address).values()
    assert told[0] == before
    empty.bring(notice("26-7", "Autre marché"), ROOF_MOVED)
    [(address, after)] = index(open_client(empty)).items()
    moments = {moment for moment, _ in part(open_client(empty), address).values()}
    assert max(moments) == after >= before


def test_one_absorbed_by_another_is_told_no_more(empty: House, open_client: Open) -> None:
    from tenders.store.schema import tenders

    empty.bring(notice("1", "Achat de chaises"), notice("2", "Achat de tables"))
    [address] = index(open_client(empty))
    one, other = sorted({found.rpartition("/")[2] for found in part(open_client(empty), address)})
    with empty.store.writing() as connection:
        connection.execute(tenders.update().where(tenders.c.id == one).values(absorbed_into=other))
    assert {found.rpartition("/")[2] for found in part(open_client(empty), address)} == {other}


def test_parts_hold_all_and_each_no_more_than_a_sitemap_may(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW))
    whole = part(client, next(iter(index(client))))
    monkeypatch.setattr(sitemap, "_MOST", 40)
    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW))
    parts = [part(client, address) for address in index(client)]
    assert len(parts) > 10
    assert sum(len(one) for one in parts) == len(whole)
    assert {address: said for one in parts for address, said in one.items()} == whole
    assert client.get("/sitemap-all.xml.gz").status_code == client.get("/sitemap-zz.xml.gz").status_code == 404


def test_the_number_of_parts_follows_the_number_of_tenders() -> None:
    assert name_parts(0) == name_parts(20_000) == ("all",)
    assert len(name_parts(230_000)) == 16
    assert len(name_parts(1_000_000)) == 256


def test_within_the_hour_the_same_bytes_are_given_again(empty: House) -> None:
    empty.bring(notice("1", "Achat de chaises"))
    now = [NOW]
    client = Client(create_app(empty.store, empty.engine, base_url=BASE, clock=lambda: now[0]))
    [address] = index(client)
    first = client.get(address)
    empty.bring(notice("2", "Achat de tables"))
    assert client.get(address).content == first.content
    now[0] += timedelta(hours=1)
    assert len(part(client, address)) == 4
    assert client.get(address, If_None_Match=client.get(address).headers["etag"]).status_code == 304


def test_robots_may_fetch_pages_and_not_what_is_ones_own_repeated_or_dear(client: Client) -> None:
    text = client.get("/robots.txt").text
    assert f"Sitemap: {BASE}/sitemap.xml" in text
    assert re.findall("^User-agent: (.*)$", text, re.MULTILINE) == ["*"], "no robot is singled out"
    robots = RobotFileParser()
    robots.parse(text.splitlines())
    for path in (
        "/",
        "/fr/tenders/0123",
        "/en/?q=toiture",
        "/fr/tenders.atom",
        "/cpv",
        "/fr/?deadline_after=2026-05-01",
    ):
        assert robots.can_fetch("Anybot", BASE + path), path
    for path in ("/alerts/confirm/x", "/fr/alerts/manage", "/tenders.csv?q=a", "/fr/tenders.csv", "/en/tenders.xlsx"):
        assert not robots.can_fetch("Anybot", BASE + path), path
    assert "Disallow: /*?after=" in text and "Disallow: /*&after=" in text


def test_under_a_path_the_addresses_have_it(house: House) -> None:
    client = Client(create_app(house.store, house.engine, base_url="https://example.org/veille/", clock=lambda: NOW))
    assert "Disallow: /veille/alerts/" in client.get("/robots.txt").text
    [address] = index(client)
    assert address == "https://example.org/veille/sitemap-all.xml.gz"
