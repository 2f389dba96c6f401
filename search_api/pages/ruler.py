"""The long folding rule of a tender: from its publication to its deadline, today, and where the deadline was before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tenders.model import Tender
from tenders.phrasing import day
from tenders.query import Status
from tenders.status import paris_day, status
from tenders.translations import translator

_LONGEST = 120  # days: beyond it graduations run into one another
_APART = 25  # per cent between two labels


@dataclass(frozen=True, slots=True)
class Ruler:
    """What is drawn, places in per cent of the width; `label` says all of it."""

    label: str
    spent: str
    ticks: tuple[tuple[str, int], ...]  # place, foot
    anchor: str  # of today's label
    start: str
    end: str
    old: tuple[str, str] | None  # place, day


def measure(tender: Tender, old: datetime | None, now: datetime, language: str) -> Ruler | None:
    """Return the rule of an open tender whose days are known; `old` is its deadline before it moved."""
    published, deadline = tender.merged.published, tender.merged.deadline
    if published is None or deadline is None or status(tender, now) is not Status.OPEN:
        return None
    end, today = paris_day(deadline), paris_day(now)
    total, gone = (end - published).days, (today - published).days
    if not 2 <= total <= _LONGEST or not 0 <= gone <= total:
        return None

    def place(days: int) -> str:
        return f"{100 * days / total:.2f}%"

    _ = translator(language).gettext
    label = _("From %(start)s, publication, to %(end)s, deadline: today is day %(gone)d of %(total)d.") % {
        "start": day(published, language, now=now),
        "end": day(end, language, now=now),
        "gone": gone,
        "total": total,
    }
    before = None
    if old is not None:
        was = (paris_day(old) - published).days
        label += " " + _("The deadline was %(day)s before.") % {"day": day(paris_day(old), language, now=now)}
        if _APART <= 100 * was / total <= 100 - _APART:
            before = (place(was), day(paris_day(old), language, now=now))
    share = 100 * gone / total
    return Ruler(
        label=label,
        spent=place(gone),
        ticks=tuple((place(count), 41 if count % 7 else 50) for count in range(1, total)),
        anchor="start" if share < _APART / 2 else "end" if share > 100 - _APART / 2 else "middle",
        start=_("published %(day)s") % {"day": day(published, language, now=now)},
        end=day(end, language, now=now),
        old=before,
    )
