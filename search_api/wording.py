"""Facts of a tender in words: when it closes, where it is, what changed; French and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_decimal

from tenders.codes import Cpv, Department, Nuts
from tenders.labels import STATES, headed
from tenders.model import Buyer, Contradiction, Money, Tender
from tenders.phrasing import LOCALES, day, long_moment, money, short_moment
from tenders.query import Status
from tenders.translations import N_, translator
from tenders.vocabulary import cpv_name, department_name, nuts_name, spoken

_SHOWN = 8  # items of a list
_FACTS = {
    "deadline": N_("Deadline"),
    "display_until": N_("Shown until"),
    "cancelled": N_("Cancellation"),
    "awarded": N_("Award"),
    "lots": N_("Lots"),
    "documents": N_("Documents"),
    "value": N_("Value"),
    "awards": N_("Winners"),
    "nature": N_("Nature"),
    "procedure": N_("Procedure"),
}


def file_size(size: int, language: str) -> str:
    """``38,2 Mo``, ``38.2 MB``."""
    amount, unit = Decimal(size), 0
    while amount >= 1000 and unit < 4:
        amount, unit = amount / 1000, unit + 1
    units = translator(language).gettext("B kB MB GB TB").split()
    number = format_decimal(round(amount, 1), format="#,##0.#", locale=LOCALES[spoken(language)])
    return f"{number}\u00a0{units[unit]}"


def closing_text(tender: Tender, language: str) -> str:
    """When bids close, in words; says so where only the end of display is known, or nothing."""
    merged, _ = tender.merged, translator(language).gettext
    if merged.deadline is not None:
        return long_moment(merged.deadline, language)
    if merged.display_until is not None:
        return _("not published, notice shown until %(day)s") % {"day": day(merged.display_until, language)}
    return _("unknown")


def cpv_text(code: Cpv, language: str) -> str:
    """``45261000 Travaux de charpente et de couverture``."""
    return cpv_name(code, language)


def place_text(tender: Tender, language: str, most: int = _SHOWN) -> str:
    """Up to `most` départements by name, else the places, else the buyer's town; empty where nothing is known."""
    merged = tender.merged
    codes = list(dict.fromkeys((*merged.departments, *(d for place in merged.places for d in place.departments()))))
    if 0 < len(codes) <= most:
        return ", ".join(f"{department_name(code)} ({code})" for code in codes if isinstance(code, Department))
    places = [nuts_name(code, language) for code in merged.places if isinstance(code, Nuts)]
    if len(codes) > most and (most < _SHOWN or not places):
        return translator(language).gettext("%(count)d départements") % {"count": len(codes)}
    return ", ".join(places[:_SHOWN]) or (merged.buyer.town or "")


def buyer_place(buyer: Buyer) -> str:
    """``21000 Dijon``."""
    return " ".join(part for part in (buyer.postcode, buyer.town) if part)


def state_word(tender: Tender, changed: Mapping[str, Any], language: str) -> str | None:
    """Return the word that goes before a title: cancelled, awarded, changed; nothing that time alone brings."""
    _ = translator(language).gettext
    if tender.cancelled:
        return _(STATES[Status.CANCELLED])
    if tender.awarded:
        return _(STATES[Status.AWARDED])
    return _("Changed") if changed else None


def lot_name(lot_id: str) -> str:
    """``LOT-0006`` (eForms) and ``6`` are ``Lot 6``; another id stands as it is."""
    found = re.fullmatch(r"(?:LOT-)?0*(\d{1,4})", lot_id)
    return f"Lot\u00a0{found[1]}" if found else lot_id


def describe_change(
    name: str, old: Any, new: Any, tender: Tender, language: str, now: datetime
) -> tuple[str, str, str]:
    """Return (what, before, after) of one material change, in words; of a list, what left and what came.

    Before or after is empty where there is nothing to say of it.
    """
    what = fact_name(name, language)
    if isinstance(old, list) and isinstance(new, list):
        names = _names(name, tender)
        return what, _listed(old, new, names), _listed(new, old, names)
    return what, _fact(name, old, language, now), _fact(name, new, language, now)


def say_contradiction(one: Contradiction, language: str, now: datetime) -> tuple[str, str]:
    """Return (fact, value) of what a notice says otherwise, in words."""
    _ = translator(language).gettext
    if one.field in ("deadline", "value"):
        return fact_name(one.field, language), _fact(one.field, one.value, language, now)
    if one.field == "cpv":
        return "CPV", ", ".join(cpv_name(Cpv(code), language) for code in one.value.split()[:_SHOWN])
    if one.field == "places":
        names = (nuts_name(code, language) for code in one.value.split()[:_SHOWN])
        return _("Place"), ", ".join(names)
    if one.field == "buyer.id":
        return _("Buyer’s number"), one.value
    return fact_name(one.field, language), headed(one.field, one.value, language)


def fact_name(name: str, language: str) -> str:
    """Return what people call a field that changes or that notices say differently."""
    return translator(language).gettext(_FACTS[name]) if name in _FACTS else name


def _names(name: str, tender: Tender) -> dict[str, str]:
    """Return what people call the items of a changed list, by how a revision writes them."""
    if name == "documents":
        return {d.url: d.title for d in tender.merged.documents if d.url and d.title}
    if name == "lots":
        return {lot.id: lot_name(lot.id) for notice in tender.notices for lot in notice.lots}
    return {}


def _listed(these: list[Any], others: list[Any], names: Mapping[str, str]) -> str:
    only = [str(item) for item in these if item not in others]
    shown = [names.get(item, item.replace("|", ", ").strip(", ")) for item in only[:_SHOWN]]
    return ", ".join(shown) + (" …" if len(only) > _SHOWN else "")


def _fact(name: str, value: Any, language: str, now: datetime) -> str:
    _ = translator(language).gettext
    if value is None or value == "":
        return _("not stated")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value)
    try:
        if name in ("deadline", "display_until"):
            if "T" in text:
                return short_moment(datetime.fromisoformat(text), language, now=now)
            return day(date.fromisoformat(text), language)
        if name == "value":
            amount, currency = text.split(" ") if " " in text else (text, "")
            return money(Money(Decimal(amount), currency or "EUR"), language)
    except (ValueError, InvalidOperation):
        pass  # said as it stands
    return text
