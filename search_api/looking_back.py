"""What a search would have brought: tenders by the day they were first published, in the 90 days up to now.

Every number is a count of the index; none is worked out of a sample. What a search says of the present (open now,
closing within 7 days) is left out of it: a tender that is closed today was open on the day it would have been told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from indexer.engine import SearchEngine, count_selected
from tenders.model import NoticeKind
from tenders.query import Query, Sort, Status
from tenders.status import paris_day

DAYS: Final = 90
_WEEK: Final = 7
# The notices by which tenders of a state come into the world.
_BEGINNINGS: Final = {Status.OPEN: (NoticeKind.COMPETITION,), Status.PLANNED: (NoticeKind.PLANNING,)}


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days or, the first, fewer; and how many tenders were published in them."""

    first: date
    last: date
    count: int


@dataclass(frozen=True, slots=True)
class Volume:
    """How many tenders were published in so many days."""

    total: int
    days: int = DAYS

    @property
    def weekly(self) -> float:
        """How many a week that is."""
        return self.total * _WEEK / self.days


@dataclass(frozen=True, slots=True)
class LookBack:
    """The weeks, the oldest first, and how many tenders they have together."""

    weeks: tuple[Week, ...]
    volume: Volume


def timeless(query: Query) -> Query:
    """Return what a search asks of a tender on the day it is published."""
    states = set(query.status)
    beginnings = [kind for state in (Status.OPEN, Status.PLANNED) if state in states for kind in _BEGINNINGS[state]]
    kinds = query.kind or tuple(kind.value for kind in beginnings)
    gone = states & {Status.CLOSED, Status.AWARDED, Status.CANCELLED}
    return replace(
        query.saved(),
        status=query.status if gone else (),
        kind=query.kind if gone else kinds,
        deadline_within=None,
    )


def measure(engine: SearchEngine, query: Query, now: datetime) -> Volume:
    """Count what a search would have brought in the last 90 days."""
    today = paris_day(now)
    return Volume(count_between(engine, query, today - timedelta(days=DAYS - 1), today, now))


def look_back(engine: SearchEngine, query: Query, now: datetime) -> LookBack:
    """Count what a search would have brought week by week, in the last 90 days."""
    weeks, last = [], paris_day(now)
    first_of_all = last - timedelta(days=DAYS - 1)
    while last >= first_of_all:
        first = max(last - timedelta(days=_WEEK - 1), first_of_all)
        weeks.append(Week(first, last, count_between(engine, query, first, last, now)))
        last = first - timedelta(days=1)
    return LookBack(tuple(reversed(weeks)), Volume(sum(week.count for week in weeks)))


def published_between(query: Query, first: date, last: date) -> Query | None:
    """Return a search held to days of publication, None where its own leave nothing of them."""
    first, last = max(first, query.published_after or first), min(last, query.published_before or last)
    return replace(timeless(query), published_after=first, published_before=last) if first <= last else None


def recent(query: Query, now: datetime, size: int) -> Query | None:
    """Return the search of what was published last in the 90 days."""
    held = published_between(query, paris_day(now) - timedelta(days=DAYS - 1), paris_day(now))
    return held and replace(held, sort=Sort.PUBLISHED, size=size)


def count_between(engine: SearchEngine, query: Query, first: date, last: date, now: datetime) -> int:
    """Count the tenders first published from one day to another that a search would have brought."""
    held = published_between(query, first, last)
    return count_selected(engine, held, now) if held else 0
