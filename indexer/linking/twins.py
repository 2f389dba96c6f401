"""Calls that are one: published twice, in two families, on two platforms; and sister calls, which are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from indexer.linking.facts import CALLS, Facts
from indexer.linking.pairs import (
    BY_LIKENESS,
    LONGEST_SAID,
    MANY,
    VETOES,
    Link,
    Rule,
    are_apart,
    families_meet,
    near_buyer,
    read_pairs,
    same_buyer,
    subjects_meet,
)
from indexer.linking.titles import Likeness, compare, telling

TWIN_DAYS = 60  # between two publications of one call
_LONG = 4  # telling words of a title that stands for its buyer


def find_twins(id_: int, facts: Facts, around: Sequence[tuple[int, Facts]]) -> Iterator[Link]:
    """One call published twice: the same title and end; on another platform, the same moment and a near title."""
    ending = [(i, other) for i, other in around if other.kind in CALLS and facts.ends and other.ends == facts.ends]
    same = [p for p in read_pairs(facts, ending, TWIN_DAYS, CALLS) if p.like in (Likeness.SAME, Likeness.TYPO)]
    if same:
        first = same[0]
        sure = (
            len(same) <= MANY
            and bool(telling(facts.title.words))
            and _are_twins(facts, first.other, first.days)
            and (len(same) == 1 or all(facts.subjects == p.other.subjects for p in same))
        )
        yield Link(id_, first.id, BY_LIKENESS[first.like], sure, first.saw(end=str(facts.ends)))
        return
    for i, other in ending:
        if facts.day is None or other.day is None or (facts.day - other.day).days > TWIN_DAYS:
            continue
        if other.source != facts.source:
            yield from _platform(id_, facts, i, other)
        elif facts.title.text == other.title.text and facts.subjects == other.subjects and not same_buyer(facts, other):
            saw = {"end": str(facts.ends), "differs": f"{facts.buyer} / {other.buyer}"[:LONGEST_SAID]}
            yield Link(id_, i, Rule.ELSEWHERE, False, saw)


def _are_twins(one: Facts, other: Facts, days: int) -> bool:
    """Whether two calls of one title and end may be one: in one place and on nearly the same subjects, or two families.

    Sister calls of one family come on one day, for other places or other trades.
    """
    if not subjects_meet(one, other):
        return False
    if not families_meet(one, other):  # a European notice and its national one
        return True
    place = not one.postcode or not other.postcode or one.postcode[:2] == other.postcode[:2]
    mine, theirs = one.subjects, other.subjects
    return place and (mine == theirs or (days > 0 and (mine <= theirs or theirs <= mine)))


def _platform(id_: int, facts: Facts, i: int, other: Facts) -> Iterator[Link]:
    """One call on two platforms: their buyers may be named otherwise, their deadline is one to the minute."""
    like, differs = compare(facts.title, other.title)
    known = same_buyer(facts, other) or near_buyer(facts, other)
    moment = facts.deadline is not None and facts.deadline == other.deadline
    if are_apart(facts, other) or not (moment or known):
        return
    saw: dict[str, str | int] = {"end": facts.deadline.isoformat() if facts.deadline else str(facts.ends)}
    if differs:
        saw["differs"] = differs[:LONGEST_SAID]
    if known and facts.reference and facts.reference == other.reference and not differs.startswith(VETOES):
        yield Link(id_, i, Rule.REFERENCE, True, saw | {"reference": facts.reference})
    elif like is not Likeness.OTHER:
        long = like is Likeness.SAME and len(telling(facts.title.words)) >= _LONG
        yield Link(id_, i, Rule.PLATFORM, known or (moment and long), saw)
