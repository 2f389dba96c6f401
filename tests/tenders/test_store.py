"""The store takes notices idempotently, and its counters never skip what commits late."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select

import tenders.store
from tenders import canonical
from tenders.codes import Nuts
from tenders.errors import BadSettings, Unavailable
from tenders.model import Award, Buyer, Document, Notice, NoticeKind, Supplier
from tenders.store.database import HEAD, Store, next_numbers, open_store
from tenders.store.notices import Taken, changed_since, fill, load_notices
from tenders.store.schema import metadata, readings
from tenders.store.schema import notices as notice_rows
from tenders.store.schema import tenders as tender_rows
from tests.databases import database_url
from tests.indexer.random_tenders import random_notice
from tests.notices import House, keep, notice


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(database_url(tmp_path / "tenders.db"), str(tmp_path / "raw"))
    yield opened
    opened.close()


def standing(store: Store) -> list:
    with store.reading() as connection:
        ids = [id_ for _, id_ in changed_since(connection, 0, 100)]
        return list(load_notices(connection, ids).values())


def test_the_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    found = inspect(store.engine)
    assert set(found.get_table_names()) == {*metadata.tables, "alembic_version"}
    for table in metadata.tables.values():
        assert {c["name"] for c in found.get_columns(table.name)} == set(table.columns.keys()), table.name
        assert {i["name"] for i in found.get_indexes(table.name)} >= {i.name for i in table.indexes}, table.name


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(tenders.store.__path__[0]) / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_tenders_from_before_predictions_are_due_and_told_to_nobody_again(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.bring(notice("26-1", "Toiture"), notice("26-2", "Peinture"), notice("26-4", "Vitrerie"))
    house.bring(notice("26-3", supersedes=("26-1", "26-2")))
    engine = house.store.engine
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", str(Path(tenders.store.__path__[0]) / "migrations"))
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    house.close()
    reopened = open_store(database_url(tmp_path / "tenders.db"), str(tmp_path / "raw"))
    with reopened.reading() as connection:
        rows = connection.execute(select(tender_rows)).all()
    assert len(rows) == 3
    assert all(row.noticed == row.version for row in rows)
    assert all((row.classifier is None) == (row.absorbed_into is not None) for row in rows)
    reopened.close()


def test_the_same_reading_again_is_unchanged(store: Store) -> None:
    assert keep(store, [notice()]) == Taken(new=1)
    assert keep(store, [notice()]) == Taken(unchanged=1)
    assert keep(store, [notice("26-2"), notice("26-2")]) == Taken(new=1, unchanged=1)


def test_winners_stored_before_they_had_places_are_a_revision_only_where_one_is_stated(store: Store) -> None:
    def won(place: Nuts | None) -> Notice:
        winners = Supplier(name='Val ,"place":null}', place=place), Supplier()
        return notice(kind=NoticeKind.RESULT, awards=(Award(suppliers=winners),))

    keep(store, [won(None)])
    before = canonical.dumps(won(None)).replace(b',"place":null', b"")
    assert b'"place"' not in before
    with store.writing() as connection:
        for table in (notice_rows, readings):
            connection.execute(table.update().values(body=before.decode(), hash=sha256(before).hexdigest()[:32]))
    assert keep(store, [won(None)]) == Taken(unchanged=1)
    assert standing(store) == [won(None)]
    assert keep(store, [won(Nuts("FRC11"))]) == Taken(revised=1)


def test_an_archive_read_twice_changes_nothing_even_where_ids_repeat(store: Store) -> None:
    first, second = notice(), notice(title="Réfection de la toiture", published=date(2026, 5, 22))
    assert keep(store, [first, second], live=False) == Taken(new=1, revised=1)
    assert keep(store, [first, second], live=False) == Taken(unchanged=2)
    assert standing(store) == [second]


def test_an_older_issue_read_late_does_not_replace_a_newer_one(store: Store) -> None:
    old, new = notice(published=date(2026, 5, 1), title="Ancien titre"), notice()
    keep(store, [new], live=False)
    assert keep(store, [old], live=False) == Taken(unchanged=1)
    assert standing(store) == [new]


def test_a_source_that_returns_to_an_earlier_state_is_revised_again(store: Store) -> None:
    early, late = notice(), notice(deadline=datetime.fromisoformat("2026-07-01T12:00:00+02:00"))
    keep(store, [early])
    assert keep(store, [late]) == Taken(revised=1)
    assert keep(store, [early]) == Taken(revised=1)
    assert standing(store) == [early]


def test_a_poorer_reading_fills_gaps_and_never_overwrites(store: Store) -> None:
    rich = notice(documents=(Document(title="CCTP"),), buyer=Buyer(name="Commune de Vallebrune", id="21210231900012"))
    poor = notice(title="Réfection…", description="Vu dans la liste", buyer=Buyer(name="Vallebrune", town="Vallebrune"))
    expected = replace(rich, description="Vu dans la liste", buyer=replace(rich.buyer, town="Vallebrune"))
    keep(store, [rich])
    assert keep(store, [poor], richness=1) == Taken(revised=1)
    assert standing(store) == [expected]
    assert keep(store, [poor], richness=1) == Taken(unchanged=1)


def test_the_order_in_which_rich_and_poor_arrive_does_not_matter(tmp_path: Path) -> None:
    rich, poor = notice(), notice(title="Réfection…", description="Vu dans la liste")
    results = []
    for name, order in (("a", ((rich, 20), (poor, 1))), ("b", ((poor, 1), (rich, 20)))):
        store = open_store(database_url(tmp_path / f"{name}.db"), str(tmp_path / "raw"))
        for reading, richness in order:
            keep(store, [reading], richness=richness)
        results.append(standing(store))
        store.close()
    assert results[0] == results[1] == [fill(rich, poor)]


def test_every_reading_is_kept(store: Store) -> None:
    keep(store, [notice()])
    keep(store, [notice(title="Autre")])
    with store.reading() as connection:
        assert len(connection.execute(select(readings)).all()) == 2


def test_a_reader_skips_no_number_of_a_writer_that_pauses_before_its_commit(store: Store) -> None:
    paused, go_on = threading.Event(), threading.Event()
    seen: list[list[int]] = []

    def slow() -> None:
        with store.writing() as connection:
            from tenders.store.notices import Reading, take

            take(
                connection,
                [Reading(notice("26-1"), 20)],
                at=datetime.fromisoformat("2026-05-20T12:00+00:00"),
                live=True,
            )
            paused.set()
            go_on.wait(10)

    def quick() -> None:
        keep(store, [notice("26-2")])

    writers = [threading.Thread(target=slow), threading.Thread(target=quick)]
    writers[0].start()
    assert paused.wait(10)
    writers[1].start()
    time.sleep(0.3)  # the second writer would commit now, if it could
    mark = 0
    for _ in range(3):
        with store.reading() as connection:
            rows = changed_since(connection, mark, 100)
        seen.append([arrival for arrival, _ in rows])
        mark = max([mark, *seen[-1]])
        if not go_on.is_set():
            assert writers[1].is_alive(), "the second writer overtook the first"
            go_on.set()
            for writer in writers:
                writer.join(10)
    assert seen == [[], [1, 2], []]


def test_a_transaction_that_fails_gives_its_numbers_back(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing() as connection:
        next_numbers(connection, "seq", 5)
        raise RuntimeError("crash")
    with store.writing() as connection:
        assert list(next_numbers(connection, "seq", 2)) == [1, 2]


@settings(max_examples=200, deadline=None)
@given(st.integers(), st.integers(min_value=1, max_value=10**6))
def test_canonical_json_reads_back_what_it_wrote(seed: int, number: int) -> None:
    import random

    made = random_notice(random.Random(seed), number)
    line = canonical.dumps(made)
    assert canonical.loads(line) == made
    assert canonical.dumps(canonical.loads(line)) == line


def test_a_notice_written_before_winners_had_places_is_read() -> None:
    won = notice(awards=(Award(suppliers=(Supplier(name="Bois du Val", size="micro", place=Nuts("FRC11")),)),))
    line = canonical.dumps(won)
    assert canonical.loads(line) == won
    before = line.replace(b',"place":"FRC11"', b"")
    assert before != line
    assert canonical.loads(before).awards[0].suppliers == (Supplier(name="Bois du Val", size="micro"),)


def test_processes_that_open_an_empty_store_at_once_make_it_once(tmp_path: Path) -> None:
    url = database_url(tmp_path / "tenders.db")
    code = "import sys; from tenders.store.database import open_store; open_store(*sys.argv[1:])"
    command = [sys.executable, "-c", code, url, str(tmp_path / "raw")]
    openers = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    assert [(opener.communicate()[1], opener.returncode) for opener in openers] == [(b"", 0)] * 4


def test_a_file_that_is_no_store_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "tenders.db").write_bytes(b"no database at all " * 100)
    with pytest.raises(Unavailable, match=r"not a database.*TENDERS_DATABASE_URL"):
        open_store(f"sqlite:///{tmp_path / 'tenders.db'}", str(tmp_path / "raw"))


def test_a_store_that_is_locked_for_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenders.store.database.BUSY_SECONDS", 0)
    url = f"sqlite:///{tmp_path / 'tenders.db'}"
    first, second = open_store(url, str(tmp_path / "raw")), open_store(url, str(tmp_path / "raw"))
    with first.writing() as connection:
        next_numbers(connection, "seq", 1)
        with pytest.raises(Unavailable, match="locked"), second.writing():
            pass
        with second.reading() as reader:  # who only reads is not held up
            assert changed_since(reader, 0, 1) == []
    first.close()
    second.close()


@pytest.mark.parametrize("url", ["s3://bucket/raw", "nowhere://raw"])
def test_raw_bodies_cannot_be_kept_where_no_file_system_is(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadSettings, match="TENDERS_RAW_URL"):
        open_store(f"sqlite:///{tmp_path / 'tenders.db'}", url)


def test_a_raw_body_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'tenders.db'}", str(tmp_path / "raw"))
    name = sha256(b"<html>").hexdigest()
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / name[:2]).write_text("a file where a folder should be")
    with pytest.raises(Unavailable, match="cannot be kept"):
        store.raw.put(b"<html>")
    store.close()


def test_a_reader_sees_one_state_of_the_store_while_others_write(store: Store) -> None:
    with store.reading() as reader:
        assert changed_since(reader, 0, 10) == []
        writer = threading.Thread(target=keep, args=(store, [notice()]))
        writer.start()
        writer.join(10)
        assert changed_since(reader, 0, 10) == []
    with store.reading() as reader:
        assert len(changed_since(reader, 0, 10)) == 1


def test_raw_bodies_are_kept_once_by_their_content(store: Store, tmp_path: Path) -> None:
    name = store.raw.put(b"<html>")
    assert store.raw.put(b"<html>") == name
    assert store.raw.get(name) == b"<html>"
    assert len([path for path in (tmp_path / "raw").rglob("*") if path.is_file()]) == 1
    with pytest.raises(FileNotFoundError):
        store.raw.get("0" * 64)
