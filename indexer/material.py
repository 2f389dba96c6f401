"""What of a tender is a material change, by which it is told again to those who were told of it.

The deadline (the end of display where no deadline is known), cancellation, lots added or removed, documents, value and
award: not title or description, a new source, or predicted codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from indexer.lots import lot_key
from indexer.sayings import weigh
from indexer.trust import Act
from tenders import canonical
from tenders.model import Tender

Facts = Mapping[str, Any]


def material_facts(tender: Tender) -> dict[str, Any]:
    """The facts whose change is told to subscribers, as JSON values."""
    merged = tender.merged
    moment: datetime | date | None = merged.deadline or merged.display_until
    return {
        "deadline": moment and moment.isoformat(),
        "cancelled": tender.cancelled,
        "awarded": tender.awarded,
        "lots": sorted(lot.id for lot in merged.lots),
        "documents": sorted(document.url or document.title or "" for document in merged.documents),
        "value": merged.value and f"{canonical.amount_text(merged.value.amount)} {merged.value.currency}",
        "awards": sorted(
            "|".join((award.lot or "", *(s.name or s.id or "" for s in award.suppliers))) for award in merged.awards
        ),
    }


def says_so(fact: str, tender: Tender) -> str | None:
    """Return the key of the notice that says a material fact as it stands, None where none does."""
    if fact == "deadline" and tender.merged.deadline is None:
        return tender.provenance.get("display_until")
    if fact == "awarded":
        return tender.provenance.get("awards") or _last(tender, Act.OUTCOME)
    if fact == "cancelled":
        return _last(tender, Act.CANCELLATION) if tender.cancelled else None
    return tender.provenance.get(fact)


def _last(tender: Tender, act: Act) -> str | None:
    return next((s.notice.key for s in reversed(weigh(tender.notices)) if s.act is act), None)


def material_changes(old: Facts, new: Facts, *, deeper: bool, joined: bool = False) -> dict[str, list[Any]]:
    """Return the facts that changed, name -> [old, new].

    `deeper` says that a known notice was read in more detail: what was unknown and is known now is then no change.
    `joined` says that all that happened is a call of a source not seen before: then lots, documents and value are what
    that source makes of the same call, and only another deadline is a change.
    """
    changed: dict[str, list[Any]] = {}
    for name, value in new.items():
        before = old.get(name)
        if before == value or (name in _SAME and _SAME[name](before, value)):
            continue
        if name not in _ACTS:
            if (deeper or joined) and not before:
                continue
            if joined and name != "deadline":
                continue
            if (deeper or joined) and name == "deadline" and _is_day_of(before, value):
                continue
        changed[name] = [before, value]
    return changed


_ACTS = frozenset({"cancelled", "awarded", "awards"})  # told whoever says it


def _is_day_of(before: str | None, value: str | None) -> bool:
    """Whether a deadline is on the day that was known for its end of display."""
    return bool(before and value and "T" not in before and value.startswith(before))


def _same_moment(before: str | None, value: str | None) -> bool:
    if before is None or value is None or "T" not in before or "T" not in value:
        return False
    return datetime.fromisoformat(before) == datetime.fromisoformat(value)


def _same_value(before: str | None, value: str | None) -> bool:
    """Whether two amounts are one: ``5.00 EUR`` and ``5.000 EUR``."""
    if before is None or value is None:
        return False
    (one, currency), (other, others) = before.split(" "), value.split(" ")
    return currency == others and Decimal(one) == Decimal(other)


def _same_lots(before: list[str] | None, value: list[str]) -> bool:
    return sorted(map(lot_key, before or ())) == sorted(map(lot_key, value))


def _same_awards(before: list[str] | None, value: list[str]) -> bool:
    return sorted(map(_award_key, before or ())) == sorted(map(_award_key, value))


def _award_key(award: str) -> str:
    """What an award says of which lot; a winner without a name says nothing new."""
    lot, *suppliers = award.split("|")
    return "|".join((lot_key(lot), *filter(None, suppliers)))


_SAME: dict[str, Callable[[Any, Any], bool]] = {
    "deadline": _same_moment,
    "value": _same_value,
    "lots": _same_lots,
    "awards": _same_awards,
}
