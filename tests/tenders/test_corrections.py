"""What people say of codes is kept once, counted, judged, and bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tenders.codes import Cpv
from tenders.store.corrections import MOST_OPEN, Correction, load_corrections, mark_wrong, settle
from tenders.store.database import Store, open_store
from tests.databases import database_url
from tests.notices import NOON

WRONG = Correction(tender_id="a", shown=Cpv("45261000"), official=False, proposed=(Cpv("45421000"),), marked=NOON)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(database_url(tmp_path / "tenders.db"), str(tmp_path / "raw"))
    yield opened
    opened.close()


def mark(store: Store, *corrections: Correction) -> list[bool]:
    with store.writing() as connection:
        return [mark_wrong(connection, one) for one in corrections]


def kept(store: Store) -> list[Correction]:
    with store.reading() as connection:
        return load_corrections(connection)


def test_what_is_kept_comes_back_as_it_was(store: Store) -> None:
    said = [
        WRONG,
        replace(WRONG, proposed=()),
        replace(WRONG, official=True, lot="LOT-0001", by="agency:x", proposed=(Cpv("45421000"), Cpv("44220000"))),
    ]
    assert mark(store, *said) == [True, True, True]
    assert kept(store) == [replace(one, id=number) for number, one in enumerate(said, 1)]


def test_the_same_by_the_same_is_counted_and_by_another_is_another_row(store: Store) -> None:
    assert mark(store, WRONG, WRONG, replace(WRONG, by="subscription:s"), replace(WRONG, lot="1")) == [
        True,
        False,
        True,
        True,
    ]
    assert [one.times for one in kept(store)] == [2, 1, 1]


def test_a_tender_holds_a_bounded_number_of_open_rows_and_judging_makes_room(store: Store) -> None:
    flood = [replace(WRONG, by=f"agency:{n}") for n in range(MOST_OPEN + 10)]
    assert sum(mark(store, *flood)) == MOST_OPEN
    assert mark(store, replace(WRONG, tender_id="b")) == [True]
    with store.writing() as connection:
        settle(connection, [1], "refused", NOON)
    assert sum(mark(store, *flood[MOST_OPEN:])) == 1


def test_a_judged_row_keeps_its_judgement_and_unknown_ids_are_told(store: Store) -> None:
    mark(store, WRONG, replace(WRONG, tender_id="b"))
    with store.writing() as connection:
        assert settle(connection, [1, 7], "accepted", NOON) == [7]
    mark(store, WRONG)
    assert [(one.state, one.times) for one in kept(store)] == [("accepted", 2), ("open", 1)]
    with store.reading() as connection:
        assert [one.id for one in load_corrections(connection, "open")] == [2]
