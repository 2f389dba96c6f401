"""The history of a procedure is what its notices tell, however they reached us."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime

from indexer.retelling import LONGEST, retell
from tenders.model import Award, NoticeKind, Supplier
from tests.notices import notice

CALL = notice("26-1")
MOVED = notice(
    "26-9", kind=NoticeKind.CHANGE, supersedes=("26-1",), published=date(2026, 5, 25),
    deadline=datetime.fromisoformat("2026-06-30T12:00:00+02:00"),
)  # fmt: skip
OFF = notice("26-20", kind=NoticeKind.CANCELLATION, published=date(2026, 6, 2))
ON = replace(MOVED, source_id="26-21", published=date(2026, 6, 4))
WON = notice(
    "26-90", kind=NoticeKind.RESULT, published=date(2026, 9, 1), awards=(Award(suppliers=(Supplier(name="Val"),)),)
)


def test_each_notice_is_told_with_what_it_changed_in_any_order_of_arrival() -> None:
    for order in itertools.permutations((CALL, MOVED, OFF, ON, WON)):
        assert [(one.notice, one.changed) for one in retell(order)] == [
            ("boamp:26-1", {}),
            ("boamp:26-9", {"deadline": ["2026-06-17T12:00:00+02:00", "2026-06-30T12:00:00+02:00"]}),
            ("boamp:26-20", {"cancelled": [False, True]}),
            ("boamp:26-21", {"cancelled": [True, False]}),
            ("boamp:26-90", {"awarded": [False, True], "awards": [[], ["|Val"]]}),
        ]


def test_of_very_many_notices_the_latest_are_told() -> None:
    many = [replace(MOVED, source_id=f"26-{n}") for n in range(LONGEST + 50)]
    told = retell([CALL, *many])
    assert (len(told), told[-1].notice) == (LONGEST, f"boamp:26-{LONGEST + 49}")
