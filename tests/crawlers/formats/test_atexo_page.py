"""What a list page says about paging, on the invented samples and on what may go wrong with them."""

from __future__ import annotations

import pytest

from crawlers.formats.atexo_page import AtexoRow, read_page
from tenders.errors import Refused
from tests.conftest import EXAMPLES

FIRST = (EXAMPLES / "atexo-list/cards.html").read_text()
LAST = (EXAMPLES / "atexo-list/cards-page-2.html").read_text()
TABLE = (EXAMPLES / "atexo-list/table.html").read_text()
NOTHING = (EXAMPLES / "atexo-list/nothing.html").read_text()
RESULTS = "ctl0$CONTENU_PAGE$resultSearch"


def test_a_page_tells_how_to_ask_for_the_next_one() -> None:
    page = read_page(FIRST.encode())
    assert (page.total, page.pages, page.number, page.size, page.sizes) == (12, 2, 1, 10, (10, 20))
    assert page.page_state == "eJzt1vLPFAgAB7ECkQ=="
    assert page.next_target == f"{RESULTS}$PagerTop$ctl3"  # found by the link's title, not the usual ctl2
    assert page.size_target == page.size_field == f"{RESULTS}$listePageSizeTop"
    assert page.number_field == f"{RESULTS}$numPageTop"
    assert page.jump_target == f"{RESULTS}$DefaultButtonTop"
    assert page.form == "/?AllCons=&page=Entreprise.EntrepriseAdvancedSearch"
    assert not page.empty


def test_rows_are_told_by_key_with_the_plain_address_of_their_page() -> None:
    page = read_page(FIRST.encode())
    assert page.rows[:2] == (
        AtexoRow("a1x:804101", "https://marches.vallee-exemple.example/entreprise/consultation/804101?orgAcronyme=a1x"),
        AtexoRow("c3:804102", "/app.php/entreprise/consultation/804102?orgAcronyme=c3"),
    )
    assert len(page.rows) == 9 and page.unread == 1 and page.missing == 0


def test_the_last_page_has_no_next_one() -> None:
    page = read_page(LAST.encode())
    assert page.next_target is None and (page.number, page.pages) == (2, 2)
    assert page.rows[0].key == read_page(FIRST.encode()).rows[6].key  # one consultation on two pages


def test_without_the_script_the_documented_names_stand_in() -> None:
    page = read_page(FIRST.replace("Prado.WebUI", "Other").encode())
    assert page.next_target == f"{RESULTS}$PagerTop$ctl2"
    assert page.size_target == f"{RESULTS}$listePageSizeTop"


def test_the_script_may_name_the_target_before_the_control() -> None:
    told = f"""'ID':"{RESULTS.replace("$", "_")}_PagerTop_ctl3",'EventTarget':"{RESULTS}$PagerTop$ctl3\""""
    ends = ",".join(reversed(told.split(",")))
    page = read_page(FIRST.replace(told, ends).replace("PagerTop$ctl3", "PagerTop$ctl9").encode())
    assert page.next_target == f"{RESULTS}$PagerTop$ctl9"


def test_the_old_table_is_paged_alike() -> None:
    page = read_page(TABLE.encode())
    assert (page.total, page.pages, page.number, page.size) == (2, 1, 1, 20)
    link = "?page=entreprise.EntrepriseDetailConsultation&refConsultation=301001&orgAcronyme=g3h"
    assert page.rows[0] == AtexoRow("g3h:301001", link)


@pytest.mark.parametrize(
    "body",
    [
        NOTHING,
        NOTHING.replace("_panelNoElementFound", "_another"),  # it still says so
        NOTHING.replace('<div id="ctl0_CONTENU_PAGE_resultSearch_panelNoElementFound"', "<div").replace(
            "Aucun résultat", '<span id="ctl0_CONTENU_PAGE_resultSearch_nombreElement">0</span>'
        ),
    ],
)
def test_a_page_may_say_that_there_is_no_result(body: str) -> None:
    page = read_page(body.encode())
    assert page.empty and page.rows == ()


def test_a_hidden_panel_does_not_say_that_there_is_no_result() -> None:
    hidden = NOTHING.replace('class="alert alert-info"', 'style="display: none"')
    with pytest.raises(Refused, match="no list of consultations"):
        read_page(hidden.encode())


def test_rows_that_are_fewer_than_the_page_promises_are_counted() -> None:
    start = FIRST.index("<div", FIRST.index("Tester la configuration", FIRST.index("804102")))
    end = FIRST.index("</div>\n<script>")
    assert read_page((FIRST[:start] + FIRST[end:]).encode()).missing == 8


def test_a_page_cut_anywhere_is_refused_rather_than_short() -> None:
    whole = FIRST.rstrip().encode()
    for end in range(0, len(whole) - 1, 97):
        with pytest.raises(Refused):
            read_page(whole[:end])
