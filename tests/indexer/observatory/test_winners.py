"""Who won, of records that state little, nothing, or the absurd: no share of nothing, and no lot counted twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from indexer.observatory.observe import Observation, observe
from indexer.winning import is_local
from tenders.codes import Department, Nuts
from tenders.model import Award, Money, Nature, NoticeKind, Supplier, Tender
from tenders.query import Query
from tenders.query_url import from_url
from tests.indexer.observatory.conftest import Shelf
from tests.indexer.observatory.test_observe import tender
from tests.indexer.random_tenders import NOW

DIJON, BEAUNE, MACON = Nuts("FRC11"), Nuts("FRC11"), Nuts("FRC13")


def won(number: int, *awards: Award, departments: tuple[str, ...] = ("21",), value: str | None = None) -> Tender:
    return tender(
        number,
        kind=NoticeKind.RESULT,
        deadline=None,
        nature=Nature.WORKS,
        departments=tuple(map(Department, departments)),
        awards=awards,
        value=None if value is None else Money(Decimal(value)),
    )


def by(*places: Nuts | None, size: str | None = None, lot: str | None = None) -> Award:
    return Award(lot=lot, suppliers=tuple(Supplier(name="Val", size=size, place=place) for place in places))


def lots(seen: Observation) -> tuple[tuple[int, int], ...]:
    """Lots and the tenders that they are of: stated, of a stated size, won by an SME."""
    assert seen.won_lots.sme is not None
    counted = (seen.all_lots, seen.won_lots.sized, seen.won_lots.sme)
    return tuple((one.count, one.tenders.count) for one in counted)


def test_of_nothing_and_of_awards_without_suppliers_nothing_is_told(shelf: Shelf) -> None:
    for tenders in ((), (won(1, Award(lot="1"), Award(lot="2")),), (won(1),)):
        seen = observe(shelf(*tenders), Query(), NOW)
        assert lots(seen) == ((0, 0), (0, 0), (0, 0))
        assert (seen.lots.median, seen.sized_classes, seen.seats.lines) == (None, (), ())
        assert seen.local.unknown.count == len(tenders)
        assert (seen.winners.known.count, seen.seats.known.count) == (0, 0)


def test_a_supplier_of_sixty_lots_is_sixty_lots_of_one_tender(shelf: Shelf) -> None:
    sixty = won(1, *(by(DIJON, size="small", lot=f"LOT-{number:04}") for number in range(1, 61)))
    seen = observe(shelf(sixty, won(2, by(MACON, size="large"), by(DIJON, size="micro"))), Query(), NOW)
    assert lots(seen)[1:] == ((61, 2), (61, 2)), "both awards of the whole are of one lot"
    assert {line.value: line.number.count for line in seen.seats.lines} == {"21": 2, "71": 1}
    assert seen.by_nature["works"].won_lots.sized.count == 61


def test_five_thousand_lots_of_one_tender_move_no_median_and_count_as_999(shelf: Shelf) -> None:
    stated = [tender(number, lot_count=count) for number, count in enumerate((1, 2, 4, 5000), 1)]
    seen = observe(shelf(*stated, tender(9, lot_count=None)), Query(), NOW)
    assert (seen.lots.median, seen.all_lots.count, seen.all_lots.tenders.count) == (2, 1 + 2 + 4 + 999, 4)
    assert seen.lots.unknown.count == 1


def test_absurd_values_are_each_one_tender_in_a_class(shelf: Shelf) -> None:
    amounts = {1: "1", 2: "10000000000", 3: "99999999999999999999", 4: "30000"}
    tenders = [won(number, by(None, size="small"), value=amount) for number, amount in amounts.items()]
    seen = observe(shelf(*tenders, won(5, by(None, size="large"), value="40000"), won(6, value="50000")), Query(), NOW)
    classes = [(one.least, one.sme.count, one.known.count) for one in seen.sized_classes]
    assert classes == [(0, 1, 1), (25_000, 1, 2), (5_000_000, 2, 2)]


@pytest.mark.parametrize(
    ("places", "departments", "local"),
    [
        ((DIJON,), ("21",), True),
        ((MACON,), ("21",), False),
        ((MACON, BEAUNE), ("21",), True),
        ((MACON, None), ("21",), None),
        ((DIJON, None), ("21", "71"), True),
        ((Nuts("FRC1"),), ("21",), None),  # somewhere in Burgundy
        ((Nuts("FR"),), ("21",), None),
        ((Nuts("DE212"),), ("21",), False),
        ((Nuts("DE212"),), ("99",), None),  # abroad, but where?
        ((DIJON,), ("99",), False),
        ((DIJON,), (), None),
        ((None,), ("21",), None),
        ((), ("21",), None),
    ],
)
def test_a_winner_is_local_where_the_work_is_done(
    places: tuple[Nuts | None, ...], departments: tuple[str, ...], local: bool | None, shelf: Shelf
) -> None:
    one = won(1, by(*places) if places else Award(), departments=departments)
    assert is_local(one, departments) is local
    engine = shelf(one)
    found = {said: engine.search(from_url(f"local={said}"), NOW).total for said in ("yes", "no")}
    assert found == {"yes": int(local is True), "no": int(local is False)}
    assert engine.search(from_url("unknown=local"), NOW).total == int(local is None)


@pytest.mark.parametrize(
    ("other", "local"),
    [
        (Award(lot="2", value=Money(Decimal(5))), None),  # won by nobody knows whom
        (Award(lot="2", date=date(2026, 5, 1)), None),
        (Award(value=Money(Decimal(5))), None),
        (Award(lot="2", bids=3), False),  # neither winner, price nor date: nobody won it
        (Award(lot="2"), False),
    ],
)
def test_who_won_a_lot_unnamed_may_be_local(other: Award, local: bool | None, shelf: Shelf) -> None:
    one, here = won(1, by(MACON, lot="1"), other), won(2, by(DIJON, lot="1"), other)
    engine = shelf(one, here)
    assert (is_local(one, ("21",)), is_local(here, ("21",))) == (local, True)
    found = {said: engine.search(from_url(said), NOW).total for said in ("local=yes", "local=no", "unknown=local")}
    assert found == {"local=yes": 1, "local=no": int(local is False), "unknown=local": int(local is None)}


def test_what_the_scope_leaves_out_is_left_out(shelf: Shelf) -> None:
    engine = shelf(won(1, by(DIJON, size="large"), value="30000"), won(2, by(MACON, size="small"), value="30000"))
    large, elsewhere = (observe(engine, from_url(form), NOW) for form in ("winner=large", "local=no"))
    assert (large.won_lots.sme, large.sized_classes, large.won_lots.sized.count) == (None, (), 1)
    assert elsewhere.local.yes is None
    assert elsewhere.local.no is not None
    assert elsewhere.local.no.count == 1
