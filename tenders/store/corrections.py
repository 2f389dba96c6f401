"""What people say of a tender's CPV codes: rows that an operator judges; nothing here changes a tender.

Who says it is ``visitor``, ``subscription:ID`` or ``agency:NAME``. The same said again by the same is counted, not kept
twice, and a tender holds a bounded number of open rows, so that a flood fills no disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, func, insert, select, update

from tenders.codes import Cpv
from tenders.store.schema import corrections

State = Literal["open", "accepted", "refused"]
STATES: tuple[State, ...] = get_args(State)
VISITOR = "visitor"
MOST_PROPOSED = 3  # codes of one correction
MOST_OPEN = 50  # rows of one tender that wait for a judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One code of a tender that somebody says is wrong, and the codes in its place; none: wrong, and no more.

    `official` says that the code is the buyer's own, `lot` names the lot it stands at, None for the whole.
    """

    tender_id: str
    shown: Cpv
    official: bool
    proposed: tuple[Cpv, ...] = ()
    lot: str | None = None
    by: str = VISITOR
    marked: datetime
    id: int = 0  # given by the store
    times: int = 1  # how often it was said
    state: State = "open"


def mark_wrong(connection: Connection, correction: Correction) -> bool:
    """Keep a correction, in a writing transaction; returns whether it is a new row.

    What was said before by the same is counted; where too many rows of the tender wait, nothing is kept.
    """
    row = {
        "tender_id": correction.tender_id,
        "shown": correction.shown,
        "official": correction.official,
        "lot": (correction.lot or "")[:300],
        "proposed": " ".join(correction.proposed),
        "by": correction.by,
    }
    same = [corrections.c[name] == value for name, value in row.items()]
    again = update(corrections).where(*same).values(times=corrections.c.times + 1)
    if connection.execute(again).rowcount:
        return False
    waiting = select(func.count()).where(corrections.c.tender_id == correction.tender_id, corrections.c.state == "open")
    if connection.execute(waiting).scalar_one() >= MOST_OPEN:
        return False
    connection.execute(insert(corrections).values(**row, marked=correction.marked, times=1, state="open"))
    return True


def settle(connection: Connection, ids: Iterable[int], state: State, at: datetime) -> list[int]:
    """Accept or refuse corrections, in a writing transaction; returns the ids that are unknown."""
    unknown = []
    for id_ in ids:
        judged = update(corrections).where(corrections.c.id == id_).values(state=state, settled=at)
        if not connection.execute(judged).rowcount:
            unknown.append(id_)
    return unknown


def load_corrections(connection: Connection, state: State | None = None) -> list[Correction]:
    """Return the corrections of a state, or all, in the order they were made."""
    query = select(corrections).order_by(corrections.c.id)
    rows = connection.execute(query if state is None else query.where(corrections.c.state == state))
    return [_read(row) for row in rows]


def _read(row: Row[Any]) -> Correction:
    return Correction(
        id=row.id,
        tender_id=row.tender_id,
        shown=Cpv(row.shown),
        official=row.official,
        lot=row.lot or None,
        proposed=tuple(map(Cpv, row.proposed.split())),
        by=row.by,
        marked=row.marked,
        times=row.times,
        state=row.state,
    )
