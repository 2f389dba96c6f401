"""The history of a procedure as its notices tell it: what each of them changed, whenever it reached us.

The revisions in the store say what we learned and when; a build that meets a call and its correction together has one.
This is the same however the notices came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from indexer.material import material_changes, material_facts
from indexer.merge import merge
from indexer.sayings import Saying, weigh
from indexer.trust import Act
from tenders.model import Notice, NoticeKind

LONGEST: Final = 200  # notices that are told one by one, the latest; each costs a merge of those before it


@dataclass(frozen=True, slots=True)
class Told:
    """One notice: its day (date.min where nobody knows), and what it changed, name -> [old, new].

    The first changes nothing: before it there is no tender.
    """

    notice: str
    kind: NoticeKind
    day: date
    changed: Mapping[str, list[Any]]


def retell(notices: Sequence[Notice]) -> list[Told]:
    """Tell what each notice of a procedure changed materially, the earliest first."""
    sayings = weigh(notices)
    start = max(0, len(sayings) - LONGEST)
    told: list[Told] = []
    facts: dict[str, Any] | None = None
    for place, saying in enumerate(sayings[start:], start):
        before, facts = facts, material_facts(merge([s.notice for s in sayings[: place + 1]]))
        joined = _only_repeats(saying, sayings[:place])
        changed = {} if before is None else material_changes(before, facts, deeper=False, joined=joined)
        told.append(Told(saying.notice.key, saying.notice.kind, saying.day, changed))
    return told


def _only_repeats(saying: Saying, before: Sequence[Saying]) -> bool:
    return saying.act in (Act.CALL, Act.EARLY) and all(s.notice.source != saying.notice.source for s in before)
