"""What notices say otherwise, and what each of them changed, as the API and the pages show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lxml import html

from tenders.codes import Cpv, Nuts
from tenders.model import Award, Buyer, Nature, NoticeKind, Procedure, Supplier
from tests.notices import House
from tests.search_api.conftest import Client, Open
from tests.search_api.samples import ROOF, ROOF_MOVED

PAGE = replace(
    ROOF, source="place", source_id="77", url="https://place.example/77", links={"boamp": "26-100"}, supersedes=(),
    deadline=datetime.fromisoformat("2026-06-03T11:00:00+02:00"), cpv=(Cpv("30190000"),), places=(Nuts("FRC12"),),
    nature=Nature.SUPPLIES, procedure=Procedure.OPEN, buyer=Buyer(name="Commune de Vallebrune", id="13002526500013"),
)  # fmt: skip


def words(text: str) -> str:
    return " ".join(" ".join(html.document_fromstring(text).itertext()).split())


def only(client: Client) -> dict:
    [line] = client.search()["items"]
    return line


def test_the_line_of_a_tender_keeps_what_standing_notices_say_otherwise(empty: House, open_client: Open) -> None:
    empty.bring(ROOF, PAGE)
    line = only(open_client(empty))
    assert line["deadline"] == "2026-06-03T11:00:00+02:00"
    assert line["provenance"]["deadline"] == "place:77"
    assert {"field": "deadline", "value": "2026-06-03T12:00:00+02:00", "notice": "boamp:26-100"} in line[
        "contradictions"
    ]
    assert {"field": "cpv", "value": "30190000", "notice": "place:77"} in line["contradictions"]


def test_the_page_shows_them_in_both_languages_with_who_says_so(empty: House, open_client: Open) -> None:
    empty.bring(ROOF, PAGE)
    client = open_client(empty)
    address = f"/tenders/{only(client)['id']}"
    french = words(client.get(address).text)
    for said in (
        "pour répondre, avant le mercredi 3 juin 2026 à 11 h 00",
        "Date limite : BOAMP 26-100, mer. 3 juin, 12 h 00 ; nous retenons mer. 3 juin, 11 h 00 (PLACE 77).",
        "Date limite mer. 3 juin, 11 h 00 selon PLACE 77 Diffère mer. 3 juin, 12 h 00 selon BOAMP 26-100",
        "Diffère 30190000",
        "Nature Travaux selon BOAMP 26-100 Diffère Fournitures selon PLACE 77",
        "Procédure Procédure adaptée selon BOAMP 26-100 Diffère Appel d’offres ouvert",
        "13002526500013",
    ):
        assert said in french, said
    assert "Voir l’avis sur PLACE" in french
    english = words(client.get(address, Accept_Language="en").text)
    assert "The sources disagree." in english
    assert "Nature Works according to BOAMP 26-100 Differs Supplies according to PLACE 77" in english


def test_a_lot_that_nobody_won_is_said_to_be_one(empty: House, open_client: Open) -> None:
    awards = (Award(lot="LOT-0001", suppliers=(Supplier(name="Bois du Val"),)), Award(lot="LOT-0002", bids=0))
    result = replace(ROOF_MOVED, source_id="26-900", kind=NoticeKind.RESULT, supersedes=("26-100",), awards=awards)
    empty.bring(ROOF, result)
    client = open_client(empty)
    line = only(client)
    assert line["status"] == "open"  # the third lot is not decided
    assert "Lot 2 Sans titulaire" in words(client.get(f"/tenders/{line['id']}").text)


def test_a_page_without_contradictions_says_nothing_of_them(empty: House, open_client: Open) -> None:
    empty.bring(ROOF, ROOF_MOVED)
    client = open_client(empty)
    assert "Qui dit quoi" not in client.get(f"/tenders/{only(client)['id']}").text


def test_what_a_correction_changed_is_told_though_it_came_together_with_its_call(
    empty: House, open_client: Open
) -> None:
    empty.bring(ROOF_MOVED, ROOF)
    client = open_client(empty)
    tender_id = only(client)["id"]
    history = client.get(f"/api/v1/tenders/{tender_id}/history").json()
    assert [revision["fields"] for revision in history["revisions"]] == [{}]
    assert [(one["notice"], one["day"], sorted(one["changed"])) for one in history["told"]] == [
        ("boamp:26-100", "2026-05-04", []),
        ("boamp:26-148", "2026-05-19", ["deadline", "documents"]),
    ]
    tree = html.document_fromstring(client.get(f"/tenders/{tender_id}").text)
    [told] = tree.xpath("//section[@aria-labelledby='history']")
    assert [" ".join(d.text_content().split()) for d in told.iter("del")] == ["avant mer. 3 juin, 12 h 00"]


def test_the_history_of_an_absorbed_or_unknown_tender(empty: House, open_client: Open) -> None:
    other = replace(ROOF, source_id="26-2", title="Ouvrage de franchissement du canal", deadline=None)
    empty.bring(ROOF, other)
    client = open_client(empty)
    gone = next(line["id"] for line in client.search()["items"] if line["notices"] == ["boamp:26-2"])
    empty.bring(replace(ROOF_MOVED, supersedes=("26-100", "26-2")))
    answer = client.get(f"/api/v1/tenders/{gone}/history")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/api/v1/tenders/{only(client)['id']}/history")
    assert client.get("/api/v1/tenders/0000000000000000/history").status_code == 404
