"""Which notices are one procedure: declared links, and the identical cleaned title of one buyer.

A pure function of the notices at hand, so that the order of their arrival does not matter. What a careful reading of
real cases taught beyond this (typos, rewritten titles, vetoes) has its place here later.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from indexer.analysis import words
from tenders.model import Notice, NoticeKind

CORRECTION_DAYS = 90  # 99 % of corrections come within 56 days of their call
CLOSED_DAYS = 35  # a correction comes at most so long after the call has closed
AWARD_DAYS = 600  # 99 % of awards come within 368 days, the slowest seen after 590
_CALLS = frozenset({NoticeKind.COMPETITION})
_CORRECTIONS = frozenset({NoticeKind.CHANGE, NoticeKind.CANCELLATION})
_OUTCOMES = frozenset({NoticeKind.RESULT, NoticeKind.DIRECT_AWARD, NoticeKind.MODIFICATION, NoticeKind.COMPLETION})
# Said around a title, not part of it. Sample: "Rectificatif - Travaux de voirie (annulation)".
_MARKS = re.compile(
    r"\b(?:avis )?(?:d |de )?(?:attribution|rectificatif|annulation|modificatif|resultat|rectificative)s?\b(?: de marches?)?"
)
_FEW_LETTERS = 8  # a shorter title says too little to link by


@dataclass(frozen=True, slots=True)
class Link:
    """Why a notice stands where it stands: the rule and what it saw."""

    rule: str  # first, declared, title
    evidence: str


@dataclass(frozen=True, slots=True)
class Group:
    """The notices of one procedure, in the order they were first stored, each with its reason."""

    notices: tuple[int, ...]
    links: Mapping[int, Link]


def clean_title(title: str) -> str:
    """Fold a title and cut what says only which act the notice is."""
    folded = " ".join(words(title))
    cleaned = " ".join(_MARKS.sub(" ", folded).split())
    return cleaned or folded


def declared_keys(notice: Notice) -> frozenset[str]:
    """The ids a notice has and names: its own, those of earlier notices, its procedure's, its other publications'."""
    keys = {notice.key, *(f"{source}:{id_}" for source, id_ in notice.links.items() if source in ("boamp", "ted"))}
    for id_ in notice.supersedes:
        keys.add(id_ if ":" in id_ else f"{notice.source}:{id_}")
    if notice.procedure_id:
        keys.add(f"procedure:{notice.procedure_id}")
    return frozenset(key for key in keys if len(key) <= 200)


def title_keys(notice: Notice) -> frozenset[str]:
    """What notices of one buyer with one cleaned title share: by the buyer's folded name, and by its national id."""
    title = clean_title(notice.title)
    if len(title) < _FEW_LETTERS:
        return frozenset()
    buyers = {f"name {' '.join(words(notice.buyer.name))}" if notice.buyer.name else "", f"id {notice.buyer.id or ''}"}
    texts = (f"{buyer}|{title}" for buyer in buyers if buyer.strip() not in ("", "id", "name"))
    return frozenset(f"title:{sha256(text.encode()).hexdigest()[:24]}" for text in texts)


class _Sets:
    """Disjoint sets of notice ids; the smallest id names a set."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.parent = {id_: id_ for id_ in ids}

    def find(self, id_: int) -> int:
        while self.parent[id_] != id_:
            self.parent[id_] = self.parent[self.parent[id_]]
            id_ = self.parent[id_]
        return id_

    def join(self, one: int, other: int) -> bool:
        low, high = sorted((self.find(one), self.find(other)))
        self.parent[high] = low
        return low != high


def group(notices: Mapping[int, Notice]) -> list[Group]:
    """Part notices into procedures. `notices` is by id, and closed under shared keys."""
    sets = _Sets(notices)
    links: dict[int, Link] = {}
    holders: dict[str, int] = {}
    for id_ in sorted(notices):
        for key in sorted(declared_keys(notices[id_])):
            other = holders.setdefault(key, id_)
            if sets.join(other, id_):
                links.setdefault(id_, Link("declared", f"{key} with {notices[other].key}"))
    shared: defaultdict[str, list[int]] = defaultdict(list)
    for id_ in sorted(notices):
        for key in title_keys(notices[id_]):
            shared[key].append(id_)
    for ids in shared.values():
        for id_, other, why in _same_title({i: notices[i] for i in ids}):
            if sets.join(other, id_):
                late = max(id_, other)
                links.setdefault(late, Link("title", f"{why} {notices[min(id_, other)].key}"))
    members: defaultdict[int, list[int]] = defaultdict(list)
    for id_ in sorted(notices):
        members[sets.find(id_)].append(id_)
    return [
        Group(tuple(ids), {id_: links.get(id_, Link("first" if id_ == ids[0] else "declared", "")) for id_ in ids})
        for ids in members.values()
    ]


def _ends(notice: Notice) -> date | None:
    return notice.deadline.date() if notice.deadline else notice.display_until


def _same_title(notices: Mapping[int, Notice]) -> Iterable[tuple[int, int, str]]:
    """Link notices of one buyer with one title: (notice, the one it belongs to, why)."""
    if len(notices) < 2:
        return
    dated = sorted((n.published or date.min, id_) for id_, n in notices.items())
    calls: list[tuple[date, date | None, int]] = []  # published, last known end, id
    for published, id_ in dated:
        notice = notices[id_]
        if notice.kind in _CALLS:
            twin = next((c for c in reversed(calls) if _ends(notice) and c[1] == _ends(notice)), None)
            if twin:
                yield id_, twin[2], "the same end as"
            calls.append((published, _ends(notice), id_))
        elif notice.kind in _CORRECTIONS:
            call = _latest(calls, published, CORRECTION_DAYS, open_at=published - timedelta(days=CLOSED_DAYS))
            if call:
                yield id_, call[2], f"corrects, {(published - call[0]).days} days after,"
                calls[calls.index(call)] = (call[0], _ends(notice) or call[1], call[2])
            elif notice.kind is NoticeKind.CHANGE:  # its call was never seen: it stands for it
                calls.append((published, _ends(notice), id_))
    for published, id_ in dated:
        if notices[id_].kind in _OUTCOMES:
            call = _latest([c for c in calls if c[1] is None or c[1] <= published], published, AWARD_DAYS)
            if call:
                yield id_, call[2], f"awards, {(published - call[0]).days} days after,"


def _latest(
    calls: Sequence[tuple[date, date | None, int]], day: date, within: int, open_at: date | None = None
) -> tuple[date, date | None, int] | None:
    fitting = (
        call
        for call in calls
        if call[0] <= day
        and (day - call[0]).days <= within
        and (open_at is None or call[1] is None or call[1] >= open_at)
    )
    return max(fitting, default=None, key=lambda call: (call[0], call[2]))
