"""What persons decided of notices: that two are one procedure, or that they are not. The last word on a pair wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select

from tenders.store.schema import decisions
from tenders.store.tenders import in_chunks


class Act(StrEnum):
    """What a person decides of two notices."""

    MERGE = "merge"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on two notices, named by their keys in order."""

    act: Act
    one: str
    other: str
    reason: str
    decided_at: datetime


def decide(connection: Connection, act: Act, pairs: Iterable[tuple[str, str]], reason: str, *, at: datetime) -> None:
    """Write a person's word on pairs of notices, given by their keys."""
    rows = [
        {"act": act.value, "one": min(pair), "other": max(pair), "reason": reason, "decided_at": at} for pair in pairs
    ]
    if rows:
        connection.execute(insert(decisions), rows)


def has_decisions(connection: Connection) -> bool:
    """Whether anybody decided anything: most stores need not ask by keys."""
    return connection.execute(select(decisions.c.id).limit(1)).first() is not None


def load_decisions(connection: Connection, keys: Sequence[str]) -> list[Decision]:
    """Return the standing word on every pair in which one of `keys` is, oldest first."""
    rows: dict[int, Row[Any]] = {}
    if not has_decisions(connection):
        return []
    for chunk in in_chunks(keys):
        query = select(decisions).where(or_(decisions.c.one.in_(chunk), decisions.c.other.in_(chunk)))
        rows |= {row.id: row for row in connection.execute(query)}
    last = {(row.one, row.other): row for _, row in sorted(rows.items())}
    return [Decision(Act(r.act), r.one, r.other, r.reason, r.decided_at) for r in last.values()]
