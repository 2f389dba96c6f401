"""One function a figure: counts of facets in, numbers with their searches out. A tender counts once in each number.

Every figure says how many tenders it rests on (`known`) and of how many the record does not tell (`unknown`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Final

from indexer.analysis import words
from indexer.observatory.scope import Number, hold_to, hold_to_days, hold_to_flag, hold_to_value, month_days
from indexer.stated import class_bounds
from tenders.query import FLAGS, WINNERS, Facet, Query

Counts = Mapping[Facet, Mapping[str, int]]
MONTHS: Final = 60  # months that are told one by one
BUYERS: Final = 10
_BUYER_NAME: Final = 300  # characters of a buyer that a Query may ask for


@dataclass(frozen=True, slots=True)
class Counted:
    """What an engine counted of a scope as of a day (Europe/Paris).

    `since` is the first day that its index holds, None where that was not asked.
    """

    scope: Query
    total: int
    facets: Counts
    today: date
    since: date | None = None

    def known(self, name: str) -> Number:
        """How many tenders state something."""
        return Number(self.facets[Facet.KNOWN].get(name, 0), replace(self.scope, known=(name,)))

    def unknown(self, name: str) -> Number:
        """How many tenders do not."""
        return Number(self.total - self.known(name).count, replace(self.scope, unknown=(name,)))

    @property
    def whole(self) -> Number:
        """All of the scope."""
        return Number(self.total, self.scope)


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a breakdown."""

    value: str
    number: Number


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Tenders by value, most frequent first; a tender that has several values counts in each."""

    lines: tuple[Line, ...]
    known: Number
    unknown: Number | None  # None where every tender has a value

    def number(self, value: str) -> Number | None:
        """How many tenders have a value; None for one that is not among the lines."""
        return next((line.number for line in self.lines if line.value == value), None)


@dataclass(frozen=True, slots=True)
class Spread:
    """The lower quartile, median and upper quartile of a whole number; None where no tender states it."""

    low: int | None
    median: int | None
    high: int | None
    known: Number
    unknown: Number


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of first publication; `unfinished` where scope, calendar or index have a part of it only.

    `called` are those of which a call was read; None where that was not asked.
    """

    month: str  # 2021-04
    number: Number
    unfinished: bool
    called: Number | None = None


@dataclass(frozen=True, slots=True)
class Months:
    """The months, oldest first, without gaps; what lies before and after them; what has no day of publication."""

    months: tuple[Month, ...]
    earlier: Number | None
    later: Number | None
    known: Number
    unknown: Number


@dataclass(frozen=True, slots=True)
class Clause:
    """What is yes, no or not stated, which is not "no". None where the scope leaves a state out."""

    name: str
    yes: Number | None
    no: Number | None
    unknown: Number


def count_months(counted: Counted, called: Mapping[str, int] | None = None) -> Months:
    """Tenders by the month of their first publication: the 60 last up to today that the index holds, without gaps.

    `called` are the counts by month of those with a call.
    """
    found, scope = counted.facets[Facet.MONTH], counted.scope
    last_day = min(scope.published_before or counted.today, counted.today)
    first = scope.published_after.isoformat()[:7] if scope.published_after else min(found, default="")
    if counted.since and counted.since <= last_day:
        first = max(first, counted.since.isoformat()[:7])
    window = _months_to(first, last_day) if found else []
    if not window:
        known = counted.known("published")
        return Months((), None, known if known.count else None, known, counted.unknown("published"))
    start, end = month_days(window[0])[0], month_days(window[-1])[1]
    return Months(
        tuple(_month(counted, month, last_day, called) for month in window),
        _beyond(counted, sum(n for month, n in found.items() if month < window[0]), None, start - timedelta(days=1)),
        _beyond(counted, sum(n for month, n in found.items() if month > window[-1]), end + timedelta(days=1), None),
        counted.known("published"),
        counted.unknown("published"),
    )


def _months_to(first: str, last_day: date) -> list[str]:
    """Return the months from one to that of a day, 60 at most, oldest first."""
    months: list[str] = []
    day = last_day
    while day.isoformat()[:7] >= first and len(months) < MONTHS:
        months.append(day.isoformat()[:7])
        if day.replace(day=1) == date.min:
            break
        day = day.replace(day=1) - timedelta(days=1)
    return months[::-1]


def _month(counted: Counted, month: str, last_day: date, called: Mapping[str, int] | None) -> Month:
    first, last = month_days(month)
    query = hold_to_days(counted.scope, first, last)
    assert query is not None, "the months shown lie within the scope"
    cut = last > last_day or any(begins and begins > first for begins in (counted.scope.published_after, counted.since))
    with_call = None if called is None else Number(called.get(month, 0), replace(query, known=("call",)))
    return Month(month, Number(counted.facets[Facet.MONTH].get(month, 0), query), cut, with_call)


