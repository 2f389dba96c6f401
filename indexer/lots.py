"""The lots of a procedure out of its notices: which stand, and what is said of each.

A call lists all its lots, unless it states that there are more. A correction in eForms repeats the whole notice it
changes, so its list is whole too, and a lot it does not name is gone. A correction in any other form that lists fewer
lots than are known tells of those lots only. What announces a winner lists the lots it decides: it is asked only where
nobody else says anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from indexer.analysis import words
from indexer.sayings import Saying, believed
from indexer.trust import TRUST, Act
from tenders.model import Lot

_NUMBER: Final = re.compile(r"(?:lot[\s_n°º#-]*)?0*(\d{1,4})", re.IGNORECASE)
_EFORMS: Final = re.compile(r"LOT-\d{4}")  # BT-137


def lot_key(lot_id: str) -> str:
    """Return what one lot has in common wherever it is told of: ``LOT-0006``, ``Lot 6`` and ``6`` are lot 6."""
    found = _NUMBER.fullmatch(lot_id.strip())
    return found[1] if found else " ".join(words(lot_id))


def _by_key(saying: Saying) -> dict[str, Lot]:
    return {lot_key(lot.id): lot for lot in reversed(saying.notice.lots)}


def _is_whole(saying: Saying, known: int) -> bool:
    """Whether a notice lists every lot there is; `known` is how many calls list or state."""
    notice = saying.notice
    if saying.act is not Act.CORRECTION:
        return (notice.lot_count or 0) <= len(notice.lots)
    return len(notice.lots) >= known or all(_EFORMS.fullmatch(lot.id) for lot in notice.lots)


def merge_lots(sayings: Sequence[Saying], provenance: dict[str, str]) -> tuple[tuple[Lot, ...], int | None]:
    """Return the lots and how many there are, as far as anybody says.

    Writes into `provenance` where the list comes from (``lots``, ``lot_count``), and where it is another notice, each
    field of a lot (``lots.LOT-0002.value``).
    """
    order = believed(sayings, TRUST["lots"])
    groups = (group for group in TRUST["lots"].acts if any(s.act in group and s.notice.lots for s in order))
    trusted = next(groups, frozenset[Act]())
    speaking = [s for s in order if s.act in trusted and s.notice.lots]
    known = max((max(len(s.notice.lots), s.notice.lot_count or 0) for s in speaking if s.act is Act.CALL), default=0)
    whole = next((s for s in speaking if s.act is not Act.OUTCOME and _is_whole(s, known)), None)
    heard = speaking if whole is None else speaking[: speaking.index(whole) + 1]
    stated = dict.fromkeys(key for s in (*([whole] if whole else ()), *reversed(heard)) for key in _by_key(s))
    head = whole or (heard[-1] if heard else None)
    lots = tuple(_merge_lot(key, speaking, head, provenance) for key in stated) if head else ()
    if head:
        provenance["lots"] = head.notice.key
        lots = tuple(sorted(lots, key=_place))
    return lots, _count(order, lots, known, provenance)


def _place(lot: Lot) -> tuple[int, str]:
    key = lot_key(lot.id)
    return (int(key), "") if key.isdecimal() else (10_000, "")  # stable: lots without a number stay as listed


def _merge_lot(key: str, speaking: Sequence[Saying], head: Saying, provenance: dict[str, str]) -> Lot:
    telling = [(s, found[key]) for s in speaking if key in (found := _by_key(s))]
    own = next((lot for s, lot in telling if s is head), telling[0][1])
    said: dict[str, Any] = {}
    for field in fields(Lot):
        source = next(((s, lot) for s, lot in telling if getattr(lot, field.name) not in (None, ())), None)
        if field.name == "id" or source is None:
            continue
        said[field.name] = getattr(source[1], field.name)
        if source[0] is not head:
            provenance[f"lots.{own.id}.{field.name}"] = source[0].notice.key
    return replace(own, **said)


def _count(order: Sequence[Saying], lots: Sequence[Lot], known: int, provenance: dict[str, str]) -> int | None:
    whole = [s for s in order if s.notice.lot_count and (not s.notice.lots or _is_whole(s, known))]
    head = next(iter(whole), None)
    if head is not None:
        provenance["lot_count"] = head.notice.key
    elif lots:
        provenance["lot_count"] = provenance["lots"]
    return max(head.notice.lot_count or 0 if head else 0, len(lots)) or None


def lot_names(lots: Sequence[Lot]) -> Mapping[str, str]:
    """Return by key and by folded title the key of each lot: an outcome may name a lot by its title."""
    titles = {" ".join(words(lot.title)): lot_key(lot.id) for lot in reversed(lots) if lot.title}
    return titles | {lot_key(lot.id): lot_key(lot.id) for lot in lots}
