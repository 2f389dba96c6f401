"""Open or closed: derived from what a tender says and the moment asked, never stored."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from tenders.errors import BadQuery
from tenders.model import Tender
from tenders.query import Status

PARIS = ZoneInfo("Europe/Paris")


def paris_day(moment: datetime) -> date:
    """Return the day of a moment in Europe/Paris."""
    return moment.astimezone(PARIS).date()


def start_of_day(day: date) -> datetime:
    """Midnight at which a day begins in Europe/Paris."""
    return datetime.combine(day, time(), PARIS)


def end_of_day(day: date) -> datetime:
    """The last millisecond of a day in Europe/Paris."""
    return datetime.combine(day, time(23, 59, 59, 999_000), PARIS)  # not the next day's start: 9999-12-31 has none


def read_moment(text: str) -> datetime:
    """Read a command's ``--now``; without an offset it is Europe/Paris. Raises BadQuery for what is no moment."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"--now {text}: write a moment such as 2026-05-21T07:00 (Europe/Paris)", name="now") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


def closing(tender: Tender) -> datetime | None:
    """When a tender stops taking bids: its deadline, else the end of its display (Europe/Paris), else unknown."""
    merged = tender.merged
    if merged.deadline is not None:
        return merged.deadline
    return None if merged.display_until is None else end_of_day(merged.display_until)


def status(tender: Tender, now: datetime) -> Status:
    """Return the first that holds: cancelled, awarded, closed, open, planned; with no deadline known, open."""
    if tender.cancelled:
        return Status.CANCELLED
    if tender.awarded:
        return Status.AWARDED
    closes = closing(tender)
    if closes is not None and closes < now:
        return Status.CLOSED
    return Status.PLANNED if tender.planned else Status.OPEN
