"""What figures, their values and their sizes are called, in the reader's language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from babel.dates import format_date
from babel.numbers import format_percent

from indexer.stated import class_bounds
from tenders.codes import ABROAD
from tenders.labels import headed
from tenders.phrasing import LOCALES, day, euros, say_number
from tenders.query import Query
from tenders.translations import N_, translator
from tenders.vocabulary import STATED, cpv_name, department_name, spoken

FIGURES: Final = {
    "total": N_("Tenders"),
    "calls": N_("Read with a call"),
    "months": N_("Tenders by month"),
    "natures": N_("By nature"),
    "procedures": N_("By procedure"),
    "divisions": N_("What is bought"),
    "places": N_("Where the work is done"),
    "buyers": N_("Who buys most often"),
    "buyer_ids": N_("SIREN number of the buyer"),
    "buyer_categories": N_("By category of buyer"),
    "buyer_types": N_("By type of buyer"),
    "states": N_("By state"),
    "answer": N_("Time to answer, in days"),
    "lots": N_("Lots"),
    "values": N_("By estimated value"),
    "award_values": N_("Awarded amount"),
    "offers": N_("Offers received by lot"),
    "winners": N_("Winners by size"),
    "local": N_("Winners local or from elsewhere"),
    "seats": N_("Where winners sit"),
    "sized_lots": N_("Lots of which a winner’s size is stated"),
    "sme_lots": N_("Lots won by an SME"),
    "sized_values": N_("Tenders of which a winner’s size is stated, by estimated value"),
    "sme_values": N_("Tenders won by an SME, by estimated value"),
    "estimated": N_("CPV estimated by us"),
    "unannounced": N_("Without a known result"),
    "relaunches": N_("Relaunches"),
    "clauses": N_("Strategic clauses"),
    "sources": N_("By source"),
}
_FACETS: Final = {
    "natures": "nature",
    "procedures": "procedure",
    "places": "dept",
    "buyer_categories": "buyer_category",
    "seats": "winner_dept",
    "buyer_types": "buyer_type",
    "states": "status",
    "sources": "source",
}
_SAID: Final = {
    "": "",
    "known": N_("stated"),
    "unknown": N_("not stated"),
    "yes": N_("yes"),
    "no": N_("no"),
    "low": N_("a quarter at most"),
    "median": N_("half at most"),
    "high": N_("three quarters at most"),
    "earlier": N_("before"),
    "later": N_("after"),
    "sum": N_("all together"),
}
_WINNERS: Final = {"sme": N_("A small or medium enterprise"), "large": N_("A large company")}
LEAST_OF_A_SHARE: Final = 10  # tenders that a percentage rests on; of fewer the numbers themselves are said


def name_figure(figure: str, language: str) -> str:
    """Return a figure's name: ``months``, or ``clauses.green``, ``months.works`` of a part of one."""
    whole, _, part = figure.partition(".")
    named = translator(language).gettext(FIGURES[whole])
    if not part:
        return named
    stated = STATED[spoken(language)]
    label = stated[part] if part in stated else name_value("natures", part, language)
    return f"{named}, {label[:1].lower()}{label[1:]}"


def name_value(figure: str, value: str, language: str) -> str:
    """Return what a value of a figure is called."""
    _ = translator(language).gettext
    if value in _SAID and not (figure == "buyers" and value not in ("known", "unknown")):
        return _(_SAID[value]) if value else ""
    if figure == "months":
        return name_month(value, language)
    if figure == "divisions":
        return cpv_name(value, language)
    if figure == "seats" and value == ABROAD:
        return _("Abroad")
    if figure in ("places", "seats"):
        return f"{department_name(value)} ({value})"
    if figure in ("values", "sized_values", "sme_values"):
        return name_class(int(value), language)
    if figure == "winners":
        return _(_WINNERS[value])
    return headed(_FACETS[figure], value, language) if figure in _FACETS else value


def say_days(scope: Query, language: str) -> str:
    """Say the days of publication that a scope is held to."""
    _ = translator(language).gettext
    first, last = scope.published_after, scope.published_before
    if first and last:
        return _("first published from %(first)s to %(last)s") % {
            "first": day(first, language),
            "last": day(last, language),
        }
    if first:
        return _("first published since %(first)s") % {"first": day(first, language)}
    return _("first published up to %(last)s") % {"last": day(last, language)} if last else _("whenever published")


def name_month(month: str, language: str, *, short: bool = False) -> str:
    """``avril 2021``; short ``avr. 21``."""
    locale = LOCALES[spoken(language)]
    return format_date(date.fromisoformat(f"{month}-01"), "MMM yy" if short else "MMMM yyyy", locale=locale)


def name_class(least: int, language: str) -> str:
    """``de 25 000 € à 90 000 €``."""
    _ = translator(language).gettext
    low, high = class_bounds(least)
    if high is None:
        return _("%(amount)s and more") % {"amount": euros(low, language)}
    above = euros(high + Decimal("0.01"), language)
    if not least:
        return _("under %(amount)s") % {"amount": above}
    return _("from %(low)s to under %(high)s") % {"low": euros(low, language), "high": above}


def say_share(part: int, whole: int, language: str, tenders: int | None = None) -> str:
    """``67 %``; of few ``3 of 4``; nothing of nothing. `tenders` is what it rests on, where lots are counted."""
    if not whole:
        return ""
    if (whole if tenders is None else tenders) < LEAST_OF_A_SHARE:
        values = {"part": say_number(part, language), "whole": say_number(whole, language)}
        return translator(language).gettext("%(part)s of %(whole)s") % values
    return say_percent(part / whole, language)


def say_percent(share: float, language: str) -> str:
    """``67 %``; what would be rounded to nothing is said to be under 1 %."""
    if 0 < share < 0.005:
        return translator(language).gettext("under %(amount)s") % {"amount": say_percent(0.01, language)}
    return format_percent(share, locale=LOCALES[spoken(language)])
