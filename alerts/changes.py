"""What changed of a tender, in words: the label of a change, its old value and its new one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from alerts.texts import counted, texts
from tenders.model import Money, Tender
from tenders.phrasing import day, money, short_moment
from tenders.plain import one_line
from tenders.status import PARIS, paris_day

_SHOWN = 80  # characters of a value
_NAMED = 3  # lots, documents and awards that are named; the others are counted


@dataclass(frozen=True, slots=True)
class Change:
    """One material change as a mail says it: ``Date limite reportée de 14 jours``, old, new; each may be empty."""

    label: str
    old: str = ""
    new: str = ""


def lot_number(lot_id: str) -> str:
    """Return a lot's number as people say it: ``LOT-0006`` (eForms) -> 6."""
    found = re.fullmatch(r"LOT-0*(\d{1,4})", lot_id)
    return found[1] if found else one_line(lot_id, 20)


def say_changes(
    changes: Mapping[str, tuple[object, object]], tender: Tender, language: str, now: datetime
) -> list[Change]:
    """Say the changed facts of a tender (`indexer.material.material_facts`), the most pressing first."""
    said: list[Change] = []
    for name in ("cancelled", "deadline", "display_until", "lots", "documents", "value", "awards", "awarded"):
        if name not in changes or (name == "awarded" and "awards" in changes):
            continue
        old, new = changes[name]
        try:
            said += _say(name, old, new, tender, language, now)
        except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, OverflowError):
            said.append(_plainly(name, old, new, language))
    known = {"cancelled", "deadline", "display_until", "lots", "documents", "value", "awards", "awarded"}
    said += [_plainly(name, *changes[name], language) for name in changes if name not in known]
    return said


def _say(name: str, old: object, new: object, tender: Tender, language: str, now: datetime) -> list[Change]:
    said = texts(language)
    if name == "cancelled":
        return [Change(said["cancelled_word"] if new else said["cancelled_off"])]
    if name == "awarded":
        return [Change(said["awarded_word"] if new else said["awarded_off"])]
    if name in ("deadline", "display_until"):
        return [_say_deadline(_text(old), _text(new), language, now)]
    if name == "value":
        return [_say_value(old, new, language)]
    if name == "lots":
        return _say_lots(_list(old), _list(new), tender, language)
    if name == "documents":
        return _say_documents(_list(old), _list(new), tender, language)
    return _say_awards(_list(old), _list(new), language)


def _plainly(name: str, old: object, new: object, language: str) -> Change:
    label = f"{texts(language)['other_change']} ({one_line(name.replace('_', ' '), 30)})"
    return Change(label, *("" if value is None else one_line(str(value), _SHOWN) for value in (old, new)))


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError(value)


def _list(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [str(item) for item in value]
    raise TypeError(value)


def _read(text: str) -> date | datetime:
    """Read a deadline, or the day until which a tender is displayed."""
    if "T" not in text:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


def _day_of(value: date | datetime) -> date:
    return paris_day(value) if isinstance(value, datetime) else value


def _say_moment(value: date | datetime, language: str, now: datetime) -> str:
    if isinstance(value, datetime):
        return short_moment(value, language, now=now)
    return texts(language)["until"].format(day(value, language, now=now))


def _say_deadline(old: str | None, new: str | None, language: str, now: datetime) -> Change:
    said = texts(language)
    before, after = old and _read(old), new and _read(new)
    if not after:
        return Change(said["deadline_gone"], _say_moment(before, language, now) if before else "")
    now_says = _say_moment(after, language, now)
    if not before:
        return Change(said["deadline_known"] if isinstance(after, datetime) else said["display_later"], "", now_says)
    was = _say_moment(before, language, now)
    days = (_day_of(after) - _day_of(before)).days
    if not isinstance(after, datetime):
        gone = isinstance(before, datetime)
        label = said["deadline_gone"] if gone else said["display_later" if days > 0 else "display_sooner"]
    elif not isinstance(before, datetime):
        label = said["deadline_known"]
    elif days == 0:
        label = said["deadline_hour"]
    else:
        label = said["deadline_later" if days > 0 else "deadline_sooner"].format(counted_days(abs(days), language))
    return Change(label, was, now_says)


def counted_days(days: int, language: str) -> str:
    """Say a number of days: ``14 jours``, ``1 day``."""
    said = texts(language)
    return said["day_1"] if days == 1 else said["days"].format(days)


def _say_value(old: object, new: object, language: str) -> Change:
    said = texts(language)
    before, after = (_say_money(value, language) for value in (old, new))
    label = said["value"] if before and after else said["value_known"] if after else said["value_gone"]
    return Change(label, before, after)


def _say_money(value: object, language: str) -> str:
    """Say ``120000.00 EUR``, or the canonical JSON of a Money."""
    if not value:
        return ""
    if isinstance(value, Mapping):
        amount, currency = value["amount"], value["currency"]
    else:
        amount, _, currency = str(value).partition(" ")
    number = Decimal(str(amount))
    if not number.is_finite() or number.adjusted() > 15:
        raise ValueError(value)
    return money(Money(number, one_line(str(currency), 3) or "EUR"), language)


def _few(names: Iterable[str], language: str) -> str:
    named = [one_line(name, _SHOWN) for name in names]
    shown = ", ".join(named[:_NAMED])
    rest = len(named) - _NAMED
    return f"{shown} {texts(language)['others'].format(rest)}" if rest > 0 else shown


def _say_lots(old: list[str], new: list[str], tender: Tender, language: str) -> list[Change]:
    titles = {lot.id: lot.title for notice in (*tender.notices, tender.merged) for lot in notice.lots if lot.title}

    def name(lot_id: str) -> str:
        return " ".join(filter(None, (lot_number(lot_id), one_line(titles.get(lot_id), 60))))

    added = [name(lot) for lot in new if lot not in old]
    removed = [name(lot) for lot in old if lot not in new]
    found = []
    if added:
        found.append(Change(counted("lots_added", len(added), language), "", _few(added, language)))
    if removed:
        found.append(Change(counted("lots_removed", len(removed), language), "", _few(removed, language)))
    return found


def _say_documents(old: list[str], new: list[str], tender: Tender, language: str) -> list[Change]:
    held = [document for notice in (*tender.notices, tender.merged) for document in notice.documents]
    titles = {document.url: document.title for document in held if document.title}

    def name(address: str) -> str:
        return titles.get(address) or ("" if "://" in address else address)

    found = []
    for label, addresses in (
        ("documents_added", [a for a in new if a not in old]),
        ("documents_removed", [a for a in old if a not in new]),
    ):
        if addresses:
            named = list(filter(None, map(name, addresses)))
            said = _few(named, language)
            if named and len(named) < len(addresses):
                said = texts(language)["among"].format(said)
            found.append(Change(counted(label, len(addresses), language), "", said))
    return found


def _say_awards(old: list[str], new: list[str], language: str) -> list[Change]:
    said = texts(language)
    won = []
    for award in (a for a in new if a not in old):
        lot, *suppliers = award.split("|")
        where = said["award_lot"].format(lot_number(lot)) if lot else ""
        won.append(
            " ".join(filter(None, (where, one_line(", ".join(filter(None, suppliers)), 60) or said["award_nobody"])))
        )
    if not won:
        return [Change(said["awarded_off"])] if set(old) - set(new) else [Change(said["awarded_word"])]
    return [Change(said["award"], "", _few(won, language))]
