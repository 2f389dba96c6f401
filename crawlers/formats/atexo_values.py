"""Dates, times, sizes and amounts as Atexo MPE writes them, read into our values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from crawlers.formats.atexo_labels import fold
from crawlers.formats.text import clean_line, note_unread
from crawlers.formats.values import PARIS, read_amount, read_moment
from tenders.errors import Refused
from tenders.model import Money

_MONTHS: Final = (
    ("janvier", "jan"),
    ("fevrier", "fev"),
    ("mars", "mar"),
    ("avril", "avr"),
    ("mai", "mai"),
    ("juin", "juin"),
    ("juillet", "juil"),
    ("aout", "aou"),
    ("septembre", "sep"),
    ("octobre", "oct"),
    ("novembre", "nov"),
    ("decembre", "dec"),
)
_ZONES: Final[Mapping[str, tzinfo]] = {
    "": PARIS,
    "heure de paris": PARIS,
    "heure de la guadeloupe": ZoneInfo("America/Guadeloupe"),
    "heure de guadeloupe": ZoneInfo("America/Guadeloupe"),
    "heure de la martinique": ZoneInfo("America/Martinique"),
    "heure de martinique": ZoneInfo("America/Martinique"),
    "heure de la reunion": ZoneInfo("Indian/Reunion"),
}
LONGEST_SIZE: Final = 40  # characters; no text of a size is longer, and a pattern must not run over a whole page
LONGEST_MOMENT: Final = 200
_UNITS: Final = {"o": 1, "octets": 1, "ko": 1024, "mo": 1024**2, "go": 1024**3}
_DAY: Final = re.compile(
    r"(?<!\d)(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)(?:\D{1,4}(\d{1,2})\s*[:hH]\s*(\d{2})(?!\d))?", re.ASCII
)
_CLOCK: Final = re.compile(r"(\d{1,2})\s*[:hH]\s*(\d{2})", re.ASCII)
_SIZE: Final = re.compile(r"[\s\-–(]*(\d[\d\s.]*(?:,\d+)?)\s*(octets|[KkMmGg]?o)\b[\s)]*$")


def day_of(day: str | None, month: str | None, year: str | None) -> date | None:
    """Read the three parts of a date as a card shows them: ``27``, ``Sept.``, ``2026``; None for none of them.

    Raises Refused for a part that is missing or no such thing.
    """
    if not (day or month or year):
        return None
    folded = fold(month or "")
    number = next(
        (n for n, (name, short) in enumerate(_MONTHS, 1) if name.startswith(folded) and folded.startswith(short)), 0
    )
    return _date(f"{day} {month} {year}", year or "", str(number), day or "")


def _date(said: str, year: str, month: str, day: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
        if 1990 <= found.year <= 2200:
            return found
    except ValueError:
        pass
    raise Refused(f"{said[:40]!r} is no date, such as 27 Sept. 2026 or 27/09/2026")


def moment_of(day: date | None, clock: str | None, zone: tzinfo = PARIS) -> datetime | None:
    """Return the moment of a day and a time (``17:00``, ``17h00``); without a time the end of the day.

    Raises Refused for a time that is none.
    """
    if day is None:
        return None
    found = _CLOCK.fullmatch(clock.strip()) if clock and clock.strip() else None
    if clock and clock.strip() and found is None:
        raise Refused(f"{clock[:20]!r} is no time, such as 17:00")
    return read_moment(day.isoformat(), f"{int(found[1]):02d}:{found[2]}" if found else None, zone)


def first_day(text: str | None) -> date | None:
    """Return the first ``19/08/2026`` of a text, None for none; raises Refused for one that no calendar has."""
    found = _DAY.search(text or "")
    return _date(found[0], found[3], found[2], found[1]) if found else None


def written_moment(text: str | None, zone: tzinfo = PARIS) -> datetime | None:
    """Read ``16/09/2020 12:00``; None for nothing or ``-``; raises Refused for another text, or two moments in one."""
    if not text or not fold(text):
        return None
    found = {_parts(one) for one in _DAY.finditer(text)} if len(text) <= LONGEST_MOMENT else set()
    if len(found) != 1:
        raise Refused(f"{text[:60]!r} is no single date and time, such as 16/09/2020 12:00")
    day, month, year, clock = found.pop()
    return moment_of(_date(text, year, month, day), clock, zone)


def _parts(found: re.Match[str]) -> tuple[str, str, str, str | None]:
    return found[1], found[2], found[3], f"{found[4]}:{found[5]}" if found[4] else None


def zone_of(label: str | None) -> tzinfo:
    """Return the zone of ``(heure de Paris)``, which is also that of a page without a word; Refused for another."""
    zone = _ZONES.get(fold(label or ""))
    if zone is None:
        raise Refused(f"unknown time zone {(label or '')[:40]!r} of the deadline")
    return zone


def sized(text: str | None) -> tuple[str | None, int | None]:
    """Split ``Règlement de consultation - 550,89 Ko`` into its title and its size in bytes (a Ko is 1,024 bytes)."""
    whole = clean_line(text)
    end = (whole or "")[-LONGEST_SIZE:]
    found = _SIZE.search(end)
    if whole is None or found is None:
        return whole, None
    number = Decimal(re.sub(r"[\s.]", "", found[1]).replace(",", "."))
    return clean_line(whole[: len(whole) - len(end) + found.start()]), int(number * _UNITS[found[2].lower()])


def value_of(text: str | None) -> Money | None:
    """Read ``1 234 567,00 EUR`` (or €, HT); None for none or zero; what is no amount makes noise."""
    line = clean_line((text or "")[:LONGEST_MOMENT])
    if line is None or not fold(line):
        return None
    found = re.fullmatch(r"([\d\s.,]+)\s*(?:€|EUR|euros?)(?:\s*HT)?", line, re.IGNORECASE)
    try:
        amount = read_amount(found[1]) if found else None
    except Refused:
        found = None
    if found is None:
        note_unread("atexo", "value", line)
        return None
    return Money(amount) if amount is not None else None
