"""Since when an index holds notices: of the time before it nothing is known, which is not zero."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from statistics import median_low
from typing import Final

from indexer.engine import SearchEngine, count_selected
from indexer.observatory.scope import month_days
from tenders.query import Facet, Query
from tenders.status import paris_day

_QUIET: Final = timedelta(days=3)  # at the start of a whole month: a holiday and a week-end


def find_beginning(engine: SearchEngine, now: datetime) -> date | None:
    """Return the first day from which an index holds tenders as it holds others; None where it holds none.

    A few tenders with a day of long ago do not make a beginning: a month counts from a tenth of the middle one on.
    A month that is held from one of its first days is held whole.
    """
    counts = engine.search(Query(size=1), now, facets=(Facet.MONTH,)).facets[Facet.MONTH]
    held = {month: count for month, count in counts.items() if month <= paris_day(now).isoformat()[:7]}
    if not held:
        return None
    middle = median_low(held.values())
    first, last = month_days(min(month for month, count in held.items() if count * 10 >= middle))
    begins = _find_first_day(engine, first, last, now)
    return first if begins - first <= _QUIET else begins


def _find_first_day(engine: SearchEngine, first: date, last: date, now: datetime) -> date:
    """Halve the days of a month until the first with a tender is left."""
    low, high = first, last
    while low < high:
        middle = low + (high - low) // 2
        if count_selected(engine, Query(published_after=first, published_before=middle), now):
            high = middle
        else:
            low = middle + timedelta(days=1)
    return low
