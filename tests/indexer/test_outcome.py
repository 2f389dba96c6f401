"""What awards and cancellations make of a procedure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from indexer.merge import merge
from tenders.model import Award, Lot, Money, Notice, NoticeKind, Supplier, Tender
from tests.notices import notice

WON = (Supplier(name="Toitures du Val"),)
CALL = notice(
    "26-10", family="fns", lots=(Lot(id="1", title="Couverture"), Lot(id="2", title="Zinguerie")), lot_count=2
)


def result(number: str, *awards: Award, day: int = 1, **said: object) -> Notice:
    return notice(number, **{"kind": NoticeKind.RESULT, "published": date(2026, 9, day), "awards": awards, **said})


def cancellation(number: str, day: date, **said: object) -> Notice:
    return notice(number, **{"kind": NoticeKind.CANCELLATION, "published": day, "family": "fns", **said})


def state(*notices: Notice) -> str:
    tender = merge(notices)
    return "cancelled" if tender.cancelled else "awarded" if tender.awarded else "stands"


def winners(tender: Tender) -> dict[str | None, list[str | None]]:
    return {award.lot: [supplier.name for supplier in award.suppliers] for award in tender.merged.awards}


@pytest.mark.parametrize(
    ("awards", "expected"),
    [
        ((), "awarded"),  # the notice is of the whole
        ((Award(suppliers=WON),), "awarded"),
        ((Award(bids=3),), "awarded"),
        ((Award(lot="1", suppliers=WON),), "stands"),
        ((Award(lot="LOT-0001", suppliers=WON), Award(lot="Zinguerie", suppliers=WON)), "awarded"),
        ((Award(lot="1", suppliers=WON), Award(lot="2", bids=0)), "awarded"),  # decided, if not won
        ((Award(lot="2", bids=0),), "stands"),
        ((Award(lot="1"), Award(lot="2", bids=0)), "cancelled"),  # no contract follows
    ],
)
def test_lots_are_decided_one_by_one(awards: tuple[Award, ...], expected: str) -> None:
    assert state(CALL, result("26-90", *awards)) == expected


def test_the_last_lot_closes_the_tender_whenever_it_comes() -> None:
    first, second = (
        result("26-90", Award(lot="1", suppliers=WON)),
        result("26-95", Award(lot="2", suppliers=WON), day=9),
    )
    assert [state(CALL, first), state(CALL, second), state(CALL, second, first)] == ["stands", "stands", "awarded"]


def test_an_outcome_without_a_call_is_the_end() -> None:
    assert state(result("26-90", Award(lot="1", suppliers=WON), lots=CALL.lots)) == "awarded"
    assert state(result("26-90", Award(lot="1"))) == "cancelled"


def test_the_end_of_a_contract_says_that_there_was_one() -> None:
    assert state(CALL, result("26-90", Award(lot="1", suppliers=WON), kind=NoticeKind.MODIFICATION)) == "awarded"


def test_of_each_lot_the_latest_outcome_is_kept() -> None:
    early = result("26-90", Award(lot="1", suppliers=WON), Award(lot="2", suppliers=WON))
    late = result("26-95", Award(lot="LOT-0002", suppliers=(Supplier(name="Zinc et Fils"),)), day=9)
    tender = merge([late, CALL, early])
    assert winners(tender) == {"1": ["Toitures du Val"], "LOT-0002": ["Zinc et Fils"]}
    assert tender.provenance["awards"] == "boamp:26-95"
    assert tender.provenance["awards.1"] == "boamp:26-90"


def test_a_correction_that_names_winners_corrects_the_outcome_and_moves_no_deadline() -> None:
    first = result("26-90", Award(suppliers=WON))
    right = result(
        "26-95", Award(suppliers=(Supplier(name="Zinc et Fils"),)), day=9, kind=NoticeKind.CHANGE,
        deadline=datetime.fromisoformat("2027-01-01T12:00:00+01:00"),
    )  # fmt: skip
    tender = merge([CALL, first, right])
    assert winners(tender) == {None: ["Zinc et Fils"]}
    assert (tender.awarded, tender.merged.deadline) == (True, CALL.deadline)


def test_winners_that_two_sources_name_are_named_once() -> None:
    ours = result("26-90", Award(suppliers=WON))
    theirs = result(
        "5-2026", Award(suppliers=(Supplier(name="TOITURES DU VAL"),), value=Money(Decimal(9))), source="ted"
    )
    by_lot = result("6-2026", Award(lot="1", suppliers=WON), Award(lot="2", suppliers=WON), source="ted")
    assert len(merge([CALL, ours, theirs]).merged.awards) == 1
    assert set(winners(merge([CALL, ours, by_lot]))) == {"1", "2"}
    again = result(
        "26-91", Award(suppliers=(Supplier(name="Zinc et Fils"),))
    )  # another lot, the form does not say which
    assert len(merge([CALL, ours, again]).merged.awards) == 2


def test_a_value_of_some_lots_is_not_that_of_the_whole() -> None:
    one = result("26-90", Award(lot="1", suppliers=WON), value=Money(Decimal(5)), lots=(Lot(id="1"),))
    assert merge([CALL, one]).merged.value is None
    assert merge([replace(CALL, lots=(), lot_count=None), one]).merged.value == Money(Decimal(5))


def test_a_cancellation_holds_until_a_later_call_correction_or_winner() -> None:
    off = cancellation("26-20", date(2026, 5, 30))
    assert state(CALL, off) == "cancelled"
    assert state(off) == "cancelled"
    assert state(off, CALL, notice("26-30", kind=NoticeKind.CHANGE, published=date(2026, 6, 2))) == "stands"
    assert state(off, CALL, notice("26-30", family="fns", published=date(2026, 6, 2))) == "stands"
    assert state(off, CALL, result("26-90")) == "awarded"
    assert state(off, CALL, result("26-90", Award(lot="1"), Award(lot="2"))) == "cancelled"


def test_the_cancellation_of_one_text_of_a_call_leaves_the_other() -> None:
    twin = replace(CALL, source_id="26-11", family="joue")
    assert state(CALL, twin, cancellation("26-20", date(2026, 5, 22))) == "stands"
    assert state(twin, cancellation("26-20", date(2026, 5, 22))) == "stands"  # of another family than what is known
    both = (cancellation("26-20", date(2026, 5, 22)), cancellation("26-21", date(2026, 5, 22), family="joue"))
    assert state(CALL, twin, *both) == "cancelled"
    assert state(CALL, replace(CALL, source="ted"), both[0]) == "cancelled"  # another journal repeats the call


def test_of_one_day_numbers_tell_whether_a_call_is_the_one_taken_back_or_the_new_one() -> None:
    assert state(CALL, cancellation("26-9", CALL.published or date.min)) == "stands"
    assert state(CALL, cancellation("26-11", CALL.published or date.min)) == "cancelled"


def test_a_platforms_page_says_of_now_that_it_is_cancelled() -> None:
    page = replace(CALL, source="place", kind=NoticeKind.CANCELLATION, published=date(2026, 5, 18))
    assert state(page, CALL) == "cancelled"
    assert state(page, CALL, notice("26-50", published=date(2026, 8, 1))) == "stands"  # called anew
