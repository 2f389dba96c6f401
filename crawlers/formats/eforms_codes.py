"""The code lists of eForms that decide what a notice is (OP-TED eForms SDK), and its languages and countries."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from babel.core import get_global

from crawlers.formats.text import note_unread
from tenders.model import Nature, NoticeKind, Procedure

SIZES: Final = frozenset({"micro", "small", "medium", "sme", "large"})  # BT-165

# BT-02 notice type -> what it does to its procedure. A prior information notice "used as a call for competition"
# (pin-cfc), a qualification system and a subcontract notice all invite suppliers, so they are competition.
KINDS: Final = {
    "pin-buyer": NoticeKind.PLANNING,
    "pin-only": NoticeKind.PLANNING,
    "pin-rtl": NoticeKind.PLANNING,
    "pin-tran": NoticeKind.PLANNING,
    "pmc": NoticeKind.CONSULTATION,
    "pin-cfc-standard": NoticeKind.COMPETITION,
    "pin-cfc-social": NoticeKind.COMPETITION,
    "qu-sy": NoticeKind.COMPETITION,
    "cn-standard": NoticeKind.COMPETITION,
    "cn-social": NoticeKind.COMPETITION,
    "cn-desg": NoticeKind.COMPETITION,
    "subco": NoticeKind.COMPETITION,
    "veat": NoticeKind.DIRECT_AWARD,
    "can-standard": NoticeKind.RESULT,
    "can-social": NoticeKind.RESULT,
    "can-desg": NoticeKind.RESULT,
    "can-tran": NoticeKind.RESULT,
    "can-modif": NoticeKind.MODIFICATION,
    "compl": NoticeKind.COMPLETION,
}


def _subtypes() -> dict[str, NoticeKind]:
    """Return OPP-070 notice subtype -> kind, for a notice that states no type."""
    ranges = (
        (1, 9, NoticeKind.PLANNING),
        (10, 24, NoticeKind.COMPETITION),
        (25, 28, NoticeKind.DIRECT_AWARD),
        (29, 37, NoticeKind.RESULT),
        (38, 40, NoticeKind.MODIFICATION),
    )
    kinds = {str(number): kind for start, end, kind in ranges for number in range(start, end + 1)}
    return kinds | {
        "CEI": NoticeKind.COMPETITION,
        "T01": NoticeKind.PLANNING,
        "T02": NoticeKind.RESULT,
        "E1": NoticeKind.CONSULTATION,
        "E2": NoticeKind.PLANNING,
        "E3": NoticeKind.COMPETITION,
        "E4": NoticeKind.RESULT,
        "E5": NoticeKind.COMPLETION,
        "E6": NoticeKind.MODIFICATION,
    }


SUBTYPES: Final = _subtypes()

# BT-105
PROCEDURES: Final = {
    "open": Procedure.OPEN,
    "restricted": Procedure.RESTRICTED,
    "neg-w-call": Procedure.NEGOTIATED,
    "neg-wo-call": Procedure.NEGOTIATED,
    "comp-dial": Procedure.COMPETITIVE_DIALOGUE,
    "innovation": Procedure.INNOVATION,
    "comp-tend": Procedure.OTHER,
    "exp-int-rail": Procedure.OTHER,
    "oth-single": Procedure.OTHER,
    "oth-mult": Procedure.OTHER,
}


def procedure_of(code: str | None) -> Procedure | None:
    """Return how the buyer chooses (BT-105); an unknown code makes noise and is None, not "other"."""
    if code and code not in PROCEDURES:
        note_unread("eforms", "procedure type", code)
    return PROCEDURES.get(code or "")


def nature_of(codes: Iterable[str]) -> Nature | None:
    """Return what is bought (BT-23) where all codes agree."""
    natures = set(codes)
    for code in natures - set(Nature):
        note_unread("eforms", "contract nature", code)
    return Nature(natures.pop()) if len(natures) == 1 and natures <= set(Nature) else None


def _one(replacement: Any) -> str | None:
    """Return the replacement of an alias of the Common Locale Data Repository, if it is one code of two letters."""
    code = replacement[0] if isinstance(replacement, list) and len(replacement) == 1 else replacement
    return code if isinstance(code, str) and len(code) == 2 else None


@lru_cache(maxsize=512)
def language(code: str | None) -> str | None:
    """Return ISO 639-1 for ISO 639-3 or 639-2 in any case (``FRA`` -> ``fr``); an unknown one makes noise."""
    bare = (code or "").strip().lower()
    found = bare if len(bare) == 2 else _one(get_global("language_aliases").get(bare))
    if bare and found is None:
        note_unread("eforms", "language", bare)
    return found


@lru_cache(maxsize=512)
def country(code: str | None) -> str | None:
    """Return ISO 3166-1 alpha-2 for alpha-3 (``FRA`` -> ``FR``); Kosovo is ``1A0`` in the EU's list."""
    bare = (code or "").strip().upper()
    known = {"1A0": "XK", "XKX": "XK"}
    found = bare if len(bare) == 2 else known.get(bare) or _one(get_global("territory_aliases").get(bare))
    if bare and found is None:
        note_unread("eforms", "country", bare)
    return found
