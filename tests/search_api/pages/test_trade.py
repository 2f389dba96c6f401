"""The page "which CPV codes fit my trade?": codes to tick, why, what stands near, and where the ticks lead."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from search_api.app import create_app
from search_api.pages import trade
from search_api.trade import Choices
from tenders.model import Nature
from tests.indexer.cpv.keywords import TRADES, Keywords
from tests.notices import House
from tests.search_api.conftest import BASE, NOW, Client


@pytest.fixture(scope="module")
def classifier() -> Keywords:
    return Keywords({**TRADES, "fenetres": ("45421130", 0.75)})


@pytest.fixture(scope="module")
def client(house: House, classifier: Keywords) -> Client:
    app = create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW, classifier=lambda: classifier)
    return Client(app)


def open_page(client: Client, form: str = "", **headers: str) -> html.HtmlElement:
    answer = client.get(f"/cpv{form}", **headers)
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.text)


def words(page: html.HtmlElement) -> str:
    return " ".join(page.text_content().split())


def boxes(page: html.HtmlElement) -> list[str]:
    return [box.get("value") for box in page.xpath("//input[@name='cpv_any']")]


def ticked(page: html.HtmlElement) -> list[str]:
    return page.xpath("//input[@name='cpv_any'][@checked]/@value")


def test_a_trade_gets_its_code_with_name_probability_and_the_words_that_speak_for_it(client: Client) -> None:
    page = open_page(client, "?q=je+pose+des+fen%C3%AAtres")
    assert ticked(page) == ["45421"]
    said = words(page)
    assert "45421 Travaux de menuiserie 75 %, probable : d’après fenetres" in said
    assert "4542113 Poses de portes et de fenêtres 75 %, probable" in said
    assert "Le code le plus probable" in said
    assert page.xpath("//input[@name='q']/@value") == ["je pose des fenêtres"]


def test_broader_and_neighbouring_codes_can_be_chosen_and_no_code_stands_twice(client: Client) -> None:
    page = open_page(client, "?q=je+pose+des+fen%C3%AAtres")
    [near] = page.xpath("//details[summary[contains(., '45421')]]")
    assert near.xpath(".//input/@value")[0] == "4542"
    assert len(near.xpath(".//input")) > 1
    for form in ("?q=je+pose+des+fen%C3%AAtres", "?q=45261", "?q=couverture", "?q=toiture+nettoyage+papier"):
        found = boxes(open_page(client, form))
        assert len(found) == len(set(found)) > 3


def test_the_ticks_lead_to_the_search(client: Client) -> None:
    page = open_page(client, "?q=toiture")
    [form] = [form for form in page.forms if form.xpath(".//input[@name='cpv_any']")]
    assert (form.method, urlsplit(form.action).path) == ("GET", "/")
    assert dict(form.form_values())["status"] == "open"
    answer = client.get("/?" + urlencode(form.form_values()))
    assert answer.status_code == 200
    found = html.document_fromstring(answer.text)
    assert found.xpath("//input[@name='cpv_any'][@checked]/@value") == ticked(page)
    every = urlencode([("cpv_any", code) for code in boxes(page)])
    assert client.get("/?" + every).status_code == 200


def test_nothing_is_ticked_where_nothing_is_asserted(client: Client) -> None:
    page = open_page(client, "?q=mobilier")
    assert boxes(page) and not ticked(page)
    assert "Aucun n’est assez sûr" in words(page)


def test_the_nature_is_told_to_the_classifier(client: Client, classifier: Keywords) -> None:
    for form, nature in (("?q=nettoyage", None), ("?q=nettoyage&nature=works", Nature.WORKS)):
        page = open_page(client, form)
        [asked] = classifier.asked[-1]
        assert (asked.title, asked.nature) == ("nettoyage", nature)
        assert page.xpath("//option[@selected]/@value") == ([nature.value] if nature else [])


@pytest.mark.parametrize(("asked", "code"), [("45261", "45261"), ("45261210-9", "4526121"), ("45", "45")])
def test_a_code_is_ticked_and_those_under_it_are_offered(client: Client, asked: str, code: str) -> None:
    page = open_page(client, f"?q={asked}")
    assert ticked(page) == [code] == boxes(page)[:1]
    assert all(box.startswith(code) for box in page.xpath("//ul[contains(@class, 'sheet')]/li/label/input/@value"))


@pytest.mark.parametrize(
    ("asked", "first"), [("couverture", "45261211"), ("zinc", "14713"), ("bois", "0341"), ("menuis", "45421")]
)
def test_a_word_of_their_names_finds_the_official_codes(client: Client, asked: str, first: str) -> None:
    page = open_page(client, f"?q={quote(asked)}")
    official = page.xpath("//section[h2[contains(., 'intitulé')]]//input/@value")
    assert first in official[:12]
    assert not set(official) & set(ticked(page))


def test_a_sentence_finds_official_codes_by_its_telling_words(client: Client) -> None:
    official = open_page(client, "?q=je+vends+des+casques+pour+les+pompiers").xpath("//section//input/@value")
    assert "1844411" in official


def test_with_nothing_asked_the_fields_can_be_browsed(client: Client) -> None:
    page = open_page(client)
    assert not boxes(page)
    fields = page.xpath("//ul[contains(@class, 'fields')]//a/@href")
    assert len(fields) == 45
    assert fields[0] == "/cpv/03000000"


def test_with_nothing_found_the_page_says_what_to_do(client: Client) -> None:
    page = open_page(client, "?q=xyzzy")
    assert "Aucun code trouvé" in words(page) and "Nommez le produit" in words(page)
    assert len(page.xpath("//ul[contains(@class, 'fields')]//a")) == 45


def test_the_page_speaks_english(client: Client) -> None:
    page = open_page(client, "?q=toiture", Accept_Language="en-GB")
    said = words(page)
    assert "Which CPV codes fit my trade?" in said and "83%, very likely: because of toiture" in said
    assert "Roof-covering work" in said
    assert "intitulé" not in said


def test_the_head_the_search_its_filter_and_the_foot_lead_there(client: Client) -> None:
    links = html.document_fromstring(client.get("/").text).xpath("//a[@href='/cpv']")
    assert len(links) == 4


@pytest.mark.parametrize(
    ("form", "status"), [("?q=" + "x" * 501, 413), ("?nature=travaux", 400), ("?q=a&q=b", 400), ("?page=2", 400)]
)
def test_what_cannot_be_asked_is_a_page_that_says_so(client: Client, form: str, status: int) -> None:
    answer = client.get(f"/cpv{form}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_what_is_typed_is_shown_and_never_run(client: Client) -> None:
    typed = '"><script>alert(1)</script> toiture \x00\x07'
    page = open_page(client, f"?q={quote(typed)}")
    assert not page.xpath("//script")
    assert page.xpath("//input[@name='q']/@value") == ['"><script>alert(1)</script> toiture']


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_makes_a_5xx(client: Client, text: str) -> None:
    assert client.get(f"/cpv?q={quote(text.encode('utf-8', 'replace'))}").status_code in (200, 400)


def test_the_server_goes_on_while_codes_are_chosen(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    held_up = []

    def choose(*asked: Any) -> Choices:
        with suppress(RuntimeError):
            held_up.append(asyncio.get_running_loop())  # raises in a thread of its own
        return real(*asked)

    real = trade.choose
    monkeypatch.setattr(trade, "choose", choose)
    assert client.get("/cpv?q=pose+de+fen%C3%AAtres").status_code == 200
    assert held_up == []
