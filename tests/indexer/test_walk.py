"""A walk through all that a query selects holds a few tenders at a time, and leaves out what went meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer import walk
from indexer.walk import every_id, load_each
from tenders.query import Query, Sort
from tenders.store.schema import tenders
from tests.indexer.random_tenders import NOW
from tests.notices import House, notice


@pytest.fixture
def house(tmp_path: Path, search_url: str) -> House:
    made = House(tmp_path, search_url)
    made.bring(*(notice(str(number), f"Achat de chaises, {number}") for number in range(23)))
    return made


def test_no_more_is_loaded_than_is_asked_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_LOADED", 5)
    asked: list[str] = []
    ids = list(every_id(house.engine, Query(), NOW))
    each = load_each(house.store, (asked.append(id_) or id_ for id_ in ids))
    assert asked == []
    assert next(each).id == ids[0] and asked == ids[:5]
    assert [tender.id for tender in each] == ids[1:]
    house.close()


@pytest.mark.parametrize("sort", [None, *Sort])
def test_every_order_gives_every_tender_once_over_many_steps(
    house: House, monkeypatch: pytest.MonkeyPatch, sort: Sort | None
) -> None:
    monkeypatch.setattr(walk, "_PAGE", 4)
    ids = list(every_id(house.engine, Query(q="chaises", sort=sort, after="left over"), NOW))
    assert len(ids) == len(set(ids)) == 23
    house.close()


def test_a_tender_absorbed_during_the_walk_is_left_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_LOADED", 5)
    ids = list(every_id(house.engine, Query(), NOW))
    each = load_each(house.store, ids)
    next(each)
    with house.store.writing() as connection:
        connection.execute(tenders.update().where(tenders.c.id == ids[-1]).values(absorbed_into=ids[0]))
    assert [tender.id for tender in each] == ids[1:-1]
    house.close()
