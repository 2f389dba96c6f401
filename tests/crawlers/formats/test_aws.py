"""Lists and notices of AWS: what each label, row and date means, and what makes noise."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from crawlers.formats import FORMATS, Refusal
from crawlers.formats.aws_page import EmptyPage, TooMany, look_at_list
from crawlers.formats.text import note_unread
from tenders.model import Nature, Notice, NoticeKind
from tests.conftest import EXAMPLES

LIST = (EXAMPLES / "aws-list/list.html").read_text()
DETAIL = (EXAMPLES / "aws-detail/MPI-pub-2026100001.html").read_text()
HERE = "https://www.marches-publics.info/Annonces/MPI-pub-2026100001.htm"


def rows(page: str) -> list[Notice | Refusal]:
    return list(FORMATS["aws-list"].read(page.encode(), "list"))


def notice(page: str, origin: str = HERE) -> Notice:
    (one,) = FORMATS["aws-detail"].read(page.encode(), origin)
    assert isinstance(one, Notice), one
    return one


@pytest.fixture
def noise(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """What was said of labels that are not understood; each is said once in a process, so the memory is cleared."""
    note_unread.cache_clear()
    caplog.set_level(logging.WARNING, "crawlers.formats")
    return lambda: caplog.text


def test_the_samples_make_no_noise_but_for_the_number_that_was_mistyped(noise: Callable[[], str]) -> None:
    for path in sorted(EXAMPLES.glob("aws-*/*.html")):
        list(FORMATS[path.parent.name].read(path.read_bytes(), path.name))
    assert [line.split(" is not")[0][-22:] for line in noise().splitlines()] == ["SIRET '21009900000011'"]


def test_the_pinned_row_is_read_once_and_a_row_without_its_notice_is_refused() -> None:
    found = rows(LIST)
    ids = [one.source_id for one in found if isinstance(one, Notice)]
    assert len(ids) == len(set(ids)) == 5
    assert [one.where for one in found if isinstance(one, Refusal)] == ["row 7"]


def test_what_is_bought_is_what_the_tab_says() -> None:
    natures = {one.source_id[-1]: one.nature for one in rows(LIST) if isinstance(one, Notice)}
    assert natures == {
        "1": Nature.WORKS, "2": Nature.WORKS, "3": Nature.SERVICES, "4": Nature.SERVICES, "5": Nature.SUPPLIES,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("postcode", "deadline", "department"),
    [
        ("97110", "2026-04-30T12:00:00-04:00", "971"),
        ("97300", "2026-04-30T12:00:00-03:00", "973"),
        ("97400", "2026-04-30T12:00:00+04:00", "974"),
        ("98800", "2026-04-30T12:00:00+11:00", "988"),
        ("20200", "2026-04-30T12:00:00+02:00", "2B"),
        ("75 019 ", "2026-04-30T12:00:00+02:00", "75"),
    ],
)
def test_a_deadline_is_on_the_clock_of_the_buyer(postcode: str, deadline: str, department: str) -> None:
    one = rows(LIST.replace("(23 400)", f"({postcode})"))[0]
    assert isinstance(one, Notice) and one.deadline is not None
    assert one.deadline.isoformat() == deadline
    assert one.departments == (department,)


def test_a_postcode_of_no_departement_makes_noise_and_is_kept(noise: Callable[[], str]) -> None:
    one = rows(LIST.replace("(23 400)", "(99 400)"))[0]
    assert isinstance(one, Notice)
    assert (one.buyer.postcode, one.departments) == ("99400", ())
    assert notice(DETAIL.replace("BP 305 - 23400 ", "BP 305 - 00400 ")).buyer.postcode == "00400"
    assert "postcode '99400' is not understood" in noise() and "postcode '00400' is not understood" in noise()


def test_a_list_of_awards_gives_results_and_an_unknown_list_what_its_rows_say(noise: Callable[[], str]) -> None:
    first = rows(LIST.replace("<strong>en cours</strong>", "<strong>attributions</strong>"))[0]
    assert isinstance(first, Notice) and first.kind is NoticeKind.RESULT
    unknown = rows(LIST.replace("<strong>en cours</strong>", "<strong>à venir</strong>"))
    assert isinstance(unknown[0], Notice) and unknown[0].kind is NoticeKind.COMPETITION
    assert isinstance(unknown[3], Refusal) and "nothing says what this notice does" in unknown[3].reason
    assert "list of 'à venir'" in noise()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("service-dume.gif", "ico-vert.png", "icon 'ico-vert.png'"),
        ("Avis rectifié", "Avis suspendu", "mark 'Avis suspendu'"),
        ("Marché alloti :", "Marché mystère :", "the line of lots"),
        ("Publié le\n              26/03/26", "Paru le 26/03/26", "the line of dates 'Paru le 26/03/26'"),
        ("TRAVAUX", "TRAVEAUX", "Type de marché 'TRAVEAUX'"),
        ('title="Candidature et/ou Offre"', 'title="Chat"', "link 'Chat'"),
    ],
)
def test_an_unknown_word_of_a_row_makes_noise_and_the_row_is_read(
    old: str, new: str, said: str, noise: Callable[[], str]
) -> None:
    assert old in LIST
    assert len(rows(LIST.replace(old, new))) == 6
    assert said in noise()


def test_a_day_that_no_calendar_has_costs_its_own_row_only() -> None:
    found = rows(LIST.replace("05/05/26 à 16h30", "31/02/26 à 16h30"))
    assert [one.where for one in found if isinstance(one, Refusal)] == ["MPI-pub-2026100002", "row 7"]


def test_too_many_none_and_an_empty_page_are_three_things() -> None:
    with pytest.raises(TooMany):
        look_at_list((EXAMPLES / "aws-list/too-many.html").read_bytes())
    nothing = look_at_list((EXAMPLES / "aws-list/nothing.html").read_bytes())
    assert (nothing.rows, nothing.note) == ((), "Aucun avis ne correspond à votre recherche")
    with pytest.raises(EmptyPage):
        look_at_list(LIST.replace('id="entity"', 'id="autre"').encode())
    assert look_at_list(LIST.encode()).total == 6  # its script says "Veuillez préciser", nobody sees that


def test_the_pages_that_a_list_leads_to_are_its_own_links() -> None:
    nexts = look_at_list(LIST.encode(), "https://aws.example/Annonces/lister?pager_s=1").nexts
    assert nexts == (
        "https://aws.example/Annonces/lister?pager_t=2",
        "https://aws.example/Annonces/lister?pager_s=2",
    )
    abroad = LIST.replace('href="?pager_t=2"', 'href="https://evil.example/?pager_t=2"')
    assert all("evil" not in url for url in look_at_list(abroad.encode()).nexts)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("AVIS DE PUBLICITÉ", NoticeKind.COMPETITION),
        ("AVIS D’APPEL PUBLIC À LA CONCURRENCE", NoticeKind.COMPETITION),
        ("AVIS RECTIFICATIF", NoticeKind.CHANGE),
        ("AVIS D'ATTRIBUTION", NoticeKind.RESULT),
        ("AVIS D'ANNULATION", NoticeKind.CANCELLATION),
        ("AVIS DE PRÉINFORMATION", NoticeKind.PLANNING),
    ],
)
def test_the_title_above_a_notice_says_what_it_does(label: str, kind: NoticeKind) -> None:
    assert notice(DETAIL.replace("AVIS D'APPEL PUBLIC A LA CONCURRENCE", label)).kind is kind


def test_an_unknown_title_is_refused() -> None:
    page = DETAIL.replace("AVIS D'APPEL PUBLIC A LA CONCURRENCE", "AVIS DE TEMPÊTE")
    (one,) = FORMATS["aws-detail"].read(page.encode(), HERE)
    assert one == Refusal("MPI-pub-2026100001", "unknown kind of notice 'AVIS DE TEMPÊTE'")


def test_a_notice_whose_number_nothing_says_is_refused() -> None:
    (one,) = FORMATS["aws-detail"].read(DETAIL.encode(), "page.html")
    assert isinstance(one, Refusal) and "nothing says which notice this is" in one.reason


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<b>Durée</b>", "<b>Couleur</b>", "label 'couleur'"),
        ("Procédure adaptée ouverte", "Procédure secrète", "Mode 'Procédure secrète'"),
        ("Conditions relatives au contrat", "Conditions de la lune", "section 'Conditions de la lune'"),
        ("Maxi € HT", "Poids", "column of lots 'poids'"),
        ("N° 2", "Deux", "row of lots 'Deux"),
        ("120 000,00", "beaucoup", "Estimé € HT 'beaucoup'"),
        ("implique un marché public", "implique un pari", 'sentence "L\'avis implique un pari."'),
        ("45260000", "4526000", "code cpv principal"),
        ("Marché réservé :</b> Non", "Marché réservé :</b> Peut-être", "Marché réservé 'Peut-être'"),
        ("communautaires : Non", "communautaires : ?", "Fonds"),
        ("Remise des offres le", "Offres le", "offres"),
    ],
)
def test_an_unknown_word_of_a_notice_makes_noise_and_the_notice_is_read(
    old: str, new: str, said: str, noise: Callable[[], str]
) -> None:
    assert old in DETAIL
    assert notice(DETAIL.replace(old, new)).title == "Réfection de la toiture de l'école des Tilleuls"
    assert said in noise()


def test_a_row_without_a_label_goes_on_with_the_complementary_cpv() -> None:
    assert notice(DETAIL).cpv == ("45260000", "45261000", "45262300")


@pytest.mark.parametrize(
    ("address", "links"),
    [
        ("http://www.boamp.fr/index.php/avis/detail/26-990001", {"boamp": "26-990001"}),
        ("https://www.boamp.fr/pages/avis/?q=idweb:26-990001", {"boamp": "26-990001"}),
        ("https://ted.europa.eu/fr/notice/-/detail/123456-2026", {"ted": "123456-2026"}),
        ("https://elsewhere.example/26-990001", {}),
    ],
)
def test_a_link_to_a_journal_is_its_number(address: str, links: dict[str, str]) -> None:
    page = DETAIL.replace("http://www.boamp.fr/avis/detail/26-990001/officiel", address)
    assert notice(page).links == links


def test_candidatures_are_due_where_offers_are_not() -> None:
    page = DETAIL.replace("<b>Offres</b>", "<b>Candidatures</b>").replace(
        "Remise des offres", "Remise des candidatures"
    )
    deadline = notice(page).deadline
    assert deadline is not None and deadline.isoformat() == "2026-04-30T12:00:00+02:00"


# What each captured page gives, looked at by eye beside the page itself; the second notice is captured in part only,
# up to "Financement".
FILLED = {
    "aws-mpinfo-2025/mpinfo_expires_services_95.html": (8, {
        "title": 8, "nature": 8, "reference": 8, "buyer": 8, "departments": 8, "published": 8, "deadline": 8,
        "lot_count": 4, "documents": 0,
    }),
    "aws-marches-publics.info/MPI-pub-2024113207.body.html": (1, {
        "title": 1, "nature": 1, "procedure": 1, "reference": 1, "buyer": 1, "cpv": 1, "places": 1, "departments": 1,
        "published": 1, "deadline": 1, "description": 1, "documents": 1, "links": 1, "lots": 0,
    }),
    "aws-marches-publics.info/MPI-pub-2024110345.part.html": (1, {
        "title": 1, "nature": 1, "procedure": 1, "reference": 1, "buyer": 1, "cpv": 1, "places": 1, "departments": 1,
        "published": 0, "deadline": 0, "description": 1, "documents": 0, "links": 0, "lots": 1, "lot_count": 1,
    }),
}  # fmt: skip


@pytest.mark.parametrize("page", FILLED)
def test_a_captured_page_gives_what_the_eye_sees(page: str, real_data: Path, noise: Callable[[], str]) -> None:
    form = "aws-list" if "mpinfo-2025" in page else "aws-detail"
    found = list(FORMATS[form].read((real_data / "platforms" / page).read_bytes(), page))
    notices = [one for one in found if isinstance(one, Notice)]
    many, filled = FILLED[page]
    assert len(found) == len(notices) == many
    assert {name: sum(bool(getattr(one, name)) for one in notices) for name in filled} == filled
    assert all(one.buyer.name and one.buyer.postcode for one in notices)
    assert form == "aws-list" or all(one.buyer.id and one.buyer.town for one in notices)
    assert noise() == ""


def test_a_page_of_documents_is_no_list(real_data: Path) -> None:
    page = real_data / "platforms/peers-sanitised-fixtures/aws__listing.html"
    (one,) = FORMATS["aws-list"].read(page.read_bytes(), page.name)
    assert isinstance(one, Refusal) and "no list of notices" in one.reason


@pytest.mark.parametrize(
    ("line", "postcode", "town"),
    [
        ("23400 VALLON-LES-MARES", "23400", "VALLON-LES-MARES"),
        ("BP 305 - 23400 VALLON CEDEX 2", "23400", "VALLON"),
        ("03106 Vallon - CS23241", "03106", "Vallon"),
        ("2 place des 12 Tilleuls", None, None),
    ],
)
def test_the_town_of_a_buyer_is_read_from_its_address(line: str, postcode: str | None, town: str | None) -> None:
    buyer = notice(DETAIL.replace("BP 305 - 23400 VALLON-LES-MARES CEDEX", line)).buyer
    assert (buyer.postcode, buyer.town) == (postcode, town)
