"""When a digest is due: a pure function of the moment and the local dates of the digests there were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from tenders.status import PARIS
from tenders.subscription import Rhythm

MORNING: Final = time(7, 0)  # Europe/Paris: daily and weekly digests are due from here


def is_due(rhythm: Rhythm, now: datetime, digests: Sequence[date]) -> bool:
    """Whether a digest is due.

    A daily subscription without a digest for this local date is due from 07:00 Europe/Paris; a weekly one without a
    digest since this week's Monday, from that Monday 07:00; so an outage makes a digest late and never lost.
    """
    if rhythm is Rhythm.INSTANT:
        return True
    first, last = _span(rhythm, now.astimezone(PARIS).date())
    # Compared as local times: on no night does the clock change at seven.
    return now.astimezone(PARIS) >= datetime.combine(first, MORNING, PARIS) and not any(
        first <= day <= last for day in digests
    )


def next_due(rhythm: Rhythm, now: datetime, digests: Sequence[date]) -> datetime:
    """Return from when on the next digest may come: the moment itself where one is due, and only news is missing."""
    if is_due(rhythm, now, digests):
        return now
    first, last = _span(rhythm, now.astimezone(PARIS).date())
    begun = any(first <= day <= last for day in digests)
    return datetime.combine(last + timedelta(days=1) if begun else first, MORNING, PARIS)


def _span(rhythm: Rhythm, day: date) -> tuple[date, date]:
    """Return the first and last day for which there is one digest."""
    if rhythm is Rhythm.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    return day, day
