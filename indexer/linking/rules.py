"""To which earlier notice a notice belongs: the rules in their order, each with what it saw.

A pure function of a notice and of its neighbours published before it, so that the order of their arrival does not
matter. What is too weak to merge by is a possible link: shown, and never merged without a person's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from rapidfuzz import fuzz

from indexer.linking.facts import (
    CALL,
    CALLS,
    CORRECTION,
    CORRECTIONS,
    OUTCOME,
    OUTCOMES,
    PLAN,
    Block,
    Facts,
    read_block,
    read_place,
)
from indexer.linking.titles import Likeness, compare, is_swap, share, telling, without_relaunch
from tenders.model import NoticeKind

CORRECTION_DAYS = 90  # 99 % of corrections come within 56 days of their call
CLOSED_DAYS = 35  # a correction comes at most so long after the call has closed
LATE_DAYS = 182  # the slowest correction seen, of a call that stayed open
LATE_CLOSED_DAYS = 60
EARLY_DAYS = 35  # an award that comes sooner after its call, while that is open, is of an earlier call
AWARD_DAYS = 600  # 99 % of awards come within 368 days, the slowest seen after 590
TWIN_DAYS = 60  # between two publications of one call
CROWD = 60  # notices that name one id: more of them are no procedure
MANY = 8  # calls with one title and one end: more of them are a series, not one procedure published often
_SAID = 160  # characters kept of a difference
MOST_POSSIBLE = 3  # possible links kept of one notice
WIDE = frozenset({Block.PART, Block.SUBJECT})  # many meet there and few belong together: looked at last
NEAR_DAYS = 366  # an award of a near title that comes later, in another family, is of a renewal
VETOES = ("numbers", "opposites", "services", "relaunch")
_NEAR_TITLE = 88  # of 100, the likeness of two titles of one subject
_FULL = 80  # of 100, where one of them says a number or a relaunch more
_WHOLE = 95  # where it says a kind of service, or ends sooner
_SHARED = 0.6  # of the telling words of a rewritten title
_LONG = 4  # telling words of a title that stands for its buyer
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
class _Pair:
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
        differs = {"differs": self.differs[:_SAID]} if self.differs else {}
        return {"days": self.days, **differs, **more}


_BY_LIKENESS = {Likeness.SAME: Rule.TITLE, Likeness.TYPO: Rule.TYPO, Likeness.EXTRA: Rule.EXTRA}


def find_links(id_: int, facts: Facts, earlier: Iterable[tuple[int, Facts]]) -> list[Link]:
    """Return where a notice belongs among its earlier neighbours.

    What it declares comes first; a correction or an outcome that declares nothing known belongs to one call at most.
    """
    around = sorted(((i, f) for i, f in earlier if f.place < facts.place), key=lambda pair: pair[1].place)
    links = list(_declared(id_, facts, around))
    if facts.kind in CALLS:
        links += _twins(id_, facts, around)
    elif not links and facts.kind in CORRECTIONS:
        links += _correction(id_, facts, around)
    elif not links and facts.kind in OUTCOMES:
        links += _outcome(id_, facts, around)
    sure = [link for link in links if link.sure]
    return sure + [link for link in links if not link.sure][:MOST_POSSIBLE]


def may_concern(key: str, earlier: int, later: int) -> bool:
    """Whether a rule may look, under a key, from one place at an earlier one: by their acts, and the days between."""
    block = read_block(key)
    if block is None:
        return True
    (day, act), (late_day, late_act) = read_place(earlier), read_place(later)
    days = late_day - day
    if late_act == CALL:  # another publication of it has its end
        return act == CALL and days <= TWIN_DAYS and block not in WIDE
    if late_act == CORRECTION:
        if block in WIDE:
            return act in (CALL, CORRECTION) and days <= CORRECTION_DAYS
        return act != PLAN and days <= LATE_DAYS
    return late_act == OUTCOME and act in (CALL, CORRECTION) and days <= AWARD_DAYS


def looks_on(facts: Facts, links: Iterable[Link], known: Mapping[int, Facts]) -> bool:
    """Whether a notice of these links looks under WIDE blocks too: a correction or outcome that is not sure of a call.

    An outcome that found only a call still open may yet find the one it is of.
    """
    if facts.kind not in CORRECTIONS | OUTCOMES:
        return False
    return not any(
        link.sure and (link.rule is Rule.DECLARED or (known[link.other].kind in CALLS and "open" not in link.saw))
        for link in links
    )


def _declared(id_: int, facts: Facts, around: Sequence[tuple[int, Facts]]) -> Iterator[Link]:
    """A notice stands with the first that has or names an id of its own; an id that a crowd names says nothing."""
    for key in sorted(facts.declared):
        holders = [i for i, other in around if key in other.declared]
        if holders:
            yield Link(id_, holders[0], Rule.DECLARED, len(holders) < CROWD, {"id": key})


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


def _pairs(
    facts: Facts, around: Sequence[tuple[int, Facts]], within: int, kinds: frozenset[NoticeKind]
) -> Iterator[_Pair]:
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
        yield _Pair(id_, other, days, like, differs, around)


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


def _subjects_meet(one: Facts, other: Facts) -> bool:
    return not one.subjects or not other.subjects or bool(one.subjects & other.subjects)


def _families_meet(one: Facts, other: Facts) -> bool:
    return not one.family or not other.family or one.family == other.family


def _best(facts: Facts, pairs: Iterable[_Pair]) -> _Pair | None:
    """The latest; where several stand, the one with the same end, the very title or the same subjects."""
    return max(
        pairs,
        default=None,
        key=lambda p: (
            facts.ends is not None and p.ends == facts.ends and facts.kind in CORRECTIONS,
            facts.title.text == p.other.title.text,
            facts.subjects == p.other.subjects,
            p.other.place,
        ),
    )


def _are_one_call(pairs: Sequence[_Pair]) -> bool:
    return len({(p.other.title.text, p.other.ends) for p in pairs}) == 1


def _correction(id_: int, facts: Facts, around: Sequence[tuple[int, Facts]]) -> Iterator[Link]:
    pairs = [p for p in _pairs(facts, around, LATE_DAYS, CALLS) if _families_meet(facts, p.other)]
    standing = [p for p in pairs if p.days <= CORRECTION_DAYS and _days_closed(facts, p) <= CLOSED_DAYS]
    # Some calls stay open for long; of one title, a correction may come later than most do.
    late = [p for p in pairs if p.like is Likeness.SAME and _days_closed(facts, p) <= _patience(p.days)]
    yield from (
        _choose_named(id_, facts, standing)
        or _choose_named(id_, facts, late)
        or _follow_correction(id_, facts, around)
        or _choose_near(id_, facts, standing)
        or _by_subject(id_, facts, standing)
    )


def _patience(days: int) -> int:
    """For how long a call may have been closed when a late correction of its title comes."""
    return LATE_CLOSED_DAYS if days <= 120 else CLOSED_DAYS


def _days_closed(facts: Facts, pair: _Pair) -> int:
    """How long the other had been closed when the notice came; 0 while it is open, and where no end is known."""
    return max(0, (facts.day - pair.ends).days) if facts.day and pair.ends else 0


def _choose(id_: int, facts: Facts, pairs: Sequence[_Pair]) -> list[Link]:
    return _choose_named(id_, facts, pairs) or _choose_near(id_, facts, pairs)


def _choose_named(id_: int, facts: Facts, pairs: Sequence[_Pair]) -> list[Link]:
    """Link by reference, else by the same title."""
    named = [p for p in pairs if facts.reference and facts.reference == p.other.reference]
    if named and _are_one_call(named) and not _is_refused(named[-1], among=("numbers",)):  # else it is given to all
        return [Link(id_, named[-1].id, Rule.REFERENCE, True, named[-1].saw(reference=facts.reference))]
    same = _best(facts, (p for p in pairs if p.like is Likeness.SAME))
    return [Link(id_, same.id, Rule.TITLE, True, same.saw())] if same else []


def _is_refused(pair: _Pair, among: tuple[str, ...] = VETOES) -> bool:
    """Whether what differs tells two contracts apart; of what is `among`, only where both titles say it, otherwise."""
    one_sided = pair.differs.startswith(among) and (" / -" in pair.differs or ": - /" in pair.differs)
    return pair.differs.startswith(VETOES) and not one_sided


def _choose_near(id_: int, facts: Facts, pairs: Sequence[_Pair]) -> list[Link]:
    """Link by a near title, the best likeness first; words more that fit two calls are possible only."""
    for like in (Likeness.TYPO, Likeness.EXTRA):
        near = [p for p in pairs if p.like is like]
        best = _best(facts, near)
        if best:
            sure = (
                _subjects_meet(facts, best.other)
                and (like is Likeness.TYPO or _are_one_call(near))
                and (best.days <= NEAR_DAYS or _families_meet(facts, best.other))
            )
            return [Link(id_, best.id, _BY_LIKENESS[like], sure, best.saw())]
    return []


def _follow_correction(id_: int, facts: Facts, around: Sequence[tuple[int, Facts]]) -> list[Link]:
    """A correction whose call is not known stands with an earlier one, or corrects an award; by the same title only."""
    for kinds, within in ((CORRECTIONS, CORRECTION_DAYS), (OUTCOMES, LATE_DAYS)):
        same = [p for p in _pairs(facts, around, within, kinds) if p.like is Likeness.SAME]
        if same:
            return [Link(id_, same[-1].id, Rule.TITLE, len(same) <= MANY, same[-1].saw())]
    return []


def _by_subject(id_: int, facts: Facts, standing: Sequence[_Pair]) -> list[Link]:
    """A rewritten title: the one call of the same subjects whose title is near, else the buyer's only open one.

    Its title must share most of its telling words; a word in the place of another is a sister, unless the end is one.
    """
    equal = [p for p in standing if facts.subjects and p.other.subjects == facts.subjects]
    near = [p for p in equal if fuzz.token_sort_ratio(facts.title.text, p.other.title.text) >= _NEAR_TITLE]
    open_ = near or [p for p in equal if _days_closed(facts, p) == 0]
    if not open_ or not _are_one_call(open_):
        return []
    only = open_[-1]
    full = fuzz.token_set_ratio(facts.title.text, only.other.title.text)
    shorter = facts.ends is not None and only.ends is not None and facts.ends < only.ends  # corrections give more time
    sure = (
        not _is_refused(only)
        and share(facts.title, only.other.title) >= _SHARED
        and (only.ends == facts.ends or not is_swap(facts.title, only.other.title))
        and (not shorter or full >= _WHOLE)
    )
    if only.differs.startswith(VETOES):
        least = _WHOLE if only.differs.startswith("services") else _FULL
        sure = sure and only.days > 0 and full >= least and _days_closed(facts, only) == 0
    return [Link(id_, only.id, Rule.SUBJECT, sure, only.saw(subjects=" ".join(sorted(facts.subjects))[:_SAID]))]


def _outcome(id_: int, facts: Facts, around: Sequence[tuple[int, Facts]]) -> Iterator[Link]:
    calls = list(_pairs(facts, around, AWARD_DAYS, CALLS))
    chosen = _choose(id_, facts, [p for p in calls if _has_closed(facts, p)])
    if not chosen:
        fixes = _pairs(facts, around, AWARD_DAYS, frozenset({NoticeKind.CHANGE}))
        chosen = _choose(id_, facts, [p for p in fixes if p.like is Likeness.SAME and _has_closed(facts, p)])
    if not chosen:  # its end, where only that of its display is known, may come after the award
        early = _best(facts, (p for p in calls if p.like is Likeness.SAME))
        if early:
            sure = early.days >= EARLY_DAYS and _subjects_meet(facts, early.other)
            chosen = [Link(id_, early.id, Rule.TITLE, sure, early.saw(open=1))]
    yield from chosen


def _has_closed(facts: Facts, pair: _Pair) -> bool:
    return pair.days >= EARLY_DAYS if pair.ends is None else facts.day is not None and pair.ends <= facts.day


def _twins(id_: int, facts: Facts, around: Sequence[tuple[int, Facts]]) -> Iterator[Link]:
    """One call published twice: the same title and end; on another platform, the same moment and a near title."""
    ending = [(i, other) for i, other in around if other.kind in CALLS and facts.ends and other.ends == facts.ends]
    same = [p for p in _pairs(facts, ending, TWIN_DAYS, CALLS) if p.like in (Likeness.SAME, Likeness.TYPO)]
    if same:
        first = same[0]
        sure = (
            len(same) <= MANY
            and bool(telling(facts.title.words))
            and _are_twins(facts, first.other, first.days)
            and (len(same) == 1 or all(facts.subjects == p.other.subjects for p in same))
        )
        yield Link(id_, first.id, _BY_LIKENESS[first.like], sure, first.saw(end=str(facts.ends)))
        return
    for i, other in ending:
        if facts.day is None or other.day is None or (facts.day - other.day).days > TWIN_DAYS:
            continue
        if other.source != facts.source:
            yield from _platform(id_, facts, i, other)
        elif facts.title.text == other.title.text and facts.subjects == other.subjects and not same_buyer(facts, other):
            saw = {"end": str(facts.ends), "differs": f"{facts.buyer} / {other.buyer}"[:_SAID]}
            yield Link(id_, i, Rule.ELSEWHERE, False, saw)


def _are_twins(one: Facts, other: Facts, days: int) -> bool:
    """Whether two calls of one title and end may be one: in one place and on nearly the same subjects, or two families.

    Sister calls of one family come on one day, for other places or other trades.
    """
    if not _subjects_meet(one, other):
        return False
    if not _families_meet(one, other):  # a European notice and its national one
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
        saw["differs"] = differs[:_SAID]
    if known and facts.reference and facts.reference == other.reference and not differs.startswith(VETOES):
        yield Link(id_, i, Rule.REFERENCE, True, saw | {"reference": facts.reference})
    elif like is not Likeness.OTHER:
        long = like is Likeness.SAME and len(telling(facts.title.words)) >= _LONG
        yield Link(id_, i, Rule.PLATFORM, known or (moment and long), saw)
