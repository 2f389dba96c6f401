"""Take readings of notices into the store: idempotent, the richest reading on top, every reading kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from tenders import canonical
from tenders.model import Buyer, Notice, Strategic
from tenders.store.database import next_numbers
from tenders.store.schema import notices, readings


@dataclass(frozen=True, slots=True)
class Reading:
    """A notice as one body gave it. A reading of lower `richness` fills gaps and never overwrites a richer one."""

    notice: Notice
    richness: int
    raw: str | None = None  # the body's name among the raw bodies


@dataclass(frozen=True, slots=True)
class Taken:
    """How many readings brought a new notice, a new revision of a known one, or nothing new."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0

    def __add__(self, other: Taken) -> Taken:
        return Taken(self.new + other.new, self.revised + other.revised, self.unchanged + other.unchanged)


def fill(rich: Notice, poor: Notice) -> Notice:
    """Return the rich reading with what only the poor one knows."""
    gaps = {
        f.name: getattr(poor, f.name)
        for f in fields(Notice)
        if f.name not in ("buyer", "strategic") and getattr(rich, f.name) in (None, (), {})
    }
    buyer = {f.name: getattr(rich.buyer, f.name) or getattr(poor.buyer, f.name) for f in fields(Buyer)}
    flags = {
        name: getattr(poor.strategic if getattr(rich.strategic, name) is None else rich.strategic, name)
        for name in canonical.FLAGS
    }
    return replace(rich, **gaps, buyer=Buyer(**buyer), strategic=Strategic(**flags))


@dataclass(slots=True)
class _Known:
    """A notice of the batch: its row, and the readings of it that were seen, by arrival."""

    id: int
    hash: str
    readings: list[tuple[int, str, int, str, str | None]]  # arrival, hash, richness, published, body


def take(connection: Connection, batch: Sequence[Reading], *, at: datetime, live: bool) -> Taken:
    """Take a batch of readings, in a writing transaction.

    A reading whose hash was seen before brings nothing new, so importing an archive twice changes nothing. A `live`
    reading (a crawl of what the source shows now) that returns to an earlier state is a revision again. Of two
    readings of one richness the later published stands; of one day, the later taken.
    """
    known = _load_known(connection, {reading.notice.key for reading in batch})
    new_notices: dict[str, dict[str, Any]] = {}
    changed: dict[int, dict[str, Any]] = {}
    new_readings: list[dict[str, Any]] = []
    arrivals = iter(next_numbers(connection, "arrival", len(batch)))
    taken = {"new": 0, "revised": 0, "unchanged": 0}
    for reading in batch:
        notice, arrival = reading.notice, next(arrivals)
        body = canonical.dumps(notice)
        digest = canonical.digest(body)
        line = body.decode()
        published = notice.published.isoformat() if notice.published else ""
        entry = known.get(notice.key)
        if entry is not None and _nothing_new(entry, digest, reading.richness, live):
            taken["unchanged"] += 1
            continue
        if live and entry is not None:  # what the source shows now stands, whatever day it carries
            published = max(published, *(seen[3] for seen in entry.readings))
        notice_id = arrival if entry is None else entry.id
        new_readings.append(
            {
                "arrival": arrival,
                "notice_id": notice_id,
                "hash": digest,
                "richness": reading.richness,
                "published": published,
                "read_at": at,
                "raw": reading.raw,
                "body": line,
            }
        )
        if entry is None:
            known[notice.key] = _Known(notice_id, digest, [(arrival, digest, reading.richness, published, line)])
            new_notices[notice.key] = {
                "id": notice_id,
                "key": notice.key,
                "source": notice.source,
                "hash": digest,
                "arrival": arrival,
                "richness": reading.richness,
                "first_read": at,
                "body": line,
            }
            taken["new"] += 1
            continue
        entry.readings.append((arrival, digest, reading.richness, published, line))
        folded = canonical.dumps(_fold(connection, entry))
        digest = canonical.digest(folded)
        if digest == entry.hash:
            taken["unchanged"] += 1
            continue
        entry.hash = digest
        depth = max(seen[2] for seen in entry.readings)
        state = {"hash": digest, "arrival": arrival, "richness": depth, "body": folded.decode()}
        if notice.key in new_notices:
            new_notices[notice.key] |= state
        else:
            changed[notice_id] = {"notice_id": notice_id, **state}
        taken["revised"] += 1
    _write(connection, new_notices.values(), changed.values(), new_readings)
    return Taken(**taken)


