"""Make one record of the notices of a procedure; whom to believe for what stands in `indexer.trust`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any

from indexer.analysis import words
from indexer.contradictions import find_contradictions
from indexer.lots import merge_lots
from indexer.outcome import read_outcome
from indexer.sayings import Saying, believed, is_known, weigh
from indexer.trust import TRUST, Act
from tenders import canonical
from tenders.model import Buyer, Notice, Strategic, Tender, Translation

# What is not the word of one notice: it is gathered from several, or names the record itself.
_GATHERED = frozenset({"buyer", "strategic", "translations", "lots", "lot_count", "awards"})


_RULES = frozenset(TRUST.values())


def tender_id(first: Notice) -> str:
    """The id of the tender whose first stored notice this is: 16 characters, alphabet ``[0-9a-f]``."""
    return sha256(first.key.encode()).hexdigest()[:16]


def merge(notices: Sequence[Notice]) -> Tender:
    """Merge the notices of one procedure, given in the order they were first stored: its id alone goes by that."""
    sayings = weigh(notices)
    orders = {rule: believed(sayings, rule) for rule in _RULES}
    merged: dict[str, Any] = {}
    provenance: dict[str, str] = {}
    merged["lots"], merged["lot_count"] = merge_lots(sayings, provenance)
    for name in (name for name in TRUST if name not in _GATHERED):
        source = next(_telling(name, orders[TRUST[name]], len(merged["lots"])), None)
        if source is not None:
            merged[name] = getattr(source.notice, name)
            provenance[name] = source.notice.key
    merged |= _name_record(sayings, provenance)
    merged["buyer"] = _fill_buyer(orders[TRUST["buyer"]], provenance)
    merged["strategic"] = _fill_flags(orders[TRUST["strategic"]], provenance)
    merged["translations"] = _unite_translations(orders[TRUST["translations"]], provenance)
    outcome = read_outcome(sayings, merged["lots"], merged["lot_count"], provenance)
    return Tender(
        id=tender_id(notices[0]),
        notices=tuple(notices),
        merged=Notice(**merged, awards=outcome.awards),
        cancelled=outcome.cancelled,
        awarded=outcome.awarded,
        planned=all(saying.act is Act.EARLY for saying in sayings),
        provenance=provenance,
        contradictions=find_contradictions(sayings, provenance),
    )


def _telling(name: str, order: Sequence[Saying], lots: int) -> Iterator[Saying]:
    """Yield who states a field, the most trusted first. The value of an outcome is that of the lots it decides."""
    for saying in order:
        partly = name == "value" and saying.act is Act.OUTCOME and 0 < len(saying.notice.lots) < lots
        if is_known(saying.notice, name) and not partly:
            yield saying


def _name_record(sayings: Sequence[Saying], provenance: dict[str, str]) -> dict[str, Any]:
    """Return what one notice is called, of the notice whose title it bears; and since when it is public."""
    head = believed(sayings, TRUST["title"])[0].notice
    first = next((s.notice for s in sayings if s.notice.published), head)
    last = sayings[-1].notice
    provenance |= {"kind": last.key, "published": first.key}
    named: dict[str, Any] = {
        "source": head.source,
        "source_id": head.source_id,
        "kind": last.kind,
        "published": first.published,
    }
    for name in ("supersedes", "links"):
        if holder := next((s.notice for s in sayings if is_known(s.notice, name)), None):
            provenance[name] = holder.key
    named["supersedes"] = tuple(dict.fromkeys(id_ for s in sayings for id_ in s.notice.supersedes))
    return named | {"links": {name: link for s in sayings for name, link in s.notice.links.items()}}


def _fill_buyer(order: list[Saying], provenance: dict[str, str]) -> Buyer:
    """Return the buyer as the most trusted notice names it; its gaps come from notices of the same buyer.

    The same is who has the same folded name or the same national number: a name alone is often written otherwise on a
    platform, a number never.
    """
    head = next((s.notice for s in order if s.notice.buyer.name or s.notice.buyer.id), order[0].notice)
    buyer = head.buyer
    provenance["buyer"] = head.key
    provenance |= {f"buyer.{f.name}": head.key for f in fields(Buyer) if getattr(buyer, f.name) is not None}
    twice = order * 2 if len(order) > 1 else ()  # a number found late may name the same buyer
    for other in (saying.notice for saying in twice):
        if _is_same_buyer(buyer, other.buyer):
            gaps = {f.name: getattr(other.buyer, f.name) for f in fields(Buyer) if getattr(buyer, f.name) is None}
            gaps = {name: value for name, value in gaps.items() if value is not None}
            buyer = replace(buyer, **gaps)
            provenance |= {f"buyer.{name}": other.key for name in gaps}
    return buyer


def _is_same_buyer(one: Buyer, other: Buyer) -> bool:
    if one.id and one.id == other.id:
        return True
    return words(one.name or "") == words(other.name or "") if one.name and other.name else False


def _fill_flags(order: Sequence[Saying], provenance: dict[str, str]) -> Strategic:
    flags: dict[str, bool | None] = {}
    for name in canonical.FLAGS:
        source = next((s.notice for s in order if getattr(s.notice.strategic, name) is not None), None)
        flags[name] = None if source is None else getattr(source.strategic, name)
        if source is not None:
            provenance[f"strategic.{name}"] = source.key
    return Strategic(**flags)


def _unite_translations(order: Sequence[Saying], provenance: dict[str, str]) -> dict[str, Translation]:
    united: dict[str, Translation] = {}
    for notice in (saying.notice for saying in order):
        for language, text in notice.translations.items():
            if united.setdefault(language, text) is text:
                provenance.setdefault("translations", notice.key)
    return united
