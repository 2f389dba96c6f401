"""Lots across notices: one by number however it is written, corrected one by one or all together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from indexer.lots import lot_key
from indexer.merge import merge
from tenders.model import Lot, Money, Notice, NoticeKind
from tests.notices import notice


def lots(*ids: str, **said: object) -> tuple[Lot, ...]:
    return tuple(Lot(id=id_, title=f"Titre {lot_key(id_)}", **said) for id_ in ids)  # type: ignore[arg-type]


CALL = notice("26-1", lots=lots("1", "2", "3"), lot_count=3)
LATER = datetime.fromisoformat("2026-07-01T12:00:00+02:00")


def correction(*told: Lot, **said: object) -> Notice:
    plain = {"kind": NoticeKind.CHANGE, "published": date(2026, 5, 29), "lots": told, "lot_count": len(told) or None}
    return notice("26-9", **{**plain, **said})


def ids(*notices: Notice) -> list[str]:
    return [lot.id for lot in merge(notices).merged.lots]


@pytest.mark.parametrize("written", ["LOT-0006", "6", "06", "lot 6", "Lot n°6", " 0006 "])
def test_a_lot_has_one_number_however_it_is_written(written: str) -> None:
    assert lot_key(written) == "6"


@pytest.mark.parametrize(("one", "other"), [("1", "10"), ("1a", "1b"), ("Gros œuvre", "Électricité"), ("1", "1.1")])
def test_lots_apart_stay_apart(one: str, other: str) -> None:
    assert lot_key(one) != lot_key(other)


def test_a_correction_of_one_lot_leaves_the_others() -> None:
    tender = merge([CALL, correction(Lot(id="2", deadline=LATER, value=Money(Decimal(5000))))])
    assert [lot.id for lot in tender.merged.lots] == ["1", "2", "3"]
    assert tender.merged.lot_count == 3
    second = tender.merged.lots[1]
    assert (second.title, second.deadline, second.value) == ("Titre 2", LATER, Money(Decimal(5000)))
    assert tender.provenance["lots"] == "boamp:26-1"
    assert tender.provenance["lots.2.deadline"] == tender.provenance["lots.2.value"] == "boamp:26-9"
    assert "lots.2.title" not in tender.provenance
    assert "lots.1.title" not in tender.provenance


def test_a_correction_in_eforms_repeats_the_whole_so_that_a_lot_may_go_and_come() -> None:
    call = replace(CALL, lots=lots("LOT-0001", "LOT-0002"), lot_count=2)
    assert ids(call, correction(*lots("LOT-0001"))) == ["LOT-0001"]
    assert ids(call, correction(*lots("LOT-0001", "LOT-0002", "LOT-0003"))) == ["LOT-0001", "LOT-0002", "LOT-0003"]


def test_a_correction_of_another_form_removes_nothing_but_may_add() -> None:
    assert ids(CALL, correction(*lots("3", "4"))) == ["1", "2", "3", "4"]
    assert merge([CALL, correction(*lots("3", "4"))]).merged.lot_count == 4
    assert ids(CALL, correction(*lots("1", "2", "4"))) == ["1", "2", "4"]  # as many as there were: the whole list
    assert ids(CALL, correction()) == ["1", "2", "3"]


def test_a_platform_and_a_journal_tell_of_the_same_lots() -> None:
    platform = replace(CALL, source="place", lots=lots("1", "2", value=Money(Decimal(7))), lot_count=2)
    tender = merge([platform, replace(CALL, lots=lots("LOT-0001", "LOT-0002"), lot_count=2)])
    assert [lot.id for lot in tender.merged.lots] == ["LOT-0001", "LOT-0002"]
    assert tender.merged.lots[0].value == Money(Decimal(7))
    assert tender.provenance["lots.LOT-0001.value"] == "place:26-1"


def test_a_list_that_states_there_are_more_is_filled_from_others() -> None:
    short = replace(CALL, source_id="26-2", lots=lots("1"), lot_count=3, published=date(2026, 5, 21))
    assert ids(CALL, short) == ["1", "2", "3"]


def test_what_announces_a_winner_lists_lots_only_where_no_call_does() -> None:
    result = notice("26-20", kind=NoticeKind.RESULT, published=date(2026, 9, 1), lots=lots("2"), lot_count=1)
    assert ids(CALL, result) == ["1", "2", "3"]
    other = replace(result, source_id="26-21", lots=lots("1"))
    assert ids(result, other) == ["1", "2"]
    assert merge([result, other]).merged.lot_count == 2


def test_a_count_without_a_list_is_kept_and_never_less_than_what_is_listed() -> None:
    assert merge([notice("26-1", lot_count=5)]).merged.lot_count == 5
    assert merge([replace(CALL, lot_count=None)]).merged.lot_count == 3
