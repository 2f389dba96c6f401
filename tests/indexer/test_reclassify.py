"""Predicted codes in the flow: written with the tender, found by `cpv_any`, judged anew by another classifier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, select

from indexer.classifier import Late, Subject, Verdict
from indexer.reclassify import BATCH, reclassify
from tenders.codes import Cpv
from tenders.model import Lot, Nature, Tender
from tenders.query import Facet
from tenders.query_url import from_url
from tenders.store import schema
from tenders.store.predictions import due_predictions, write_predictions
from tenders.store.tenders import load_history, load_tenders
from tests.databases import SERVER
from tests.indexer.cpv.keywords import TRADES, Keywords
from tests.notices import NOON, House, keep, notice

OLD = {name: code for name, code in TRADES.items() if name != "toiture"}  # knows nothing of roofs


@pytest.fixture
def house(tmp_path: Path, search_url: str) -> Iterator[House]:
    made = House(tmp_path, search_url, Keywords())
    yield made
    made.close()


def found(house: House, form: str = "") -> list[Tender]:
    ids = list(house.engine.stream(from_url(form), NOON))
    with house.store.reading() as connection:
        tenders = load_tenders(connection, ids)
    return [tenders[id_] for id_ in ids]


def names(house: House, form: str) -> set[str]:
    return {tender.notices[0].source_id for tender in found(house, form)}


def states(house: House) -> dict[str, str | None]:
    rows = select(schema.tenders.c.id, schema.tenders.c.classifier)
    with house.store.reading() as connection:
        return {row.id: row.classifier for row in connection.execute(rows)}


def due(house: House, version: str) -> int:
    with house.store.reading() as connection:
        return len(due_predictions(connection, version, 10_000))


def test_the_buyers_codes_and_ours_are_apart_and_cpv_any_finds_both(house: House) -> None:
    house.bring(
        notice("coded", "Travaux divers", cpv=(Cpv("45261000"),)),
        notice("guessed", "Réfection de la toiture"),
        notice("lot", "Travaux divers, école", lots=(Lot(id="1", title="Zinguerie"), Lot(id="2", title="Autre"))),
        notice("possible", "Mobilier scolaire"),
        notice("other", "Peinture du gymnase, toiture comprise", cpv=(Cpv("30197000"),)),
    )
    assert names(house, "cpv=45") == {"coded"}
    assert names(house, "cpv_any=45") == {"coded", "guessed", "lot"}
    assert names(house, "cpv_any=39") == set(), "a suggestion selects nothing"
    facets = house.engine.search(from_url("cpv_any=45"), NOON, facets=tuple(Facet)).facets
    assert facets[Facet.CPV] == {"45": 1}
    assert facets[Facet.CPV_ANY] == {"45": 3, "30": 1}, "a facet is counted without its own filter"


def test_an_official_code_that_comes_later_takes_the_place_of_the_predicted_one(house: House) -> None:
    house.bring(notice("26-1", "Réfection de la toiture"), richness=1)
    (before,) = found(house, "cpv_any=45261")
    house.bring(notice("26-1", "Réfection de la toiture", cpv=(Cpv("44112000"),)))
    (after,) = found(house)
    assert (after.cpv_predicted, after.classifier) == ((), None)
    assert names(house, "cpv_any=45261") == set()
    assert names(house, "cpv_any=44") == {"26-1"}
    assert (after.version, after.seq, after.revision) == (before.version + 1, before.seq, before.revision)
    house.bring(notice("26-1", "Réfection de la toiture", language="fr"), live=True)  # and back again
    assert names(house, "cpv_any=45261") == {"26-1"}


def test_a_prediction_is_no_material_change(house: House) -> None:
    house.bring(notice("26-1", "Réfection de la toiture"))
    house.bring(notice("26-1", "Peinture des salles"))
    (tender,) = found(house, "cpv_any=4544")
    assert tender.revision == 1
    house.classifier = Keywords({"peinture": ("39", 0.9)}, "words-2")
    house.build()
    (tender,) = found(house, "cpv_any=39")
    assert tender.revision == 1
    with house.store.reading() as connection:
        assert len(load_history(connection, tender.id)) == 1


def test_another_classifier_judges_anew_what_has_no_code_of_its_buyer(house: House) -> None:
    house.classifier = Keywords(OLD, "words-0")
    house.bring(
        notice("26-1", "Réfection de la toiture"),
        notice("26-2", "Toiture du gymnase", cpv=(Cpv("45261000"),)),
        notice("26-3", "Fourniture de papier"),
    )
    before = {tender.id: tender for tender in found(house)}
    assert names(house, "cpv_any=45") == {"26-2"}
    house.classifier = Keywords()
    assert due(house, "words-1") == 2
    built = house.build()
    assert (built.notices, built.written, built.indexed, built.reclassified) == (0, 0, 2, 2)
    assert names(house, "cpv_any=45") == {"26-1", "26-2"}
    for tender in found(house):
        old = before[tender.id]
        assert (tender.seq, tender.revision, tender.merged) == (old.seq, old.revision, old.merged)
        assert (tender.version > old.version) == (not tender.cpv_published)
    assert house.build().reclassified == due(house, "words-1") == 0


def test_what_notices_say_otherwise_outlives_another_judgement(house: House) -> None:
    house.bring(
        notice("26-1", "Réfection de la toiture", nature=Nature.WORKS),
        notice("77", "Réfection de la toiture", source="place", links={"boamp": "26-1"}, nature=Nature.SUPPLIES),
    )
    (before,) = found(house, "cpv_any=45261")
    assert [one.field for one in before.contradictions] == ["nature"]
    house.classifier = Keywords({"toiture": ("39", 0.9)}, "words-2")
    house.build()
    (after,) = found(house, "cpv_any=39")
    assert (after.contradictions, after.provenance) == (before.contradictions, before.provenance)


def test_what_was_stored_before_there_was_a_classifier_is_judged_too(house: House) -> None:
    house.classifier = None
    house.bring(notice("26-1", "Réfection de la toiture"), notice("26-2", "Autre", cpv=(Cpv("30197000"),)))
    assert set(states(house).values()) == {"", None}
    house.classifier = Keywords()
    assert house.build().reclassified == 1
    assert set(states(house).values()) == {"words-1", None}


def test_a_row_from_before_that_proves_to_be_coded_is_noted_and_not_written(house: House) -> None:
    house.bring(notice("26-2", "Autre", cpv=(Cpv("30197000"),)))
    with house.store.writing() as connection:
        connection.execute(schema.tenders.update().values(classifier=""))  # as the migration leaves it
    version = found(house)[0].version
    assert house.build().reclassified == 0
    assert (found(house)[0].version, due(house, "words-1")) == (version, 0)


def test_a_tick_judges_a_bounded_number_the_newest_first_and_the_next_goes_on(house: House) -> None:
    house.classifier = None
    house.bring(*(notice(f"26-{n}", f"Toiture du bâtiment {n}") for n in range(9)))
    house.classifier = Keywords()
    assert house.build(again=4).reclassified == 4
    assert names(house, "cpv_any=45") == {f"26-{n}" for n in (8, 7, 6, 5)}
    house.bring(notice("26-9", "Zinguerie de la halle"))  # what is new does not wait
    assert "26-9" in names(house, "cpv_any=45")
    assert due(house, "words-1") == 0


def test_after_a_crash_in_the_middle_it_goes_on(house: House) -> None:
    class Mortal(Keywords):
        def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
            if len(self.asked) == 1:
                raise KeyboardInterrupt
            return super().classify(subjects)

    house.classifier = None
    house.bring(*(notice(f"26-{n}", f"Toiture du bâtiment {n}") for n in range(BATCH + 20)))
    with pytest.raises(KeyboardInterrupt):
        reclassify(house.store, Mortal())
    assert due(house, "words-1") == 20
    house.classifier = Keywords()
    assert house.build().reclassified == 20
    assert len(names(house, "cpv_any=45")) == BATCH + 20


def test_what_a_notice_writes_meanwhile_stands(house: House) -> None:
    house.bring(notice("26-1", "Réfection de la toiture"))
    (read,) = found(house)
    house.bring(notice("26-1", "Fourniture de papier"))
    with house.store.writing() as connection:
        late = replace(read, classifier="words-2")
        assert write_predictions(connection, [late], at=NOON) == 0
    assert names(house, "cpv_any=30197") == {"26-1"}
    assert due(house, "words-2") == 1, "it is still to be judged"


def test_a_late_classifier_is_opened_outside_the_writing_lock_and_only_for_something_to_judge(tmp_path: Path) -> None:
    opened: list[bool] = []
    house = House(tmp_path)

    def open_one() -> Keywords:
        keep(house.store, [notice("26-2", "Peinture")])  # would wait for a lock that we held
        opened.append(True)
        return Keywords()

    house.classifier = Late(open_one, lambda: "words-1")
    keep(house.store, [notice("26-1", "Toiture")])
    house.build()
    assert opened == [True]
    assert names(house, "cpv_any=45") == {"26-1", "26-2"}
    house.close()


def test_an_absorbed_tender_is_never_due(house: House) -> None:
    house.bring(notice("26-1", "Toiture"), notice("26-2", "Peinture"))
    house.bring(notice("26-3", "Toiture et peinture", supersedes=("26-1", "26-2")))
    assert sorted(map(str, states(house).values())) == ["None", "words-1"]
    with house.store.reading() as connection:
        assert len(due_predictions(connection, "words-2", 10)) == 1


@pytest.mark.skipif(bool(SERVER), reason="asks SQLite for its plan")
def test_finding_what_is_due_does_not_read_the_whole_table(tmp_path: Path) -> None:
    house = House(tmp_path, classifier=Keywords())
    keep(house.store, [notice("26-1")])
    house.build()
    asked: list[tuple[str, object]] = []
    event.listen(house.store.engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    with house.store.reading() as connection:
        due_predictions(connection, "words-2", 10)
        for statement, values in asked[1:]:
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
                assert "ix_tenders_classifier_seq" in step.detail, step.detail
                assert "TEMP B-TREE FOR ORDER" not in step.detail
    house.close()
