"""What the service declares of itself, where it can be reached, and the page on formats; no link leads nowhere."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from lxml import html

from search_api.app import create_app
from search_api.pages.layout import FOOT, NAV, STYLESHEET
from search_api.pages.statements import STATEMENTS
from tenders.query_url import NAMES
from tests.notices import House
from tests.search_api.conftest import BASE, NOW, Client

PAGES = ("/help", "/cpv", "/cpv/45261000", "/sources", "/sources/boamp", "/formats", *(f"/{s}" for s in STATEMENTS))
HEAVIEST = 60_000  # bytes of a page with its stylesheet


def open_page(client: Client, path: str) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("path", PAGES)
def test_no_link_leads_nowhere_and_the_page_is_light_and_kept(client: Client, path: str) -> None:
    for language in ("fr", "en"):
        answer = client.get(f"/{language}{path}")
        assert len(answer.content) + len(STYLESHEET) < HEAVIEST
        assert client.get(f"/{language}{path}", If_None_Match=answer.headers["etag"]).status_code == 304
        page = html.document_fromstring(answer.text)
        assert len(page.xpath("//h1")) == 1 and page.xpath("//title")[0].text
        assert not page.xpath("//script | //*[@style] | //*[@onclick]")
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        for address in {str(a) for a in page.xpath("//a/@href") if a.startswith("/")}:
            assert client.get(address).status_code in (200, 301), address
        for address in page.xpath("//a/@href[not(starts-with(., '/') or starts-with(., '#'))]"):
            assert urlsplit(address).scheme == "https"


def test_head_and_foot_lead_to_pages_that_are_there(client: Client) -> None:
    for path in {path for path, *_ in (*NAV, *FOOT)}:
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("contact", "href"),
    [
        ("you@example.org", "mailto:you@example.org"),
        ("https://example.org/us", "https://example.org/us"),
        ("Mairie", ""),
    ],
)
def test_the_operator_can_be_reached_where_one_said_how(house: House, contact: str, href: str) -> None:
    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW, contact=contact))
    for statement in STATEMENTS:
        section = open_page(client, f"/en/{statement}").xpath("//*[@id='contact']")[0]
        assert contact in words(section)
        assert section.xpath(".//a/@href") == [href] * bool(href)


def test_without_a_contact_it_says_so(client: Client) -> None:
    assert "has given no address" in words(open_page(client, "/en/privacy"))


def test_privacy_says_the_days_that_the_store_keeps(client: Client) -> None:
    said = words(open_page(client, "/en/privacy"))
    for days in (
        "An alert that nobody confirms: 7 days.",
        "One that you end: 7 days",
        "The link to your alerts in each mail works for 30 days.",
    ):
        assert days in said


def test_formats_have_every_parameter_with_an_example_that_runs(client: Client) -> None:
    for language in ("fr", "en"):
        page = open_page(client, f"/{language}/formats")
        rows = {row.xpath("th/@id")[0]: row for row in page.xpath("//tbody/tr")}
        assert tuple(rows) == NAMES
        for name, row in rows.items():
            for address in row.xpath(".//a/@href"):
                assert client.get(address).status_code == 200, name
        for address in page.xpath("//ul[contains(@class, 'rows')]//a/@href"):
            assert client.get(address).status_code == 200
