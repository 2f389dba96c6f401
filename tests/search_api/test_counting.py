"""Counts: what the index says, asked once while it stays as it is, and again when it or the clock moved on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from search_api.counting import AGE, Counts
from search_api.desk import Desk
from search_api.receipts import Receipts
from tenders.model import Buyer
from tenders.query import Facet, Query
from tests.notices import House, notice
from tests.search_api.conftest import BASE, NOW

_WORKS = ("Toiture", "Voirie", "Peinture", "Plomberie")
OPEN = Query(status=("open",))


def test_counts_follow_the_index_and_the_clock(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.bring(notice("1", "Toiture", deadline=NOW + timedelta(minutes=2)), notice("2", "Voirie"))
    counts = Counts(house.engine)
    assert counts.total(OPEN, NOW) == 2
    assert counts.by(Facet.SOURCE, OPEN, NOW) == {"boamp": 2}
    house.bring(notice("3", "Peinture"))
    assert counts.total(OPEN, NOW) == 3
    assert counts.total(OPEN, NOW + timedelta(minutes=3)) == 3, "remembered"
    assert counts.total(OPEN, NOW + AGE + timedelta(minutes=1)) == 2, "one has closed"
    house.close()


def test_the_order_and_the_page_of_a_query_make_no_difference(house: House) -> None:
    counts = Counts(house.engine)
    assert counts.total(Query(q="mobilier", size=5), NOW) == counts.total(Query(q="mobilier"), NOW) == 137


def test_a_source_is_told_by_whole_weeks_and_its_overlap_with_a_journal(tmp_path: Path) -> None:
    house, today = House(tmp_path), NOW.date()
    weeks = [
        notice(
            f"b{back}-{n}",
            f"{_WORKS[n]} {back}",
            published=today - timedelta(days=7 * back + 1),
            buyer=Buyer(name=f"Commune {back}"),
        )
        for back in range(9)
        for n in range(2 + back % 3)
    ]
    house.bring(
        *weeks,
        notice("today", "Marché du jour", published=today),
        notice("p1", "Réfection du pont de Vallebrune", source="place", published=today - timedelta(days=1)),
    )
    desk = Desk(house.store, house.engine, BASE, lambda: NOW)
    receipts = Receipts(desk, Counts(house.engine))
    found = receipts.look(NOW)
    assert found["boamp"].week == 2, "today is not over yet"
    assert found["boamp"].usual == (2, 4)
    newest = found["boamp"].newest
    assert newest is not None and newest[1] == today
    assert found["place"].usual is None, "one week is no habit"
    assert list(receipts.pairs(found)) == [("place", "boamp")]
    assert receipts.shared("place", "boamp", NOW) == 0
    house.bring(
        notice(
            "same", "Réfection du pont de Vallebrune", links={"place": "p1"}, published=today, supersedes=("place:p1",)
        )
    )
    assert receipts.shared("place", "boamp", NOW) == 1
    house.close()
