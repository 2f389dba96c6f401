"""BOAMP's own labels, the same in its API, its daily files and its XML but for case and separators."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from crawlers.formats.text import note_unread
from tenders.codes import Department
from tenders.errors import Refused
from tenders.model import Nature, NoticeKind, Procedure

FAMILIES: Final = frozenset({"joue", "fns", "mapa", "dsp", "divers"})
ID: Final = re.compile(r"\d{2}-\d{1,7}", re.ASCII)

# EnumNature of the schema. An "intention de conclure" and an "ex ante volontaire" announce an award without a call.
# A qualification system invites candidates at any time, as eForms has it (qu-sy is of the form type competition).
_NATURES: Final = {
    "appeloffre": NoticeKind.COMPETITION,
    "qualification": NoticeKind.COMPETITION,
    "soustraitance": NoticeKind.COMPETITION,
    "preinformation": NoticeKind.PLANNING,
    "periodique": NoticeKind.PLANNING,
    "profilacheteur": NoticeKind.PLANNING,
    "intentionconclure": NoticeKind.DIRECT_AWARD,
    "exantevolontaire": NoticeKind.DIRECT_AWARD,
    "attribution": NoticeKind.RESULT,
    "modification": NoticeKind.MODIFICATION,
    "rectificatif": NoticeKind.CHANGE,
    "annulation": NoticeKind.CANCELLATION,
}
_STATUSES: Final = {
    "initial": None,
    "rectificatif": NoticeKind.CHANGE,
    "annulation": NoticeKind.CANCELLATION,
    "avisannule": NoticeKind.CANCELLATION,
    "modification": NoticeKind.MODIFICATION,
}
_PROCEDURES: Final = {
    "ouvert": Procedure.OPEN,
    "concoursouvert": Procedure.OPEN,  # eForms, too, gives a design contest an open or a restricted procedure
    "restreint": Procedure.RESTRICTED,
    "concoursrestreint": Procedure.RESTRICTED,
    "negocie": Procedure.NEGOTIATED,
    "dialoguecompetitif": Procedure.COMPETITIVE_DIALOGUE,
    "partenariatinnovation": Procedure.INNOVATION,
    "procedureadapte": Procedure.ADAPTED,
    "procedureadaptee": Procedure.ADAPTED,
    "autre": Procedure.OTHER,
}
_CONTRACTS: Final = {
    "travaux": Nature.WORKS,
    "fournitures": Nature.SUPPLIES,
    "fourniture": Nature.SUPPLIES,
    "services": Nature.SERVICES,
    "service": Nature.SERVICES,
}


@lru_cache(maxsize=1024)
def fold(label: str) -> str:
    """Return a label without case and separators: ``PRE-INFORMATION`` and ``preinformation`` are one."""
    return re.sub(r"[\s_-]", "", label).lower()


@lru_cache(maxsize=1024)
def kind_of(nature: str | None, status: str | None, under: str | None = None) -> NoticeKind:
    """Return what a notice does, from its nature, status and sub-nature; raises Refused for an unknown label.

    The status wins: a correction of a call has the nature of a call. A prior information "mise en concurrence" is
    itself the call.
    """
    if not nature:
        raise Refused("no nature: nothing says what this notice does (nature)")
    kind = _NATURES.get(fold(nature))
    if kind is None:
        raise Refused(f"unknown nature {nature[:40]!r}")
    if status and fold(status) not in _STATUSES:
        raise Refused(f"unknown status {status[:40]!r}")
    by_status = _STATUSES[fold(status)] if status else None
    if by_status:
        return by_status
    if kind is NoticeKind.PLANNING and under and fold(under) == "miseenconcurrence":
        return NoticeKind.COMPETITION
    return kind


@lru_cache(maxsize=64)
def family_of(label: str | None) -> str | None:
    """Return the family in lower case; raises Refused for an unknown one."""
    if not label:
        return None
    if fold(label) not in FAMILIES:
        raise Refused(f"unknown family {label[:40]!r}")
    return fold(label)


@lru_cache(maxsize=256)
def procedure_of(label: str | None) -> Procedure | None:
    """Return how the buyer chooses; an unknown label makes noise and is None, not "other"."""
    if label and fold(label) not in _PROCEDURES:
        note_unread("boamp", "type_procedure", label)
    return _PROCEDURES.get(fold(label)) if label else None


@lru_cache(maxsize=256)
def contract_nature_of(label: str | None) -> Nature | None:
    """Return what is bought; an unknown label makes noise and is None."""
    if label and fold(label) not in _CONTRACTS:
        note_unread("boamp", "type_marche", label)
    return _CONTRACTS.get(fold(label)) if label else None


@lru_cache(maxsize=1024)
def department_of(code: str) -> Department | None:
    """Return the département of a code (``1``, ``20A``, ``971``); an unknown one makes noise and is None."""
    try:
        return Department.parse(code)
    except Refused:
        note_unread("boamp", "département", code)
        return None


def page_of(idweb: str) -> str:
    """Return the address of a notice's page on the portal."""
    return f"https://www.boamp.fr/pages/avis/?q=idweb:{idweb}"