def _beyond(counted: Counted, count: int, first: date | None, last: date | None) -> Number | None:
    query = hold_to_days(counted.scope, first, last) if count else None
    return None if query is None else Number(count, query)


def break_down(counted: Counted, facet: Facet) -> Breakdown:
    """Tenders by the values of a facet that is a name of a Query."""
    name, lines = facet.value, tuple(list_lines(counted, facet))
    if facet in (Facet.SOURCE, Facet.STATUS):
        return Breakdown(lines, counted.whole, None)
    return Breakdown(lines, counted.known(name), counted.unknown(name))


def list_lines(counted: Counted, facet: Facet) -> Iterator[Line]:
    """Give the values of a facet that is a name of a Query, the most frequent first; those that the scope allows."""
    for value, count in sorted(counted.facets[facet].items(), key=lambda pair: (-pair[1], pair[0])):
        query = hold_to(counted.scope, facet.value, value)
        if query is not None:
            yield Line(value, Number(count, query))


def count_winners(counted: Counted) -> Breakdown:
    """Tenders by the sizes of their winners, those that nobody of a size won too: none is an answer here."""
    found = break_down(counted, Facet.WINNER)
    queries = {size: hold_to(counted.scope, "winner", size) for size in WINNERS}
    missing = (Line(s, Number(0, q)) for s, q in queries.items() if q is not None and found.number(s) is None)
    return replace(found, lines=(*found.lines, *missing))


def rank_buyers(counted: Counted) -> Breakdown:
    """The buyers with the most tenders, joint buyers each; a buyer is known by its name, however it is spelt."""
    shown: dict[str, str] = {}
    for name in counted.facets[Facet.BUYER]:
        shown.setdefault(" ".join(words(name)), name)
    lines = []
    for key, count in counted.facets[Facet.BUYER_SAID].items():
        name = shown.get(key, key)
        query = hold_to(counted.scope, "buyer", name) if len(name) <= _BUYER_NAME else None
        if query is not None and " ".join(words(name)) == key:
            lines.append(Line(name, Number(count, query)))
    return Breakdown(tuple(lines[:BUYERS]), counted.known("buyer"), counted.unknown("buyer"))


def spread(counted: Counted, facet: Facet, name: str) -> Spread:
    """The middle of a whole number that tenders state, by the counts of its values."""
    counts = sorted((int(value), count) for value, count in counted.facets[facet].items())
    known = sum(count for _, count in counts)
    low, median, high = (_value_at(counts, (known - 1) * part // 4) if known else None for part in (1, 2, 3))
    return Spread(low, median, high, counted.known(name), counted.unknown(name))


def _value_at(counts: list[tuple[int, int]], place: int) -> int:
    for value, count in counts:
        if place < count:
            return value
        place -= count
    raise AssertionError("the place lies among the counted")


@dataclass(frozen=True, slots=True)
class Values:
    """Tenders by the class of their value, smallest first, and the class of the median value."""

    classes: tuple[Line, ...]  # by the least amount of the class in euros
    median: str | None
    known: Number
    unknown: Number


def count_values(counted: Counted) -> Values:
    """Tenders by class of value: one of ten billion moves neither a class nor the median, as it would a mean."""
    counts = sorted((int(value), count) for value, count in counted.facets[Facet.VALUE_CLASS].items())
    lines = []
    for least, count in counts:
        query = hold_to_value(counted.scope, *class_bounds(least))
        if query is not None:
            lines.append(Line(str(least), Number(count, query)))
    known = sum(count for _, count in counts)
    median = str(_value_at(counts, (known - 1) // 2)) if known else None
    return Values(tuple(lines), median, counted.known("value"), counted.unknown("value"))


def count_relaunches(counted: Counted) -> Number | None:
    """Tenders a title of which says that an earlier procedure is taken up again; None where the scope has none."""
    return _flagged(counted, "relaunch", True)


def _flagged(counted: Counted, name: str, value: bool) -> Number | None:
    query = hold_to_flag(counted.scope, name, value)
    if query is None:
        return None
    return Number(counted.facets[Facet.FLAG].get(f"{name}:{'yes' if value else 'no'}", 0), query)


def count_clauses(counted: Counted) -> Iterator[Clause]:
    """What buyers declare, clause by clause, in three states."""
    return map(partial(_clause, counted), FLAGS)


def count_local(counted: Counted) -> Clause:
    """Tenders that a firm of the place won, a part of it at least; "no" where all winners sit elsewhere."""
    return _clause(counted, "local")


def _clause(counted: Counted, name: str) -> Clause:
    yes, no = (_flagged(counted, name, value) for value in (True, False))
    return Clause(name, yes, no, counted.unknown(name))
