"""What could not be understood: kept with its reason, so that a mended reader can be tried on it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from tenders.store.schema import quarantine

# All of them stand in one unique index, whose rows PostgreSQL keeps under 2,704 bytes; a character may take four.
LONGEST_ORIGIN, LONGEST_PLACE, LONGEST_REASON = 200, 100, 300
_CHUNK = 500  # values of one IN list


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something a body of this format held that could not be understood.

    `origin` names the file or the window it came from, `place` where in it (a notice's id when known), `raw` the body.
    """

    format: str
    origin: str
    place: str
    reason: str
    raw: str | None = None


def put_aside(connection: Connection, refused: Iterable[Quarantined], *, at: datetime) -> None:
    """Keep refusals, in a writing transaction; a known one only moves its `last_seen` and names its last body."""
    by_origin: dict[tuple[str, str], dict[tuple[str, str], str | None]] = defaultdict(dict)
    for one in refused:
        places = by_origin[one.format, _storable(one.origin)[-LONGEST_ORIGIN:]]
        places[_storable(one.place)[:LONGEST_PLACE], _storable(one.reason)[:LONGEST_REASON]] = one.raw
    for (format_, origin), found in by_origin.items():
        _keep(connection, format_, origin, found, at)


def _storable(text: str) -> str:
    """Replace what a database refuses: NUL, and the half characters of a file name that is not UTF-8."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode()


def _keep(
    connection: Connection, format_: str, origin: str, places: dict[tuple[str, str], str | None], at: datetime
) -> None:
    known = {
        (row.place, row.reason): row
        for row in connection.execute(
            select(quarantine.c.id, quarantine.c.place, quarantine.c.reason, quarantine.c.raw).where(
                quarantine.c.format == format_, quarantine.c.origin == origin
            )
        )
    }
    seen = [known[key].id for key in places if key in known]
    for start in range(0, len(seen), _CHUNK):
        connection.execute(
            update(quarantine).where(quarantine.c.id.in_(seen[start : start + _CHUNK])).values(last_seen=at)
        )
    for key, raw in places.items():
        if raw is not None and key in known and known[key].raw != raw:
            connection.execute(update(quarantine).where(quarantine.c.id == known[key].id).values(raw=raw))
    fresh = [
        {
            "format": format_,
            "origin": origin,
            "place": place,
            "reason": reason,
            "raw": raw,
            "first_seen": at,
            "last_seen": at,
        }
        for (place, reason), raw in places.items()
        if (place, reason) not in known
    ]
    if fresh:
        connection.execute(insert(quarantine), fresh)


def forget_aside(connection: Connection, format_: str) -> None:
    """Forget what was put aside of a format, in a writing transaction: it was tried again from the beginning."""
    connection.execute(delete(quarantine).where(quarantine.c.format == format_))


def count_aside(connection: Connection, format_: str | None = None) -> int:
    """How many rows are in quarantine, of one format or of all."""
    query = select(func.count()).select_from(quarantine)
    return int(
        connection.execute(query if format_ is None else query.where(quarantine.c.format == format_)).scalar_one()
    )


def quarantine_reasons(connection: Connection) -> list[tuple[str, str, int]]:
    """Return (format, reason, how many) of everything in quarantine, most frequent first."""
    count = func.count().label("many")
    rows = connection.execute(
        select(quarantine.c.format, quarantine.c.reason, count)
        .group_by(quarantine.c.format, quarantine.c.reason)
        .order_by(count.desc(), quarantine.c.reason)
    )
    return [(row.format, row.reason, row.many) for row in rows]
