"""An index is made anew beside the one that answers; whatever happens meanwhile, a whole one answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer import elastic_index
from indexer.build import build
from indexer.engine import SearchEngine, open_engine
from indexer.filling import rebuild
from tenders.errors import MissingIndex, StaleIndex, Unavailable
from tenders.query_url import from_url
from tests.indexes import left_behind, take_away
from tests.notices import NOON, House, keep, notice


@pytest.fixture
def house(tmp_path: Path, search_url: str) -> Iterator[House]:
    made = House(tmp_path, search_url)
    made.bring(*(notice(f"26-{n}", title=f"Toiture du bâtiment {n}") for n in range(20)))
    yield made
    made.close()


def found(engine: SearchEngine, form: str = "") -> list[str]:
    return list(engine.stream(from_url(form), NOON))


def test_a_rebuild_gives_the_same_answers_and_leaves_one_index(house: House, search_url: str) -> None:
    before, names = found(house.engine), left_behind(search_url)
    assert rebuild(house.store, house.engine) == 20
    assert found(house.engine) == before
    after = left_behind(search_url)
    assert len(names) == len(after) == 1
    assert names != after


def test_another_process_sees_the_new_index(house: House, search_url: str) -> None:
    reader = open_engine(search_url)
    assert len(found(reader)) == 20
    rebuild(house.store, house.engine)
    house.bring(notice("26-99", title="Toiture de la mairie"))
    assert len(found(reader)) == 21


def test_the_old_index_answers_while_the_new_one_is_written_and_what_changed_meanwhile_is_in(house: House) -> None:
    seen: list[tuple[int, int]] = []

    def meanwhile(stage: str, count: int) -> None:
        if seen:
            return
        seen.append((len(found(house.engine)), house.engine.search(from_url("q=toiture"), NOON).total))
        keep(house.store, [notice("26-50", title="Toiture arrivée entre-temps")])
        build(house.store, house.engine)  # into the index that answers now
        house.engine.close()

    assert rebuild(house.store, house.engine, meanwhile) == 21
    assert seen == [(20, 20)]
    assert house.engine.search(from_url("q=temps"), NOON).total == 1
    assert build(house.store, house.engine).indexed == 0


def test_a_rebuild_that_fails_leaves_the_old_index_and_nothing_else(house: House, search_url: str) -> None:
    before, names = found(house.engine), left_behind(search_url)

    def fail(stage: str, count: int) -> None:
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        rebuild(house.store, house.engine, fail)
    assert found(house.engine) == before
    assert left_behind(search_url) == names


def test_an_index_that_does_not_hold_what_the_store_does_is_not_put_in_place(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = found(house.engine)
    monkeypatch.setattr("indexer.filling.count_tenders", lambda connection: 21)
    with pytest.raises(Unavailable, match="holds 20 tenders and the store 21"):
        rebuild(house.store, house.engine)
    assert found(house.engine) == before


def test_a_second_rebuild_is_told_at_once(house: House) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def wait(stage: str, count: int) -> None:
        inside.set()
        go_on.wait(30)

    first = threading.Thread(target=rebuild, args=(house.store, house.engine, wait))
    first.start()
    try:
        assert inside.wait(30)
        with pytest.raises(Unavailable, match="another rebuild"):
            rebuild(house.store, house.engine)
    finally:
        go_on.set()
        first.join()
    assert len(found(house.engine)) == 20


def test_an_index_taken_away_is_missed_and_made_again_by_the_next_build(house: House, search_url: str) -> None:
    before = found(house.engine)
    take_away(search_url)
    for ask in (lambda: house.engine.search(from_url(""), NOON), lambda: found(house.engine), house.engine.count):
        with pytest.raises(MissingIndex, match="tenders index"):
            ask()
    assert build(house.store, house.engine).indexed == 20
    assert found(house.engine) == before


@pytest.mark.timeout(300)
def test_a_kill_in_the_middle_of_a_rebuild_leaves_a_whole_index_and_the_next_one_cleans_up(
    house: House, search_url: str
) -> None:
    house.bring(*(notice(f"27-{n}", title=f"Menuiserie du bâtiment {n}") for n in range(3000)))
    before = found(house.engine)
    environment = {**os.environ, "TENDERS_HOME": str(house.path), "TENDERS_SEARCH_URL": search_url}
    killed = 0
    while killed < 3:
        victim = subprocess.Popen(
            [sys.executable, "-m", "tenders", "index", "--rebuild"], env=environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        names = set(left_behind(search_url))
        while victim.poll() is None and set(left_behind(search_url)) == names:
            time.sleep(0.01)
        time.sleep(0.1 * killed)
        os.killpg(victim.pid, signal.SIGKILL) if victim.poll() is None else None
        if victim.wait(60) == -signal.SIGKILL:
            killed += 1
            assert found(open_engine(search_url)) == before
    done = subprocess.run(
        [sys.executable, "-m", "tenders", "index", "--rebuild"], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert found(open_engine(search_url)) == before
    assert len(left_behind(search_url)) == 1


# What only Elasticsearch can meet: processes on other machines.


def test_a_rebuild_from_another_machine_takes_over_and_a_whole_index_stays(
    tmp_path: Path, elasticsearch_url: str
) -> None:
    house = House(tmp_path, elasticsearch_url)
    house.bring(*(notice(f"26-{n}", title=f"Toiture du bâtiment {n}") for n in range(20)))
    before = found(house.engine)
    elsewhere = open_engine(elasticsearch_url)

    def slow(draft: SearchEngine) -> None:
        elsewhere.rebuild(_filled_from(house))
        draft.commit(1)

    with pytest.raises(MissingIndex):
        house.engine.rebuild(slow)
    assert found(house.engine) == before
    assert len(left_behind(elasticsearch_url)) == 1
    house.close()


def _filled_from(house: House) -> Callable[[SearchEngine], None]:
    from indexer.filling import _follow, say_nothing

    return lambda draft: _follow(house.store, draft, say_nothing, {}) and None


def test_a_process_of_another_format_neither_reads_nor_writes(
    tmp_path: Path, elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path, elasticsearch_url)
    house.bring(notice("26-1"))
    monkeypatch.setattr(elastic_index, "DIGEST", "0" * 8)
    newer = open_engine(elasticsearch_url)
    for ask in (
        lambda: newer.search(from_url(""), NOON),
        lambda: found(newer),
        newer.count,
        newer.mark,
        lambda: build(house.store, newer),
    ):
        with pytest.raises(StaleIndex, match="--rebuild"):
            ask()
    assert build(house.store, newer, anew=True).indexed == 1
    assert newer.count() == 1
    with pytest.raises(StaleIndex):
        house.engine.count()
    house.close()
