"""Whom to believe: for each field of a tender, whose word counts before whose (infra/decisions/0009), as one table.

A word is weighed by what the notice does (`Act`) and by who publishes it (`Standing`), then by its round: a call, the
same call in other journals and on the buyer's platform within ten days, and what corrects it until the next call.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tenders.model import Notice, NoticeKind


class Act(StrEnum):
    """What a notice does to the record of its procedure."""

    CALL = "call"
    EARLY = "early"  # says what will be bought
    CORRECTION = "correction"
    CANCELLATION = "cancellation"
    OUTCOME = "outcome"


class Standing(StrEnum):
    """Who speaks: an official journal, the platform where bids are handed in, or one who tells what others said."""

    JOURNAL = "journal"
    PLATFORM = "platform"
    HEARSAY = "hearsay"


JOURNALS: Final = frozenset({"boamp", "ted"})
_ACTS: Final = {
    NoticeKind.PLANNING: Act.EARLY,
    NoticeKind.CONSULTATION: Act.EARLY,
    NoticeKind.COMPETITION: Act.CALL,
    NoticeKind.CHANGE: Act.CORRECTION,
    NoticeKind.CANCELLATION: Act.CANCELLATION,
    NoticeKind.RESULT: Act.OUTCOME,
    NoticeKind.MODIFICATION: Act.OUTCOME,
    NoticeKind.DIRECT_AWARD: Act.OUTCOME,
    NoticeKind.COMPLETION: Act.OUTCOME,
}


def act_of(notice: Notice) -> Act:
    """Return what a notice does; a correction that names winners corrects an outcome, and is one."""
    if notice.kind is NoticeKind.CHANGE and notice.awards:
        return Act.OUTCOME
    return _ACTS[notice.kind]


def standing_of(notice: Notice) -> Standing:
    """Return who speaks; a feed is known by naming no buyer."""
    if notice.source in JOURNALS:
        return Standing.JOURNAL
    return Standing.PLATFORM if notice.buyer.name or notice.buyer.id else Standing.HEARSAY


@dataclass(frozen=True, slots=True)
class Rule:
    """Whose word counts for a field.

    `acts`: groups of acts, the most trusted first; an act that is in none is never believed. `sources`: the most
    trusted first. In one group that is not `moved` these decide: source, how much the notice tells, the earliest day.
    What is `moved`: the latest round, in it the latest correction, then source, how much it tells, the latest day.
    """

    acts: tuple[frozenset[Act], ...]
    sources: tuple[Standing, ...]
    moved: bool = False

    @property
    def believed(self) -> frozenset[Act]:
        """Every act that is believed."""
        return frozenset().union(*self.acts)


_JOURNAL_FIRST: Final = (Standing.JOURNAL, Standing.PLATFORM, Standing.HEARSAY)
_PLATFORM_FIRST: Final = (Standing.PLATFORM, Standing.JOURNAL, Standing.HEARSAY)
_CALL, _EARLY, _CORRECTION, _CANCELLATION, _OUTCOME = (
    frozenset({act}) for act in (Act.CALL, Act.EARLY, Act.CORRECTION, Act.CANCELLATION, Act.OUTCOME)
)
_CALLED: Final = (_CALL, _EARLY, _CORRECTION, _OUTCOME, _CANCELLATION)
_CORRECTED: Final = (_CALL | _CORRECTION, _EARLY, _OUTCOME, _CANCELLATION)

_WORDS: Final = Rule(_CALLED, _JOURNAL_FIRST)  # a correction's title says "rectificatif"; the call's own words stay
_CODES: Final = Rule(_CORRECTED, _JOURNAL_FIRST, moved=True)
_TERMS: Final = Rule(_CORRECTED, _PLATFORM_FIRST, moved=True)
# What bidders go by comes from who still invites them: what announces a winner shows itself for other reasons.
_DATES: Final = Rule((_CALL | _CORRECTION, _EARLY), _PLATFORM_FIRST, moved=True)

TRUST: Final[dict[str, Rule]] = {
    # what is bought, in words: the call's, the journal before the platform
    "language": _WORDS,
    "title": _WORDS,
    "description": _WORDS,
    "translations": _WORDS,  # united: for each language the first that has it
    "procedure_id": _WORDS,
    "family": _WORDS,
    "buyer": _WORDS,  # and its gaps from notices of the same buyer, in this order
    "co_buyers": _WORDS,
    "strategic": _WORDS,  # flag by flag
    # what is bought, in codes: a correction may move them
    "nature": _CODES,
    "procedure": _CODES,
    "cpv": _CODES,
    "descriptors": _CODES,
    "places": _CODES,
    "departments": _CODES,
    "value": _CODES,
    # how and until when to bid: the platform knows best, until a correction moves it
    "url": Rule(_CALLED, _PLATFORM_FIRST),
    "reference": Rule(_CALLED, _PLATFORM_FIRST),
    "deadline": _DATES,
    "display_until": Rule(_DATES.acts, _JOURNAL_FIRST, moved=True),
    "documents": _TERMS,
    "lots": Rule(_CORRECTED, _JOURNAL_FIRST, moved=True),  # the latest whole list, then lot by lot
    "lot_count": Rule(_CORRECTED, _JOURNAL_FIRST, moved=True),
    # what came of it: lot by lot the latest outcome
    "awards": Rule((_OUTCOME,), _JOURNAL_FIRST, moved=True),
}
