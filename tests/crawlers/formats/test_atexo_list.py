"""What the rows of an Atexo list become, rule by rule, on invented rows."""

from __future__ import annotations

import logging

import pytest

from crawlers.formats import Refusal
from crawlers.formats.atexo_list import read
from tenders.model import Notice
from tests.conftest import EXAMPLES

FIRST = (EXAMPLES / "atexo-list/cards.html").read_text()
LAST = (EXAMPLES / "atexo-list/cards-page-2.html").read_text()
TABLE = (EXAMPLES / "atexo-list/table.html").read_text()


def notices(page: str, origin: str = "") -> dict[str, Notice]:
    return {item.source_id: item for item in read(page.encode(), origin) if isinstance(item, Notice)}


def row(*changes: tuple[str, str], base: str = LAST) -> Notice:
    """Read the second row of the second page after changes of its markup."""
    for old, new in changes:
        assert old in base, old
        base = base.replace(old, new)
    return notices(base)["d9:804120"]


@pytest.mark.parametrize(
    ("month", "number"),
    [
        ("Janvier", 1), ("Janv.", 1), ("Fév.", 2), ("Févr.", 2), ("FEVRIER", 2), ("Mars", 3), ("mars.", 3), ("Avr.", 4),
        ("Avril", 4), ("Mai", 5), ("Mai.", 5), ("Juin", 6), ("Juin.", 6), ("Juil.", 7), ("juillet", 7), ("Août", 8),
        ("Aout", 8), ("Sept.", 9), ("Septembre", 9), ("Oct.", 10), ("Nov.", 11), ("Déc.", 12), ("D&eacute;cembre", 12),
    ],
)  # fmt: skip
def test_months_are_read_full_or_short_with_or_without_accents(month: str, number: int) -> None:
    deadline = row(("<span>Octobre</span>", f"<span>{month}</span>")).deadline
    assert deadline is not None and deadline.month == number
    assert deadline.isoformat().endswith("+02:00" if 4 <= number <= 10 else "+01:00")


@pytest.mark.parametrize("month", ["", "Jui.", "Ma", "Mardi", "10", "Brumaire"])
def test_a_month_that_could_be_another_refuses_its_row_and_the_others_are_read(month: str) -> None:
    items = list(read(LAST.replace("<span>Octobre</span>", f"<span>{month}</span>").encode(), ""))
    assert [item.source_id if isinstance(item, Notice) else item.where for item in items] == ["b7k:804112", "d9:804120"]
    assert isinstance(items[1], Refusal) and "is no date" in items[1].reason


@pytest.mark.parametrize(
    ("clock", "at"), [("12:00", "12:00:00"), ("9:30", "09:30:00"), ("17h00", "17:00:00"), ("", "23:59:59")]
)
def test_a_deadline_has_its_time_or_the_end_of_its_day(clock: str, at: str) -> None:
    deadline = row((">12:00</label>", f">{clock}</label>")).deadline
    assert deadline is not None and deadline.isoformat() == f"2026-10-05T{at}+02:00"


def test_a_time_that_is_none_refuses_the_row() -> None:
    assert "d9:804120" not in notices(LAST.replace(">12:00</label>", ">midi</label>"))


@pytest.mark.parametrize(
    ("name", "code", "procedure"),
    [
        ("Procédure adaptée", "MAPA", "adapted"),
        ("Procédure adaptée &lt; 90 k€ HT", "MAPA1", "adapted"),
        ("Appel d’offres ouvert", "X", "open"),
        ("Appel d'offres restreint", "AOR", "restricted"),
        ("", "MAPA", "adapted"),
        ("Procédure nouvelle", "AOO", "open"),
        ("Partenariat d'innovation", "PI", "innovation"),
        ("Procédure concurrentielle avec négociation", "PCN", "negotiated"),
        ("Système d'Acquisition Dynamique - Marché spécifique", "SAD-MS", "restricted"),
        ("Autre", "AUT", "other"),
        ("Procédure nouvelle", "PN", None),
    ],
)
def test_a_procedure_is_read_by_its_name_then_by_its_code(name: str, code: str, procedure: str | None) -> None:
    assert (
        row(('title="Dialogue compétitif"', f'title="{name}"'), ("<span>DC<", f"<span>{code}<")).procedure == procedure
    )


def test_labels_that_nobody_mapped_make_noise_and_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "crawlers.formats"):
        read_row = row(
            ('title="Dialogue compétitif"', 'title="Enchère inversée 7"'), ("<span>DC<", "<span>EI7<"),
            ("(25) Doubs", "(96) Nulle part, Lune 7"), ("<span>Services<", "<span>Conseils 7<"),
        )  # fmt: skip
    assert read_row.procedure is None and read_row.nature is None and read_row.departments == ("21",)
    for label in ("Enchère inversée 7", "'96'", "Lune 7", "Conseils 7"):
        assert label in caplog.text


