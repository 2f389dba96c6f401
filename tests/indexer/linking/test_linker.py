"""Linking in the store: the same groups whatever the order of arrival and the batches, at a cost that stays flat."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select

from indexer.build import build
from indexer.linking import linker
from indexer.linking.facts import Facts
from indexer.linking.pairs import Link
from tenders.model import Buyer, Notice, NoticeKind
from tenders.store.database import Store, mark, move_mark
from tenders.store.links import NEAREST, count_merges, find_notices
from tenders.store.notices import Reading, load_notices, take
from tenders.store.schema import merges, notices, past_merges
from tests.indexer.linking.shelf import group_all
from tests.notices import House, notice

DAY = date(2025, 1, 10)
NOW = datetime(2025, 6, 1, tzinfo=UTC)
TITLES = ("Collecte du verre", "Collecte du verre et du papier", "Réfection de la toiture d'école",
          "Voirie lot 2", "Voirie lot 3",
          "Refection de la toitures de l'école", "Fourniture de repas", "Repas, fourniture")  # fmt: skip
KINDS = (*("competition",) * 4, "change", "change", "result", "result", "cancellation", "modification")


def world(draw: random.Random, count: int) -> list[Notice]:
    """Notices of few buyers and titles, so that every rule is met."""
    drawn = []
    for number in range(count):
        day = DAY + timedelta(days=draw.randint(0, 300))
        drawn.append(
            notice(
                f"n{number}", draw.choice(TITLES), kind=NoticeKind(draw.choice(KINDS)), published=day, deadline=None,
                buyer=Buyer(name=draw.choice(("Vallebrune", "Rochemaure")), postcode="21000"),
                display_until=day + timedelta(days=draw.choice((20, 30, 30, 60))),
                descriptors=draw.choice((("82",), ("274",), ("82", "274"))),
                reference=draw.choice((None, None, None, "2021-01")),
                supersedes=(f"n{draw.randrange(count)}",) if draw.random() < 0.1 else (),
                procedure_id=draw.choice(("p-1", "p-2")) if draw.random() < 0.03 else None,
            )
        )  # fmt: skip
    return drawn


def stored_groups(store: Store) -> set[frozenset[str]]:
    """The notices of each tender, by their keys."""
    homes: dict[str, set[str]] = {}
    with store.reading() as connection:
        query = select(merges.c.tender_id, notices.c.key).join(notices, notices.c.id == merges.c.notice_id)
        for tender, key in connection.execute(query):
            homes.setdefault(tender, set()).add(key)
    return {frozenset(keys) for keys in homes.values()}


def in_memory(held: Sequence[Notice]) -> set[frozenset[str]]:
    return {frozenset(held[n].key for n in g.notices) for g in group_all(dict(enumerate(held)))}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(6))
def test_any_order_and_any_batches_give_the_groups_of_the_rules(house: House, seed: int) -> None:
    draw = random.Random(seed)
    drawn = world(draw, 60)
    waiting = draw.sample(drawn, len(drawn))
    while waiting:
        size = draw.choice((1, 1, 3, 20))
        house.bring(*waiting[:size])
        waiting = waiting[size:]
    assert stored_groups(house.store) == in_memory(drawn)


def test_a_revised_notice_takes_its_links_with_it(house: House) -> None:
    draw = random.Random(9)
    drawn = world(draw, 40)
    house.bring(*drawn)
    for number in draw.sample(range(40), 10):
        drawn[number] = replace(drawn[number], title=draw.choice(TITLES), published=DAY + timedelta(days=number))
        house.bring(drawn[number])
    assert stored_groups(house.store) == in_memory(drawn)


def test_a_later_call_takes_the_award_over_and_where_it_stood_is_kept(house: House) -> None:
    plain = {"deadline": None, "title": "Collecte du verre"}
    first = notice("n1", published=DAY, display_until=DAY + timedelta(days=30), **plain)
    award = notice("n3", kind=NoticeKind.RESULT, published=DAY + timedelta(days=200), **plain)
    house.bring(first, award)
    assert stored_groups(house.store) == {frozenset({"boamp:n1", "boamp:n3"})}
    again = notice("n2", published=DAY + timedelta(days=90), display_until=DAY + timedelta(days=120), **plain)
    house.bring(again)
    assert stored_groups(house.store) == {frozenset({"boamp:n1"}), frozenset({"boamp:n2", "boamp:n3"})}
    with house.store.reading() as connection:
        (past,) = connection.execute(select(past_merges)).all()
        assert ("moved", "title", 1) in count_merges(connection)
    assert past.rule == "title"
    assert past.until >= past.merged_at


def test_other_rules_link_every_notice_anew_before_a_tender_is_made_again(house: House) -> None:
    drawn = world(random.Random(3), 40)
    house.bring(*drawn)
    expected = stored_groups(house.store)
    with house.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM links")
        connection.exec_driver_sql("DELETE FROM link_keys")
        move_mark(connection, "linking", linker.VERSION - 1)
    build(house.store, house.engine)
    assert stored_groups(house.store) == expected
    with house.store.reading() as connection:
        assert mark(connection, "linking") == linker.VERSION
        assert connection.execute(select(past_merges)).all() == []


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """The statements that the store ran meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(house.store.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(house.store.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("kind", [NoticeKind.COMPETITION, NoticeKind.CHANGE, NoticeKind.RESULT])
def test_ten_thousand_of_one_buyer_and_title_cost_no_more_each_than_the_first_thousand(
    house: House, kind: NoticeKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = 0
    find_links = linker.find_links

    def counting(id_: int, facts: Facts, earlier: Iterable[tuple[int, Facts]]) -> list[Link]:
        nonlocal judged
        seen = list(earlier)
        judged += len(seen)
        return find_links(id_, facts, seen)

    monkeypatch.setattr(linker, "find_links", counting)

    def one(number: int) -> Notice:
        day = DAY + timedelta(days=number % 10_000 // 250)
        return notice(f"n{number}", kind=kind, published=day, deadline=None, display_until=DAY + timedelta(days=90))

    def bring(first: int, last: int) -> tuple[int, int]:
        """Link notices as a build does; returns the pairs that were judged, and the statements of the store."""
        nonlocal judged
        judged = 0
        with house.store.writing() as connection:
            take(connection, [Reading(one(n), 20) for n in range(first, last)], at=NOW, live=False)
            ids = find_notices(connection, (one(n).key for n in range(first, last))).values()
            fresh = load_notices(connection, ids)
            with counted(house) as statements:
                linker.link(connection, fresh, NOW)
        return judged, len(statements)

    costs = [bring(first, first + 1000) for first in range(0, 10_000, 1000)]
    assert max(pairs for pairs, _ in costs) <= 1000 * NEAREST
    assert max(statements for _, statements in costs) <= 100
    late = bring(15_000, 15_001)  # of a day in their midst
    assert late[0] <= (NEAREST + 1) * NEAREST
    assert late[1] <= 100
