"""A scope that finds nothing: honest words, and ways out that find something."""

from __future__ import annotations

from lxml import html

from tenders.codes import Department
from tenders.model import Buyer
from tests.notices import House, notice
from tests.search_api.conftest import Open
from tests.search_api.pages.test_observatory import open_page, words


def test_nothing_has_honest_words_and_no_division_by_zero(empty: House, open_client: Open) -> None:
    page = open_page(open_client(empty), "/en/observatory")
    assert "No tender is in this scope." in words(page)
    assert page.xpath("//main//p/a[text()='All that we hold']/@href") == ["/en/observatory?period=all"]
    assert not page.xpath("//h2[@id='unsaid' or @id='clauses' or @id='compared']")
    assert "nan" not in words(page).lower().split()
    assert "%" not in words(page.xpath("//dl")[0])


def ways_out(page: html.HtmlElement) -> dict[str, str]:
    [shown] = page.xpath("//p[@class='section']/following-sibling::p[@class='links'][1]")
    return {words(link): link.get("href") for link in shown.xpath("a")}


def test_an_empty_scope_leads_to_each_wider_one_that_finds_something(empty: House, open_client: Open) -> None:
    places = {"departments": (Department("33"),), "places": ()}
    calls = [notice(f"26-{n}", f"Toiture {n}", reference=f"R{n}", **places) for n in range(3)]  # type: ignore[arg-type]
    empty.bring(*calls)
    client = open_client(empty)
    for form, offered in (
        ("q=toiture&dept=21&period=all", {"All places (3)": "q=toiture&period=all"}),
        ("q=plomberie&dept=33", {"Without: “plomberie” (3)": None}),
        ("buyer=Nonsuch&dept=33&period=all", {"Without: buyer “Nonsuch” (3)": "dept=33&period=all"}),
        ("period=2020", {"All days of publication (3)": "period=all"}),
        ("q=plomberie&dept=21", {"All that we hold": "period=all"}),
    ):
        found = ways_out(open_page(client, f"/en/observatory?{form}"))
        assert list(found) == list(offered), form
        for name, address in found.items():
            assert offered[name] is None or address == f"/en/observatory?{offered[name]}"
            assert "No tender is in this scope" not in words(open_page(client, address))


def test_what_nobody_states_is_said_to_be_why_nothing_is_found(empty: House, open_client: Open) -> None:
    empty.bring(notice("26-1", nature=None, buyer=Buyer(name="Ville de Dijon", postcode="21000")))
    client = open_client(empty)
    page = open_page(client, "/fr/observatory?nature=works&period=all")
    assert "Ce qu’aucun marché ne dit ici : nature." in words(page.xpath("//p[@class='section']")[0])
    assert ways_out(page) == {"Sans : travaux (1)": "/fr/observatory?period=all"}
    assert "Par nature : non dit par 1." in words(open_page(client, "/fr/observatory?period=all"))
