"""What every answer needs: the store, the index, the clock, the public address; and how a question is read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.requests import Request

from indexer.engine import SearchEngine
from tenders.errors import BadQuery
from tenders.query import Query
from tenders.query_url import from_pairs, require_sources, split_form, to_url
from tenders.store.database import Store
from tenders.store.notices import known_sources
from tenders.translations import N_

TWICE = N_("%(name)s is given twice: give it once")
_SOURCES_AGE = timedelta(seconds=60)


class SourceNames:
    """The names of the sources that have brought a notice, asked of the store at most once a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: frozenset[str] = frozenset()
        self._read_at: datetime | None = None

    def require(self, query: Query, store: Store, now: datetime) -> None:
        """Raise BadQuery, which names the known sources, for a source that is not one of them, once there are any."""
        if self._names.issuperset(query.source):
            return
        with self._lock:
            if self._read_at is None or abs(now - self._read_at) > _SOURCES_AGE or not self._names:
                with store.reading() as connection:
                    self._names = frozenset(known_sources(connection))
                self._read_at = now
        require_sources(query, self._names)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where questions are answered. `base_url` has no slash at its end; `clock` gives the moment, in UTC."""

    store: Store
    engine: SearchEngine
    base_url: str
    clock: Callable[[], datetime]
    sources: SourceNames = field(default_factory=SourceNames)

    def path(self, path: str, query: Query | str = "") -> str:
        """Write the relative address of one of our own pages, under the path that `base_url` may have."""
        form = query if isinstance(query, str) else to_url(query)
        return urlsplit(self.base_url).path.rstrip("/") + path + ("?" + form if form else "")

    def address(self, path: str, query: Query | str = "") -> str:
        """Write the public address of one of our own pages."""
        form = query if isinstance(query, str) else to_url(query)
        return self.base_url + path + ("?" + form if form else "")

    def read_query(self, request: Request, now: datetime) -> Query:
        """Read the Query of a request; raises BadQuery, which says how to mend it."""
        query = from_pairs(read_pairs(request))
        self.sources.require(query, self.store, now)
        return query


def read_pairs(request: Request) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of a request's address, in their order; raises BadQuery for what is no UTF-8."""
    form: bytes = request.scope["query_string"]
    try:
        return split_form(form.decode())
    except UnicodeDecodeError:
        raise BadQuery("the address is not UTF-8: write é as %C3%A9", name="") from None


def read_fields(request: Request, names: Iterable[str]) -> dict[str, str]:
    """Read parameters that stand once each; raises BadQuery for an unknown name or one given twice."""
    allowed = tuple(names)
    found: dict[str, str] = {}
    for name, value in read_pairs(request):
        if name not in allowed:
            raise BadQuery(f"unknown parameter {name[:60]!r}: the names are {', '.join(allowed)}", name=name[:60])
        if name in found:
            raise BadQuery(TWICE, name=name, values={"name": name})
        if value.strip():
            found[name] = value.strip()
    return found
