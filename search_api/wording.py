"""Dates, amounts, places and changes in words: French and English, hours of Europe/Paris."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from indexer.fields import PARIS, closing
from search_api.labels import changed_word, name_of
from tenders.codes import Department, Nuts
from tenders.model import Buyer, Money, Tender
from tenders.query import Status

_LOCALE = {"fr": "fr_FR", "en": "en_GB"}
# What XML 1.0 cannot carry (section 2.2), and lone surrogates.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FACT = {
    "deadline": ("Date limite", "Deadline"),
    "cancelled": ("Annulation", "Cancellation"),
    "awarded": ("Attribution", "Award"),
    "lots": ("Lots", "Lots"),
    "documents": ("Documents", "Documents"),
    "value": ("Montant", "Value"),
    "awards": ("Titulaires", "Winners"),
}
_SHOWN_ITEMS = 8


def clean(text: str) -> str:
    """Drop the characters that XML and HTML cannot carry."""
    return _ILLEGAL.sub("", text)


def pick(language: str, french: str, english: str) -> str:
    """Return the wording in a language."""
    return french if language == "fr" else english


def long_moment(moment: datetime, language: str) -> str:
    """``mercredi 17 juin 2026 à 12 h 00``."""
    pattern = pick(language, "EEEE d MMMM y 'à' HH 'h' mm", "EEEE d MMMM y 'at' HH:mm")
    return format_datetime(moment, pattern, tzinfo=PARIS, locale=_LOCALE[language])


def short_moment(moment: datetime, language: str) -> str:
    """``mer. 17 juin 2026, 12 h 00``."""
    pattern = pick(language, "EEE d MMM y, HH 'h' mm", "EEE d MMM y, HH:mm")
    return format_datetime(moment, pattern, tzinfo=PARIS, locale=_LOCALE[language])


def day(value: date, language: str) -> str:
    """``17 juin 2026``."""
    return format_date(value, "d MMMM y", locale=_LOCALE[language])


def money(value: Money, language: str) -> str:
    """``412 000 €``; cents only where there are any."""
    digits = "" if value.amount == value.amount.to_integral_value() else ".00"
    pattern = f"#,##0{digits} ¤" if language == "fr" else f"¤#,##0{digits}"
    return format_currency(
        value.amount, value.currency, format=pattern, locale=_LOCALE[language], currency_digits=False
    )


def file_size(size: int, language: str) -> str:
    """``38,2 Mo``."""
    amount, unit = Decimal(size), 0
    while amount >= 1000 and unit < 4:
        amount, unit = amount / 1000, unit + 1
    units = pick(language, "o Ko Mo Go To", "B kB MB GB TB").split()
    return f"{format_decimal(round(amount, 1), format='#,##0.#', locale=_LOCALE[language])}\u00a0{units[unit]}"


def days_left(closes: datetime, now: datetime, language: str) -> str:
    """``Aujourd’hui``, ``Demain``, ``27 jours``: calendar days of Europe/Paris."""
    days = (closes.astimezone(PARIS).date() - now.astimezone(PARIS).date()).days
    if days <= 0:
        return pick(language, "Aujourd’hui", "Today")
    if days == 1:
        return pick(language, "Demain", "Tomorrow")
    return pick(language, f"{days} jours", f"{days} days")


def closing_text(tender: Tender, language: str) -> str:
    """When bids close, in words; says so where only the end of display is known, or nothing."""
    merged = tender.merged
    if merged.deadline is not None:
        return long_moment(merged.deadline, language)
    if merged.display_until is not None:
        shown = day(merged.display_until, language)
        return pick(language, f"non dite ; avis affiché jusqu’au {shown}", f"not stated; notice shown until {shown}")
    return pick(language, "date limite inconnue", "no deadline known")


def place_text(tender: Tender, language: str) -> str:
    """Départements by name, else the places, else the buyer's town; empty where nothing is known."""
    merged = tender.merged
    codes = dict.fromkeys((*merged.departments, *(d for place in merged.places for d in place.departments())))
    if 0 < len(codes) <= _SHOWN_ITEMS:
        return ", ".join(f"{Department(code).label() or code} ({code})" for code in codes)
    places = [f"{Nuts(p).label(language) or p} ({p})" for p in merged.places]
    if len(codes) > _SHOWN_ITEMS and not places:
        return pick(language, f"{len(codes)} départements", f"{len(codes)} départements")
    return ", ".join(places[:_SHOWN_ITEMS]) or (merged.buyer.town or "")


def buyer_place(buyer: Buyer) -> str:
    """``21000 Dijon``."""
    return " ".join(part for part in (buyer.postcode, buyer.town) if part)


def title_word(tender: Tender, changed: Mapping[str, Any], language: str) -> str | None:
    """Return the word that goes before a title: cancelled, awarded, changed; nothing that time alone brings."""
    if tender.cancelled:
        return name_of("status", Status.CANCELLED, language)
    if tender.awarded:
        return name_of("status", Status.AWARDED, language)
    return changed_word(language) if changed else None


def describe_change(name: str, old: Any, new: Any, language: str) -> tuple[str, str, str]:
    """Return (what, before, after) of one material change, in words; of a list, what left and what came."""
    what = pick(language, *_FACT[name]) if name in _FACT else name
    if isinstance(old, list) and isinstance(new, list):
        return what, _listed(old, new, language), _listed(new, old, language)
    return what, _fact(name, old, language), _fact(name, new, language)


def _listed(these: list[Any], others: list[Any], language: str) -> str:
    only = [str(item).replace("|", ", ").strip(", ") for item in these if item not in others]
    shown = " ; ".join(only[:_SHOWN_ITEMS]) + (" …" if len(only) > _SHOWN_ITEMS else "")
    return shown or pick(language, "rien d’autre", "nothing else")


def _fact(name: str, value: Any, language: str) -> str:
    if value is None or value == "":
        return pick(language, "non dit", "not stated")
    if isinstance(value, bool):
        return pick(language, "oui" if value else "non", "yes" if value else "no")
    if name == "deadline":
        if "T" in value:
            return short_moment(datetime.fromisoformat(value), language)
        return day(date.fromisoformat(value), language)
    if name == "value":
        amount, _, currency = str(value).partition(" ")
        return money(Money(Decimal(amount), currency), language)
    return str(value)


def closes_at(tender: Tender) -> datetime | None:
    """When a tender stops taking bids, None where that is not known."""
    return closing(tender)


def web_link(url: str | None) -> str | None:
    """Return a link a reader may follow: http or https only, since sources are not to be trusted."""
    if url and re.match(r"https?://[^\s<>\"']+$", clean(url), re.IGNORECASE):
        return clean(url)
    return None
