"""A notice beside an earlier one: what links them, whether one buyer says both, how their titles and ends compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from rapidfuzz import fuzz

from indexer.linking.facts import CALLS, CORRECTIONS, Facts
from indexer.linking.titles import Likeness, compare, without_relaunch
from tenders.model import NoticeKind

CLOSED_DAYS = 35  # a correction comes at most so long after the call has closed
MANY = 8  # calls with one title and one end: more of them are a series, not one procedure published often
LONGEST_SAID = 160  # characters kept of a difference
VETOES = ("numbers", "opposites", "services", "relaunch")
_NEAR_NAME = 85  # of 100, the likeness of two names of one buyer


class Rule(StrEnum):
    """Why a notice stands with another, in the order of their weight."""

    FIRST = "first"  # the first stored of its tender
    DECLARED = "declared"
    REFERENCE = "reference"
    TITLE = "title"
    TYPO = "typo"
    EXTRA = "extra"
    SUBJECT = "subject"
    PLATFORM = "platform"
    ELSEWHERE = "elsewhere"  # another buyer: never merged
    PERSON = "person"  # joins what is left; nothing but another person's word can refuse it


@dataclass(frozen=True, slots=True)
class Link:
    """A notice belongs with an earlier one; `sure` merges, otherwise it is possible. `saw` is what the rule went by."""

    notice: int
    other: int
    rule: Rule
    sure: bool
    saw: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """The notice that is judged beside an earlier one."""

    id: int
    other: Facts
    days: int
    like: Likeness
    differs: str
    around: Sequence[tuple[int, Facts]]

    @cached_property
    def ends(self) -> date | None:
        """When the other ends, as last corrected; read when it is asked for, because it looks at all around."""
        return _corrected_end(self.other, self.around)

    def saw(self, **more: str | int) -> dict[str, str | int]:
        """Return what a link by this pair went by, and more."""
        differs = {"differs": self.differs[:LONGEST_SAID]} if self.differs else {}
        return {"days": self.days, **differs, **more}


BY_LIKENESS = {Likeness.SAME: Rule.TITLE, Likeness.TYPO: Rule.TYPO, Likeness.EXTRA: Rule.EXTRA}


def are_apart(one: Facts, other: Facts) -> bool:
    """Whether what two notices declare proves that no likeness makes them one: they name different procedures."""
    if one.procedures and other.procedures:
        return not one.procedures & other.procedures
    named = {id_ for id_ in one.named if id_.startswith(f"{other.source}:")}
    return bool(named) and other.key not in named


def same_buyer(one: Facts, other: Facts) -> bool:
    """Whether two notices name one buyer, letter for letter or by its number."""
    return bool((one.buyer and one.buyer == other.buyer) or (one.buyer_id and one.buyer_id == other.buyer_id))


def near_buyer(one: Facts, other: Facts) -> bool:
    """Whether two notices may name one buyer: one place, and names that are near."""
    if one.buyer_id and other.buyer_id and one.buyer_id != other.buyer_id:
        return False
    place = one.postcode == other.postcode if one.postcode and other.postcode else one.departments & other.departments
    return bool(place and one.buyer and other.buyer) and fuzz.token_set_ratio(one.buyer, other.buyer) >= _NEAR_NAME


def read_pairs(
    facts: Facts, around: Sequence[tuple[int, Facts]], within: int, kinds: frozenset[NoticeKind]
) -> Iterator[Pair]:
    """Yield the notice beside each earlier one of these kinds that its buyer said, `within` days before."""
    for id_, other in around:
        if other.kind not in kinds or facts.day is None or other.day is None:
            continue
        days = (facts.day - other.day).days
        if days > within or are_apart(facts, other):
            continue
        if same_buyer(facts, other):
            like, differs = _compare_follow_up(facts, other)
        elif near_buyer(facts, other):
            like, differs = compare(facts.title, other.title)
            if like is not Likeness.SAME:
                continue
            differs = f"{facts.buyer} / {other.buyer}"
        else:
            continue
        yield Pair(id_, other, days, like, differs, around)


def _compare_follow_up(facts: Facts, other: Facts) -> tuple[Likeness, str]:
    """Compare two titles; what follows a relaunched call may drop the word, but a cancellation is of the first call."""
    drops = other.title.relaunch and not facts.title.relaunch
    if drops and facts.kind not in CALLS and facts.kind is not NoticeKind.CANCELLATION:
        return compare(facts.title, without_relaunch(other.title))
    return compare(facts.title, other.title)


def _corrected_end(call: Facts, around: Sequence[tuple[int, Facts]]) -> date | None:
    """When a call ends, by the corrections of its title that came before it had been closed for long."""
    ends = call.ends
    for _, other in around:
        if (
            other.kind is NoticeKind.CHANGE
            and other.place > call.place
            and ends is not None
            and other.ends is not None
            and other.day is not None
            and (other.day - ends).days <= CLOSED_DAYS
            and other.title.text == call.title.text
            and same_buyer(call, other)
        ):
            ends = max(ends, other.ends)
    return ends


def subjects_meet(one: Facts, other: Facts) -> bool:
    """Whether two notices share a subject, or one says none."""
    return not one.subjects or not other.subjects or bool(one.subjects & other.subjects)


def families_meet(one: Facts, other: Facts) -> bool:
    """Whether two notices are of one family, or one says none."""
    return not one.family or not other.family or one.family == other.family


def choose_best(facts: Facts, pairs: Iterable[Pair]) -> Pair | None:
    """The latest; where several stand, the one with the very title, the same end, place, subjects or family."""
    return max(
        pairs,
        default=None,
        key=lambda p: (
            facts.title.text == p.other.title.text,
            facts.ends is not None and p.ends == facts.ends and facts.kind in CORRECTIONS,
            not facts.postcode or not p.other.postcode or facts.postcode == p.other.postcode,
            facts.subjects == p.other.subjects,
            families_meet(facts, p.other),
            p.other.place,
        ),
    )


def are_one_call(pairs: Sequence[Pair]) -> bool:
    """Whether the earlier notices of these pairs are one call: they have one title and one end."""
    return len({(p.other.title.text, p.other.ends) for p in pairs}) == 1
