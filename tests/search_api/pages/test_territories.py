"""The territory that somebody means: by name, by commune, by postcode; each leads to its figures."""

from __future__ import annotations

import pytest
from lxml import html

from tests.search_api.conftest import Client


def open_page(client: Client, asked: str = "") -> html.HtmlElement:
    answer = client.get(f"/en/observatory/territories{asked}")
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def section(page: html.HtmlElement, name: str) -> list[str]:
    """The rows of a section, without the links to feeds at their ends."""
    return [words(row).partition(" Atom:")[0] for row in page.xpath(f"//section[@aria-labelledby='{name}']//li")]


@pytest.mark.parametrize("asked", ["B%C3%A8gles", "begles", "33130", "BEGLES"])
def test_a_commune_leads_to_its_metropolis(client: Client, asked: str) -> None:
    page = open_page(client, f"?q={asked}")
    assert section(page, "groupings")[0] == "Bordeaux Métropole Gironde; with Bègles"
    leads = page.xpath("//section[@aria-labelledby='groupings']//a/@href")[0]
    assert leads == "/en/observatory?territory=epci-243300316"
    seen = html.document_fromstring(client.get(leads).text)
    assert words(seen.xpath("//h1")[0]) == "Observatory: Bordeaux Métropole"


def test_names_come_before_what_merely_holds_their_words(client: Client) -> None:
    page = open_page(client, "?q=dijon")
    assert section(page, "groupings")[0] == "Dijon Métropole Côte-d’Or; with Dijon"
    assert section(open_page(client, "?q=bordeaux+metro"), "groupings") == ["Bordeaux Métropole Gironde"]
    assert section(open_page(client, "?q=bourgogne"), "regions") == ["Bourgogne-Franche-Comté"]
    assert section(open_page(client, "?q=C%C3%B4te+d%27or"), "departments") == ["Côte-d’Or (21)"]
    assert section(open_page(client, "?q=21"), "departments")[0] == "Côte-d’Or (21)"
    found = section(open_page(client, "?q=Saint-Denis"), "groupings")
    assert found[0].startswith("Communauté d’agglomération Intercommunale du Nord de la Réunion")
    assert found[1].startswith("Métropole du Grand Paris")
    assert found[2].startswith("Établissement public territorial Plaine Commune")
    assert section(open_page(client, "?q=st+medard+en+jalles"), "groupings") == [
        "Bordeaux Métropole Gironde; with Saint-Médard-en-Jalles"
    ]


def test_many_are_cut_and_said_to_be(client: Client) -> None:
    page = open_page(client, "?q=saint")
    assert len(section(page, "groupings")) == 50
    assert "more: write more of the name" in words(page)


def test_without_a_question_the_wide_ones_are_listed(client: Client) -> None:
    page = open_page(client)
    assert (len(section(page, "regions")), len(section(page, "departments"))) == (18, 101)
    assert not page.xpath("//*[@role='status']")
    assert page.xpath("//nav//a[@href='/en/observatory'][@aria-current]")


@pytest.mark.parametrize("asked", ["introuvable", "%21%21", "x" * 300, "%00"])
def test_of_no_match_the_page_says_what_to_write(client: Client, asked: str) -> None:
    page = open_page(client, f"?q={asked}")
    assert "No territory of this name" in words(page) or asked == "%00"
    assert len(section(page, "regions")) == 18


def test_both_languages_and_no_other_field(client: Client) -> None:
    assert "Aucun territoire de ce nom" in client.get("/fr/observatory/territories?q=introuvable").text
    assert client.get("/observatory/territories?name=x").status_code == 400


@pytest.mark.parametrize(
    ("asked", "order"), [("bourgogne", ["regions", "groupings"]), ("21", ["departments", "groupings"])]
)
def test_what_is_wide_comes_first(client: Client, asked: str, order: list[str]) -> None:
    assert open_page(client, f"?q={asked}").xpath("//section/@aria-labelledby") == order
