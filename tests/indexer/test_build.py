"""From stored notices to tenders with numbers and history; merged, absorbed, split, rebuilt."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from indexer.build import _merge_batch, build
from indexer.engine import open_engine
from tenders.errors import BadSettings, MissingIndex, StaleIndex
from tenders.model import Buyer, Document, Lot, Money, NoticeKind, Tender
from tenders.query import Facet
from tenders.query_url import from_url
from tenders.store import schema
from tenders.store.tenders import find_tender, load_history, load_merges, load_tenders
from tests.notices import NOON, House, keep, notice


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def found(house: House, form: str = "") -> list[Tender]:
    ids = list(house.engine.stream(from_url(form), NOON))
    with house.store.reading() as connection:
        tenders = load_tenders(connection, ids)
    return [tenders[id_] for id_ in ids]


CHANGE = notice(
    "26-9", kind=NoticeKind.CHANGE, supersedes=("26-1",), published=date(2026, 5, 25),
    deadline=datetime.fromisoformat("2026-06-30T12:00:00+02:00"),
)  # fmt: skip


def test_numbers_rise_as_promised(house: House) -> None:
    house.bring(notice("26-1"), notice("26-2", title="Fourniture de papier"))
    assert [(t.version, t.seq, t.revision) for t in found(house)] == [(2, 2, 1), (1, 1, 1)]
    house.bring(notice("26-1", title="Réfection de toiture de l'école"))  # a title edit: a version, no seq
    assert [(t.version, t.seq, t.revision) for t in found(house, "q=toiture")] == [(3, 1, 1)]
    house.bring(CHANGE)
    (tender,) = found(house, "q=toiture")
    assert (tender.version, tender.seq, tender.revision) == (4, 3, 2)
    assert tender.merged.deadline == CHANGE.deadline
    assert tender.provenance["deadline"] == "boamp:26-9"
    assert tender.provenance["title"] == "boamp:26-1"
    with house.store.reading() as connection:
        history = load_history(connection, tender.id)
        merges = load_merges(connection, tender.id)
    assert history[0].fields == {"deadline": ["2026-06-17T12:00:00+02:00", "2026-06-30T12:00:00+02:00"]}
    assert history[0].notice == "boamp:26-9"
    assert [(row.key, row.rule) for row in merges] == [("boamp:26-1", "first"), ("boamp:26-9", "declared")]
    assert build(house.store, house.engine).written == 0


@pytest.mark.parametrize(
    "change",
    [
        {"documents": (Document(url="https://a.example/2"),)},
        {"lots": (Lot(id="1"), Lot(id="2"))},
        {"display_until": date(2026, 7, 1), "deadline": None},
    ],
)
def test_material_changes_raise_seq(house: House, change: dict) -> None:
    first = notice("26-1", lots=(Lot(id="1"),), documents=(Document(url="https://a.example/1"),))
    if "deadline" in change:
        first = replace(first, deadline=None, display_until=date(2026, 6, 1))
    house.bring(first)
    house.bring(replace(first, **change))
    assert found(house)[0].revision == 2


def test_a_notice_that_names_two_tenders_makes_them_one_and_the_first_stored_survives(house: House) -> None:
    house.bring(notice("26-1"), notice("26-2", title="Couverture du gymnase municipal"))
    old = {t.notices[0].source_id: t.id for t in found(house)}
    house.bring(notice("26-3", kind=NoticeKind.CHANGE, supersedes=("26-1", "26-2"), published=date(2026, 5, 25)))
    (tender,) = found(house)
    assert tender.id == old["26-1"]
    with house.store.reading() as connection:
        assert find_tender(connection, old["26-2"]) == tender.id
        assert find_tender(connection, "unknown") is None


def test_a_link_that_a_revision_takes_back_splits_the_tender_again(house: House) -> None:
    house.bring(notice("26-1"), notice("26-2", title="Couverture du gymnase municipal"))
    ids = sorted(t.id for t in found(house))
    linked = notice("26-2", title="Couverture du gymnase municipal", supersedes=("26-1",))
    house.bring(linked)
    assert len(found(house)) == 1
    house.bring(replace(linked, supersedes=()))
    assert sorted(t.id for t in found(house)) == ids
    with house.store.reading() as connection:
        assert all(find_tender(connection, id_) == id_ for id_ in ids)


def test_a_replay_of_the_store_gives_the_same_ids(tmp_path: Path) -> None:
    notices = [notice(f"26-{n}", title=f"Toiture du bâtiment {n}") for n in range(30)] + [CHANGE]
    results = []
    for name, step in (("one", 1), ("all", 31)):
        (tmp_path / name).mkdir()
        house = House(tmp_path / name)
        for start in range(0, len(notices), step):
            house.bring(*notices[start : start + step])
        results.append(sorted((t.id, tuple(n.key for n in t.notices)) for t in found(house)))
        house.close()
    assert results[0] == results[1]


def test_a_deleted_index_is_rebuilt_from_the_store(house: House) -> None:
    house.bring(*(notice(f"26-{n}", title=f"Toiture du bâtiment {n}") for n in range(20)))
    before = [t.id for t in found(house)]
    shutil.rmtree(house.path / "index")
    with pytest.raises(MissingIndex):
        house.engine.search(from_url("q=toiture"), NOON)
    assert build(house.store, house.engine).indexed == 20
    assert [t.id for t in found(house)] == before


@pytest.mark.parametrize(
    "said",
    [
        {"value": Money(Decimal("9" * 18))},
        {"value": Money(Decimal(-1))},
        {"deadline": None, "display_until": date.max},
        {"deadline": datetime.fromisoformat("1900-01-01T00:00:00+14:00")},
        {"buyer": Buyer(name="Régie " * 20_000)},
    ],
)
def test_a_fact_beyond_all_measure_does_not_stop_the_index(house: House, said: dict) -> None:
    house.bring(notice("26-1", **said), notice("26-2", title="Fourniture de papier"))
    assert {t.notices[0].source_id for t in found(house)} == {"26-1", "26-2"}
    for sort in ("deadline", "-value", "-published"):
        assert house.engine.search(from_url(f"q=toiture&sort={sort}"), NOON, facets=tuple(Facet)).total == 1


def test_relevance_favours_what_is_open_or_new_but_selects_the_same(house: House) -> None:
    past = {"published": date(2024, 9, 18), "deadline": None}
    house.bring(
        notice("old", "Assurance dommages aux biens", **past),
        notice("open", "Assurance dommages aux biens de la commune", published=date(2024, 9, 18)),
        notice("new", "Assurance dommages aux biens de la commune, lot 2", deadline=None, published=date(2026, 5, 1)),
    )
    page = house.engine.search(from_url("q=assurance+dommages"), NOON)
    names = {t.id: t.notices[0].source_id for t in found(house)}
    assert [names[hit.id] for hit in page.hits] == ["open", "new", "old"]
    assert page.total == 3
    later = house.engine.search(from_url("q=assurance+dommages"), NOON.replace(hour=20))
    assert [hit.id for hit in later.hits] == [hit.id for hit in page.hits]


def test_a_reader_skips_no_seq_of_a_build_that_pauses_before_its_commit(house: House) -> None:
    house.bring(notice("26-0", title="Fourniture de papier"))
    keep(house.store, [notice("26-1")])
    paused, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with house.store.writing() as connection:
            assert _merge_batch(connection, NOON) == (1, 1)
            paused.set()
            assert go_on.wait(10)

    def quick() -> None:  # another process with notices of its own: it merges, and would take seq 3
        keep(house.store, [notice("26-2", title="Couverture du gymnase municipal")])
        with house.store.writing() as connection:
            assert _merge_batch(connection, NOON) == (1, 1)

    seq = schema.tenders.c.seq

    def read(after: int) -> list[int]:
        with house.store.reading() as connection:
            found = connection.execute(select(seq).where(seq > after).order_by(seq))
            return list(found.scalars())

    writers = [threading.Thread(target=slow), threading.Thread(target=quick)]
    writers[0].start()
    assert paused.wait(10)
    writers[1].start()
    writers[1].join(0.3)  # it would commit now, if it could
    assert writers[1].is_alive(), "the second writer overtook the first"
    assert read(0) == [1], "what is not committed has no number yet"
    go_on.set()
    for writer in writers:
        writer.join(10)
    assert read(1) == [2, 3]


def test_an_index_of_another_format_refuses_to_answer(house: House) -> None:
    house.bring(notice("26-1"))
    (state,) = (house.path / "index").glob("*/tenderwatch.json")
    state.write_text('{"mark": 1, "format": "analysis 0, fields 0"}')
    old = open_engine(f"tantivy:{house.path / 'index'}")
    for ask in (lambda: old.search(from_url("q=toiture"), NOON), lambda: build(house.store, old)):
        with pytest.raises(StaleIndex, match="--rebuild"):
            ask()
    build(house.store, old, anew=True)
    assert old.search(from_url("q=toiture"), NOON).total == 1


def test_a_folder_with_other_things_in_it_is_never_taken_for_an_index(tmp_path: Path) -> None:
    for name in ("tenders.db", "secret"):
        (tmp_path / name).write_text("ours")
    engine = open_engine(f"tantivy:{tmp_path}")
    with pytest.raises(BadSettings, match="folder of its own"):
        engine.rebuild(lambda draft: None)
    assert (tmp_path / "tenders.db").read_text() == (tmp_path / "secret").read_text() == "ours"


def test_a_second_writer_is_told_at_once(house: House) -> None:
    from tenders.errors import Unavailable

    house.engine.put(found(house))
    other = open_engine(f"tantivy:{house.path / 'index'}")
    with pytest.raises(Unavailable, match="another process"):
        other.drop({"x": 9})