def _load_known(connection: Connection, keys: Iterable[str]) -> dict[str, _Known]:
    rows = connection.execute(
        select(notices.c.id, notices.c.key, notices.c.hash).where(notices.c.key.in_(sorted(keys)))
    )
    known = {row.key: _Known(row.id, row.hash, []) for row in rows}
    if known:
        by_id = {entry.id: entry for entry in known.values()}
        columns = (readings.c.arrival, readings.c.notice_id, readings.c.hash, readings.c.richness, readings.c.published)
        for row in connection.execute(
            select(*columns).where(readings.c.notice_id.in_(by_id)).order_by(readings.c.arrival)
        ):
            by_id[row.notice_id].readings.append((row.arrival, row.hash, row.richness, row.published, None))
    return known


def _nothing_new(entry: _Known, digest: str, richness: int, live: bool) -> bool:
    seen = [reading for reading in entry.readings if reading[2] == richness]
    if live:
        return bool(seen) and seen[-1][1] == digest
    return any(reading[1] == digest for reading in seen)


def _fold(connection: Connection, entry: _Known) -> Notice:
    """Fold the standing reading of each richness, the richest on top."""
    standing: dict[int, tuple[int, str, int, str, str | None]] = {}
    for reading in entry.readings:
        other = standing.get(reading[2])
        if other is None or (reading[3], reading[0]) >= (other[3], other[0]):
            standing[reading[2]] = reading
    folded: Notice | None = None
    for richness in sorted(standing, reverse=True):
        arrival, _, _, _, line = standing[richness]
        if line is None:
            line = connection.execute(select(readings.c.body).where(readings.c.arrival == arrival)).scalar_one()
        notice = canonical.loads(line)
        folded = notice if folded is None else fill(folded, notice)
    assert folded is not None
    return folded


def _write(
    connection: Connection,
    new_notices: Iterable[Mapping[str, Any]],
    changed: Iterable[Mapping[str, Any]],
    new_readings: Sequence[Mapping[str, Any]],
) -> None:
    if rows := list(new_notices):
        connection.execute(insert(notices), rows)
    if rows := list(changed):
        connection.execute(
            update(notices)
            .where(notices.c.id == bindparam("notice_id"))
            .values({name: bindparam(name) for name in ("hash", "arrival", "richness", "body")}),
            rows,
        )
    if new_readings:
        connection.execute(insert(readings), list(new_readings))


def changed_since(connection: Connection, arrival: int, limit: int) -> list[tuple[int, int]]:
    """Return (arrival, notice id) of the notices written after an arrival number, oldest first."""
    rows = connection.execute(
        select(notices.c.arrival, notices.c.id)
        .where(notices.c.arrival > arrival)
        .order_by(notices.c.arrival)
        .limit(limit)
    )
    return [(row.arrival, row.id) for row in rows]


def load_notices(connection: Connection, ids: Iterable[int]) -> dict[int, Notice]:
    """Load notices by their ids, in id order."""
    found: dict[int, Notice] = {}
    wanted = iter(sorted(set(ids)))
    while chunk := list(islice(wanted, 500)):
        rows = connection.execute(
            select(notices.c.id, notices.c.body).where(notices.c.id.in_(chunk)).order_by(notices.c.id)
        )
        found |= {row.id: canonical.loads(row.body) for row in rows}
    return found


def count_since(connection: Connection, arrival: int) -> int:
    """How many notices came or changed after an arrival number."""
    query = select(func.count()).select_from(notices).where(notices.c.arrival > arrival)
    return int(connection.execute(query).scalar_one())


def is_waiting(connection: Connection, merged: int, arrival: int, before: datetime) -> bool:
    """Whether a notice after an arrival number waits that came up to another one, or was first read before a moment."""
    late = (notices.c.arrival <= arrival) | (notices.c.first_read < before)
    query = select(notices.c.id).where(notices.c.arrival > merged, late).limit(1)
    return connection.execute(query).first() is not None


def count_notices(connection: Connection) -> int:
    """How many notices are known."""
    return int(connection.execute(select(func.count()).select_from(notices)).scalar_one())


def known_sources(connection: Connection) -> list[str]:
    """Return the names of the sources that have brought a notice."""
    return list(connection.execute(select(notices.c.source).distinct().order_by(notices.c.source)).scalars())


def stream_notices(connection: Connection) -> Iterator[Notice]:
    """Read every notice as it stands, in the order they were first stored."""
    for row in connection.execution_options(yield_per=1000).execute(select(notices.c.body).order_by(notices.c.id)):
        yield canonical.loads(row.body)
