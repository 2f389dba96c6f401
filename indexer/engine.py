"""The one door to the search index, whatever runs behind it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from tenders.errors import BadSettings
from tenders.model import Tender
from tenders.query import Page, Query


class SearchEngine(Protocol):
    """An index of tenders by id. What was put is found after `commit`; an answer is exact, never cut in silence.

    Errors: BadQuery for a cursor of another query or engine, Unavailable when the index cannot answer now, StaleIndex
    when it was written in another format.
    """

    def put(self, tenders: Iterable[Tender]) -> None:
        """Add tenders, each in place of what stood under its id."""

    def drop(self, ids: Iterable[str]) -> None:
        """Remove tenders; ids that are not there are ignored."""

    def commit(self, mark: int) -> None:
        """Make what was put and dropped visible and durable, together with the version reached."""

    def mark(self) -> int:
        """The version reached by the last commit; 0 for a new index."""

    def search(self, query: Query, now: datetime, *, facets: bool = False) -> Page:
        """Answer one page of a query as of `now`."""

    def stream(self, query: Query, now: datetime) -> Iterator[str]:
        """Give the ids of every tender that a query selects, newest `seq` first."""

    def count(self) -> int:
        """How many tenders the index holds."""

    def close(self) -> None:
        """Give everything back; what was not committed is forgotten."""


def remove_index(url: str) -> None:
    """Throw an index away, whole or broken; the next build makes it anew. Raises BadSettings for an unknown URL."""
    if not url.startswith("tantivy:"):
        raise BadSettings("TENDERS_SEARCH_URL must be tantivy:PATH")
    shutil.rmtree(url.removeprefix("tantivy:"), ignore_errors=True)


def open_engine(url: str) -> SearchEngine:
    """Open the engine that a search URL names; raises BadSettings for one that is unknown."""
    if url.startswith("tantivy:"):
        from indexer.tantivy_engine import TantivyEngine

        return TantivyEngine(url.removeprefix("tantivy:"))
    raise BadSettings("TENDERS_SEARCH_URL must be tantivy:PATH")
