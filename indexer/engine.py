"""The one door to the search index, whatever runs behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from tenders.errors import BadSettings
from tenders.model import Tender
from tenders.query import Facet, Page, Query


class SearchEngine(Protocol):
    """An index of tenders by id. What was put is found after `commit`; an answer is exact, never cut in silence.

    Errors: BadQuery for a cursor of another query or engine, MissingIndex when there is nothing to ask, StaleIndex when
    it was written in another format, Unavailable when it cannot answer now, EngineRefused when it does not let us in,
    EngineBroken for an answer that makes no sense.
    """

    def put(self, tenders: Iterable[Tender]) -> Mapping[str, str]:
        """Add tenders, each in place of what stood under its id unless that is newer.

        Returns the ids of those that the engine will never take, with its reason; the others are in.
        """

    def drop(self, versions: Mapping[str, int]) -> None:
        """Remove tenders, given as id -> the version at which they went; ids that are not there are ignored."""

    def commit(self, mark: int) -> None:
        """Make what was put and dropped visible and durable, together with the version reached."""

    def mark(self) -> int | None:
        """The version reached by the last commit; None where there is no index."""

    def search(self, query: Query, now: datetime, *, facets: Collection[Facet] = ()) -> Page:
        """Answer one page of a query as of `now`, with the counts of the facets that are asked for."""

    def stream(self, query: Query, now: datetime) -> Iterator[str]:
        """Give the ids of every tender that a query selects, newest `seq` first, from one state of the index."""

    def count(self) -> int:
        """How many tenders the index holds."""

    def rebuild(self, fill: Callable[[SearchEngine], None]) -> None:
        """Let `fill` write a new index beside the one that answers, then put it in that one's place in one step.

        Until then the old one answers; when `fill` raises, it stays. What a rebuild that died has left is removed.
        The caller sees to it that one rebuild runs at a time.
        """

    def about(self) -> Mapping[str, str | int]:
        """What runs where: engine (name and version), at, index (its name), bytes; no secret."""

    def close(self) -> None:
        """Give everything back; what was not committed is forgotten."""


def count_selected(engine: SearchEngine, query: Query, now: datetime) -> int:
    """Return how many tenders a query selects, whatever its order and page. Errors are the engine's."""
    return engine.search(replace(query.saved(), size=1), now).total


def open_engine(url: str) -> SearchEngine:
    """Open the engine that a search URL names, without asking it anything; raises BadSettings for an unknown one."""
    scheme, _, rest = url.partition(":")
    if scheme == "tantivy" and rest:
        from indexer.tantivy_engine import TantivyEngine

        return TantivyEngine(rest)
    if scheme in ("http", "https"):
        try:
            from indexer.elastic_engine import open_elastic
        except ImportError:
            raise BadSettings("Elasticsearch needs its client: pip install '.[elasticsearch]'") from None
        return open_elastic(url)
    raise BadSettings("TENDERS_SEARCH_URL must be tantivy:PATH or https://user:secret@host:9200/NAME (Elasticsearch)")
