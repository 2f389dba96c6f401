"""Every figure of random scopes against an independent recount, and against the search that it is linked to."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from indexer.analysis import words
from indexer.engine import SearchEngine, open_engine
from indexer.merge import merge
from indexer.observatory.figures import Breakdown, Months
from indexer.observatory.observe import Observation, Observatory, observe
from indexer.observatory.scope import Number, month_before, year_before
from indexer.reference import selects
from tenders.codes import Department
from tenders.errors import BadQuery
from tenders.model import Award, Buyer, Money, Nature, NoticeKind, Strategic, Tender
from tenders.query import Query, Status
from tenders.query_url import from_url, to_url
from tests.indexer.observatory.conftest import Shelf, fill
from tests.indexer.observatory.recount import recount
from tests.indexer.random_tenders import DAYS, NOW, random_notice, random_query, random_tender
from tests.notices import notice


def old_tender(draw: random.Random, number: int) -> Tender:
    """One whose deadline is long past, as most of a real store are."""
    published = date(2025, 1, 1) + timedelta(days=draw.randint(0, 300))
    deadline = datetime.fromisoformat(f"{published + timedelta(days=draw.randint(0, 60))}T12:00:00+01:00")
    drawn = replace(
        random_notice(draw, number * 10), kind=NoticeKind.COMPETITION, published=published, deadline=deadline
    )
    return replace(merge([drawn]), version=number, seq=number, revision=1)


@pytest.fixture(scope="module")
def tenders() -> list[Tender]:
    draw = random.Random(9)
    drawn = [random_tender(draw, number) for number in range(1, 221)]
    return drawn + [old_tender(draw, number) for number in range(221, 261)]


@pytest.fixture(scope="module", params=["tantivy", "elasticsearch"])
def engine(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    tenders: list[Tender],
) -> SearchEngine:
    local = request.param == "tantivy"
    url = (
        f"tantivy:{tmp_path_factory.mktemp('index')}"
        if local
        else request.getfixturevalue("elasticsearch_urls")("observatory")
    )
    engine = open_engine(url)
    fill(engine, tenders)
    return engine


def scopes(count: int) -> Iterator[Query]:
    draw = random.Random(14)
    yield Query()
    yield Query(dept=("21", "71"), cpv_any=("4526", "30"), published_after=DAYS[0], published_before=DAYS[4])
    for _ in range(count - 2):
        drawn = replace(random_query(draw), known=(), unknown=())
        yield drawn if draw.random() < 0.5 else replace(drawn, q="")


PLAIN = ("natures", "procedures", "divisions", "places", "buyer_categories", "buyer_types", "states")


def _breakdown(name: str, found: Breakdown) -> Iterator[tuple[str, Number | None]]:
    yield from ((f"{name} {line.value}", line.number) for line in found.lines)
    if found.unknown is not None:
        yield from ((f"{name} known", found.known), (f"{name} unknown", found.unknown))


def _months(name: str, found: Months) -> Iterator[tuple[str, Number | None]]:
    yield from ((f"{name} {month.month}", month.number) for month in found.months)


def numbers(seen: Observation) -> Iterator[tuple[str, Number | None]]:
    """Every number of an observation, by the names of the recount."""
    yield "total", seen.total
    yield from (("calls known", seen.calls[0]), ("calls unknown", seen.calls[1]))
    yield from _months("months", seen.months)
    yield from ((f"months with a call {month.month}", month.called) for month in seen.months.months)
    yield "months unknown", seen.months.unknown
    for name in (*PLAIN, "winners", "seats", "sources"):
        yield from _breakdown(name, getattr(seen, name))
    for nature, found in seen.by_nature.items():
        yield from _months(f"months of {nature}", found.months)
        yield from _breakdown(f"winners of {nature}", found.winners)
    yield from ((f"buyers {' '.join(words(line.value))}", line.number) for line in seen.buyers.lines)
    yield from (("buyers known", seen.buyers.known), ("buyers unknown", seen.buyers.unknown))
    yield from ((f"values {line.value}", line.number) for line in seen.values.classes)
    yield from (("values known", seen.values.known), ("values unknown", seen.values.unknown))
    yield from (("award_values known", seen.award_values[0]), ("award_values unknown", seen.award_values[1]))
    yield from (("buyer_ids known", seen.buyer_ids[0]), ("buyer_ids unknown", seen.buyer_ids[1]))
    for least in seen.sized_classes:
        yield from ((f"sized values known {least.least}", least.known), (f"sized values sme {least.least}", least.sme))
    for of, won in (("", seen), *((f" of {nature}", found) for nature, found in seen.by_nature.items())):
        yield from ((f"local{of} {state}", getattr(won.local, state)) for state in ("yes", "no", "unknown"))
        yield f"sized lots{of} tenders", won.won_lots.sized.tenders
        yield f"sme lots{of} tenders", won.won_lots.sme and won.won_lots.sme.tenders
    for name in ("answer", "offers", "lots"):
        yield from ((f"{name} known", getattr(seen, name).known), (f"{name} unknown", getattr(seen, name).unknown))
    for name in ("estimated", "unannounced", "relaunches"):
        yield name, getattr(seen, name)
    for clause in seen.clauses:
        for state in ("yes", "no", "unknown"):
            yield f"clauses {clause.name} {state}", getattr(clause, state)


def measures(seen: Observation) -> Iterator[tuple[str, int | None]]:
    """What an observation says besides numbers of tenders: medians, and sums of lots."""
    yield from ((f"{name} median", getattr(seen, name).median) for name in ("answer", "offers", "lots"))
    yield "lots sum", seen.all_lots.count
    for of, won in (("", seen), *((f" of {nature}", found) for nature, found in seen.by_nature.items())):
        yield f"sized lots{of} sum", won.won_lots.sized.count
        if won.won_lots.sme is not None:
            yield f"sme lots{of} sum", won.won_lots.sme.count


def check(engine: SearchEngine, tenders: list[Tender], scope: Query) -> int:
    """Hold every number of a scope to the recount and to its search; returns how many were not zero."""
    seen = observe(engine, scope, NOW)
    counted: Mapping[str, Any] = recount((t for t in tenders if selects(scope, t, NOW)), NOW)
    found = 0
    for name, number in numbers(seen):
        if number is None:
            continue
        # A code longer than a division stands in the scope: what it selects is counted by its search alone.
        if not name.startswith("divisions ") or len(name) == len("divisions 45") or name.endswith("known"):
            assert number.count == counted.get(name, 0), f"{name} of {to_url(scope)}"
        listed = engine.search(from_url(to_url(replace(number.query, size=1))), NOW).total
        assert number.count == listed, f"{name} of {to_url(scope)} is linked to {to_url(number.query)}"
        found += number.count > 0
    assert seen.all_lots.tenders == seen.lots.known
    for name, measure in measures(seen):
        assert measure == counted.get(name, 0), f"{name} of {to_url(scope)}"
    shown = {name for name, _ in numbers(seen)}
    for name in counted:  # what the scope itself does not narrow is told whole
        for kind, parameter in (
            ("natures", "nature"),
            ("procedures", "procedure"),
            ("places", "dept"),
            ("seats", "winner_dept"),
        ):
            assert not name.startswith(f"{kind} ") or getattr(scope, parameter) or name in shown, name
    return found


def test_each_figure_is_the_recount_and_the_total_of_its_search(engine: SearchEngine, tenders: list[Tender]) -> None:
    assert sum(check(engine, tenders, scope) for scope in scopes(50)) > 1000


def test_of_nothing_every_figure_is_nothing(engine: SearchEngine) -> None:
    seen = observe(engine, from_url("dept=976&cpv=03"), NOW)
    assert {number.count for _, number in numbers(seen) if number} == {0}
    assert (seen.answer.median, seen.offers.median, seen.values.median, seen.months.months) == (None, None, None, ())


def tender(number: int, **said: Any) -> Tender:
    return replace(merge([notice(f"26-{number}", **said)]), version=number, seq=number, revision=1)


def test_one_tender_is_its_own_figures(shelf: Shelf) -> None:
    one = tender(1, value=Money(Decimal(120000)), strategic=Strategic(green=True, social=False))
    seen = observe(shelf(one), Query(), NOW)
    assert (seen.total.count, seen.answer.median, seen.answer.low, seen.answer.high) == (1, 28, 28, 28)
    assert [(line.value, line.number.count) for line in seen.buyers.lines] == [("Commune de Vallebrune", 1)]
    assert [(month.month, month.number.count, month.unfinished) for month in seen.months.months] == [
        ("2026-05", 1, True)
    ]
    assert (seen.values.median, seen.offers.median, seen.winners.known.count) == ("90000", None, 0)
    declared = {clause.name: (clause.yes, clause.no, clause.unknown.count) for clause in seen.clauses}
    assert (declared["green"][0].count, declared["social"][1].count, declared["sme"][2]) == (1, 1, 1)  # type: ignore[union-attr]


def test_absurd_values_move_neither_a_median_nor_a_class(shelf: Shelf) -> None:
    amounts = ("1", "100000", "120000", "130000", "10000000000", "99999999999999999999")
    far = datetime.fromisoformat("9999-12-31T23:59:00+00:00")
    absurd = [
        tender(number, value=Money(Decimal(amount)), deadline=far if number == 5 else notice().deadline)
        for number, amount in enumerate(amounts, 1)
    ]
    early = tender(9, published=date(1, 1, 1), deadline=datetime.fromisoformat("0001-01-01T00:00:00+14:00"))
    late = tender(10, published=date(9999, 12, 31), deadline=None)
    bids = tender(11, kind=NoticeKind.RESULT, deadline=None, awards=(Award(bids=-3), Award(bids=10**9)))
    seen = observe(shelf(*absurd, early, late, bids), Query(), NOW)
    assert seen.values.median == "90000"
    assert {line.value: line.number.count for line in seen.values.classes} == {"0": 1, "90000": 3, "5000000": 2}
    assert seen.answer.median == 28
    assert (seen.offers.median, seen.offers.known.count) == (999, 1)
    assert seen.months.earlier is not None
    assert seen.months.later is not None
    assert (seen.months.earlier.count, seen.months.later.count, len(seen.months.months)) == (1, 1, 60)


def test_the_links_of_a_figure_cannot_be_its_scope(shelf: Shelf) -> None:
    with pytest.raises(BadQuery, match="leave it out"):
        observe(shelf(), Query(unknown=("value",)), NOW)


def test_a_year_before_has_the_same_days_a_year_earlier() -> None:
    leap = year_before(from_url("dept=21&published_after=2024-02-29&published_before=2024-12-31"))
    assert leap is not None
    assert to_url(leap) == "dept=21&published_after=2023-02-28&published_before=2023-12-31"
    assert year_before(Query(dept=("21",))) is None


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        ("2025-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2026-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("2026-01", date(2025, 1, 1), date(2025, 1, 31)),
    ],
)
def test_whole_months_stay_whole_a_year_earlier(month: str, first: date, last: date) -> None:
    following = (date.fromisoformat(f"{month}-01") + timedelta(days=40)).replace(day=17)
    held = month_before(Query(dept=("21",), published_after=DAYS[0]), following)
    assert held.published_after is not None and held.published_after.isoformat()[:7] == month
    earlier = year_before(held)
    assert earlier is not None
    assert (earlier.dept, earlier.published_after, earlier.published_before) == (("21",), first, last)


def told(found: Months) -> list[tuple[str, int, bool]]:
    return [(month.month, month.number.count, month.unfinished) for month in found.months]


def test_of_months_before_the_index_begins_none_is_told(shelf: Shelf) -> None:
    days = [date(2026, 2, 16) + timedelta(days=n) for n in range(80)]
    stray = date(2023, 5, 5)
    engine = shelf(*(tender(n, published=day, nature=Nature.WORKS) for n, day in enumerate((stray, *days), 1)))
    observatory = Observatory(engine)
    assert observatory.begins(NOW) == date(2026, 2, 16)
    seen = observatory.observe(from_url("published_after=2023-01-01&published_before=2026-04-30"), NOW)
    assert seen.since == date(2026, 2, 16)
    assert told(seen.months) == [("2026-02", 13, True), ("2026-03", 31, False), ("2026-04", 30, False)]
    assert seen.months.earlier is not None
    assert (seen.months.earlier.count, seen.total.count) == (1, 75)
    assert engine.search(seen.months.earlier.query, NOW).total == 1
    assert told(seen.by_nature["works"].months) == told(seen.months)
    for form, holds, reaches in (
        ("published_after=2026-02-16", True, True),
        ("published_after=2026-02-01", False, True),
        ("published_after=2025-01-01&published_before=2025-12-31", False, False),
        ("", False, True),
    ):
        assert observatory.holds(from_url(form), NOW) is holds, form
        assert observatory.reaches(from_url(form), NOW) is reaches, form


def test_a_month_that_begins_on_a_holiday_is_held_whole_and_a_new_index_begins_anew(shelf: Shelf) -> None:
    engine = shelf(*(tender(n, published=date(2026, 1, 3 + n)) for n in range(1, 20)))
    observatory = Observatory(engine)
    assert observatory.begins(NOW) == date(2026, 1, 1)
    engine.put([tender(n, published=date(2025, 12, 31)) for n in range(20, 30)])
    engine.commit(30)
    assert observatory.begins(NOW) == date(2025, 12, 31)
    assert Observatory(shelf()).begins(NOW) is None


class Restless:
    """An engine whose index gets one tender more while it is asked, at each of so many questions."""

    def __init__(self, engine: SearchEngine, times: int) -> None:
        self.engine, self.left, self.number = engine, times, 1

    def mark(self) -> int | None:
        return self.engine.mark()

    def search(self, *asked: Any, **more: Any) -> Any:
        found = self.engine.search(*asked, **more)
        if self.left:
            self.left, self.number = self.left - 1, self.number + 1
            self.engine.put([tender(self.number)])
            self.engine.commit(self.number)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)


def test_figures_of_two_commits_are_worked_out_again_and_never_remembered(shelf: Shelf) -> None:
    restless: Any = Restless(shelf(tender(1)), 1)
    seen = Observatory(restless).observe(Query(), NOW)
    assert (seen.total.count, seen.calls[0].count, seen.months.months[-1].number.count) == (2, 2, 2)
    never: Any = Restless(shelf(tender(1)), 10**6)
    observatory = Observatory(never)
    first = observatory.observe(Query(), NOW)
    never.left = 0
    assert observatory.observe(Query(), NOW).total.count > first.total.count


def test_figures_are_remembered_until_the_index_changes_or_they_are_old(shelf: Shelf) -> None:
    engine = shelf(tender(1))
    observatory = Observatory(engine)
    first = observatory.observe(Query(), NOW)
    assert observatory.observe(Query(size=3), NOW) is first
    engine.put([tender(2)])
    engine.commit(2)
    second = observatory.observe(Query(), NOW)
    assert second.total.count == 2
    later = NOW + timedelta(days=60)
    assert second.states.number(Status.OPEN) is not None
    assert observatory.observe(Query(), later).states.number(Status.OPEN) is None


def test_a_buyer_of_one_name_in_many_places_is_told_to_be_so(shelf: Shelf) -> None:
    name = "Service départemental d’incendie et de secours"
    places = (("21",), ("71",), ("33", "21"))
    held = [
        tender(n, buyer=Buyer(name=name), departments=tuple(map(Department, one)), places=())
        for n, one in enumerate(places, 1)
    ]
    one = tender(9, buyer=Buyer(name="Ville de Dijon"), departments=(Department("21"),), places=())
    engine = shelf(*held, one)
    assert observe(engine, Query(), NOW).buyer_places == {name: 3, "Ville de Dijon": 1}
    assert observe(engine, from_url("dept=71&dept=58"), NOW).buyer_places == {name: 1}
    assert observe(engine, from_url("dept=21"), NOW).buyer_places == {}
