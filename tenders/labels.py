"""The names of codes in French and English, as results, feeds and pages show them beside one tender."""

from __future__ import annotations

from tenders import vocabulary
from tenders.codes import Cpv, Nuts
from tenders.query import Status
from tenders.translations import N_
from tenders.vocabulary import department_name, source_name, spoken

# One tender's state, where `vocabulary.STATUSES` names those of many.
STATES = {
    Status.CANCELLED: N_("Cancelled"),
    Status.AWARDED: N_("Awarded"),
    Status.CLOSED: N_("Closed"),
    Status.OPEN: N_("Open"),
    Status.PLANNED: N_("Announced"),
}
# What a buyer declares, by the names of `tenders.model.Strategic`.
DECLARED = {
    "social": N_("Social clause"),
    "green": N_("Environmental criterion"),
    "reserved": N_("Reserved contract"),
    "innovation": N_("Innovation"),
    "sme": N_("Suited to SMEs"),
    "framework": N_("Framework agreement"),
    "dps": N_("Dynamic purchasing system"),
    "eu_funded": N_("EU funds"),
}
_WORDS = {
    "status": vocabulary.STATUSES,
    "nature": vocabulary.NATURES,
    "procedure": vocabulary.PROCEDURES,
    "kind": vocabulary.KINDS,
    "buyer_type": vocabulary.BUYER_TYPES,
    "buyer_category": vocabulary.BUYER_CATEGORIES,
}


def name_of(name: str, value: str, language: str) -> str:
    """Return what to show for a value of a facet, such as ``dept`` 21; the value itself where it is its own name."""
    if name in _WORDS:
        return _WORDS[name][spoken(language)].get(value, value)
    if name in ("cpv", "cpv_any"):
        return (Cpv.of(value).label(language) or value).replace("'", "’")
    if name == "nuts":
        return (Nuts(value).label(language) or value).replace("'", "’")
    if name == "dept":
        return department_name(value)
    return source_name(value) if name == "source" else value


def headed(name: str, value: str, language: str) -> str:
    """Return :func:`name_of` as it begins a line."""
    named = name_of(name, value, language)
    return named[:1].upper() + named[1:]
