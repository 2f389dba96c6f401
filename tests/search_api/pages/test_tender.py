"""The page of a tender: what one decides by and who says it, many lots and buyers, history, what is around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from lxml import html

from tenders.codes import Cpv, Department
from tenders.model import Award, Buyer, Document, Lot, Nature, NoticeKind, Strategic, Supplier
from tests.notices import House, notice
from tests.search_api.conftest import NOW, Client, Open
from tests.search_api.samples import HOSTILE_TITLE, ROOF, ROOF_MOVED, moment

CROWDED = notice(
    "26-888",
    (
        "Réhabilitation thermique et restructuration du groupe scolaire, du gymnase et de la salle polyvalente " * 2
    ).upper(),
    nature=Nature.WORKS,
    cpv=(Cpv("45261000"),),
    departments=(Department("21"),),
    co_buyers=tuple(Buyer(name=f"Commune de Vallebrune-le-Haut {number}") for number in range(17)),
    lots=tuple(Lot(id=f"LOT-{number:04}", title=f"Ouvrage {number}") for number in range(1, 61)),
    published=date(2026, 5, 10),
)


def open_tender(client: Client, form: str, prefix: str = "/fr", now: str = "") -> html.HtmlElement:
    [line] = client.search(f"{form}&size=1")["items"]
    answer = client.get(f"{prefix}/tenders/{line['id']}")
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def section(page: html.HtmlElement, name: str) -> str:
    [found] = page.xpath(f"//section[@aria-labelledby='{name}']")
    return words(found)


@pytest.fixture
def client(empty: House, open_client: Open) -> Client:
    empty.bring(ROOF)
    empty.bring(ROOF_MOVED, CROWDED)
    return open_client(empty)


def test_each_fact_of_the_decision_says_whose_it_is(client: Client) -> None:
    page = open_tender(client, "q=charpente")
    [decision] = page.find_class("decision")
    said = words(decision)
    for fact in (
        "27 jours pour répondre, avant le mercredi 17 juin 2026 à 12 h 00",
        "mer. 3 juin, 12 h 00 reportée par BOAMP 26-148 le 19 mai",
        "Montant estimé 412 000 € selon BOAMP 26-148",
        "Procédure Procédure adaptée selon",
        "3 documents, 12,8 Mo",
        "Voir l’avis sur BOAMP",
    ):
        assert " ".join(fact.split()) in said, fact
    [rule] = page.find_class("long-rule")
    assert rule.get("aria-label") == (
        "Du 4\u00a0mai, publication, au 17\u00a0juin, date limite\u00a0: nous sommes au jour 17 sur 44. "
        "La date limite était le 3\u00a0juin."
    )
    assert rule.xpath("*[name()='text'][@text-decoration='line-through']") != []


def test_the_old_deadlines_label_gives_way_to_its_neighbours(empty: House, open_client: Open) -> None:
    empty.bring(ROOF)
    empty.bring(replace(ROOF_MOVED, deadline=moment("2026-06-08T12:00:00+02:00")))
    [rule] = open_tender(open_client(empty), "q=charpente").find_class("long-rule")
    assert not rule.xpath("*[name()='text'][@text-decoration='line-through']")


def test_responsible_buying_has_three_states(client: Client) -> None:
    said = section(open_tender(client, "q=charpente"), "responsible")
    assert "Clause sociale Oui, déclaré selon BOAMP" in said
    assert "Marché réservé Non, déclaré selon BOAMP" in said
    assert said.endswith("Innovation Non précisé")
    assert "PME" not in said, "of what is seldom asked only what is declared stands here"


def test_the_history_is_told_newest_first_with_what_is_to_come_on_top(client: Client) -> None:
    page = open_tender(client, "q=charpente")
    events = [words(event) for event in page.xpath("//ol[@class='timeline']/li")]
    assert events[0] == "Date limite mer. 17 juin, 12 h 00"
    assert events[1].startswith("Rectificatif 19 mai , BOAMP 26-148")
    assert "Date limite : avant mer. 3 juin, 12 h 00 → maintenant mer. 17 juin, 12 h 00" in events[1]
    assert "Documents : maintenant Diagnostic" in events[1]
    assert "se réfère à l’avis boamp:26-100" in events[1]
    assert events[2].startswith("Appel à concurrence 4 mai , BOAMP 26-100 vu par nous pour la première fois")
    assert len(events) == 3


def test_a_notice_that_changed_in_its_place_is_told_too(empty: House, open_client: Open) -> None:
    empty.bring(ROOF)
    empty.bring(replace(ROOF, deadline=moment("2026-06-10T12:00:00+02:00")))
    events = [words(li) for li in open_tender(open_client(empty), "q=charpente").xpath("//ol[@class='timeline']/li")]
    assert any("Modifié" in event and "mer. 10 juin, 12 h 00" in event for event in events)


def test_sixty_lots_and_seventeen_buyers_stand_folded_and_whole(client: Client) -> None:
    page = open_tender(client, "q=gymnase", "/en")
    assert len(page.xpath("//section[@aria-labelledby='lots']//tbody/tr")) == 10
    [more] = page.xpath("//section[@aria-labelledby='lots']/details")
    assert words(more.find("summary")) == "50 more lots" and "Lot 60" in words(more)
    assert "17 other buyers" in section(page, "buyer") and "Vallebrune-le-Haut 16" in section(page, "buyer")
    assert page.xpath("//h1/@class") == ["long"] and page.xpath("//h1/@lang") == ["fr"]


def test_the_buyers_tenders_and_open_ones_like_it_can_be_reached(client: Client) -> None:
    page = open_tender(client, "q=charpente")
    assert "Procédures en 24 mois 1" in section(page, "buyer")
    for label in ("Ses marchés ouverts", "Tous ses marchés", "Flux RSS"):
        [address] = page.xpath(f"//a[.='{label}']/@href")
        assert client.get(address).status_code == 200
    [similar] = page.xpath("//section[@aria-labelledby='like']//a/@href")
    assert "gymnase" in client.get(similar).text.lower()
    [alert] = page.xpath("//a[contains(., 'marchés semblables')]/@href")
    assert parse_qs(urlsplit(alert).query) == {"cpv_any": ["452"], "dept": ["21"], "status": ["open"]}


def test_a_tender_says_of_itself_what_others_show_of_a_link(client: Client) -> None:
    page = open_tender(client, "q=charpente")
    [title] = page.xpath("//meta[@property='og:title']/@content")
    [about] = page.xpath("//meta[@property='og:description']/@content")
    assert title.startswith("Réfection de la toiture") and about.startswith("Commune de Vallebrune, Côte-d’Or (21), 27")
    [canonical] = page.xpath("//link[@rel='canonical']/@href")
    assert canonical.startswith("https://tenderwatch.example/fr/tenders/")


def test_the_states_that_are_over_say_so(empty: House, open_client: Open) -> None:
    person = Supplier(size="micro")  # whose name is not kept
    award = Award(suppliers=(person, Supplier(name="Bois du Val")), bids=4, date=date(2026, 5, 18))
    result = replace(ROOF, source_id="26-900", kind=NoticeKind.RESULT, supersedes=("26-100",), lots=(), awards=(award,))
    empty.bring(ROOF, result)
    client = open_client(empty)
    page = open_tender(client, "q=charpente")
    assert "Bois du Val" in section(page, "awards")
    assert ", Bois du Val" not in section(page, "awards")
    assert not page.find_class("long-rule") and not page.find_class("ahead")
    later = open_client(empty, NOW.replace(year=2027))
    assert open_tender(later, "q=charpente").find_class("due-figure")[0].text == "Attribué"


def test_nothing_hostile_gets_into_a_mail_or_a_link(empty: House, open_client: Open) -> None:
    empty.bring(
        notice(
            "26-1",
            HOSTILE_TITLE + "\r\nBcc: someone@example.org&body=x",
            url="javascript:alert(1)",
            buyer=Buyer(name='"><script>alert(1)</script>', id="&q=x"),
            documents=(Document(title="x", url="data:text/html,x"),),
            strategic=Strategic(social=True),
        )
    )
    page = open_tender(open_client(empty), "q=gaines")
    assert not page.xpath("//script | //img | //style")
    [mail] = page.xpath("//a[starts-with(@href, 'mailto:')]/@href")
    asked = parse_qs(urlsplit(mail).query)
    assert set(asked) == {"subject", "body"}
    assert "\n" not in unquote(mail) and asked["body"][0].startswith("https://tenderwatch.example/fr/tenders/")
    assert not page.xpath("//a[starts-with(@href, 'javascript:') or starts-with(@href, 'data:')]")


def test_texts_and_lists_without_end_and_turned_directions_stay_a_page(empty: House, open_client: Open) -> None:
    endless = "toiture \u202e\u2066<b> \x00\x07 " * 40_000
    one = notice(
        "26-1",
        endless,
        description=endless,
        reference=endless,
        buyer=Buyer(name=endless, town=endless),
        co_buyers=tuple(Buyer(name=endless) for _ in range(20)),
        lots=tuple(Lot(id=f"LOT-{number:04}", title=endless[:5_000]) for number in range(1, 1_200)),
        documents=tuple(Document(title=endless[:5_000], url=f"https://x.example/{n}") for n in range(600)),
    )
    empty.bring(one, replace(one, source_id="26-2", kind=NoticeKind.CHANGE, supersedes=("26-1",)))
    client = open_client(empty)
    [line] = client.search("size=1")["items"]
    for path in (f"/fr/tenders/{line['id']}", "/en/?q=toiture", f"/fr/tenders/{line['id']}/cpv"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert len(answer.content) < 500_000
        assert not any(sign in answer.text for sign in "\u202e\u2066\x00\x07")
        assert not html.document_fromstring(answer.text).xpath("//h1//b | //h3//b | //li//b[not(ancestor::ol)]")
