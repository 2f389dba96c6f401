"""What the page of a consultation becomes, and how it meets the row of a list that was read before."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.formats import FORMATS, Refusal
from crawlers.formats.atexo_detail import read
from tenders.model import Notice
from tenders.store.database import open_store
from tenders.store.notices import Reading, Taken, stream_notices, take
from tests.conftest import EXAMPLES

RECAP = (EXAMPLES / "atexo-detail/recap-2020.html").read_text()
PAGE = (EXAMPLES / "atexo-detail/page-2026.html").read_text()
LIST = (EXAMPLES / "atexo-list/cards.html").read_bytes()
DEADLINE = "<strong>16/09/2020 12:00</strong>"


def item(page: str, *changes: tuple[str, str], origin: str = "") -> Notice | Refusal:
    for old, new in changes:
        assert old in page, old
        page = page.replace(old, new)
    (found,) = read(page.encode(), origin)
    return found


def notice(page: str, *changes: tuple[str, str], origin: str = "") -> Notice:
    found = item(page, *changes, origin=origin)
    assert isinstance(found, Notice), found
    return found


def refusal(page: str, *changes: tuple[str, str]) -> Refusal:
    found = item(page, *changes)
    assert isinstance(found, Refusal), found
    return found


def test_hidden_blocks_are_not_read() -> None:
    assert notice(RECAP).value is None  # 0,00 EUR
    assert "99999999" not in notice(RECAP).cpv
    assert [document.title for document in notice(PAGE).documents][-1] == "Avis de publicité"
    shown = notice(RECAP, ("display : none", "display : block"), ("0,00 EUR", "90 000 € HT"))
    assert shown.value is not None and str(shown.value.amount) == "90000.00"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("- 9,38 Mo", 9_835_642),
        ("- 1 550,89 Ko", 1_588_111),
        ("(12 ko)", 12_288),
        ("- 1,5 Go", 1_610_612_736),
        ("- 8 o", 8),
    ],
)
def test_a_document_has_its_size_in_bytes(text: str, size: int) -> None:
    document = notice(PAGE, ("- 9,38 Mo", text)).documents[1]
    assert (document.title, document.size) == ("Dossier de consultation", size)


def test_a_document_without_a_size_or_words_has_its_name() -> None:
    first, second, _ = notice(PAGE, (" - 550,89 Ko", ""), ("Dossier de consultation - 9,38 Mo", "")).documents
    assert (first.title, first.size) == ("Règlement de consultation", None)
    assert (second.title, second.size) == ("Dossier de consultation", None)


def test_documents_of_another_site_or_another_consultation_are_left_out() -> None:
    assert not [document for document in notice(PAGE).documents if "ailleurs" in (document.url or "")]
    other = notice(
        PAGE, ("EntrepriseDemandeTelechargementDce&amp;id=804101", "EntrepriseDemandeTelechargementDce&amp;id=9")
    )
    assert "Dossier de consultation" not in [document.title for document in other.documents]


@pytest.mark.parametrize(
    "address",
    [
        "http://www.boamp.fr/avis/detail/26-990101",
        "https://www.boamp.fr/index.php/avis/detail/26-990101/2",
        "https://boamp.fr/pages/avis/?q=idweb:26-990101",
        "https://www.boamp.fr/pages/avis/?q=idweb:%2226-990101%22",
    ],
)
def test_a_link_to_boamp_names_the_same_notice_there(address: str) -> None:
    page = PAGE.replace("http://www.boamp.fr/index.php/avis/detail/26-990101/officiel", address)
    assert notice(page).links == {"boamp": "26-990101", "ted": "990201-2026"}


def test_a_link_that_only_looks_like_boamp_names_nothing() -> None:
    changed = ("http://www.boamp.fr/index.php", "http://www.boamp.fr.evil.example/index.php")
    assert notice(PAGE, changed).links == {"ted": "990201-2026"}


def test_the_main_cpv_code_comes_first() -> None:
    assert notice(PAGE).cpv == ("45214210", "45321000")
    assert notice(RECAP).cpv == ("71335000", "71314100", "71333000")


def test_no_lots_is_no_count() -> None:
    assert notice(RECAP, ("33 Lots ", "-")).lot_count is None


@pytest.mark.parametrize(
    ("label", "deadline"),
    [
        ("heure de Paris", "2020-09-16T12:00:00+02:00"),
        ("heure de la Guadeloupe", "2020-09-16T12:00:00-04:00"),
        ("heure de la Réunion", "2020-09-16T12:00:00+04:00"),
    ],
)
def test_a_deadline_is_in_the_zone_that_the_page_names(label: str, deadline: str) -> None:
    found = notice(RECAP, ("heure de Paris", label)).deadline
    assert found is not None and found.isoformat() == deadline


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([("heure de Paris", "heure de Rabat")], "unknown time zone"),
        ([(DEADLINE, f"<s>15/09/2020 12:00</s>{DEADLINE}")], "no single date"),
        ([(DEADLINE, "<strong>31/06/2020 12:00</strong>")], "is no date"),
        ([("Annonce de consultation", "Annonce de cession")], "unknown type of notice"),
        ([("<form id", '<link rel="canonical" href="x?orgTest"/><form id'), ("refConsultation=624999", "x=1"),
          ("orgAcronyme=f5j", "orgTest")], "test consultations"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_for_sure_refuses_the_page(changes: list[tuple[str, str]], reason: str) -> None:
    assert reason in refusal(RECAP, *changes).reason


def test_a_refusal_bears_the_key_of_its_consultation() -> None:
    assert refusal(RECAP, ("heure de Paris", "heure de Rabat")).where == "f5j:624999"


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Annonce d'information", "planning"),
        ("Annonce d'attribution", "result"),
        ("Avis de pré-information", "planning"),
    ],
)
def test_the_type_of_notice_says_what_it_does(label: str, kind: str) -> None:
    found = notice(RECAP, ("Annonce de consultation", label))
    assert found.kind == kind and found.deadline is None and str(found.display_until) == "2020-09-16"


def test_a_shown_picture_tells_a_cancellation() -> None:
    picture = '<img id="ctl0_CONTENU_PAGE_ctl7_pictConsultationAnnulee" src="x.gif" {}/>'
    assert notice(RECAP, (DEADLINE, DEADLINE + picture.format(""))).kind == "cancellation"
    hidden = picture.format('style="display:none"')
    assert notice(RECAP, (DEADLINE, DEADLINE + hidden)).kind == "competition"


def test_the_address_of_the_page_names_the_consultation() -> None:
    address = "https://marches.megalis.bretagne.bzh/entreprise/consultation/77?orgAcronyme=z9"
    found = notice(RECAP, origin=address)
    assert (found.key, found.url) == ("megalis:z9:77", address)


def test_without_a_form_the_links_to_its_lots_and_documents_name_the_consultation() -> None:
    excerpt = (EXAMPLES / "atexo-detail/excerpt-2026.html").read_text()
    another = '<a href="/entreprise/consultation/56?orgAcronyme=k2">suivante</a>'
    assert notice(excerpt + another).key == "atexo:k2:55"
    found = refusal(excerpt + another, ("Entreprise.PopUpDetailLots", "Entreprise.Accueil"))
    assert found.reason == "the page names 2 consultations: k2:55, k2:56"


def test_a_tab_that_is_not_open_is_read() -> None:
    assert (
        notice(PAGE, ('class="tab-pane"', 'class="tab-pane" style="display:none"')).documents == notice(PAGE).documents
    )


@pytest.mark.parametrize("address", ["//[", "?" + "a=1&amp;" * 60, "http://x:y/", "\t"])
def test_an_address_that_is_none_is_refused_or_passed_over(address: str) -> None:
    for page in (PAGE, (EXAMPLES / "atexo-list/cards.html").read_text()):
        changed = re.sub(r'action="[^"]*"|href="[^"]*"', lambda found: f'{found[0].split("=")[0]}="{address}"', page)
        for name in ("atexo-list", "atexo-detail"):
            assert list(FORMATS[name].read(changed.encode(), address))


def test_the_page_and_the_row_of_one_consultation_are_one_notice(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", str(tmp_path / "raw"))
    row = next(one for one in FORMATS["atexo-list"].read(LIST, "") if isinstance(one, Notice))
    page = notice(PAGE)
    assert row.key == page.key
    readings = [Reading(row, FORMATS["atexo-list"].richness), Reading(page, FORMATS["atexo-detail"].richness)]
    for order in (readings, readings):  # the second time nothing is new
        with store.writing() as connection:
            taken = take(connection, order, at=datetime(2026, 4, 1, tzinfo=UTC), live=True)
    assert taken == Taken(unchanged=2)
    with store.reading() as connection:
        (one,) = stream_notices(connection)
    assert (one.published, one.cpv, one.buyer.town) == (row.published, page.cpv, "VALMONT-SUR-OUCHE")
    assert one.description == page.description and one.strategic.social is True
    assert len(one.documents) == 3 and one.links == {"boamp": "26-990101", "ted": "990201-2026"}
