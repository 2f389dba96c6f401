"""Importing files: everything that was read is counted once, and what is broken costs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from crawlers.formats import FORMATS, Format, Refusal
from crawlers.importing import BATCH, Imported, import_files, take_body
from tenders.model import Notice
from tenders.store.database import Store, open_store
from tenders.store.notices import stream_notices
from tenders.store.quarantine import quarantine_reasons
from tests.databases import database_url
from tests.notices import notice
from tests.standins.samples import daily_csv, eforms_files

DAILY = FORMATS["boamp-daily"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(database_url(tmp_path / "tenders.db"), str(tmp_path / "raw"))
    yield opened
    opened.close()


def bring(store: Store, form: Format, *paths: Path) -> Imported:
    return import_files(store, form, paths, lambda _path, _done: None)


def counts(done: Imported) -> tuple[int, int, int, int]:
    return done.taken.new, done.taken.revised, done.taken.unchanged, done.quarantined


def test_every_row_of_a_day_is_stored_with_the_body_it_came_from(store: Store, tmp_path: Path) -> None:
    day = tmp_path / "day.csv"
    day.write_bytes(daily_csv(1200))
    done = bring(store, DAILY, day)
    assert counts(done) == (1200, 0, 0, 0)
    assert done.read == 1200
    with store.reading() as connection:
        assert len({n.key for n in stream_notices(connection)}) == 1200
        raw = connection.exec_driver_sql("SELECT DISTINCT raw FROM readings").scalars().all()
    assert [store.raw.get(name) for name in raw] == [day.read_bytes()]


def test_the_same_files_again_change_nothing(store: Store, tmp_path: Path) -> None:
    day = tmp_path / "day.csv"
    day.write_bytes(daily_csv(1200) + b"broken row\n")
    first = bring(store, DAILY, day)
    assert counts(first) == (1200, 0, 0, 1)
    assert counts(bring(store, DAILY, day, day)) == (0, 0, 2400, 2)
    with store.reading() as connection:
        [(form, _, many)] = quarantine_reasons(connection)
        assert connection.exec_driver_sql("SELECT count(*) FROM readings").scalar() == 1200
    assert (form, many) == ("boamp-daily", 1)


def test_a_poorer_file_after_a_richer_one_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    for name, body in eforms_files().items():
        (tmp_path / name).write_bytes(body)
    files = sorted(tmp_path.glob("*.xml"))
    done = bring(store, FORMATS["eforms"], *files)
    assert done.read == done.taken.new == len(files)


BROKEN = {
    "empty.csv": b"",
    "page.csv": b"<!DOCTYPE html><html><body>503</body></html>",
    "latin.csv": daily_csv(3).decode().encode("latin-1", "replace"),
    "cut.csv": daily_csv(3)[:-150],
    "binary.csv": bytes(range(256)) * 50,
    "long.csv": daily_csv(3).replace(b"\n", b"\n" + b"x" * 10_000_000 + b"\n", 1),
    "other.csv": b"a;b;c\n1;2;3\n",
}


def test_broken_bodies_are_put_aside_with_a_reason_and_the_rest_goes_on(store: Store, tmp_path: Path) -> None:
    for name, body in BROKEN.items():
        (tmp_path / name).write_bytes(body)
    (tmp_path / "zgood.csv").write_bytes(daily_csv(50, seed=9))
    done = bring(store, DAILY, *sorted(tmp_path.glob("*.csv")))
    assert done.taken.new >= 50
    assert done.read == sum(counts(done))
    assert done.quarantined == sum(done.reasons.values()) >= 5
    assert all(reason and len(reason) <= 500 and "\n" not in reason for reason in done.reasons)
    assert done.unreadable == ()


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(store: Store, tmp_path: Path) -> None:
    day = tmp_path / "day.csv"
    day.write_bytes(daily_csv(30))
    done = bring(store, DAILY, tmp_path / "nowhere.csv", tmp_path, day)
    assert done.taken.new == 30
    assert [problem.rpartition(": ")[2] for problem in done.unreadable] == [
        "No such file or directory",
        "Is a directory",
    ]


def test_a_notice_that_no_database_takes_is_put_aside_and_its_batch_goes_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = [notice(f"26-{n}", published=date(2026, 5, 1)) for n in range(1, BATCH + 50)]
    poison = notice("26-9999", title="half a \ud800 character")
    found: list[Notice | Refusal] = [*good[:10], poison, Refusal("row 12", "no title"), *good[10:]]
    monkeypatch.setattr(Format, "read", property(lambda _self: lambda _body, _origin: iter(found)))
    taken, reasons = take_body(store, DAILY, b"anything", "test", live=False)
    assert taken.new == len(good)
    assert len(reasons) == 2
    assert any(reason.startswith("cannot be stored") for reason in reasons)


@pytest.mark.real
def test_all_real_days_are_read_and_little_is_refused(store: Store, real_data: Path, tmp_path: Path) -> None:
    from tests.standins.boamp_daily import real_days

    paths = []
    for name, body in list(real_days(real_data))[:60]:
        path = tmp_path / name
        path.write_bytes(body)
        paths.append(path)
    done = bring(store, DAILY, *paths)
    assert len(paths) == 60
    assert done.read == sum(counts(done)) > 10_000
    assert done.quarantined < done.read / 1000, done.reasons
