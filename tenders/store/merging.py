"""What the indexer gathers and writes to make tenders of notices: link keys, merges, tenders, their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from tenders import canonical, predictions
from tenders.model import Tender
from tenders.store.schema import changes, merges, notices, past_merges, tenders
from tenders.store.tenders import in_chunks


@dataclass(frozen=True, slots=True)
class Standing:
    """What the store knows of a tender before it is written again."""

    seq: int
    revision: int
    facts: Mapping[str, Any]
    depths: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Written:
    """A tender to be written, with the facts and depths by which its next change is judged."""

    tender: Tender
    arrival: int
    closes: datetime | None
    facts: Mapping[str, Any]
    depths: Mapping[str, int]


def _body(written: Written) -> str:
    tender = written.tender
    return orjson.dumps(
        {
            "merged": canonical.to_json(tender.merged),
            "cancelled": tender.cancelled,
            "awarded": tender.awarded,
            "planned": tender.planned,
            "provenance": tender.provenance,
            "contradictions": tender.contradictions,
            "cpv_predicted": predictions.to_json(tender.cpv_predicted),
            "facts": written.facts,
            "depths": written.depths,
        }
    ).decode()


def load_merged(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[str, str, str]]:
    """Return (tender id, rule, evidence) of the notices that stand in a tender."""
    found: dict[int, tuple[str, str, str]] = {}
    for chunk in in_chunks(ids):
        for row in connection.execute(select(merges).where(merges.c.notice_id.in_(chunk))):
            found[row.notice_id] = (row.tender_id, row.rule, row.evidence)
    return found


def load_standing(connection: Connection, ids: Iterable[str]) -> dict[str, Standing]:
    """Return what is known of tenders, absorbed ones included."""
    found: dict[str, Standing] = {}
    for chunk in in_chunks(ids):
        for row in connection.execute(select(tenders).where(tenders.c.id.in_(chunk))):
            body = orjson.loads(row.body)
            found[row.id] = Standing(row.seq, row.revision, body["facts"], body["depths"])
    return found


def load_depths(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[str, int, int]]:
    """Return (key, richness, arrival) of notices by id."""
    found: dict[int, tuple[str, int, int]] = {}
    for chunk in in_chunks(ids):
        columns = (notices.c.id, notices.c.key, notices.c.richness, notices.c.arrival)
        for row in connection.execute(select(*columns).where(notices.c.id.in_(chunk))):
            found[row.id] = (row.key, row.richness, row.arrival)
    return found


def write_tenders(connection: Connection, batch: Sequence[Written], known: Iterable[str], *, at: datetime) -> None:
    """Write tenders under the numbers they carry; `known` are the ids that have a row already."""
    old = set(known)
    rows = [
        {
            "id": w.tender.id,
            "version": w.tender.version,
            "seq": w.tender.seq,
            "revision": w.tender.revision,
            "arrival": w.arrival,
            "noticed": w.tender.version,
            "updated": at,
            "closes": w.closes,
            "absorbed_into": None,
            "classifier": None if w.tender.cpv_published else w.tender.classifier or "",
            "body": _body(w),
        }
        for w in batch
    ]
    if fresh := [row for row in rows if row["id"] not in old]:
        connection.execute(insert(tenders), fresh)
    if again := [{**row, "tender_id": row.pop("id")} for row in rows if row["id"] in old]:
        values: dict[str, Any] = {name: bindparam(name) for name in again[0] if name != "tender_id"}
        connection.execute(update(tenders).where(tenders.c.id == bindparam("tender_id")).values(values), again)


def write_absorbed(
    connection: Connection, absorbed: Mapping[str, str], versions: Iterable[int], *, at: datetime
) -> None:
    """Say that tenders stand in others now."""
    for (gone, into), version in zip(sorted(absorbed.items()), versions, strict=True):
        moved = update(tenders).where(tenders.c.id == gone)
        gone_now = {"absorbed_into": into, "version": version, "noticed": version, "updated": at, "classifier": None}
        connection.execute(moved.values(gone_now))


def write_revisions(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows of history: tender_id, revision, seq, version, notice, changed_at, fields (a mapping)."""
    if rows:
        connection.execute(insert(changes), [{**row, "fields": orjson.dumps(row["fields"]).decode()} for row in rows])


def write_merges(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write in which tender each notice stands: notice_id, tender_id, rule, evidence, merged_at.

    Where its notice goes to another tender, the row that stood is kept as past.
    """
    for chunk in in_chunks(rows):
        homes = {row["notice_id"]: row["tender_id"] for row in chunk}
        until = chunk[0]["merged_at"]
        stood = connection.execute(select(merges).where(merges.c.notice_id.in_(homes))).mappings()
        left = [dict(row) | {"until": until} for row in stood if row["tender_id"] != homes[row["notice_id"]]]
        if left:
            connection.execute(insert(past_merges), left)
        connection.execute(delete(merges).where(merges.c.notice_id.in_(homes)))
        connection.execute(insert(merges), chunk)
