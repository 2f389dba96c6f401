"""Why a search selects a tender, as the mail says it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tenders.codes import Department, Nuts
from tenders.model import Award, Buyer, NoticeKind, Supplier
from tests.alerts.test_run import Desk
from tests.notices import notice

WON = notice(
    kind=NoticeKind.RESULT,
    departments=(Department("21"),),
    buyer=Buyer(name="Commune de Dijon", id="21210231300013", country="FR"),
    awards=(Award(suppliers=(Supplier(name="Toitures du Val", size="sme", place=Nuts("FRC11")),)),),
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("buyer_category=department&buyer_category=municipality", "commune"),
        ("kind=change&kind=result", "résultat"),
        ("winner=sme&winner=large", "gagné par une PME"),
        ("winner_dept=71&winner_dept=21", "siège d’un titulaire (Côte-d’Or)"),
        ("local=yes", "gagné par une entreprise du lieu"),
        ("buyer_category=municipality&local=yes", "commune, gagné par une entreprise du lieu"),
    ],
)
def test_the_reason_names_what_of_the_search_was_met_and_no_more(desk: Desk, query: str, said: str) -> None:
    desk.follow(query)
    desk.bring(WON)
    assert desk.run().matched == 1
    text = " ".join(desk.last().split())
    assert f"Pourquoi vous : {said}." in text, text.partition("Pourquoi")[2][:100]
