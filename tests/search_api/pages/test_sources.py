"""The pages of sources: what is watched, the worst fault in words, what each brought, and nothing that is not known."""

from __future__ import annotations

from datetime import timedelta

from lxml import html

from crawlers.sources import SOURCES
from tenders.store.notices import Taken
from tenders.store.sources import Described, begin_run, count_answer, describe_sources, doubt_run, end_run
from tests.notices import House, keep, notice
from tests.search_api.conftest import NOW, Client, Open
from tests.search_api.samples import CALLED, ROOF, WON


def open_page(client: Client, path: str, status: int = 200) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def describe(house: House, *names: str) -> None:
    described = [
        Described(
            name=name,
            title=SOURCES[name].title,
            homepage=SOURCES[name].homepage,
            licence=SOURCES[name].licence,
            late_hours=30,
            silent_hours=96,
            weekday=1,
        )
        for name in names
    ]
    with house.store.writing() as connection:
        describe_sources(connection, described)


def crawl(house: House, name: str, hours_ago: float, new: int = 1, *, failed: str = "", doubt: str = "") -> None:
    at = NOW - timedelta(hours=hours_ago)
    with house.store.writing() as connection:
        run = begin_run(connection, name, at)
        count_answer(connection, run, 1, Taken(new=new), 0)
        if doubt:
            doubt_run(connection, run, doubt)
        end_run(connection, run, at, failed=failed or None)


def test_a_new_service_says_that_nothing_was_read_yet(empty: House, open_client: Open) -> None:
    for language, says in (("fr", "Aucune source n’a encore été lue"), ("en", "No source has been read yet")):
        page = open_page(open_client(empty), f"/{language}/sources")
        assert says in words(page)
        assert not page.xpath("//table")


def test_totals_rows_and_the_worst_fault_are_said_in_words(empty: House, open_client: Open) -> None:
    describe(empty, "boamp", "place", "maximilien", "megalis", "alsace", "ebourgogne")
    crawl(empty, "boamp", 2)
    crawl(empty, "place", 200)
    crawl(empty, "maximilien", 60)
    crawl(empty, "maximilien", 40, new=0)
    crawl(empty, "megalis", 3, doubt="3 rows where 90 are usual")
    crawl(empty, "alsace", 3)
    crawl(empty, "alsace", 1, failed="answered 403")
    empty.bring(ROOF)
    page = open_page(open_client(empty), "/fr/sources")
    figures = {words(block.xpath("dt")[0]): words(block.xpath("dd")[0]) for block in page.xpath("//dl/div")}
    assert figures == {
        "Sources suivies": "6",
        "À jour": "2",
        "À vérifier": "1",
        "En retard": "1",
        "Muette": "1",
        "Pas encore lue": "1",
    }
    [worst] = page.find_class("banner")
    assert "stop" in worst.get("class")
    assert words(worst).startswith("PLACE (État et établissements publics) Rien de nouveau depuis le")
    assert worst.xpath(".//a/@href") == ["https://www.marches-publics.gouv.fr"]
    rows = {words(row.xpath("th")[0]): [words(cell) for cell in row.xpath("td")] for row in page.xpath("//tbody/tr")}
    assert rows["BOAMP journal officiel des marchés publics, France"][0] == "À jour"
    assert "La lecture suivante était attendue" in rows["Maximilien (Île-de-France)"][0]
    assert "Le dernier essai" in rows["Alsace Marchés Publics"][0]
    assert "Elle a rapporté moins" in rows["Mégalis Bretagne"][0]
    untouched = page.xpath("//section[@aria-labelledby='untouched']//a")
    assert [words(link) for link in untouched] == ["e-bourgogne (Bourgogne-Franche-Comté)"]


def test_where_all_is_well_there_is_no_banner(empty: House, open_client: Open) -> None:
    describe(empty, "boamp")
    crawl(empty, "boamp", 2)
    assert not open_page(open_client(empty), "/sources").find_class("banner")


def test_cross_checks_are_computed(empty: House, open_client: Open) -> None:
    empty.bring(CALLED, WON, ROOF)
    client = open_client(empty)
    checks = words(open_page(client, "/en/sources").xpath("//section[@aria-labelledby='checks']")[0])
    assert "Record and index hold the same 2 tenders; no notice waits." in checks
    assert "Tenders of TED that are also known from BOAMP: 1 of 1." in checks
    assert "Everything that was read was understood." in checks
    keep(empty.store, [notice("late", "Pas encore dans l’index")])
    page = open_page(client, "/en/sources")
    assert "1 notice or change is not yet in the search." in words(page)


def test_the_page_of_a_source_counts_what_its_links_find(client: Client) -> None:
    page = open_page(client, "/en/sources/boamp")
    facts = {words(block.xpath("dt")[0]): block.xpath("dd")[0] for block in page.xpath("//dl[1]/div")}
    for name in ("Tenders held", "Open now"):
        [link] = facts[name].xpath("a")
        form = link.get("href").partition("?")[2]
        assert str(client.search(form)["total"]) == words(link)
    places = page.xpath("//section[@aria-labelledby='places']//li")
    assert places
    for place in places:
        form = place.xpath("a/@href")[0].partition("?")[2]
        assert words(place).endswith(f" {client.search(form)['total']}")
    newest = facts["Newest tender"].xpath("a/@href")[0]
    assert client.get(newest).status_code == 200


def test_a_source_tells_its_crawls_with_their_reasons(empty: House, open_client: Open) -> None:
    describe(empty, "place")
    crawl(empty, "place", 5, failed="<b>answered 403</b>")
    page = open_page(open_client(empty), "/fr/sources/place")
    [row] = page.xpath("//section[@aria-labelledby='runs']//tbody/tr")
    assert "échoué <b>answered 403</b>" in words(row)
    assert "faits et liens seulement ; les pages n’énoncent aucune licence" in words(page)
    assert not page.xpath("//main//b")


def test_an_unknown_source_is_not_there(client: Client) -> None:
    open_page(client, "/sources/nowhere", 404)
