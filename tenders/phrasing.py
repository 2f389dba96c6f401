"""Dates, spans and amounts as people write them, in French and English. Hours are those of Europe/Paris.

| | fr | en |
|---|---|---|
| amount | 412 000 € | €412,000 |
| short date-time | mer. 17 juin, 12 h 00 | Wed 17 June, 12:00 |
| long date-time | mercredi 17 juin 2026 à 12 h 00 | Wednesday 17 June 2026 at 12:00 |
| days left | Aujourd’hui, Demain, 5 jours | Today, Tomorrow, 5 days |

Thousands are parted by U+202F in French; U+00A0 keeps together what must not break at a line's end.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from tenders.model import Money
from tenders.status import PARIS, paris_day
from tenders.vocabulary import spoken

LOCALES: Final = {"fr": "fr_FR", "en": "en_GB"}
_NEAR: Final = timedelta(days=182)  # within six months a date drops its year
_SOON: Final = 3  # days
_SPACE: Final = "\u00a0"


def day(value: date, language: str, *, now: datetime | None = None, weekday: bool = False) -> str:
    """Write a day, ``17 juin 2026``; within six months of `now` without its year."""
    near = now is not None and abs(value - paris_day(now)) < _NEAR
    pattern = ("EEE " if weekday else "") + "d MMMM" + ("" if near else " y")
    text = format_date(value, pattern, locale=LOCALES[spoken(language)])
    if spoken(language) == "fr" and value.day == 1:
        text = text.replace("1 ", "1er ", 1)
    return text.replace(" ", _SPACE)


def hour(moment: datetime, language: str) -> str:
    """Write the time of day in Paris: ``12 h 00``, ``12:00``."""
    local = moment.astimezone(PARIS)
    return f"{local:%H:%M}" if spoken(language) == "en" else f"{local.hour}{_SPACE}h{_SPACE}{local:%M}"


def short_moment(moment: datetime, language: str, *, now: datetime) -> str:
    """Write ``mer. 17 juin, 12 h 00``, with the year from six months away on."""
    written = day(paris_day(moment), language, now=now, weekday=True)
    return f"{written}, {hour(moment, language)}"


def long_moment(moment: datetime, language: str) -> str:
    """Write ``mercredi 17 juin 2026 à 12 h 00``."""
    language = spoken(language)
    name = format_date(paris_day(moment), "EEEE", locale=LOCALES[language])
    at = "at" if language == "en" else "à"
    return f"{name} {day(paris_day(moment), language)} {at} {hour(moment, language)}"


def days_left(until: date, language: str, *, now: datetime) -> str:
    """Write the days from today in Paris to a day that is not past: Aujourd’hui, Demain, 5 jours."""
    count = (until - paris_day(now)).days
    today, tomorrow, days = (
        ("Today", "Tomorrow", "days") if spoken(language) == "en" else ("Aujourd’hui", "Demain", "jours")
    )
    return today if count <= 0 else tomorrow if count == 1 else f"{count}{_SPACE}{days}"


def is_soon(until: date, now: datetime) -> bool:
    """Whether a last day is so near, today and three more in Paris, that it is time to hurry."""
    return (until - paris_day(now)).days <= _SOON


def money(value: Money, language: str) -> str:
    """Write an amount, cents only where there are some: ``412 000 €``, ``€412,000``."""
    language = spoken(language)
    amount = value.amount
    whole = amount == amount.to_integral_value()
    number = "#,##0" if whole else "#,##0.00"
    pattern = f"¤{number}" if language == "en" else f"{number}{_SPACE}¤"
    return format_currency(amount, value.currency, pattern, locale=LOCALES[language], currency_digits=False)


def euros(amount: Decimal, language: str) -> str:
    """Write an amount in euros."""
    return money(Money(amount), language)


def say_number(number: int, language: str) -> str:
    """``20 078``, ``20,078``."""
    return format_decimal(number, locale=LOCALES[spoken(language)])
