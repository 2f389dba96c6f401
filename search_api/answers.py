"""The engine says which tenders, the store says what they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from search_api.desk import Desk
from tenders.model import Tender
from tenders.query import Facet, Page, Query
from tenders.store.database import counter
from tenders.store.tenders import Dates, load_dates, load_tenders


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of tenders, in order. `settled` says that the index knew every write the store had."""

    page: Page
    tenders: tuple[Tender, ...]
    dates: Mapping[str, Dates]
    settled: bool


def answer(desk: Desk, query: Query, now: datetime, *, facets: Collection[Facet] = (), dated: bool = False) -> Answer:
    """Answer one page of a query. A tender absorbed since the index last looked is left out."""
    mark = desk.engine.mark() or 0
    page = desk.engine.search(query, now, facets=facets)
    ids = [hit.id for hit in page.hits]
    with desk.store.reading() as connection:
        loaded = load_tenders(connection, ids)
        found = tuple(loaded[id_] for id_ in ids if id_ in loaded)
        dates = load_dates(connection, ids) if dated else {}
        settled = mark >= counter(connection, "version")
    return Answer(page, found, dates, settled)


def following(query: Query, page: Page) -> Query | None:
    """Return the query of the next page, None on the last."""
    return None if page.next is None else replace(query, after=page.next)
