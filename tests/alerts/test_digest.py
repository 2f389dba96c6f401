"""Mails as a supplier reads them: every tender in both parts, said right, and a source's text is only ever text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import html as lxml_html
from lxml.html import HtmlElement

from alerts.digest import MAX_HTML, render, render_confirmation, subject
from alerts.message import clean
from alerts.model import Coverage, Digest, Mail, MatchKind, Reason, Rhythm
from tenders.codes import Cpv, Department, Nuts
from tenders.model import Buyer, Lot, Money, Nature, NoticeKind, Translation
from tenders.query_url import from_url, to_url
from tests.alerts.samples import (
    BASE,
    NOW,
    SECRET,
    SENDER,
    digest,
    fifty,
    line,
    paris,
    rich_digest,
    subscription,
    tender,
)


def mail(of: Digest) -> Mail:
    return render(of, base_url=BASE, secret=SECRET, mail_from=SENDER)


def page(of: Mail) -> HtmlElement:
    return lxml_html.document_fromstring(of.html)


def words(of: Mail) -> tuple[str, str]:
    """The text part and the HTML part as plain words, each kind of space one space."""
    body = page(of).find("body")
    assert body is not None
    text = re.sub(r"\s+", " ", of.text.replace("\u202f", " "))
    return text, re.sub(r"\s+", " ", str(body.text_content()).replace("\u202f", " "))


def says(of: Digest, *wanted: str) -> None:
    text, shown = words(mail(of))
    for each in wanted:
        assert each in text
        assert each in shown


def one(told: MatchKind = MatchKind.NEW, /, *why: Reason, changes: Any = None, **facts: Any) -> Digest:
    return digest(line(told, tender(1, **facts), *why, changes=changes or {}))


# Structure


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_tender_has_its_link_in_both_parts_once(language: str) -> None:
    whole = rich_digest()
    written = mail(replace(whole, subscription=subscription(language=language)))
    hrefs = page(written).xpath("//a/@href")
    assert isinstance(hrefs, list)
    ends = [text_line.split(" ")[-1] for text_line in written.text.splitlines()]
    for each in whole.lines:
        link = f"{BASE}/tenders/{each.tender.id}"
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
    kinds = {re.sub(r"[^/]+$", "", str(href).removeprefix(BASE)) for href in hrefs}
    assert kinds == {"/", "/tenders/", "/alerts/unsubscribe/"}


def test_the_see_all_link_is_the_query_in_url_form() -> None:
    written = mail(rich_digest())
    links = [str(a.get("href")) for a in page(written).iter("a")]
    see_all = [link for link in links if link.startswith(f"{BASE}/?")]
    assert [from_url(link.partition("?")[2]) for link in see_all] == [subscription().query]
    assert see_all[0] in written.text.splitlines()


# What a row says


def test_a_row_says_deadline_buyer_place_value_lots_kind_code_source_and_why() -> None:
    says(
        rich_digest(),
        "14 jours, jeu. 4 juin, 11 h 00",
        "Communauté de communes des Trois-Rivières, Semur-la-Forêt (21)",
        "48 000 €, sans lots. Fournitures, procédure adaptée. CPV 39150000 Mobilier et équipements divers.",
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
    assert re.fullmatch(rf"<{BASE}/alerts/unsubscribe/[\w.-]+>", link)
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
        "12 sources suivies : 11 à jour ; 1 en retard : marches-du-maconnais (dernier relevé mer. 20 mai, 21 h 10).",
        "387 nouveaux avis lus pour ce relevé",
    )
    none = mail(one())
    assert "vérifié" not in none.html + none.text
    never = Coverage(sources=1, fresh=0, late=(("boamp", None),), notices_read=0)
    says(
        replace(one(), coverage=never),
        "1 source suivie : 1 en retard : BOAMP (jamais relevée).",
        "Aucun nouvel avis lu",
    )


# Hostile texts and sizes

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
    "{{ 7*7 }}{% raw %}",
    "<!--><b>",
    "&lt;b&gt;&amp;",
    "</table></body></html>",
    "<style>*{display:none}</style>",
    "a\x00b\x07c\x1b[31md",
    "\ud800 lone surrogate",
]


def tags(of: HtmlElement) -> set[str]:
    return {str(element.tag) for element in of.iter("*")}


def attributes(of: HtmlElement) -> set[str]:
    return {name for element in of.iter("*") for name in map(str, element.attrib)}


@pytest.mark.parametrize("text", XSS)
def test_a_sources_text_is_only_ever_text(text: str) -> None:
    hostile = digest(
        line(
            MatchKind.CHANGED,
            tender(
                1,
                title=text,
                source_id=text,
                buyer=Buyer(name=text, town=text),
                lots=(Lot(id=text, title=text),),
                places=(Nuts(text),),
            ),
            Reason("q", text, "lot"),
            Reason("dept", text, text),
            changes={text: (text, text), "value": (text, text), "lots": ([], [text]), "documents": ([text], [])},
            notice=f"boamp:{text}",
        ),
        subscription=subscription(name=text),
        coverage=Coverage(sources=1, fresh=0, late=((text, None),), notices_read=1),
    )
    shown, harmless = page(mail(hostile)), page(mail(rich_digest()))
    assert tags(shown) <= tags(harmless)
    assert attributes(shown) <= attributes(harmless)
    assert clean(text, 150) in words(mail(hostile))[1]
    assert len(list(shown.iter("style"))) == 1
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", mail(hostile).text.replace("\n", ""))


def test_fifty_tenders_stay_far_below_what_mail_programs_cut() -> None:
    written = mail(fifty())
    assert len(page(written).findall(".//h3")) == 50
    assert len(written.html.encode()) < 60_000


@pytest.mark.parametrize("text", ["é" * 400, "<" * 400, "&" * 5000, "œ’" * 300])
def test_fifty_tenders_of_the_longest_texts_still_fit(text: str) -> None:
    written = mail(fifty(title=text, buyer=Buyer(name=text, town=text), lots=(Lot(id="1", title=text),)))
    assert len(page(written).findall(".//h3")) == 50
    assert len(written.html.encode()) <= MAX_HTML
    assert written.headers["List-Unsubscribe"].strip("<>") in written.html


def test_a_title_of_ten_megabytes_is_cut() -> None:
    assert len(mail(one(title="mot " * 2_500_000)).html) < 8_000


# Confirmation


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_confirmation_repeats_the_query_and_only_its_words(language: str) -> None:
    query = from_url(
        'q="go to http://evil.example/x?y now" OU toiture&buyer=<b>www.evil.example</b>&dept=21&status=open'
    )
    pending = subscription(language=language, query=query, name="Visit www.evil.example", confirmed=None, created=NOW)
    written = render_confirmation(pending, base_url=BASE, secret=SECRET, mail_from=SENDER)
    text, shown = words(written)
    for part in (text, shown):
        assert "go to http evil example x y now" in part
        assert "Côte-d’Or" in part
        assert "evil.example" not in part and "Visit" not in part
        assert "7 jours" in part or "7 days" in part
    assert "evil" not in written.subject
    assert re.search(rf"^{BASE}/alerts/confirm/[\w.-]+$", written.text, re.MULTILINE)
    assert written.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    again = render_confirmation(pending, base_url=BASE, secret=SECRET, mail_from=SENDER)
    assert again == written


def test_a_confirmation_says_the_rhythm() -> None:
    for rhythm, wanted in (
        (Rhythm.INSTANT, "dès qu’un avis"),
        (Rhythm.DAILY, "par jour"),
        (Rhythm.WEEKLY, "par semaine"),
    ):
        written = render_confirmation(
            subscription(rhythm=rhythm), base_url=BASE, secret=SECRET, mail_from=SENDER, delivery_id="d1"
        )
        assert wanted in words(written)[0] and wanted in words(written)[1]
        assert written.message_id == "<d1@tenderwatch.example>"


def test_a_subscription_to_everything_links_to_everything() -> None:
    everything = replace(one(nature=Nature.WORKS), subscription=subscription(query=from_url(""), name=None))
    assert to_url(everything.subscription.query) == ""
    assert f"{BASE}/" in mail(everything).text.splitlines()
    assert subject(everything) == "1 nouveau marché – tous les marchés"
