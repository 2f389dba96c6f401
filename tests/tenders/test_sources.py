"""What the store knows of sources: their runs, their cursors, how fresh they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenders.store.database import Store, open_store
from tenders.store.notices import Taken
from tenders.store.quarantine import LONGEST_REASON, Quarantined, put_aside, quarantine_reasons
from tenders.store.sources import (
    Described,
    Freshness,
    State,
    ask_again_at,
    asked_to_wait,
    begin_run,
    count_answer,
    describe_sources,
    doubt_run,
    end_run,
    freshness,
    load_run,
    move_cursor,
    read_cursor,
)
from tests.databases import database_url

NOW = datetime(2026, 5, 21, 12, 0, tzinfo=UTC)
PORTAL = Described(
    name="portal",
    title="Portal",
    homepage="https://example.org",
    licence="open",
    late_hours=30,
    silent_hours=96,
    weekday=90,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(database_url(tmp_path / "tenders.db"), str(tmp_path / "raw"))
    with opened.writing() as connection:
        describe_sources(connection, [PORTAL])
    yield opened
    opened.close()


def run(store: Store, hours_ago: float, new: int, *, failed: str | None = None, doubt: str | None = None) -> int:
    at = NOW - timedelta(hours=hours_ago)
    with store.writing() as connection:
        number = begin_run(connection, "portal", at)
        count_answer(connection, number, 1, Taken(new=new), 0)
        if doubt:
            doubt_run(connection, number, doubt)
        end_run(connection, number, at, failed=failed)
    return number


def judged(store: Store) -> Freshness:
    with store.reading() as connection:
        [found] = freshness(connection, NOW)
    return found


def test_a_source_that_was_never_read_says_so(store: Store) -> None:
    assert (judged(store).state, judged(store).last_success, judged(store).runs) == (State.NEVER, None, ())
    run(store, 1, 0, failed="no answer")
    assert judged(store).state is State.NEVER


@pytest.mark.parametrize(
    ("runs", "state"),
    [
        ([(1, 10)], State.FRESH),
        ([(29, 10)], State.FRESH),
        ([(31, 10)], State.LATE),
        ([(97, 10)], State.SILENT),
        ([(90, 10), (1, 0)], State.FRESH),  # a quiet weekend
        ([(100, 10), (50, 0), (1, 0)], State.SILENT),  # it answers, and brings nothing any more
        ([(1, 0)], State.SILENT),  # it never brought anything
    ],
)
def test_how_fresh_a_source_is(store: Store, runs: list[tuple[float, int]], state: State) -> None:
    for hours_ago, new in runs:
        run(store, hours_ago, new)
    assert judged(store).state is state


def test_a_failed_run_is_no_success_and_its_reason_is_told(store: Store) -> None:
    run(store, 40, 5)
    run(store, 1, 5, failed="HTTP 500")
    found = judged(store)
    assert (found.state, found.last_success, found.runs[0].reason) == (
        State.LATE,
        NOW - timedelta(hours=40),
        "HTTP 500",
    )
    assert found.last_item == NOW - timedelta(hours=1)
    assert found.expected_by == NOW - timedelta(hours=10)


def test_a_source_whose_last_walk_was_doubted_is_not_called_fresh(store: Store) -> None:
    run(store, 3, 10)
    run(store, 2, 10, doubt="1 days below the expected yield")
    run(store, 1, 0, failed="HTTP 500")
    assert (judged(store).state, judged(store).last_success) == (State.SUSPECT, NOW - timedelta(hours=2))
    run(store, 0, 0)
    assert judged(store).state is State.FRESH


def test_a_doubted_run_ends_suspect_with_its_first_reasons(store: Store) -> None:
    number = run(store, 1, 5, doubt="a page of HTML")
    with store.reading() as connection:
        found = load_run(connection, number)
    assert (found.state, found.reason) == ("suspect", "a page of HTML")


def test_a_run_that_was_killed_is_failed_by_the_next(store: Store) -> None:
    with store.writing() as connection:
        killed = begin_run(connection, "portal", NOW)
        begin_run(connection, "portal", NOW + timedelta(hours=1))
        found = load_run(connection, killed)
    assert found.state == "failed"
    assert "stopped in the middle" in (found.reason or "")


def test_a_run_that_has_ended_does_not_end_again(store: Store) -> None:
    number = run(store, 1, 5, failed="HTTP 500")
    with store.writing() as connection:
        end_run(connection, number, NOW)
        assert load_run(connection, number).state == "failed"


def test_a_source_that_asked_to_wait_is_left_alone_until_then_even_when_described_again(store: Store) -> None:
    with store.writing() as connection:
        ask_again_at(connection, "portal", NOW + timedelta(hours=2))
        describe_sources(connection, [PORTAL])
        assert asked_to_wait(connection, "portal", NOW) == NOW + timedelta(hours=2)
        assert asked_to_wait(connection, "portal", NOW + timedelta(hours=3)) is None


def test_a_cursor_is_what_it_was_moved_to(store: Store) -> None:
    with store.writing() as connection:
        assert read_cursor(connection, "portal") is None
        move_cursor(connection, "portal", "2026-05-20")
        move_cursor(connection, "portal", "2026-05-21")
        assert read_cursor(connection, "portal") == "2026-05-21"


def test_the_same_refusal_again_is_one_row_seen_twice(store: Store) -> None:
    refused = Quarantined("boamp", "boamp 2026-05-21", "26-1", "no title", "a" * 64)
    for hours in (0, 1):
        with store.writing() as connection:
            put_aside(connection, [refused, refused], at=NOW + timedelta(hours=hours))
    with store.writing() as connection:
        put_aside(connection, [Quarantined("boamp", "boamp 2026-05-22", "26-1", "no title")], at=NOW)
        assert quarantine_reasons(connection) == [("boamp", "no title", 2)]
        rows = connection.exec_driver_sql("SELECT first_seen, last_seen, raw FROM quarantine ORDER BY id").all()
    assert datetime.fromisoformat(rows[0][0]) == NOW
    assert datetime.fromisoformat(rows[0][1]) == NOW + timedelta(hours=1)
    assert rows[0][2] == "a" * 64


def test_a_refusal_with_characters_that_no_database_takes_is_kept(store: Store) -> None:
    for _ in range(2):
        with store.writing() as connection:
            put_aside(connection, [Quarantined("boamp-daily", "caf\udce9.csv", "26-1\0", "unknown \0")], at=NOW)
    with store.reading() as connection:
        assert quarantine_reasons(connection) == [("boamp-daily", "unknown ?", 1)]


def test_a_refusal_longer_than_its_columns_is_cut_and_still_known_again(store: Store) -> None:
    draw = random.Random(1)  # four bytes a letter, and nothing that a database could squeeze
    origin, place, reason = ("".join(chr(draw.randrange(0x10000, 0x1F000)) for _ in range(2000)) for _ in range(3))
    refused = Quarantined("boamp", origin, place, reason)
    for _ in range(2):
        with store.writing() as connection:
            put_aside(connection, [refused], at=NOW)
    with store.reading() as connection:
        [(_, reason, many)] = quarantine_reasons(connection)
    assert (len(reason), many) == (LONGEST_REASON, 1)
