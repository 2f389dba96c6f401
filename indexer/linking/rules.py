"""To which earlier notice a notice belongs: the rules in their order, each with what it saw.

A pure function of a notice and of its neighbours published before it, so that the order of their arrival does not
matter. What is too weak to merge by is a possible link: shown, and never merged without a person's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rapidfuzz import fuzz

from indexer.linking.facts import (
    CALL,
    CALLS,
    CORRECTION,
    CORRECTIONS,
    OUTCOME,
    OUTCOMES,
    Block,
    Facts,
    read_block,
    read_place,
)
from indexer.linking.pairs import (
    BY_LIKENESS,
    CLOSED_DAYS,
    LONGEST_SAID,
    MANY,
    VETOES,
    Link,
    Pair,
    Rule,
    are_one_call,
    choose_best,
    families_meet,
    read_pairs,
    subjects_meet,
)
from indexer.linking.titles import Likeness, is_swap, share
from indexer.linking.twins import TWIN_DAYS, find_twins
from tenders.model import NoticeKind

CORRECTION_DAYS = 90  # 99 % of corrections come within 56 days of their call
LATE_DAYS = 182  # the slowest correction seen, of a call that stayed open
LATE_CLOSED_DAYS = 60
CALLED_OFF_DAYS = 300  # a cancellation may say late that nothing came of a call; one in four comes after 90 days
EARLY_DAYS = 35  # an award that comes sooner after its call, while that is open, is of an earlier call
AWARD_DAYS = 600  # 99 % of awards come within 368 days, the slowest seen after 590
CROWD = 60  # notices that name one id: more of them are no procedure
MOST_POSSIBLE = 3  # possible links kept of one notice
WIDE = frozenset({Block.PART, Block.SUBJECT})  # many meet there and few belong together: looked at last
NEAR_DAYS = 366  # an award of a near title that comes later, in another family, is of a renewal
_NEAR_TITLE = 88  # of 100, the likeness of two titles of one subject
_FULL = 80  # of 100, where one of them says a number or a relaunch more
_WHOLE = 95  # where it says a kind of service, or ends sooner
_SHARED = 0.6  # of the telling words of a rewritten title


def find_links(id_: int, facts: Facts, earlier: Iterable[tuple[int, Facts]]) -> list[Link]:
    """Return where a notice belongs among its earlier neighbours.

    What it declares comes first; a correction or an outcome that declares nothing known belongs to one call at most.
    """
    around = sorted(((i, f) for i, f in earlier if f.place < facts.place), key=lambda pair: pair[1].place)
    links = list(_declared(id_, facts, around))
    if facts.kind in CALLS:
        links += find_twins(id_, facts, around)
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
        return days <= CALLED_OFF_DAYS
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


def _correction(id_: int, facts: Facts, around: Sequence[tuple[int, Facts]]) -> Iterator[Link]:
    pairs = [p for p in read_pairs(facts, around, LATE_DAYS, CALLS) if families_meet(facts, p.other)]
    standing = [p for p in pairs if p.days <= CORRECTION_DAYS and _days_closed(facts, p) <= CLOSED_DAYS]
    # Some calls stay open for long; of one title, a correction may come later than most do.
    late = [p for p in pairs if p.like is Likeness.SAME and _days_closed(facts, p) <= _patience(p.days)]
    yield from (
        _choose_named(id_, facts, standing)
        or _choose_named(id_, facts, late)
        or _call_off(id_, facts, around)
        or _follow_correction(id_, facts, around)
        or _choose_near(id_, facts, standing)
        or _by_subject(id_, facts, standing)
    )


def _call_off(id_: int, facts: Facts, around: Sequence[tuple[int, Facts]]) -> list[Link]:
    """A late cancellation is of the only call of its title."""
    if facts.kind is not NoticeKind.CANCELLATION:
        return []
    calls = read_pairs(facts, around, CALLED_OFF_DAYS, CALLS)
    same = [p for p in calls if p.like is Likeness.SAME and families_meet(facts, p.other)]
    return [Link(id_, same[-1].id, Rule.TITLE, True, same[-1].saw())] if same and are_one_call(same) else []


def _patience(days: int) -> int:
    """For how long a call may have been closed when a late correction of its title comes."""
    return LATE_CLOSED_DAYS if days <= 120 else CLOSED_DAYS


def _days_closed(facts: Facts, pair: Pair) -> int:
    """How long the other had been closed when the notice came; 0 while it is open, and where no end is known."""
    return max(0, (facts.day - pair.ends).days) if facts.day and pair.ends else 0


def _choose(id_: int, facts: Facts, pairs: Sequence[Pair]) -> list[Link]:
    return _choose_named(id_, facts, pairs) or _choose_near(id_, facts, pairs)


def _choose_named(id_: int, facts: Facts, pairs: Sequence[Pair]) -> list[Link]:
    """Link by reference, else by the same title."""
    named = [p for p in pairs if facts.reference and facts.reference == p.other.reference]
    if named and are_one_call(named) and not _is_refused(named[-1], among=("numbers",)):  # else it is given to all
        return [Link(id_, named[-1].id, Rule.REFERENCE, True, named[-1].saw(reference=facts.reference))]
    same = choose_best(facts, (p for p in pairs if p.like is Likeness.SAME))
    return [Link(id_, same.id, Rule.TITLE, True, same.saw())] if same else []


def _is_refused(pair: Pair, among: tuple[str, ...] = VETOES) -> bool:
    """Whether what differs tells two contracts apart; of what is `among`, only where both titles say it, otherwise."""
    one_sided = pair.differs.startswith(among) and (" / -" in pair.differs or ": - /" in pair.differs)
    return pair.differs.startswith(VETOES) and not one_sided


def _choose_near(id_: int, facts: Facts, pairs: Sequence[Pair]) -> list[Link]:
    """Link by a near title, the best likeness first; words more that fit two calls are possible only."""
    for like in (Likeness.TYPO, Likeness.EXTRA):
        near = [p for p in pairs if p.like is like]
        best = choose_best(facts, near)
        if best:
            sure = (
                subjects_meet(facts, best.other)
                and (like is Likeness.TYPO or are_one_call(near))
                and (best.days <= NEAR_DAYS or families_meet(facts, best.other))
                and (like is Likeness.TYPO or not _is_sister(facts, best.other))
            )
            return [Link(id_, best.id, BY_LIKENESS[like], sure, best.saw())]
    return []


def _is_sister(facts: Facts, call: Facts) -> bool:
    """Whether words more may be of a sister: of another place, of an older call, or of one that was put out again."""
    if facts.departments and call.departments and not facts.departments & call.departments:
        return True
    older = facts.concluded is not None and call.day is not None and facts.concluded < call.day
    return facts.kind in OUTCOMES and (older or (call.title.relaunch and not facts.title.relaunch))


def _follow_correction(id_: int, facts: Facts, around: Sequence[tuple[int, Facts]]) -> list[Link]:
    """A correction whose call is not known stands with an earlier one, an award or a plan; by the same title only."""
    plans = frozenset({NoticeKind.PLANNING})
    for kinds, within in ((CORRECTIONS, CORRECTION_DAYS), (OUTCOMES, LATE_DAYS), (plans, LATE_DAYS)):
        same = [p for p in read_pairs(facts, around, within, kinds) if p.like is Likeness.SAME]
        if same:
            return [Link(id_, same[-1].id, Rule.TITLE, len(same) <= MANY, same[-1].saw())]
    return []


def _by_subject(id_: int, facts: Facts, standing: Sequence[Pair]) -> list[Link]:
    """A rewritten title: the one call of the same subjects whose title is near, else the buyer's only open one.

    Its title must share most of its telling words; a word in the place of another is a sister, unless the end is one.
    """
    equal = [p for p in standing if facts.subjects and p.other.subjects == facts.subjects]
    near = [p for p in equal if fuzz.token_sort_ratio(facts.title.text, p.other.title.text) >= _NEAR_TITLE]
    open_ = near or [p for p in equal if _days_closed(facts, p) == 0]
    if not open_ or not are_one_call(open_):
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
    return [Link(id_, only.id, Rule.SUBJECT, sure, only.saw(subjects=" ".join(sorted(facts.subjects))[:LONGEST_SAID]))]


def _outcome(id_: int, facts: Facts, around: Sequence[tuple[int, Facts]]) -> Iterator[Link]:
    calls = [p for p in read_pairs(facts, around, AWARD_DAYS, CALLS) if not _is_of_older(facts, p.other)]
    chosen = _choose(id_, facts, [p for p in calls if _has_closed(facts, p)])
    if not chosen:
        fixes = read_pairs(facts, around, AWARD_DAYS, frozenset({NoticeKind.CHANGE}))
        chosen = _choose(id_, facts, [p for p in fixes if p.like is Likeness.SAME and _has_closed(facts, p)])
    if not chosen and facts.kind is not NoticeKind.MODIFICATION:
        # The end of a call may come after its award, where only that of its display is known.
        early = choose_best(facts, (p for p in calls if p.like is Likeness.SAME))
        if early:
            sure = early.days >= EARLY_DAYS and subjects_meet(facts, early.other)
            chosen = [Link(id_, early.id, Rule.TITLE, sure, early.saw(open=1))]
    yield from chosen


def _is_of_older(facts: Facts, call: Facts) -> bool:
    """Whether a modification is of a contract that was concluded before a call; awards often slip in their year."""
    if facts.kind is not NoticeKind.MODIFICATION or facts.concluded is None or call.day is None:
        return False
    return facts.concluded < call.day


def _has_closed(facts: Facts, pair: Pair) -> bool:
    return pair.days >= EARLY_DAYS if pair.ends is None else facts.day is not None and pair.ends <= facts.day
