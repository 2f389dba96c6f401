"""Read and write tenders: the merged record, its numbers, its notices and its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, Row, and_, func, select

from tenders import canonical, predictions
from tenders.model import Contradiction, Notice, Tender
from tenders.store.notices import load_notices
from tenders.store.schema import changes, merges, notices, tenders

_CHUNK = 500  # values of one IN list
_LAST = and_(changes.c.tender_id == tenders.c.id, changes.c.revision == tenders.c.revision)


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a tender: what changed (name -> [old, new]), and the notice that said so."""

    revision: int
    seq: int
    notice: str
    changed_at: datetime
    fields: Mapping[str, list[Any]]


def in_chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    """Cut values into lists short enough for one IN of any database."""
    rest = iter(values)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _read(row: Row[Any], held: Sequence[Notice], as_noticed: bool) -> Tender:
    body = orjson.loads(row.body)
    predicted = body.get("cpv_predicted", [])
    if as_noticed:
        predicted = body.get("cpv_noticed", predicted)
    return Tender(
        id=row.id,
        notices=tuple(held),
        merged=canonical.from_json(body["merged"]),
        cancelled=body["cancelled"],
        awarded=body["awarded"],
        planned=body["planned"],
        provenance=body["provenance"],
        contradictions=tuple(Contradiction(**one) for one in body.get("contradictions", ())),
        cpv_predicted=predictions.from_json(predicted),
        classifier=row.classifier or None,
        version=row.version,
        seq=row.seq,
        revision=row.revision,
    )


def load_tenders(connection: Connection, ids: Iterable[str], *, as_noticed: bool = False) -> dict[str, Tender]:
    """Load standing tenders with their notices; ids that are unknown or absorbed are left out.

    `as_noticed` gives them with the codes that were predicted when a notice last wrote them, whatever another
    classifier has said since.
    """
    found: dict[str, Tender] = {}
    for chunk in in_chunks(dict.fromkeys(ids)):
        found_rows = connection.execute(select(tenders).where(tenders.c.id.in_(chunk)))
        rows = [row for row in found_rows if row.absorbed_into is None]  # asked of SQL, it would scan that index
        members: dict[str, list[int]] = {row.id: [] for row in rows}
        held = select(merges.c.tender_id, merges.c.notice_id).where(merges.c.tender_id.in_(members))
        for tender_id, notice_id in connection.execute(held.order_by(merges.c.notice_id)):
            members[tender_id].append(notice_id)
        loaded = load_notices(connection, (id_ for ids_ in members.values() for id_ in ids_))
        found |= {row.id: _read(row, [loaded[id_] for id_ in members[row.id]], as_noticed) for row in rows}
    return found


def written_since(connection: Connection, version: int, limit: int) -> list[Row[Any]]:
    """Return (id, version, arrival, revision, absorbed_into) of the tenders written after a version, oldest first."""
    columns = (tenders.c.id, tenders.c.version, tenders.c.arrival, tenders.c.revision, tenders.c.absorbed_into)
    query = select(*columns).where(tenders.c.version > version).order_by(tenders.c.version).limit(limit)
    return list(connection.execute(query))


def noticed_since(connection: Connection, version: int, limit: int) -> list[Row[Any]]:
    """Return (id, noticed, arrival, absorbed_into) of the tenders that a notice had written after a version."""
    columns = (tenders.c.id, tenders.c.noticed, tenders.c.arrival, tenders.c.absorbed_into)
    query = select(*columns).where(tenders.c.noticed > version).order_by(tenders.c.noticed).limit(limit)
    return list(connection.execute(query))


def find_tender(connection: Connection, tender_id: str) -> str | None:
    """Return the id that answers for a tender now: its own, that of the tender which absorbed it, or None."""
    seen: set[str] = set()
    wanted = tender_id
    while wanted not in seen:
        seen.add(wanted)
        row = connection.execute(select(tenders.c.absorbed_into).where(tenders.c.id == wanted)).first()
        if row is None:
            return None
        if row.absorbed_into is None:
            return wanted
        wanted = row.absorbed_into
    return None


