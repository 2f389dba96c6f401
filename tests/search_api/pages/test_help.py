"""The help: every example runs and finds what is said beside it; every place it points to is there."""

from __future__ import annotations

import pytest
from lxml import html

from tenders.errors import Unavailable
from tenders.query import Facet, Page, Query
from tenders.query_url import from_url
from tenders.query_words import describe
from tests.notices import House
from tests.search_api.conftest import Client, Open


def open_page(client: Client, path: str) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_example_runs_and_its_count_is_what_it_finds(client: Client, language: str) -> None:
    rows = open_page(client, f"/{language}/help").xpath("//tbody/tr")
    assert len(rows) >= 18
    for row in rows:
        form = row.xpath("th/a/@href")[0].partition("?")[2]
        assert words(row.xpath("td[last()]")[0]) == str(client.search(form)["total"])
        query = from_url(form)
        said = describe(Query(q=query.q) if query.q else query, language)
        assert " ".join(said.split()) in words(row)
        assert client.get(f"/{language}/?{form}").status_code == 200


def test_operators_are_those_of_the_reader(client: Client) -> None:
    assert "toiture OU couverture" in words(open_page(client, "/fr/help"))
    assert "toiture OR couverture" in words(open_page(client, "/en/help"))


def test_every_anchor_is_there_and_the_search_leads_here(client: Client) -> None:
    page = open_page(client, "/help")
    anchors = page.xpath("//nav//a[starts-with(@href, '#')]/@href")
    assert len(anchors) >= 8
    assert all(page.xpath(f"//*[@id='{anchor[1:]}']") for anchor in anchors)
    assert open_page(client, "/").xpath("//form[@role='search']//a[@href='/help']")


def test_without_an_index_that_answers_no_count_is_shown(
    house: House, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(query: Query, now: object, *, facets: tuple[Facet, ...] = ()) -> Page:
        raise Unavailable("the index is being moved")

    monkeypatch.setattr(house.engine, "search", gone)
    rows = open_page(open_client(house), "/en/help").xpath("//tbody/tr")
    assert rows and not any(words(row.xpath("td[last()]")[0]) for row in rows)
