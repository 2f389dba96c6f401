"""Predicted codes over HTTP: beside the buyer's own, never among them; in lines, facets, pages and feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree, html

from search_api.schemas import ResultPage, WholeTender
from tenders.codes import Cpv
from tenders.model import Lot, Nature
from tests.indexer.cpv.keywords import Keywords
from tests.notices import House, notice
from tests.search_api.conftest import Client, Open

ROOF = notice(
    "26-1",
    "Réfection de la toiture et de la zinguerie",
    nature=Nature.WORKS,
    lots=(Lot(id="1", title="Zinguerie"), Lot(id="2", title="Peinture"), Lot(id="3", title="Nettoyage")),
)
DESKS = notice("26-2", "Mobilier scolaire et nettoyage")
CODED = notice("26-3", "Toiture en location", cpv=(Cpv("45261210"),))
STREETS = notice("26-4", "Programme", lots=(Lot(id="1", title="Voirie <b>nord</b>"),))


@pytest.fixture
def client(tmp_path: Path, open_client: Open) -> Iterator[Client]:
    house = House(tmp_path, classifier=Keywords())
    house.bring(ROOF, DESKS, CODED, STREETS)
    yield open_client(house)
    house.close()


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def page(client: Client, form: str, **headers: str) -> html.HtmlElement:
    [line] = client.search(form)["items"]
    return html.document_fromstring(client.get(f"/tenders/{line['id']}", **headers).text)


def test_a_line_keeps_the_buyers_codes_and_ours_apart(client: Client) -> None:
    [roof] = ResultPage.model_validate(client.search("q=zinguerie")).items
    assert (roof.cpv, roof.classifier) == ([], "words-1")
    assert roof.cpv_predicted[0].model_dump() == {
        "code": "45261000",
        "probability": 0.83,
        "terms": ["toiture", "zinguerie"],
        "asserted": True,
        "lot": None,
    }
    assert [(p.lot, p.code, p.asserted) for p in roof.cpv_predicted[1:]] == [
        ("1", "45261000", True),
        ("2", "45440000", True),
        ("3", "90900000", False),
    ]
    [coded] = ResultPage.model_validate(client.search("cpv=45")).items
    assert (coded.cpv, coded.cpv_predicted, coded.classifier) == (["45261210"], [], None)
    whole = client.get(f"/api/v1/tenders/{roof.id}").json()
    assert WholeTender.model_validate(whole).cpv_predicted == roof.cpv_predicted
    assert all("cpv_predicted" not in record["notice"] for record in whole["records"])


def test_the_two_filters_and_their_facets(client: Client) -> None:
    official, both = client.search("cpv=45"), client.search("cpv_any=45")
    assert (official["total"], both["total"]) == (1, 3)
    counts = {f["value"]: f["count"] for f in official["facets"]["cpv_any"]}
    assert counts == {"45": 1}, "counted among what the buyer's code selects"
    [counted] = both["facets"]["cpv_any"]
    assert counted == {"value": "45", "label": "Travaux de construction", "count": 3}
    assert client.search("cpv_any=39")["total"] == 0


def test_the_tenders_page_shows_an_estimate_as_one(client: Client) -> None:
    tree = page(client, "q=zinguerie")
    said = words(tree)
    assert "CPV estimé, 83 %45261 Travaux de charpente" in said
    assert "CPV publié par l’acheteur" not in said
    assert [words(guess) for guess in tree.find_class("guess")] == [
        "CPV estimé, 83 %",
        "CPV estimé, 91 %",
        "CPV estimé, 83 %",
    ]
    assert any("PeintureCPV estimé, 91 % : peinture (4544 " in words(row) for row in tree.iter("tr"))
    assert "d’après toiture, zinguerie" in said
    assert "because of toiture, zinguerie" in words(page(client, "q=zinguerie", Accept_Language="en"))


def test_suggestions_stand_on_the_tenders_page_alone(client: Client) -> None:
    tree = page(client, "q=mobilier")
    furniture, cleaning = [words(dd) for dd in tree.find_class("possible")]
    assert furniture.startswith("39 Meubles (y compris") and furniture.endswith(", 41 %")
    assert cleaning == "909 Services de nettoyage et d’hygiène, 30 %"
    assert "Codes possibles" in words(tree)
    assert "Possible codes" in words(page(client, "q=mobilier", Accept_Language="en"))
    for path in ("/?q=mobilier", "/tenders.atom?q=mobilier"):
        assert "909 " not in client.get(path).text
    assert "Codes possibles" not in words(page(client, "cpv=45"))


def test_a_coded_tender_shows_the_buyers_code_and_nothing_of_ours(client: Client) -> None:
    tree = page(client, "cpv=45")
    assert not tree.find_class("guess")
    assert "CPV publié par l’acheteur45261210 Travaux de couverture" in words(tree)


def test_the_list_says_which_codes_are_estimated(client: Client) -> None:
    tree = html.document_fromstring(client.get("/?cpv_any=45").text)
    said = {words(item) for item in tree.xpath("//*[@class='facts-line']/li") if "CPV" in words(item)}
    assert said == {
        "CPV 45261210 Travaux de couverture",
        "CPV estimé, 64 % : 45 Travaux de construction",
        "CPV estimé, 83 % : 45261 Travaux de charpente et de couverture et travaux connexes",
    }
    assert {words(guess) for guess in tree.find_class("guess")} == {"CPV estimé, 64 %", "CPV estimé, 83 %"}


def test_people_search_by_both_and_may_ask_for_the_buyers_codes_only(client: Client) -> None:
    tree = html.document_fromstring(client.get("/").text)
    assert {box.get("name") for box in tree.xpath("//*[starts-with(@name, 'cpv')]")} == {"cpv_any"}
    tree = html.document_fromstring(client.get("/?cpv_any=4526&cpv_any=39&q=toiture").text)
    assert sorted(tree.xpath("//input[@name='cpv_any'][@checked]/@value")) == ["39", "4526"]
    [only] = [a for a in tree.iter("a") if words(a) == "Seulement les CPV publiés"]
    assert only.get("href") == "/?q=toiture&cpv=39&cpv=4526"
    tree = html.document_fromstring(client.get(only.get("href")).text)
    assert sorted(tree.xpath("//input[@name='cpv'][@checked]/@value")) == ["39", "4526"]
    assert not tree.xpath("//*[@name='cpv_any']")
    [both] = [a for a in tree.iter("a") if words(a) == "Compter aussi les CPV estimés"]
    assert both.get("href") == "/?q=toiture&cpv_any=39&cpv_any=4526"
    assert "/fr/tenders.atom?q=toiture&cpv=39&cpv=4526" in tree.xpath("//link[@rel='alternate'][@type]/@href")


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_a_feed_says_an_estimate_and_puts_only_the_buyers_codes_in_categories(client: Client, form: str) -> None:
    tree = etree.fromstring(client.get(f"/tenders.{form}?q=zinguerie").content)
    text = etree.tostring(tree, encoding="unicode", method="text").replace("\u00a0", " ")
    assert "<b>CPV estimé, 83 % :</b> toiture, zinguerie (45261 Travaux de charpente" in text
    assert not [e for e in tree.iter() if etree.QName(e).localname == "category"]
    coded = etree.fromstring(client.get(f"/tenders.{form}?cpv=45").content)
    assert [e for e in coded.iter() if etree.QName(e).localname == "category"]


def test_another_classifier_moves_no_entry_of_a_feed(tmp_path: Path, open_client: Open) -> None:
    house = House(tmp_path, classifier=Keywords({}, "words-0"))
    house.bring(ROOF)
    before = open_client(house).get("/tenders.atom?q=toiture")
    house.classifier = Keywords()
    assert house.build().reclassified == 1
    after = open_client(house).get("/tenders.atom?q=toiture", If_None_Match=before.headers["etag"])
    assert after.status_code == 200 and "CPV estimé" in after.text
    dates = [
        [e.text for e in etree.fromstring(answer.content).iter("{http://www.w3.org/2005/Atom}updated")]
        for answer in (before, after)
    ]
    assert dates[0] == dates[1]
    house.close()


def test_words_of_a_hostile_title_stay_words(tmp_path: Path, open_client: Open) -> None:
    class Hostile(Keywords):
        def _judge(self, subject: object) -> object:
            verdict = super()._judge(subject)  # type: ignore[arg-type]
            terms = ("<script>alert(1)</script>", "a\x07b", '"><i>')
            guesses = tuple(replace(guess, terms=terms) for guess in verdict.cpv)
            return replace(verdict, cpv=guesses)

    house = House(tmp_path, classifier=Hostile())
    house.bring(ROOF)
    client = open_client(house)
    for path in ("/?q=toiture", f"/tenders/{client.search('q=toiture')['items'][0]['id']}"):
        text = client.get(path).text
        tree = html.document_fromstring(text)
        assert not list(tree.iter("script", "i"))
        assert "\x07" not in text
    assert "<script>alert(1)</script>" in tree.text_content()
    house.close()
