"""The engine says which tenders, the store says what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from search_api.desk import Desk
from tenders.model import Tender
from tenders.query import Page, Query
from tenders.store.database import counter
from tenders.store.schema import changes
from tenders.store.schema import tenders as rows
from tenders.store.tenders import load_tenders


@dataclass(frozen=True, slots=True)
class Dated:
    """A tender with when it was new, when it last changed materially (and what then), and when it was last written."""

    tender: Tender
    first_at: datetime
    changed_at: datetime
    changed: Mapping[str, list[Any]]
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of tenders, in order. `settled` says that the index knew every write the store had."""

    page: Page
    tenders: tuple[Tender, ...]
    dated: tuple[Dated, ...]
    settled: bool


def answer(desk: Desk, query: Query, now: datetime, *, facets: bool = False, dated: bool = False) -> Answer:
    """Answer one page of a query. A tender absorbed since the index last looked is left out."""
    mark = desk.engine.mark()
    page = desk.engine.search(query, now, facets=facets)
    ids = [hit.id for hit in page.hits]
    with desk.store.reading() as connection:
        loaded = load_tenders(connection, ids)
        found = tuple(loaded[id_] for id_ in ids if id_ in loaded)
        with_dates = _load_dates(connection, found) if dated else ()
        settled = mark >= counter(connection, "version")
    return Answer(page, found, with_dates, settled)


def _load_dates(connection: Connection, tenders: Sequence[Tender]) -> tuple[Dated, ...]:
    ids = [tender.id for tender in tenders]
    columns = (changes.c.tender_id, changes.c.changed_at, changes.c.fields)
    history: dict[str, list[tuple[datetime, str]]] = {}
    for row in connection.execute(
        select(*columns).where(changes.c.tender_id.in_(ids)).order_by(changes.c.tender_id, changes.c.revision)
    ):
        history.setdefault(row.tender_id, []).append((row.changed_at, row.fields))
    written = {
        row.id: row.updated for row in connection.execute(select(rows.c.id, rows.c.updated).where(rows.c.id.in_(ids)))
    }
    found = []
    for tender in tenders:
        revisions = history.get(tender.id) or [(written[tender.id], "{}")]
        changed_at, fields = revisions[-1]
        found.append(
            Dated(
                tender,
                first_at=revisions[0][0],
                changed_at=changed_at,
                changed=orjson.loads(fields) if len(revisions) > 1 else {},
                written_at=written[tender.id],
            )
        )
    return tuple(found)


def following(query: Query, page: Page) -> Query | None:
    """Return the query of the next page, None on the last."""
    return None if page.next is None else replace(query, after=page.next)
