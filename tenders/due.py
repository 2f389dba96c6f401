"""When a digest or a report is due: a pure function of the moment and the local dates of those there were."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from tenders.status import PARIS, paris_day
from tenders.subscription import Rhythm

MORNING: Final = time(7, 0)  # Europe/Paris: what is not sent at once is due from here


def is_due(rhythm: Rhythm, now: datetime, digests: Sequence[date]) -> bool:
    """Whether a digest is due.

    A daily subscription without a digest for this local date is due from 07:00 Europe/Paris; a weekly one without a
    digest since this week's Monday, from that Monday 07:00; a monthly one without one since the first of the month,
    from that day 07:00; so an outage makes a digest late and never lost.
    """
    if rhythm is Rhythm.INSTANT:
        return True
    first, last = _span(rhythm, paris_day(now))
    # Compared as local times: on no night does the clock change at seven.
    return now.astimezone(PARIS) >= datetime.combine(first, MORNING, PARIS) and not any(
        first <= day <= last for day in digests
    )


def next_due(rhythm: Rhythm, now: datetime, digests: Sequence[date]) -> datetime:
    """Return from when on the next digest may come: the moment itself where one is due, and only news is missing."""
    if is_due(rhythm, now, digests):
        return now
    first, last = _span(rhythm, paris_day(now))
    begun = any(first <= day <= last for day in digests)
    return datetime.combine(last + timedelta(days=1) if begun else first, MORNING, PARIS)


def report_day(now: datetime) -> date:
    """Return the last first of a month on which reports were due: from 07:00 Europe/Paris, about the month before.

    It stands for all months before it: after an outage of several there is one report, of the last whole month.
    """
    local = now.astimezone(PARIS)
    first = local.date().replace(day=1)
    if local >= datetime.combine(first, MORNING, PARIS):
        return first
    return (first - timedelta(days=1)).replace(day=1)


def is_report_due(confirmed: datetime, now: datetime, begun: Collection[date]) -> bool:
    """Whether a report is due: none was begun for :func:`report_day`.

    The first tells the month in which its subscription was confirmed.
    """
    day = report_day(now)
    return paris_day(confirmed) < day and day not in begun


def next_report(confirmed: datetime, now: datetime, begun: Collection[date]) -> datetime:
    """Return from when on the next report may come: the moment itself where one is due."""
    if is_report_due(confirmed, now, begun):
        return now
    return next_due(Rhythm.MONTHLY, now, [paris_day(confirmed), *begun])


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _span(rhythm: Rhythm, day: date) -> tuple[date, date]:
    """Return the first and last day for which there is one digest."""
    if rhythm is Rhythm.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if rhythm is Rhythm.MONTHLY:
        return day.replace(day=1), _next_month(day) - timedelta(days=1)
    return day, day