def absorbed_ids(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return absorbed id -> standing id, for the tenders that some of `ids` have absorbed, at any remove."""
    found: dict[str, str] = {}
    layer = {id_: id_ for id_ in ids}
    while layer:
        below: dict[str, str] = {}
        for chunk in in_chunks(layer):
            query = select(tenders.c.id, tenders.c.absorbed_into).where(tenders.c.absorbed_into.in_(chunk))
            below |= {row.id: layer[row.absorbed_into] for row in connection.execute(query) if row.id not in found}
        found |= below
        layer = below
    return found


def count_tenders(connection: Connection) -> int:
    """How many tenders stand."""
    query = select(func.count()).select_from(tenders).where(tenders.c.absorbed_into.is_(None))
    return int(connection.execute(query).scalar_one())


def last_changes(connection: Connection, digits: str) -> Iterator[tuple[str, datetime]]:
    """Give (id, when it last changed materially) of the standing tenders whose id begins with `digits`, by id.

    `digits` are hexadecimal, as ids are.
    """
    columns = (tenders.c.id, tenders.c.absorbed_into, changes.c.changed_at)
    query = select(*columns).join(changes, _LAST).order_by(tenders.c.id)
    if digits:  # as a range, which the key finds; up to the next digits, since collations agree on the order of these
        query = query.where(tenders.c.id >= digits)
        if after := digits.rstrip("f"):
            query = query.where(tenders.c.id < f"{after[:-1]}{int(after[-1], 16) + 1:x}")
    for row in connection.execute(query):
        if row.absorbed_into is None:
            yield row.id, row.changed_at


def newest_changes(connection: Connection, digits: int) -> dict[str, datetime]:
    """Return, by the first so many digits of ids, when a standing tender last changed materially."""
    begin = func.substr(tenders.c.id, 1, digits)
    query = select(begin, func.max(changes.c.changed_at)).join(changes, _LAST)
    rows = connection.execute(query.where(tenders.c.absorbed_into.is_(None)).group_by(begin))
    return {row[0]: row[1] for row in rows}


def load_history(connection: Connection, tender_id: str) -> list[Revision]:
    """Return the revisions of a tender, newest first."""
    rows = connection.execute(
        select(changes).where(changes.c.tender_id == tender_id).order_by(changes.c.revision.desc())
    )
    return [Revision(row.revision, row.seq, row.notice, row.changed_at, orjson.loads(row.fields)) for row in rows]


@dataclass(frozen=True, slots=True)
class Dates:
    """When a tender was new, when it last changed materially (and what then), and when it was last written."""

    first_at: datetime
    changed_at: datetime
    changed: Mapping[str, list[Any]]
    written_at: datetime


def load_dates(connection: Connection, ids: Sequence[str]) -> dict[str, Dates]:
    """Return the dates of tenders."""
    columns = (changes.c.tender_id, changes.c.changed_at, changes.c.fields)
    history: dict[str, list[tuple[datetime, str]]] = {}
    written: dict[str, datetime] = {}
    for chunk in in_chunks(ids):
        revisions = select(*columns).where(changes.c.tender_id.in_(chunk))
        for row in connection.execute(revisions.order_by(changes.c.tender_id, changes.c.revision)):
            history.setdefault(row.tender_id, []).append((row.changed_at, row.fields))
        updated = select(tenders.c.id, tenders.c.updated).where(tenders.c.id.in_(chunk))
        written |= {row.id: row.updated for row in connection.execute(updated)}
    return {
        id_: Dates(
            first_at=said[0][0],
            changed_at=said[-1][0],
            changed=orjson.loads(said[-1][1]) if len(said) > 1 else {},
            written_at=at,
        )
        for id_, at in written.items()
        for said in (history.get(id_) or [(at, "{}")],)
    }


def load_merges(connection: Connection, tender_id: str) -> list[Row[Any]]:
    """Return (key, rule, evidence, merged_at) of the notices in a tender, in the order they were first stored."""
    query = (
        select(notices.c.key, merges.c.rule, merges.c.evidence, merges.c.merged_at)
        .join(notices, notices.c.id == merges.c.notice_id)
        .where(merges.c.tender_id == tender_id)
        .order_by(merges.c.notice_id)
    )
    return list(connection.execute(query))
