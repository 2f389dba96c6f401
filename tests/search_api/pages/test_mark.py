"""Saying that a CPV code is wrong: a GET only shows, a signed form writes, and the buyer's code stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from lxml import html

from search_api.app import create_app
from search_api.pages.mark import shown_codes
from tenders.codes import Cpv
from tenders.marking import agency_name, marking_url, sign_form, subscription_name
from tenders.model import Lot, PredictedCpv, Tender
from tenders.store.corrections import Correction, load_corrections
from tests.indexer.cpv.keywords import Keywords
from tests.notices import House, notice
from tests.search_api.conftest import BASE, NOW, Client

SECRET = "an invented secret for the tests only, long enough"
ROOF = notice(cpv=(Cpv("45261210"),), lots=(Lot(id="LOT-0001", title="Charpente", cpv=(Cpv("45261100"),)),))
BARE = notice("26-2", "Achat de papier")


class Desk:
    """A house with two tenders, and a browser at its door."""

    def __init__(self, path: Path) -> None:
        self.house = House(path)
        self.house.bring(ROOF, BARE)
        self.now = NOW
        self.app = create_app(
            self.house.store,
            self.house.engine,
            base_url=BASE,
            clock=lambda: self.now,
            classifier=Keywords,
            secret=SECRET,
        )
        self.client = Client(self.app)
        self.roof, self.bare = (self.client.search(f"q={q}")["items"][0]["id"] for q in ("toiture", "papier"))

    def open(self, address: str = "") -> httpx.Response:
        return self.client.get(address or f"/tenders/{self.roof}/cpv")

    def token(self, address: str = "") -> str:
        [token] = html.document_fromstring(self.open(address).text).xpath("//input[@name='token']/@value")
        return str(token)

    def send(self, address: str = "", client: Client | None = None, **fields: str) -> httpx.Response:
        plain = {"token": self.token(address), "shown": "45261210.official.", "proposed": "45421"}
        return (client or self.client).post(address or f"/tenders/{self.roof}/cpv", {**plain, **fields})

    def kept(self) -> list[Correction]:
        with self.house.store.reading() as connection:
            return load_corrections(connection)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.house.close()


def words(answer: httpx.Response) -> str:
    return " ".join(html.document_fromstring(answer.text).text_content().split())


def test_a_get_shows_the_codes_and_keeps_nothing(desk: Desk) -> None:
    answer = desk.open()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store" and answer.headers["x-robots-tag"] == "noindex"
    said = words(answer)
    assert "45261210 Travaux de couverture publié par l’acheteur" in said
    assert "Lot 1 : 45261100" in said
    page = html.document_fromstring(answer.text)
    [form] = page.xpath("//form")
    assert form.method == "POST" and form.action is None
    assert not page.xpath("//script | //style | //@style")
    assert desk.kept() == []


def test_the_page_of_a_tender_leads_there_where_there_is_a_code(desk: Desk) -> None:
    for id_, links in ((desk.roof, 1), (desk.bare, 0)):
        page = html.document_fromstring(desk.open(f"/tenders/{id_}").text)
        assert len(page.xpath(f"//a[@href='/tenders/{id_}/cpv']")) == links
    assert "n’a aucun code" in words(desk.open(f"/tenders/{desk.bare}/cpv"))


def test_a_visitor_marks_a_code_and_the_buyers_code_stays(desk: Desk) -> None:
    answer = desk.send(proposed=" 45421, 45422000-1 ")
    assert answer.status_code == 200 and "Merci" in words(answer)
    [kept] = desk.kept()
    assert (kept.tender_id, kept.shown, kept.official, kept.lot, kept.by) == (
        desk.roof,
        "45261210",
        True,
        None,
        "visitor",
    )
    assert kept.proposed == ("45421000", "45422000")
    assert (kept.by, kept.state, kept.times, kept.marked) == ("visitor", "open", 1, NOW)
    assert desk.client.search("cpv=45261210")["total"] == 1
    assert desk.client.search("cpv=45421")["total"] == 0


def test_estimated_codes_can_be_marked_beside_the_buyers_own() -> None:
    estimated = (
        PredictedCpv(code=Cpv("45261000"), probability=0.8),
        PredictedCpv(code=Cpv("45000000"), probability=0.7, lot="1"),
    )
    shown = shown_codes(
        Tender(
            id="a",
            notices=(ROOF,),
            merged=ROOF,
            cancelled=False,
            awarded=False,
            planned=False,
            provenance={},
            cpv_predicted=estimated,
        )
    )
    assert [one.key for one in shown] == [
        "45261210.official.",
        "45261100.official.LOT-0001",
        "45261000.predicted.",
        "45000000.predicted.1",
    ]


def test_an_estimated_code_is_marked_as_one(tmp_path: Path) -> None:
    house = House(tmp_path, classifier=Keywords())
    house.bring(notice(title="Réfection de la toiture, zinguerie"))
    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW, secret=SECRET))
    [found] = client.search("cpv_any=45261")["items"]
    path = f"/tenders/{found['id']}/cpv"
    page = client.get(path)
    assert "45261000 Travaux de charpente et de couverture et travaux connexes estimé" in words(page)
    [token] = html.document_fromstring(page.text).xpath("//input[@name='token']/@value")
    sent = {"token": str(token), "shown": "45261000.predicted.", "proposed": "45421"}
    assert client.post(path, sent).status_code == 200
    with house.store.reading() as connection:
        [kept] = load_corrections(connection)
    assert (kept.shown, kept.official, kept.proposed) == ("45261000", False, ("45421000",))
    assert client.search("cpv_any=45261")["total"] == 1
    assert len(html.document_fromstring(client.get(path.removesuffix("/cpv")).text).xpath(f"//a[@href='{path}']")) == 1
    house.close()


def test_a_code_of_a_lot_may_be_marked_and_nothing_be_proposed(desk: Desk) -> None:
    assert desk.send(shown="45261100.official.LOT-0001", proposed="").status_code == 200
    [kept] = desk.kept()
    assert (kept.shown, kept.lot, kept.proposed) == ("45261100", "LOT-0001", ())


def test_the_same_said_again_is_counted_and_answered_alike(desk: Desk) -> None:
    answers = [words(desk.send()) for _ in range(3)]
    assert len(set(answers)) == 1
    [kept] = desk.kept()
    assert kept.times == 3


@pytest.mark.parametrize("by", [subscription_name("k3J_x-9QvTq0aBcD"), agency_name("centrale-exemple")])
def test_a_signed_link_says_who_speaks(desk: Desk, by: str) -> None:
    link = marking_url(BASE, SECRET, desk.roof, by).removeprefix(BASE)
    assert desk.send(link).status_code == 200
    assert [kept.by for kept in desk.kept()] == [by]


def test_a_link_that_we_did_not_sign_is_a_visitors(desk: Desk) -> None:
    link = marking_url(BASE, "another secret that is as long as it has to be", desk.roof, agency_name("x"))
    assert desk.send(link.removeprefix(BASE)).status_code == 200
    assert [kept.by for kept in desk.kept()] == ["visitor"]


def test_only_a_form_shown_for_this_tender_to_this_reader_today_writes(desk: Desk) -> None:
    link = marking_url(BASE, SECRET, desk.roof, agency_name("x")).removeprefix(BASE)
    of_agency, of_other = desk.token(link), sign_form(SECRET, desk.bare, "visitor", NOW)
    forged = sign_form("another secret that is as long as it has to be", desk.roof, "visitor", NOW)
    by_link = link.rpartition("=")[2]
    old = desk.token()
    for token in ("", "x", of_agency, of_other, forged, by_link, "é" * 500):
        answer = desk.send(token=token)
        assert answer.status_code == 400 and "n’est plus valable" in words(answer)
        assert "45421" in answer.text  # what was typed stays
    desk.now += timedelta(days=1, seconds=1)
    assert desk.send(token=old).status_code == 400
    assert desk.kept() == []
    assert desk.send().status_code == 200


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"shown": ""}, "Choisissez"),
        ({"shown": "45261210.predicted."}, "Choisissez"),
        ({"shown": "99999999.official."}, "Choisissez"),
        ({"proposed": "menuiserie"}, "2 à 8 chiffres"),
        ({"proposed": "99"}, "2 à 8 chiffres"),
        ({"proposed": "45261000-9"}, "2 à 8 chiffres"),
        ({"proposed": "45 44 90 71"}, "2 à 8 chiffres"),
        ({"proposed": "45 " * 5_000}, "2 à 8 chiffres"),
        ({"proposed": "<script>\x00"}, "2 à 8 chiffres"),
    ],
)
def test_what_is_not_understood_is_said_and_keeps_nothing(desk: Desk, fields: dict[str, str], says: str) -> None:
    answer = desk.send(**fields)
    assert answer.status_code == 400 and says in words(answer)
    assert "<script>" not in answer.text
    assert desk.kept() == []


def test_hostile_bodies_are_refused(desk: Desk) -> None:
    path = f"/tenders/{desk.roof}/cpv"
    for body, status in ((b"a" * 20_000, 413), (b"&".join([b"a=b"] * 500), 400), (b"\xff\xfe=\x00", 400), (b"", 400)):
        assert desk.client.ask("POST", path, {}, body).status_code == status
    assert desk.client.ask("POST", "/tenders/unknown/cpv", {}, b"token=x").status_code == 404
    assert desk.client.ask("DELETE", path).status_code == 405
    assert desk.open(f"{path}?who=me").status_code == 400


def test_an_address_and_a_subscription_have_their_share(desk: Desk) -> None:
    link = marking_url(BASE, SECRET, desk.roof, subscription_name("abc")).removeprefix(BASE)
    assert [desk.send().status_code for _ in range(21)] == [200] * 20 + [429]
    assert "Trop de demandes" in words(desk.send())
    elsewhere = [Client(desk.app, f"192.0.2.{n}") for n in range(1, 22)]
    assert [desk.send(link, client).status_code for client in elsewhere] == [200] * 20 + [429]


def test_an_absorbed_tender_leads_to_the_one_that_stands_and_takes_what_is_posted(desk: Desk) -> None:
    token, path = desk.token(), f"/tenders/{desk.bare}/cpv?by=x"
    with desk.house.store.writing() as connection:
        from sqlalchemy import update

        from tenders.store.schema import tenders

        connection.execute(update(tenders).where(tenders.c.id == desk.bare).values(absorbed_into=desk.roof))
    answer = desk.open(path)
    assert (answer.status_code, answer.headers["location"]) == (301, f"/tenders/{desk.roof}/cpv?by=x")
    sent = {"token": token, "shown": "45261210.official.", "proposed": ""}
    assert desk.client.post(f"/tenders/{desk.bare}/cpv", sent).status_code == 200
    assert [kept.tender_id for kept in desk.kept()] == [desk.roof]


def test_the_page_speaks_english(desk: Desk) -> None:
    said = words(desk.client.get(f"/tenders/{desk.roof}/cpv", Accept_Language="en"))
    assert "Report a wrong code" in said and "published by the buyer" in said
