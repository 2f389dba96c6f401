"""Every tender that a Query selects, one after the other, however many there are: for exports and the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from indexer.engine import SearchEngine
from tenders.model import Tender
from tenders.query import Query, Sort
from tenders.store.database import Store
from tenders.store.tenders import load_tenders

_LOADED = 500  # tenders held at a time
_PAGE = 5_000  # ids a step, in an order that the engine cannot walk


def every_id(engine: SearchEngine, query: Query, now: datetime) -> Iterator[str]:
    """Give the ids of all that a query selects, newest `seq` first where it asks for no order.

    In that order they come from one state of the index; in another they are asked for in pages, between which a tender
    may move.
    """
    if query.sort in (None, Sort.SEQ):
        yield from engine.stream(query, now)
        return
    asked: Query | None = replace(query, size=_PAGE, after=None)
    while asked is not None:
        page = engine.search(asked, now)
        yield from (hit.id for hit in page.hits)
        asked = replace(asked, after=page.next) if page.next else None


def load_each(store: Store, ids: Iterable[str]) -> Iterator[Tender]:
    """Give the tenders of ids in their order, a few hundred at a time; one absorbed meanwhile is left out."""
    rest = iter(ids)
    while chunk := list(islice(rest, _LOADED)):
        with store.reading() as connection:
            found = load_tenders(connection, chunk)
        yield from (found[id_] for id_ in chunk if id_ in found)
