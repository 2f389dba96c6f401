"""Standing notices that say different things of one fact are both kept; what was moved is no contradiction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from indexer.merge import merge
from tenders.codes import Cpv, Nuts
from tenders.model import Buyer, Contradiction, Money, Nature, Notice, NoticeKind, Procedure
from tests.notices import notice


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+02:00")


CALL = notice(
    "26-1", published=date(2026, 5, 6), cpv=(Cpv("45261000"),), value=Money(Decimal(120000)), nature=Nature.WORKS,
    procedure=Procedure.ADAPTED, places=(Nuts("FRC11"),),
    buyer=Buyer(name="Commune de Vallebrune", id="21210231900012"),
)  # fmt: skip
PAGE = replace(CALL, source="place", source_id="77", published=date(2026, 5, 4))


def found(*notices: Notice) -> list[tuple[str, str, str]]:
    return [(one.field, one.value, one.notice) for one in merge(notices).contradictions]


@pytest.mark.parametrize(
    ("said", "field", "value", "notice_key"),
    [
        ({"deadline": moment("06-17T11:00")}, "deadline", "2026-06-17T12:00:00+02:00", "boamp:26-1"),
        ({"value": Money(Decimal("90000.00"))}, "value", "90000.00 EUR", "place:77"),
        ({"cpv": (Cpv("30190000"), Cpv("30200000"))}, "cpv", "30190000 30200000", "place:77"),
        ({"nature": Nature.SUPPLIES}, "nature", "supplies", "place:77"),
        ({"procedure": Procedure.OPEN}, "procedure", "open", "place:77"),
        ({"places": (Nuts("FRC12"),)}, "places", "FRC12", "place:77"),
        ({"buyer": Buyer(name="Commune de Vallebrune", id="20003")}, "buyer.id", "20003", "place:77"),
    ],
)
def test_the_other_value_is_kept_with_the_notice_that_says_it(
    said: dict[str, Any], field: str, value: str, notice_key: str
) -> None:
    tender = merge([CALL, replace(PAGE, **said)])
    assert tender.contradictions == (Contradiction(field=field, value=value, notice=notice_key),)
    assert tender.provenance.get(field, tender.provenance.get("buyer")) != notice_key


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"deadline": datetime.fromisoformat("2026-06-17T10:00:00+00:00")},  # the same moment
        {"deadline": None, "value": None, "cpv": (), "nature": None},
        {"procedure": None, "places": (), "buyer": Buyer(name="Mairie de Vallebrune")},
        {"cpv": (Cpv("45000000"),)},  # the same, less exactly
        {"cpv": (Cpv("45261210"), Cpv("30000000"))},
        {"places": (Nuts("FRC1"),)},
        {"procedure": Procedure.OTHER},
        {"value": Money(Decimal(120000), "CHF")},
        {"buyer": Buyer(name="Mairie de Vallebrune", id="21210231900099")},  # another place of the same body
        {"title": "Tout autre chose", "description": "Rien de commun"},
    ],
)  # fmt: skip
def test_what_agrees_or_is_not_stated_is_no_contradiction(said: dict[str, Any]) -> None:
    assert found(CALL, replace(PAGE, **said)) == []


def test_thirty_million_and_thirty_three_are_two_divisions() -> None:
    assert found(replace(CALL, cpv=(Cpv("30000000"),)), replace(PAGE, cpv=(Cpv("33000000"),))) != []


def test_what_a_correction_moved_is_no_contradiction_nor_the_page_that_still_shows_it() -> None:
    moved = replace(
        CALL, source_id="26-9", kind=NoticeKind.CHANGE, published=date(2026, 5, 25), deadline=moment("06-30T12:00")
    )
    assert found(CALL, PAGE, moved) == []
    ahead = replace(PAGE, deadline=moment("07-10T12:00"))  # the page says what no notice has said
    assert found(CALL, ahead, moved) == [("deadline", "2026-07-10T12:00:00+02:00", "place:77")]


def test_a_new_round_and_a_later_text_of_the_same_source_move_what_was() -> None:
    anew = replace(CALL, source_id="26-7", published=date(2026, 8, 1), deadline=moment("09-01T12:00"))
    assert found(CALL, anew) == []
    again = replace(CALL, source_id="26-2", published=date(2026, 5, 8), value=Money(Decimal(5)))
    assert (found(CALL, again), merge([CALL, again]).merged.value) == ([], Money(Decimal(5)))


def test_an_outcome_contradicts_nobody() -> None:
    won = replace(CALL, source_id="26-90", kind=NoticeKind.RESULT, published=date(2026, 9, 1), value=Money(Decimal(99)))
    assert found(CALL, won) == []


def test_each_value_is_kept_once() -> None:
    other = replace(PAGE, value=Money(Decimal(5)))
    third = replace(other, source="maximilien")
    assert [(name, value) for name, value, _ in found(CALL, other, third)] == [("value", "5.00 EUR")]