@pytest.mark.parametrize(
    ("text", "name", "postcode", "town"),
    [
        ("UGV (77420 - CHAMPS-SUR-OUCHE)", "UGV", "77420", "CHAMPS-SUR-OUCHE"),
        ("Groupement (GHT) de la Vallée", "Groupement (GHT) de la Vallée", None, None),
        ("Groupement (GHT) (21000 - DIJON (CEDEX))", "Groupement (GHT)", "21000", "DIJON (CEDEX)"),
        ("Régie ( - VALMONT)", "Régie", None, "VALMONT"),
        ("Régie (21000 - )", "Régie", "21000", None),
    ],
)
def test_a_buyer_is_a_name_with_its_postcode_and_town(
    text: str, name: str, postcode: str | None, town: str | None
) -> None:
    buyer = row(("Région Exemple (21000 - DIJON)", text)).buyer
    assert (buyer.name, buyer.postcode, buyer.town) == (name, postcode, town)


def test_a_cut_title_gives_way_to_whatever_says_it_whole() -> None:
    shown = ('title="Système d&#039;information">', ">")
    assert row(shown).title == "Système …"  # the object begins otherwise
    assert row(shown, (">Système …<", ">Refonte du …<")).title == "Refonte du système d'information"
    assert row(('title="Système d&#039;information"', 'title="" data-original-title="A &amp; B"')).title == "A & B"


def test_a_row_without_reference_lots_places_or_deadline_is_read_without_them() -> None:
    page = notices(FIRST)
    assert page["c3:804102"].reference is None and page["c3:804102"].lot_count is None
    assert page["c3:804102"].title == "Location de véhicules"
    assert page["c3:804107"].deadline is None


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://marches.ternum-bfc.fr", "ebourgogne"),
        ("https://www.marches-publics.gouv.fr", "place"),
        ("https://marches.maximilien.fr", "maximilien"),
        ("https://nobody.example", "atexo"),
    ],
)
def test_the_source_is_known_by_the_host_that_the_page_names(address: str, source: str) -> None:
    page = LAST.replace("https://marches.vallee-exemple.example", address)
    assert row(base=page).source == source
    assert row(base=page).url == f"{address}/entreprise/consultation/804120?orgAcronyme=d9"


def test_the_address_that_a_page_came_from_goes_before_what_it_names() -> None:
    found = notices(LAST, "https://demat-ampa.fr/?page=Entreprise.EntrepriseAdvancedSearch&AllCons")["d9:804120"]
    assert found.source == "ampa" and (found.url or "").startswith("https://demat-ampa.fr/entreprise/consultation/")


def test_a_link_to_another_site_is_no_address_of_the_consultation() -> None:
    assert (
        row(('href="/entreprise/consultation/804120', 'href="https://evil.example/entreprise/consultation/804120')).url
        is None
    )
    assert (
        row(('href="/entreprise/consultation/804120', 'href="//evil.example/entreprise/consultation/804120')).url
        is None
    )


@pytest.mark.parametrize(
    ("query", "kind"),
    [("AllCons=", "competition"), ("AvisInformation=", "planning"), ("AvisAttribution=", "result")],
)
def test_the_list_itself_says_what_its_notices_do(query: str, kind: str) -> None:
    notice = row(("AllCons=&amp;", f"{query}&amp;"))
    assert notice.kind == kind
    assert (notice.deadline is None, notice.display_until is None) == ((kind != "competition"), (kind == "competition"))


def test_a_list_that_does_not_say_what_its_notices_do_is_refused() -> None:
    (refusal,) = read(LAST.replace("AllCons=&amp;", "AllAnn=&amp;").encode(), "")
    assert isinstance(refusal, Refusal) and "AllAnn" in refusal.reason


def test_rows_that_a_page_promises_and_does_not_show_are_told() -> None:
    *_, last = read(LAST.replace('nombreElement">12<', 'nombreElement">17<').encode(), "")
    assert isinstance(last, Refusal) and last.reason.startswith("5 rows fewer")


def test_a_row_that_is_not_closed_does_not_take_the_words_of_the_next() -> None:
    at = FIRST.index('</div>\n<div class="item_consultation', FIRST.index('value="804107"'))
    open_row = FIRST[:at] + FIRST[at + len("</div>\n") :]
    assert notices(open_row) == notices(FIRST)  # its own deadline is missing, its neighbour has one


def test_a_row_of_the_table_that_has_only_an_object_is_named_by_it() -> None:
    first = next(iter(notices(TABLE).values()))
    assert first.title == first.description == "Études techniques de la sécurisation des accès du musée"
    assert first.lot_count == 3 and first.nature == "services" and first.reference == "12/SAP/2020"


def test_an_estimated_value_is_read_when_it_is_shown() -> None:
    hidden = (
        '<span id="ctl0_CONTENU_PAGE_resultSearch_tableauResultSearch_ctl2_panelValeurEstimee" style="display:none">'
    )
    shown = hidden.replace(' style="display:none"', "") + "Valeur estimée : 1 250,50 EUR"
    value = row((hidden, shown)).value
    assert value is not None and str(value.amount) == "1250.50"
    assert row((hidden, hidden + "9 EUR")).value is None


def test_a_title_or_a_buyer_beyond_measure_costs_one_row() -> None:
    for text, reason in (('title="Système d&#039;', "a title of 7,0"), ('title="Région', "a buyer of 7,0")):
        first, second = read(LAST.replace(text, f"{text}{'x' * 7_000_000}").encode(), "")
        assert isinstance(first, Notice) and isinstance(second, Refusal)
        assert second.where == "d9:804120" and reason in second.reason
