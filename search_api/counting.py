"""How many tenders queries select: asked of the index once, and remembered while it stays as it is."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from indexer.engine import SearchEngine, count_selected
from tenders.query import Facet, Query
from tenders.query_url import to_url

AGE = timedelta(minutes=5)  # what is open changes by itself, with the clock


@dataclass(slots=True)
class Counts:
    """The counts of one index, each exact as of a moment at most five minutes ago. Errors are the engine's."""

    engine: SearchEngine
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _totals: dict[str, int] = field(default_factory=dict)
    _facets: dict[tuple[str, Facet], Mapping[str, int]] = field(default_factory=dict)
    _mark: int | None = None
    _since: datetime | None = None

    def total(self, query: Query, now: datetime) -> int:
        """Return how many tenders a query selects."""
        with self._lock:
            self._refresh(now)
            form = to_url(query.saved())
            if form not in self._totals:
                self._totals[form] = count_selected(self.engine, query, now)
            return self._totals[form]

    def by(self, facet: Facet, query: Query, now: datetime) -> Mapping[str, int]:
        """Return how many tenders a query selects, by the values of a facet."""
        with self._lock:
            self._refresh(now)
            key = to_url(query.saved()), facet
            if key not in self._facets:
                page = self.engine.search(replace(query.saved(), size=1), now, facets=(facet,))
                self._facets[key], self._totals[key[0]] = page.facets[facet], page.total
            return self._facets[key]

    def _refresh(self, now: datetime) -> None:
        mark = self.engine.mark()
        if self._since is None or mark != self._mark or abs(now - self._since) > AGE:
            self._totals.clear()
            self._facets.clear()
            self._mark, self._since = mark, now
