"""A person's word on tenders: it wins over the rules, survives a replay, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from indexer.build import build
from indexer.linking.deciding import merge_tenders, review, settle_possible, split_notices
from indexer.linking.reporting import why_merged, why_not
from indexer.merge import tender_id
from tenders.errors import BadQuery
from tenders.model import NoticeKind
from tenders.store.decisions import Act
from tenders.store.schema import decisions
from tenders.store.tenders import find_tender
from tests.indexer.linking.test_linker import stored_groups
from tests.notices import House, notice

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
CALL = notice("26-1", "Collecte du verre", descriptors=("82",))
FIX = notice(
    "26-2", "Collecte du verre", kind=NoticeKind.CHANGE, published=date(2026, 5, 25), descriptors=("82",)
)  # fmt: skip
OTHER = notice("26-3", "Ramassage des bouteilles", descriptors=("82",))
ONE, TWO = frozenset({"boamp:26-1", "boamp:26-2"}), frozenset({"boamp:26-3"})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.bring(CALL, FIX, OTHER)
    assert stored_groups(made.store) == {ONE, TWO}
    yield made
    made.close()


def put_together(house: House) -> None:
    with house.store.writing() as connection:
        merge_tenders(connection, tender_id(CALL), tender_id(OTHER), "one contract", at=AT)
    build(house.store, house.engine)


def split(house: House, *keys: str) -> None:
    with house.store.writing() as connection:
        split_notices(connection, keys, "another lot", at=AT)
    build(house.store, house.engine)


def test_a_merge_is_undone_by_a_split_and_a_split_by_a_merge(house: House) -> None:
    put_together(house)
    assert stored_groups(house.store) == {ONE | TWO}
    with house.store.reading() as connection:
        assert find_tender(connection, tender_id(OTHER)) == tender_id(CALL)
    split(house, "boamp:26-3")
    assert stored_groups(house.store) == {ONE, TWO}
    with house.store.reading() as connection:
        assert find_tender(connection, tender_id(OTHER)) == tender_id(OTHER)
        told = why_merged(connection, tender_id(CALL), "fr")
    assert ("boamp:26-3", "moved") in {(row["notice"], row["state"]) for row in told}
    put_together(house)
    assert stored_groups(house.store) == {ONE | TWO}


def test_a_split_wins_over_a_rule_and_over_what_a_notice_declares(house: House) -> None:
    split(house, "boamp:26-2")
    assert stored_groups(house.store) == {frozenset({key}) for key in ONE | TWO}
    house.bring(replace(FIX, supersedes=("26-1",)))
    assert stored_groups(house.store) == {frozenset({key}) for key in ONE | TWO}
    with house.store.reading() as connection:
        assert why_not(connection, "boamp:26-2", "boamp:26-1", "en")[0] == "a person keeps them apart: another lot"


def test_a_decision_survives_a_replay_of_the_store(house: House, tmp_path: Path) -> None:
    split(house, "boamp:26-2")
    put_together(house)
    expected = stored_groups(house.store)
    with house.store.reading() as connection:
        kept = [dict(row) for row in connection.execute(select(decisions)).mappings()]
    (tmp_path / "again").mkdir()
    again = House(tmp_path / "again")
    with again.store.writing() as connection:
        connection.execute(decisions.insert(), kept)
    for one in (OTHER, FIX, CALL):  # in another order, so under other numbers
        again.bring(one)
    assert stored_groups(again.store) == expected == {ONE - {"boamp:26-2"} | TWO, frozenset({"boamp:26-2"})}
    again.close()


def test_a_possible_link_waits_for_a_word_and_is_asked_once(house: House) -> None:
    late = notice(
        "26-4", "Tri sélectif", kind=NoticeKind.CHANGE, published=date(2026, 5, 26), descriptors=("274",),
    )  # fmt: skip
    call = replace(late, source_id="26-5", kind=NoticeKind.COMPETITION, title="Bennes", published=date(2026, 5, 21))
    house.bring(call, late)
    with house.store.reading() as connection:
        (waiting,) = review(connection, 10)
    assert (waiting.notice, waiting.other, waiting.rule) == ("boamp:26-4", "boamp:26-5", "subject")
    for act, groups in ((Act.SPLIT, 2), (Act.MERGE, 1), (Act.SPLIT, 2)):
        with house.store.writing() as connection:
            settle_possible(connection, waiting.notice, waiting.other, act, "read", at=AT)
        build(house.store, house.engine)
        assert len(stored_groups(house.store)) == 2 + groups
        with house.store.reading() as connection:
            assert review(connection, 10) == []


@pytest.mark.parametrize(
    ("one", "other", "reason", "says"),
    [
        (tender_id(CALL), tender_id(CALL), "x", "one tender already"),
        (tender_id(CALL), "nowhere", "x", "there is no tender nowhere"),
        (tender_id(CALL), tender_id(OTHER), " ", "--reason"),
        (tender_id(CALL), tender_id(OTHER), "x" * 201, "--reason"),
    ],
)
def test_a_word_that_cannot_be_taken_is_refused(house: House, one: str, other: str, reason: str, says: str) -> None:
    with house.store.writing() as connection, pytest.raises(BadQuery, match=says):
        merge_tenders(connection, one, other, reason, at=AT)


@pytest.mark.parametrize(("keys", "says"), [(("boamp:26-3",), "own already"), (("boamp:x",), "there is no notice")])
def test_a_split_of_what_cannot_be_parted_is_refused(house: House, keys: tuple[str, ...], says: str) -> None:
    with house.store.writing() as connection, pytest.raises(BadQuery, match=says):
        split_notices(connection, keys, "x", at=AT)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"title": "Collecte du verre lot 2"}, "a number, a lot or a year differs"),
        ({"title": "Maîtrise d'œuvre, collecte du verre"}, "the kind of service differs"),
        ({"title": "Relance de la collecte du verre", "published": date(2026, 6, 30)}, "one of them is a relaunch"),
        ({"title": "Entretien des parcs"}, "the titles differ"),
        ({"buyer": replace(CALL.buyer, name="Rochemaure")}, "the buyers are not the same"),
        ({"title": "Collecte du verre", "deadline": None}, "another call fits better"),
    ],
)
def test_why_not_says_what_keeps_two_apart(house: House, said: dict, why: str) -> None:
    house.bring(replace(CALL, **({"source_id": "26-8", "descriptors": ("1",)} | said)))
    with house.store.reading() as connection:
        assert why in why_not(connection, "boamp:26-8", tender_id(CALL), "en")[0]
        assert why_not(connection, "boamp:26-8", tender_id(CALL), "fr")[0]
