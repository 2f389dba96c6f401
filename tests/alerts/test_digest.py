"""Mails as a supplier reads them: every tender in both parts, said right, and a source's text is only ever text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from alerts.digest import subject
from alerts.model import Digest, MatchKind, Reason
from tenders.codes import Cpv, Department, Nuts
from tenders.marking import read_link
from tenders.model import Buyer, Lot, Money, NoticeKind, PredictedCpv, Translation
from tenders.query_url import from_url
from tenders.store.coverage import Coverage
from tests.alerts.reading import mail, one, page, words
from tests.alerts.samples import (
    BASE,
    SECRET,
    digest,
    line,
    paris,
    rich_digest,
    subscription,
    tender,
)


def says(of: Digest, *wanted: str) -> None:
    text, shown = words(mail(of))
    for each in wanted:
        assert each in text
        assert each in shown


# Structure


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_tender_has_its_link_in_both_parts_once(language: str) -> None:
    whole = rich_digest()
    written = mail(replace(whole, subscription=subscription(language=language)))
    hrefs = page(written).xpath("//a/@href")
    assert isinstance(hrefs, list)
    ends = [text_line.split(" ")[-1] for text_line in written.text.splitlines()]
    for each in whole.lines:
        link = f"{BASE}/{language}/tenders/{each.tender.id}"
        assert hrefs.count(link) == 1
        assert ends.count(link) == 1


def test_blocks_stand_in_order_and_the_soonest_deadline_first() -> None:
    shown = page(mail(rich_digest()))
    headings = [h.text_content().strip() for h in shown.iter("h2")]
    assert headings == [
        "Nouveaux",
        "Modifiés",
        "Annulé",
        "Sorti de votre recherche",
        "Se terminent bientôt",
        "Ce que nous avons vérifié",
    ]
    new = [h.text_content().strip()[:12] for h in shown.iter("h3")][:4]
    assert new == ["REFECTION CO", "Agencement s", "Menuiseries ", "Fourniture d"]  # 2 days, 14, 29, unknown


def test_the_language_of_the_subscription_is_that_of_the_mail() -> None:
    for language, wanted in (("fr", "Nouveaux"), ("en", "Closing soon"), ("xx", "Nouveaux")):
        written = mail(replace(rich_digest(), subscription=subscription(language=language)))
        assert wanted in written.html
        assert page(written).get("lang") == ("en" if language == "en" else "fr")


def test_nothing_is_remote_and_nothing_tracks() -> None:
    written = mail(rich_digest())
    shown = page(written)
    assert not shown.xpath("//img | //script | //link | //iframe | //form | //object | //*[@background]")
    assert "url(" not in written.html and "@import" not in written.html
    hrefs = shown.xpath("//a/@href")
    assert isinstance(hrefs, list)
    assert all(str(href).startswith(f"{BASE}/") for href in hrefs)


def test_only_links_that_exist_are_printed() -> None:
    hrefs = page(mail(rich_digest())).xpath("//a/@href")
    assert isinstance(hrefs, list)
    kinds = {re.sub(r"[^/]+(/cpv\?by=)?[^/]+$", r"\1", str(href).removeprefix(BASE)) for href in hrefs}
    assert kinds == {"/fr/", "/fr/tenders/", "/fr/tenders//cpv?by=", "/fr/alerts/unsubscribe/", "/fr/alerts/manage/"}


def test_the_see_all_link_is_the_query_in_url_form() -> None:
    written = mail(rich_digest())
    links = [str(a.get("href")) for a in page(written).iter("a")]
    see_all = [link for link in links if link.startswith(f"{BASE}/fr/?")]
    assert [from_url(link.partition("?")[2]) for link in see_all] == [subscription().query]
    assert see_all[0] in written.text.splitlines()


# What a row says


def test_a_row_says_deadline_buyer_place_value_lots_kind_code_source_and_why() -> None:
    says(
        rich_digest(),
        "14 jours, jeu. 4 juin, 11 h 00",
        "Communauté de communes des Trois-Rivières, Semur-la-Forêt (21)",
        "48 000 €, sans lots. Fournitures, procédure adaptée. "
        "CPV estimé, 83 % : médiathèque, agencement (3915 Mobilier et équipements divers).",
        "Vu sur BOAMP, TED. Pourquoi vous : « bois massif » dans le titre, Côte-d’Or.",
        "Lot 3 sur 9 : Escaliers et garde-corps",
        "« MENUISERIES » dans le titre, « Escaliers » au lot 3, Saône-et-Loire.",
        "29 jours, affiché jusqu’au 19 juin, date limite non publiée",
        "Date limite inconnue",
        "Montant non publié",
        "187 500,50 €",
    )


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"deadline": paris(5, 21, 18)}, "Aujourd’hui, jeu. 21 mai, 18 h 00"),
        ({"deadline": paris(5, 22, 0, 30)}, "Demain, ven. 22 mai, 0 h 30"),
        ({"deadline": paris(5, 20)}, "Clos, depuis le mer. 20 mai, 12 h 00"),
        ({"deadline": paris(1, 15, year=2027)}, "239 jours, ven. 15 janvier 2027, 12 h 00"),
        ({"display_until": date(2026, 5, 21)}, "Aujourd’hui, affiché jusqu’au 21 mai, date limite non publiée"),
        ({"display_until": date(2026, 5, 1)}, "Clos, n’est plus affiché depuis le 1er mai"),
        ({"planned": True, "kind": NoticeKind.PLANNING}, "Projet annoncé, date limite inconnue"),
        ({"awarded": True}, "Attribué"),
        ({"value": Money(Decimal(0))}, "Montant non publié"),
        ({"value": Money(Decimal("1234567.5"), "CHF")}, "1 234 567,50 CHF"),
        ({"lot_count": 1}, "lot unique"),
        ({"buyer": Buyer(name="VILLE DE BEAUNE-LE-BOIS", town="Beaune-le-Bois")}, "VILLE DE BEAUNE-LE-BOIS"),
        (
            {"buyer": Buyer(name="Métropole du Val", town="DIJON CEDEX 09"), "departments": (Department("21"),)},
            "Val, DIJON (21)",
        ),
        ({"departments": tuple(map(Department, ("21", "71", "58", "89", "39")))}, "5 départements"),
        ({"places": (Nuts("BE"),)}, "Belgique"),
    ],
)
def test_a_fact_in_words(facts: dict[str, Any], wanted: str) -> None:
    says(one(**facts), wanted)


def test_hours_are_those_of_paris_whatever_the_offset_of_the_source() -> None:
    says(one(deadline=paris(6, 4, 11).astimezone(tz=None)), "jeu. 4 juin, 11 h 00")


def test_english_dates_and_amounts() -> None:
    english = replace(
        one(deadline=paris(6, 17), value=Money(Decimal(412000))), subscription=subscription(language="en")
    )
    says(english, "27 days, Wed 17 June, 12:00", "€412,000.")


def test_a_translated_title_is_preferred_in_the_readers_language() -> None:
    both = one(title="Toiture de l’école", translations={"en": Translation(title="School roof")})
    says(both, "Toiture de l’école")
    says(replace(both, subscription=subscription(language="en")), "School roof")


def test_a_lot_matched_by_its_code_is_shown() -> None:
    lots = (Lot(id="LOT-0001", title="Gros œuvre"), Lot(id="LOT-0002", title="Toiture", cpv=(Cpv("45261210"),)))
    says(
        one(MatchKind.NEW, Reason("cpv", "45261", "4526121"), lots=lots, cpv=(Cpv("45210000"),)),
        "Lot 2 sur 2 : Toiture",
    )


ROOF = PredictedCpv(code=Cpv("45261000"), probability=0.83, terms=("toiture\u202e", "zinguerie\n", "x" * 90))


def test_an_estimated_code_is_said_as_one_in_both_languages() -> None:
    estimated = one(cpv_predicted=(ROOF,))
    says(
        estimated,
        "CPV estimé, 83 % : toiture, zinguerie, " + "x" * 39 + "… (45261 Travaux de charpente et de couverture",
    )
    english = replace(estimated, subscription=subscription(language="en"))
    says(english, "Estimated CPV, 83 %: toiture, zinguerie, ", "(45261 ")
    for text in words(mail(one(cpv=(Cpv("30197000"),), cpv_predicted=(ROOF,)))):
        assert "CPV 30197000" in text and "estimé" not in text
    for text in words(mail(one(cpv_predicted=(replace(ROOF, asserted=False),)))):
        assert "CPV" not in text


def test_why_says_that_a_code_was_estimated() -> None:
    reason = Reason("cpv_any", "45", "45261")
    says(one(MatchKind.NEW, reason, cpv_predicted=(ROOF,)), "Pourquoi vous : CPV estimé 45261.")
    says(one(MatchKind.NEW, reason, cpv=(Cpv("45261000"),)), "Pourquoi vous : CPV 45261.")


def test_a_lot_matched_by_its_estimated_code_is_shown() -> None:
    lots = (Lot(id="LOT-0001", title="Peinture"), Lot(id="LOT-0002", title="Zinguerie"))
    reason = Reason("cpv_any", "45261", "45261")
    says(
        one(MatchKind.NEW, reason, lots=lots, cpv_predicted=(replace(ROOF, lot="LOT-0002"),)), "Lot 2 sur 2 : Zinguerie"
    )
    whole = one(MatchKind.NEW, reason, lots=lots, cpv_predicted=(ROOF, replace(ROOF, lot="LOT-0002")))
    assert "Lot 2" not in mail(whole).text


# Changes


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        (
            {"deadline": ("2026-06-03T12:00:00+02:00", "2026-06-17T12:00:00+02:00")},
            "Date limite reportée de 14 jours : mer. 3 juin, 12 h 00 -> mer. 17 juin, 12 h 00",
        ),
        ({"deadline": ("2026-06-03T12:00:00+02:00", "2026-06-02T12:00:00+02:00")}, "Date limite avancée de 1 jour"),
        ({"deadline": ("2026-06-03T12:00:00+02:00", "2026-06-03T16:00:00+02:00")}, "Heure limite modifiée"),
        ({"deadline": (None, "2026-06-03T12:00:00+02:00")}, "Date limite publiée : mer. 3 juin, 12 h 00"),
        ({"deadline": ("2026-06-03T12:00:00+02:00", None)}, "Date limite retirée (avant mer. 3 juin, 12 h 00)"),
        (
            {"deadline": ("2026-06-03", "2026-06-09")},
            "Affichage prolongé : affiché jusqu’au 3 juin -> affiché jusqu’au 9",
        ),
        ({"value": ("120000.00 EUR", "150000.00 EUR")}, "Montant : 120 000 € -> 150 000 €"),
        ({"value": (None, "150000.00 EUR")}, "Montant publié : 150 000 €"),
        ({"lots": (["LOT-0001"], ["LOT-0001", "LOT-0002"])}, "Lot ajouté : 2"),
        ({"lots": (["1", "2", "3"], ["1"])}, "Lots retirés : 2, 3"),
        ({"documents": ([], ["https://x.example/a", "https://x.example/b"])}, "2 documents ajoutés"),
        ({"cancelled": (True, False)}, "Annulation levée, le marché reprend"),
        ({"awards": ([], ["LOT-0002|Bois du Val"])}, "Attribution : lot 2 Bois du Val"),
        ({"awards": ([], ["LOT-0002"])}, "Attribution : lot 2 sans titulaire connu"),
        ({"awards": ([], ["LOT-0002|"])}, "Attribution : lot 2 sans titulaire connu"),
        ({"awards": ([], ["LOT-0002||Bois du Val|"])}, "Attribution : lot 2 Bois du Val"),
        ({"weather": ("rain", {"sun": 1})}, "Autre changement (weather) : rain -> {'sun': 1}"),
        ({"deadline": ("not a date", 17)}, "Autre changement (deadline) : not a date -> 17"),
        ({"value": ("NaN EUR", "1E+999 EUR")}, "Autre changement (value)"),
        ({"lots": ("x", None)}, "Autre changement (lots) (avant x)"),
    ],
)
def test_a_change_says_what_it_was_and_what_it_is(changes: dict[str, tuple[object, object]], wanted: str) -> None:
    text, shown = words(mail(one(MatchKind.CHANGED, changes=changes, deadline=paris(6, 20))))
    assert wanted in text
    assert wanted.replace(" -> ", " → ").replace("(avant ", "").rstrip(")") in shown.replace(" )", ")")


def test_a_changed_tender_says_whether_its_deadline_stays() -> None:
    says(
        one(MatchKind.CHANGED, changes={"value": (None, "1.00 EUR")}, deadline=paris(6, 19, 16)),
        "Toujours 29 jours, ven.",
    )
    moved = {"deadline": ("2026-06-03T12:00:00+02:00", "2026-06-17T12:00:00+02:00")}
    says(one(MatchKind.CHANGED, changes=moved, deadline=paris(6, 17)), "Il vous reste 27 jours")


def test_a_cancelled_tender_names_the_notice_that_says_so() -> None:
    says(rich_digest(), "Annulé, selon BOAMP 26-47007 du 20 mai")


def test_a_tender_that_left_says_why() -> None:
    says(rich_digest(), "Attribué à Menuiseries du Haut-Val")
    says(one(MatchKind.LEFT, deadline=paris(6, 4)), "Ne répond plus à votre recherche, 14 jours, jeu. 4 juin")


# Subject and headers


def test_the_subject_counts_and_names_query_and_place() -> None:
    unnamed = subscription(name=None, query=from_url("q=toiture OU couverture&dept=21"))
    assert subject(one()) == "1 nouveau marché – Menuiserie bois 21 et 71, Côte-d’Or et Saône-et-Loire"
    assert subject(replace(one(), subscription=unnamed)) == "1 nouveau marché – toiture ou couverture, Côte-d’Or"
    assert subject(replace(rich_digest(), part=2, parts=3)).endswith(" (2/3)")
    assert subject(replace(one(), subscription=replace(unnamed, name="Toits de la Côte-d'Or"))).endswith(
        "– Toits de la Côte-d'Or"
    )


@pytest.mark.parametrize("name", ["x\r\nBcc: a@b.example", "a\nb", "a\0b", "é" * 5000, "\u202egnp.exe", "a\u2028b"])
def test_nothing_typed_or_crawled_can_add_a_header(name: str) -> None:
    written = mail(replace(one(title=name), subscription=subscription(name=name)))
    for value in (written.subject, written.message_id, *written.headers.values()):
        assert not re.search(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e]", value)
        assert len(value) <= 250


def test_the_headers_of_one_click_unsubscription_and_of_a_machine() -> None:
    written = mail(rich_digest())
    link = written.headers["List-Unsubscribe"]
    assert re.fullmatch(rf"<{BASE}/fr/alerts/unsubscribe/[\w.-]+>", link)
    assert link.strip("<>") in written.text.splitlines()
    assert written.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert written.headers["List-Id"] == f"<alert-{subscription().id}.tenderwatch.example>"
    assert written.headers["Auto-Submitted"] == "auto-generated"
    assert written.headers["Date"] == "Thu, 21 May 2026 07:30:00 +0200"
    assert written.message_id == "<7f3a9c0d1e2b4a5f@tenderwatch.example>"


def test_rendering_twice_gives_the_same_mail() -> None:
    assert mail(rich_digest()) == mail(rich_digest())


# Coverage


def test_coverage_says_only_what_was_computed() -> None:
    says(
        rich_digest(),
        "12 sources suivies : 11 à jour ; 1 en retard : marches-du-maconnais (dernière lecture mer. 20 mai, 21 h 10).",
        "387 nouveaux avis lus pour ce relevé",
    )
    none = mail(one())
    assert "vérifié" not in none.html + none.text
    never = Coverage(sources=1, fresh=0, late=(("boamp", None),))
    says(
        replace(one(), checked=never),
        "1 source suivie : 1 en retard : BOAMP (jamais lue).",
        "Aucun nouvel avis lu",
    )
    doubtful = Coverage(sources=1, fresh=0, late=(), doubtful=("boamp",))
    says(replace(one(), checked=doubtful), "1 source suivie : 1 à vérifier : BOAMP.")


@pytest.mark.parametrize(("language", "begins"), [("fr", "Date limite reportée de"), ("en", "Deadline extended by")])
def test_a_mail_of_one_change_says_it_in_its_subject(language: str, begins: str) -> None:
    change = next(line for line in rich_digest().lines if line.kind == "changed")
    said = mail(digest(change, subscription=subscription(language=language))).subject
    assert said.replace("\u00a0", " ").startswith(f"{begins} 14 ")
    assert change.tender.merged.title in said


def test_what_changed_and_changed_back_is_said_to_be_back() -> None:
    change = replace(next(line for line in rich_digest().lines if line.kind == "changed"), changes={})
    assert "Revenu à ce que vous aviez reçu" in mail(digest(change)).text


def test_a_place_in_the_buyers_name_is_said_once_and_a_lone_lot_is_the_tender() -> None:
    of = one(
        MatchKind.NEW,
        Reason("q", "menuiserie", "lot"),
        buyer=Buyer(name="Commune de Charnoy (71)"),
        departments=(Department("71"),),
        lots=(Lot(id="LOT-0000", title="Travaux de menuiserie"),),
    )
    for text in words(mail(of)):
        assert text.count("(71)") == 1
        assert "Lot 0" not in text
        assert "« menuiserie » dans un lot" in text


# Estimated codes


def test_an_estimated_code_can_be_marked_as_wrong_by_a_link_that_says_who_the_subscriber_is() -> None:
    guess = PredictedCpv(code=Cpv("45421000"), probability=0.83, terms=("menuiserie",))
    estimated = replace(tender(1), cpv_predicted=(guess,))
    written = mail(digest(line(MatchKind.NEW, estimated), line(MatchKind.NEW, tender(2, cpv=(Cpv("45421000"),)))))
    [href] = page(written).xpath("//a[text()='Signaler un code inexact']/@href")
    address, _, token = href.partition("?by=")
    assert address == f"{BASE}/fr/tenders/{estimated.id}/cpv"
    assert read_link(token, SECRET) == "subscription:k3J_x-9QvTq0aBcD"
    assert href in written.text.split()
    suggested = replace(estimated, cpv_predicted=(replace(guess, asserted=False),))
    for line_ in (line(MatchKind.NEW, suggested), line(MatchKind.ENDING, estimated)):
        assert "code inexact" not in mail(digest(line_)).text
