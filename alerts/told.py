"""What a subscription was told of a tender, and what has changed since: by rows and revisions, never by a clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from alerts.model import MatchKind
from indexer.material import material_changes
from tenders.model import Tender
from tenders.store.merging import load_standing
from tenders.store.schema import changes, matches
from tenders.store.tenders import absorbed_ids, in_chunks
from tenders.subscription import News

Pair = tuple[str, str]  # subscription id, id of the standing tender
Changes = dict[str, tuple[object, object]]  # fact -> first old value, last new one


# What a material fact is news of; whatever else may become one is told to everybody.
_NEWS_OF = {
    "cancelled": News.DEADLINE,
    "deadline": News.DEADLINE,
    "display_until": News.DEADLINE,
    "documents": News.DOCUMENTS,
    "lots": News.DOCUMENTS,
    "value": News.DOCUMENTS,
    "awarded": News.AWARD,
    "awards": News.AWARD,
}


def wanted(changed: Changes, wants: Collection[News]) -> Changes:
    """Return of the facts that changed those that a subscriber wants to hear of."""
    return {name: values for name, values in changed.items() if _NEWS_OF.get(name) in (None, *wants)}


@dataclass(frozen=True, slots=True)
class Told:
    """The id under which a tender was told (its own, else that of one it absorbed), at which revision, and last as.

    `first` is the id of the first match row that told it.
    """

    tender_id: str
    revision: int
    kind: MatchKind
    first: int


def load_told(
    connection: Connection, tender_ids: Iterable[str], *, subscription: str | None = None, before: int | None = None
) -> dict[Pair, Told]:
    """Return what each subscription was told of standing tenders; having been told an absorbed id counts.

    `before` looks only at the match rows below that id. Reminders tell nothing new and are left out.
    """
    standing = {id_: id_ for id_ in tender_ids}
    standing |= absorbed_ids(connection, list(standing))
    columns = (matches.c.id, matches.c.subscription_id, matches.c.tender_id, matches.c.kind, matches.c.revision)
    rows: list[Any] = []
    for chunk in in_chunks(standing):
        query = select(*columns).where(matches.c.tender_id.in_(chunk), matches.c.kind != MatchKind.ENDING)
        if subscription is not None:
            query = query.where(matches.c.subscription_id == subscription)
        if before is not None:
            query = query.where(matches.c.id < before)
        rows += connection.execute(query).all()
    told: dict[Pair, Told] = {}
    for row in sorted(rows, key=lambda row: row.id):
        pair = (row.subscription_id, standing[row.tender_id])
        last = told.get(pair)
        known, revision = row.tender_id, row.revision
        if last is not None and last.tender_id == pair[1]:  # its own revisions are the better measure
            revision = max(last.revision, revision if known == pair[1] else 0)
            known = pair[1]
        told[pair] = Told(known, revision, MatchKind(row.kind), last.first if last else row.id)
    return told


def changes_since(connection: Connection, tender: Tender, last: Told, until: int | None = None) -> Changes:
    """Return the material facts that changed since a tender was told; what changed and changed back is no change.

    `until` is the last revision of the tender that is looked at.
    """
    said: Changes = {}
    query = select(changes.c.fields).where(changes.c.tender_id == last.tender_id, changes.c.revision > last.revision)
    if until is not None and last.tender_id == tender.id:
        query = query.where(changes.c.revision <= until)
    for text in connection.execute(query.order_by(changes.c.revision)).scalars():
        _add(said, orjson.loads(text))
    if last.tender_id != tender.id:
        # What the other notices of the standing tender add was never told as missing: only what differs is a change.
        known = load_standing(connection, (last.tender_id, tender.id))
        _add(said, material_changes(known[last.tender_id].facts, known[tender.id].facts, deeper=True))
    return {name: values for name, values in said.items() if values[0] != values[1]}


def _add(said: Changes, fields: dict[str, list[object]]) -> None:
    for name, (old, new) in fields.items():
        said[name] = (said[name][0] if name in said else old, new)
