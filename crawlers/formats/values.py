"""Dates, moments, amounts and codes as sources write them, read into our values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import MAXYEAR, UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from crawlers.formats.text import note_unread
from tenders.codes import Cpv, Department, Nuts, Siret
from tenders.errors import Refused
from tenders.model import Money

PARIS: Final = ZoneInfo("Europe/Paris")
CENT: Final = Decimal("0.01")

_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00:00(?:\.0+)?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_TIME: Final = re.compile(r"(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_AMOUNT: Final = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_FIRST_YEAR: Final = 1900  # what lies before it, or in the last year there is, is a program's "none"
_MASKED_DATE: Final = "1970-01-01"  # eForms writes it where a date is withheld from publication

Code = TypeVar("Code", Cpv, Nuts, Department)


def read_date(text: str | None) -> date | None:
    """Read ``2026-07-17`` or ``2026-07-17+02:00``; None for none, Refused for what is no date."""
    if not text or text.startswith(_MASKED_DATE):
        return None
    found = _DATE.fullmatch(text.strip())
    try:
        if found and (day := date.fromisoformat(found[1])).year >= _FIRST_YEAR:
            return day
    except ValueError:
        pass
    raise Refused(f"{text[:40]!r} is no date, such as 2024-05-02")


def _zone(offset: str | None) -> timezone | None:
    if not offset:
        return None
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if hours > 14 or minutes > 59:
        raise Refused(f"{offset!r} is no offset from UTC")
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if offset[0] == "-" else shift)


def read_moment(day: str | None, time: str | None, zone: tzinfo) -> datetime | None:
    """Read a date and a time, each with or without its offset (xs:date, xs:time), into one moment.

    The time's own offset holds, else the date's, else `zone`. Without a time the whole day is meant: its last second
    (BT-131(t) is mandatory, so that a missing one is the sender's slip, and a supplier must not be told "too late").
    """
    if not day or day.startswith(_MASKED_DATE):
        return None
    found = _DATE.fullmatch(day.strip())
    clock = _TIME.fullmatch((time or "23:59:59").strip())
    if not found or not clock:
        raise Refused(f"{day[:40]!r} {(time or '')[:40]!r} is no date and time, such as 2024-06-03 12:00:00")
    offset = _zone(clock[2] if time else None) or _zone(found[2])
    hour = "23:59:59" if clock[1].startswith("24:00") else clock[1]
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{hour}").replace(tzinfo=offset or zone)
        if not _FIRST_YEAR <= moment.year < MAXYEAR:  # at the ends of time no zone can be reckoned with
            raise ValueError(moment)
    except ValueError:
        raise Refused(f"{day[:40]!r} {(time or '')[:40]!r} is no date and time, such as 2024-06-03 12:00:00") from None
    return fix_offset(moment)


def read_stamp(text: str | None, zone: tzinfo) -> datetime | None:
    """Read ``2024-07-25T12:00:00`` with or without an offset; without one it is the time of `zone`."""
    if not text:
        return None
    day, _, time = text.strip().replace(" ", "T", 1).partition("T")
    return read_moment(day, time or None, zone)


def fix_offset(moment: datetime) -> datetime:
    """Return the same wall clock and moment with a plain offset instead of the name of a zone."""
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))


def read_amount(text: str | None) -> Decimal | None:
    """Read ``120000``, ``284782.86`` or ``935 220,00``; None for none, zero or less, Refused for what is no amount.

    Forms write 0 where an amount is not stated, eForms writes -1 where it is withheld: neither is a price.
    """
    if not text or not text.strip():
        return None
    plain = re.sub(r"[\s\u00a0\u202f€]", "", text)
    if "," in plain:
        plain = (
            plain.replace(".", "").replace(",", ".") if plain.rfind(",") > plain.rfind(".") else plain.replace(",", "")
        )
    if not _AMOUNT.fullmatch(plain):
        raise Refused(f"{text[:40]!r} is no amount, such as 120000.00")
    amount = Decimal(plain)
    if amount <= 0:
        return None
    # one spelling: nothing after the cents, unless the source says fractions of a cent
    return amount.quantize(CENT) if amount == amount.quantize(CENT) else amount.normalize()


def read_money(text: str | None, currency: str | None) -> Money | None:
    """Read an amount and its ISO 4217 currency; None where either is missing, Refused for what is neither."""
    amount = read_amount(text)
    if amount is None or not currency:
        return None
    if not _CURRENCY.fullmatch(currency.strip()):
        raise Refused(f"{currency[:10]!r} is no currency, such as EUR")
    return Money(amount, currency.strip())


def read_count(text: str | None) -> int | None:
    """Read a whole number of things, None for none, a withheld one (-1), or what is no number."""
    line = (text or "").strip()
    return int(line) if line.isascii() and line.isdigit() and len(line) <= 9 else None


def read_codes(parse: Callable[[str], Code], texts: Iterable[str | None], source: str) -> tuple[Code, ...]:
    """Parse codes in their order, each once; what is no such code makes noise and is left out."""
    codes: dict[Code, None] = {}
    for text in texts:
        if text:
            try:
                codes[parse(text)] = None
            except Refused:
                note_unread(source, getattr(parse, "__qualname__", "code"), text)
    return tuple(codes)


def national_id(text: str | None) -> str | None:
    """Return an organisation's number: a SIRET as its 14 digits, another one as the source wrote it."""
    if not text:
        return None
    try:
        return Siret.parse(text)
    except Refused:
        return text


def either(*flags: bool | None) -> bool | None:
    """Return what several statements come to: yes before no, no before "not stated"."""
    return True if True in flags else False if False in flags else None
