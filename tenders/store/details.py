"""Which notices' own pages are to be asked: those whose row in a list is new, has changed, or was not looked at long.

It stands in the store, not in the walk: a walk that is killed between a row and its page leaves that page due.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from tenders.store.schema import details, notices, readings
from tenders.store.tenders import in_chunks


def due_details(connection: Connection, keys: Iterable[str], richness: int, before: datetime) -> list[str]:
    """Return which of these notices' pages are due, in the order of `keys`.

    `richness` is that of the list's format. A page is due when it was never asked, when its row has changed since, or
    when it was last asked before a moment.
    """
    wanted = list(dict.fromkeys(keys))
    rows = _row_arrivals(connection, wanted, richness)
    asked: dict[str, tuple[int, datetime]] = {}
    for chunk in in_chunks(wanted):
        for found in connection.execute(select(details).where(details.c.key.in_(chunk))):
            asked[found.key] = (found.row, found.asked)
    return [k for k in wanted if k not in asked or asked[k][0] < rows.get(k, 0) or asked[k][1] < before]


def note_detail(connection: Connection, key: str, richness: int, at: datetime) -> None:
    """Note that a notice's page was asked and answered, for the row as it stands now; in a writing transaction."""
    state = {"row": _row_arrivals(connection, [key], richness).get(key, 0), "asked": at}
    if not connection.execute(update(details).where(details.c.key == key).values(state)).rowcount:
        connection.execute(insert(details).values(key=key, **state))


def _row_arrivals(connection: Connection, keys: Iterable[str], richness: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in in_chunks(keys):
        latest = (
            select(notices.c.key, func.max(readings.c.arrival).label("row"))
            .join(readings, readings.c.notice_id == notices.c.id)
            .where(notices.c.key.in_(chunk), readings.c.richness == richness)
            .group_by(notices.c.key)
        )
        found |= {row.key: row.row for row in connection.execute(latest)}
    return found
