"""Which notices are one procedure: declared links, and the identical cleaned title of one buyer.

A pure function of the notices at hand, so that the order of their arrival does not matter. What a careful reading of
real cases taught beyond this (typos, rewritten titles, vetoes) has its place here later.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
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
    r"\b(?:avis )?(?:d |de )?(?:attribution|rectificatif|rectificative|annulation|modificatif|resultat)s?\b"
    r"(?: de marches?)?"
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


@dataclass(slots=True)
class _Call:
    """A call, or a correction whose call was never seen, with its end as last corrected."""

    published: date
    ends: date | None
    id: int


def _same_title(notices: Mapping[int, Notice]) -> Iterator[tuple[int, int, str]]:
    """Link notices of one buyer with one title: (notice, the one it belongs to, why)."""
    dated = sorted((n.published or date.min, id_) for id_, n in notices.items())
    calls: list[_Call] = []
    for published, id_ in dated:
        notice, ends = notices[id_], _ends(notices[id_])
        if notice.kind in _CALLS:
            twin = next((call for call in reversed(calls) if ends and call.ends == ends), None)
            if twin:
                yield id_, twin.id, "the same end as"
            calls.append(_Call(published, ends, id_))
        elif notice.kind in _CORRECTIONS:
            standing = (c for c in calls if c.ends is None or (published - c.ends).days <= CLOSED_DAYS)
            call = _latest(standing, published, CORRECTION_DAYS)
            if call:
                yield id_, call.id, f"corrects, {(published - call.published).days} days after,"
                call.ends = ends or call.ends
            elif notice.kind is NoticeKind.CHANGE:
                calls.append(_Call(published, ends, id_))
    for published, id_ in dated:
        if notices[id_].kind in _OUTCOMES:
            call = _latest((c for c in calls if c.ends is None or c.ends <= published), published, AWARD_DAYS)
            if call:
                yield id_, call.id, f"awards, {(published - call.published).days} days after,"


def _latest(calls: Iterable[_Call], day: date, within: int) -> _Call | None:
    fitting = (call for call in calls if call.published <= day and (day - call.published).days <= within)
    return max(fitting, default=None, key=lambda call: (call.published, call.id))
