"""What every page has: its language by prefix or by preference, links that keep it, the frame, pages that say no."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html

from search_api.app import create_app
from search_api.pages.layout import PROBLEMS, STYLESHEET, make_templates
from tenders.store.sources import Described, begin_run, describe_sources, end_run
from tests.notices import House
from tests.search_api.conftest import BASE, NOW, Client, Open

PATHS = ("/", "/?q=toiture&status=open", "/cpv", "/cpv?q=45261", "/nowhere")


def tree_of(client: Client, path: str, **headers: str) -> html.HtmlElement:
    return html.document_fromstring(client.get(path, **headers).text)


@pytest.mark.parametrize("path", PATHS)
def test_a_prefix_forces_the_language_whatever_the_reader_likes(client: Client, path: str) -> None:
    for language, liked in (("fr", "en"), ("en", "fr")):
        answer = client.get(f"/{language}{path}", Accept_Language=liked)
        assert html.document_fromstring(answer.text).get("lang") == language
        assert answer.headers.get("vary", "Accept-Encoding") == "Accept-Encoding"
        plain = client.get(path, Accept_Language=language)
        assert html.document_fromstring(plain.text).get("lang") == language
        assert plain.headers["vary"].startswith("Accept-Language")
        assert answer.status_code == plain.status_code


def test_links_keep_the_form_the_page_was_asked_in_and_machines_addresses_have_none(client: Client) -> None:
    for prefix in ("", "/fr", "/en"):
        tree = tree_of(client, f"{prefix}/?q=toiture")
        found = {str(a) for a in tree.xpath("//a[not(@hreflang)]/@href | //form/@action") if a.startswith("/")}
        machines = {a for a in found if a.startswith(("/api/", "/tenders.", "/openapi"))}
        assert machines and f"{prefix}/cpv" in found
        assert all(a.startswith(prefix + "/") for a in found - machines)
        assert all(a.startswith("/static/") for a in tree.xpath("//link[@rel='stylesheet']/@href"))


def test_the_other_language_is_the_same_page_and_canonical_addresses_have_a_prefix(client: Client) -> None:
    tree = tree_of(client, "/?q=toiture&status=open")
    [other] = tree.xpath("//a[@hreflang]")
    assert (other.get("href"), other.text) == ("/en/?q=toiture&status=open", "English")
    [canonical] = tree.xpath("//link[@rel='canonical']/@href")
    assert canonical.startswith(f"{BASE}/fr/?q=toiture&status=open")
    alternates = {a.get("hreflang"): a.get("href") for a in tree.xpath("//link[@hreflang]")}
    assert set(alternates) == {"fr", "en", "x-default"}
    for language, address in alternates.items():
        found = client.get(address.removeprefix(BASE))
        assert found.status_code == 200
        assert html.document_fromstring(found.text).get("lang") == ("fr" if language == "x-default" else language)


@pytest.mark.parametrize(
    "path", ["/api/v1/tenders", "/robots.txt", "/openapi.json", "/health/live", "/static/icon.svg"]
)
def test_a_machines_address_has_no_language(client: Client, path: str) -> None:
    answer = client.get(f"/en{path}")
    assert answer.status_code == 404
    assert answer.json()["detail"] == f"this address is the same in every language: ask for {path} without /en"


def test_a_bare_prefix_leads_to_the_start_and_no_address_leads_to_the_host_that_is_named(client: Client) -> None:
    answer = client.get("/en?q=%C3%A9cole&dept=21")
    assert (answer.status_code, answer.headers["location"]) == (301, "/en/?q=%C3%A9cole&dept=21")
    assert client.get(answer.headers["location"]).status_code == 200
    for path in ("/en/fr/", "/cpv/", "/en/cpv/", "/sources/", "/fr//cpv", "/api/v1/tenders/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("location")) == (404, None), path


def test_under_a_path_a_bare_prefix_keeps_it(house: House) -> None:
    client = Client(create_app(house.store, house.engine, base_url="https://example.org/veille/", clock=lambda: NOW))
    assert client.get("/fr").headers["location"] == "/veille/fr/"


def test_every_problem_is_said_in_both_languages_and_shows_a_way_on(client: Client) -> None:
    for language, says in (("fr", "Cette page n’existe pas"), ("en", "This page does not exist")):
        tree = tree_of(client, f"/{language}/nowhere")
        assert says in tree.text_content()
        assert tree.xpath("//main//form[@role='search']/@action") == [f"/{language}/"]
        assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert {400, 404, 410, 500, 503} <= set(PROBLEMS)


def test_a_page_that_did_not_change_is_not_sent_again(client: Client) -> None:
    for path in ("/fr/", "/", "/static/tenderwatch.css", "/static/icon.svg"):
        tag = client.get(path).headers["etag"]
        again = client.get(path, If_None_Match=tag)
        assert (again.status_code, again.content) == (304, b"")


def test_the_foot_says_which_sources_were_read(tmp_path: Path, open_client: Open) -> None:
    house = House(tmp_path)
    assert "source" not in tree_of(open_client(house), "/").xpath("string(//footer//p)")
    described = [
        Described(name=name, title=title, homepage="", licence="", late_hours=30, silent_hours=90, weekday=1)
        for name, title in (("boamp", "BOAMP"), ("loire", "Marchés de Loire"))
    ]
    with house.store.writing() as connection:
        describe_sources(connection, described)
        for name, hours in (("boamp", 2), ("loire", 40)):
            at = NOW - timedelta(hours=hours)
            end_run(connection, begin_run(connection, name, at), at)
    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW))
    foot = " ".join(tree_of(client, "/").xpath("string(//footer//p)").split())
    assert "2 sources suivies : 2 en retard" in foot
    listed = " ".join(tree_of(client, "/?q=x").text_content().split())
    assert "Marchés de Loire, dernière lecture mar. 19 mai, 16 h 40" in listed
    house.close()


def test_the_stylesheet_asks_nothing_of_anybody_and_is_light() -> None:
    assert b"url(" not in STYLESHEET and b"@import" not in STYLESHEET
    assert len(STYLESHEET) < 26_000


def test_templates_change_with_the_code_beside_them_alone() -> None:
    assert not make_templates("fr").auto_reload
