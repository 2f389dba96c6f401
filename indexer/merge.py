"""Make one record of the notices of a procedure, and say what of it changed materially.

A written order of trust: what a call says of itself (title, buyer, codes) comes from the first call; what a
correction may move (deadline, lots, documents, value) from the latest notice that states it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from tenders import canonical
from tenders.model import Buyer, Notice, NoticeKind, Strategic, Tender

_CALLS = (NoticeKind.COMPETITION, NoticeKind.CHANGE)
_EARLY = (NoticeKind.PLANNING, NoticeKind.CONSULTATION)
_OUTCOMES = (NoticeKind.RESULT, NoticeKind.DIRECT_AWARD, NoticeKind.MODIFICATION, NoticeKind.COMPLETION)
_RANK = {NoticeKind.COMPETITION: 3, NoticeKind.PLANNING: 2, NoticeKind.CONSULTATION: 2, NoticeKind.CHANGE: 1}
_MOVABLE = frozenset({"deadline", "display_until", "lots", "lot_count", "documents", "value"})
_UNITED = frozenset({"awards", "links", "translations", "supersedes"})
_KEYS = frozenset({"source", "source_id", "kind", "url", "published", "buyer", "strategic"})


def tender_id(first: Notice) -> str:
    """The id of the tender whose first stored notice this is: 16 characters, alphabet ``[0-9a-f]``."""
    return sha256(first.key.encode()).hexdigest()[:16]


def _known(notice: Notice, name: str) -> bool:
    return getattr(notice, name) not in (None, (), {}, "")


def merge(notices: Sequence[Notice]) -> Tender:
    """Merge the notices of one procedure, given in the order they were first stored."""
    by_day = sorted(notices, key=lambda n: n.published or date.min)
    trusted = sorted(by_day, key=lambda n: -_RANK.get(n.kind, 0))  # the first call on top, then its corrections
    movers = [n for n in by_day if n.kind in _CALLS] or [n for n in by_day if n.kind in _EARLY] or by_day
    merged: dict[str, Any] = {}
    provenance: dict[str, str] = {}
    for f in fields(Notice):
        if f.name in _KEYS or f.name in _UNITED:
            continue
        order = [*reversed(movers), *trusted] if f.name in _MOVABLE else trusted
        source = next((n for n in order if _known(n, f.name)), None)
        if source is not None:
            merged[f.name] = getattr(source, f.name)
            provenance[f.name] = source.key
    head = trusted[0]
    first = next((n for n in by_day if n.published), by_day[0])
    merged |= {"source": head.source, "source_id": head.source_id, "kind": by_day[-1].kind, "url": head.url}
    merged["published"] = first.published
    provenance |= {"kind": by_day[-1].key, "published": first.key, "url": head.key}
    merged["buyer"] = _fill_buyer(trusted, provenance)
    merged["strategic"] = _fill_flags(trusted, provenance)
    merged["awards"] = tuple(dict.fromkeys(award for n in by_day if n.kind in _OUTCOMES for award in n.awards))
    merged["supersedes"] = tuple(dict.fromkeys(id_ for n in by_day for id_ in n.supersedes))
    merged["links"] = {name: link for n in by_day for name, link in n.links.items()}
    merged["translations"] = {lang: text for n in reversed(trusted) for lang, text in n.translations.items()}
    for name in _UNITED:
        named = next((n for n in by_day if _known(n, name)), None)
        if named is not None and merged[name]:
            provenance[name] = named.key
    return Tender(
        id=tender_id(notices[0]),
        notices=tuple(notices),
        merged=Notice(**merged),
        cancelled=_is_cancelled(by_day),
        awarded=any(n.kind in _OUTCOMES for n in by_day),
        planned=all(n.kind in _EARLY for n in by_day),
        provenance=provenance,
    )


def _is_cancelled(by_day: Sequence[Notice]) -> bool:
    """A cancellation holds until a later call or correction of the same procedure."""
    says = [n.kind is NoticeKind.CANCELLATION for n in by_day if n.kind in (*_CALLS, NoticeKind.CANCELLATION)]
    return bool(says) and says[-1]


def _fill_buyer(trusted: Sequence[Notice], provenance: dict[str, str]) -> Buyer:
    """The buyer as the most trusted notice names it; what it leaves out comes from notices of the same name."""
    head = next((n for n in trusted if n.buyer.name or n.buyer.id), trusted[0])
    buyer = head.buyer
    provenance["buyer"] = head.key
    for notice in trusted:
        if notice.buyer.name == buyer.name:
            gaps = {f.name: getattr(notice.buyer, f.name) for f in fields(Buyer) if getattr(buyer, f.name) is None}
            buyer = replace(buyer, **gaps)
    return buyer


def _fill_flags(trusted: Sequence[Notice], provenance: dict[str, str]) -> Strategic:
    flags: dict[str, bool | None] = {}
    for name in canonical.FLAGS:
        source = next((n for n in trusted if getattr(n.strategic, name) is not None), None)
        flags[name] = None if source is None else getattr(source.strategic, name)
        if source is not None:
            provenance[f"strategic.{name}"] = source.key
    return Strategic(**flags)


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


def material_changes(old: Facts, new: Facts, *, deeper: bool) -> dict[str, list[Any]]:
    """Return the facts that changed, name -> [old, new].

    `deeper` says that a known notice was read in more detail: what was unknown and is known now is then no change.
    """
    changed: dict[str, list[Any]] = {}
    for name, value in new.items():
        before = old.get(name)
        if before == value or (name == "deadline" and _same_moment(before, value)):
            continue
        if deeper and not before and name not in ("cancelled", "awarded", "awards"):
            continue
        if deeper and name == "deadline" and before and value and "T" not in before and value.startswith(before):
            continue
        changed[name] = [before, value]
    return changed


def _same_moment(before: str | None, value: str | None) -> bool:
    if before is None or value is None or "T" not in before or "T" not in value:
        return False
    return datetime.fromisoformat(before) == datetime.fromisoformat(value)
