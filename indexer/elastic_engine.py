"""The search index in Elasticsearch 8.19 or later, for many processes and machines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
import structlog

from indexer.cursor import foreign_cursor, read_cursor, write_cursor
from indexer.elastic_door import ASK_SECONDS, Door, open_door
from indexer.elastic_index import Index, Shelf
from indexer.elastic_query import compile_plan, facet_request, favour_current, read_facets
from indexer.fields import ORDERS
from indexer.plan import plan
from tenders.errors import EngineBroken, MissingIndex, TendersError, Unavailable
from tenders.model import Tender
from tenders.query import Facet, Hit, Page, Query, Sort

_STREAM = 5_000  # ids a step
_HELD = "2m"  # how long a state of the index is held between two steps of a walk
_log = structlog.get_logger()


class ElasticEngine:
    """A SearchEngine behind an Elasticsearch alias."""

    def __init__(self, door: Door, draft: Index | None = None) -> None:
        self._door = door
        self._index = draft or Index(door)

    def mark(self) -> int | None:
        """See SearchEngine."""
        try:
            return int(self._index.state()["mark"])
        except MissingIndex:
            return None

    def put(self, tenders: Iterable[Tender]) -> Mapping[str, str]:
        """See SearchEngine."""
        return self._index.put(tenders)

    def drop(self, versions: Mapping[str, int]) -> None:
        """See SearchEngine."""
        if versions:
            self._index.drop(versions)

    def commit(self, mark: int) -> None:
        """See SearchEngine."""
        self._index.commit(mark)

    def close(self) -> None:
        """See SearchEngine; an index that is still being written is brought to rest, which may take a while."""
        self._index.settle()

    def rebuild(self, fill: Callable[[ElasticEngine], None]) -> None:
        """See SearchEngine."""
        shelf = Shelf(self._door)
        name, draft = shelf.begin()
        try:
            fill(ElasticEngine(self._door, draft))
            shelf.publish(name, draft)
        except BaseException:
            try:
                shelf.give_up(name)
            except TendersError as problem:  # the next rebuild removes it
                _log.warning("index.draft_stays", index=name, reason=str(problem))
            raise

    def count(self) -> int:
        """See SearchEngine."""
        return int(self._ask(self._door.client.count, index=self._index.alias)["count"])

    def about(self) -> Mapping[str, str | int]:
        """See SearchEngine."""
        client, alias = self._door.client, self._index.alias
        nodes = self._ask(client.nodes.info, metric="process", filter_path="nodes.*.version")["nodes"]
        stats = self._ask(client.indices.stats, index=alias, metric="store")
        versions = ", ".join(sorted({node["version"] for node in nodes.values()}))
        return {
            "engine": f"elasticsearch {versions}",
            "at": self._door.shown,
            "index": ", ".join(sorted(stats["indices"])),
            "bytes": stats["_all"]["total"]["store"]["size_in_bytes"],
        }

    def _ask(self, act: Callable[..., Any], **said: Any) -> Any:
        try:
            with self._door.asking():
                return act(**said).body
        except MissingIndex:
            raise self._index.absent() from None

    def search(self, query: Query, now: datetime, *, facets: Collection[Facet] = ()) -> Page:
        """See SearchEngine.

        From its second page on, a walk sees one state of the index, as long as the server holds that for it; then it
        goes on from the same place in the newest state.
        """
        wanted = plan(query, now)
        asked: dict[str, Any] = (
            facet_request(wanted, now, facets) if facets else {"query": compile_plan(wanted, wanted.without(None))}
        )
        if query.order is Sort.RELEVANCE:
            asked["query"] = favour_current(wanted, asked["query"])
        asked |= {"size": query.size + 1, "track_total_hits": True, "sort": _sort(query)}
        after, held = _read_place(query)
        given = held
        if after is not None:
            asked["search_after"] = after
            held = held or self._hold()
        try:
            found, held = self._find_within(asked, held)
        except TendersError:
            if held is not None and held != given:
                self._let_go(held)
            raise
        hits = found["hits"]["hits"][: query.size]
        following = None
        if len(found["hits"]["hits"]) > query.size:
            following = write_cursor(query, orjson.dumps([hits[-1]["sort"], held]).decode())
        elif held is not None:
            self._let_go(held)
        return Page(
            total=found["hits"]["total"]["value"],
            hits=tuple(Hit(hit["_id"], float(hit.get("_score") or 0.0)) for hit in hits),
            next=following,
            facets=read_facets(found["aggregations"], facets) if facets else {},
        )

    def stream(self, query: Query, now: datetime) -> Iterator[str]:
        """See SearchEngine."""
        wanted = plan(query, now)
        asked: dict[str, Any] = {"query": compile_plan(wanted, wanted.without(None)), "sort": [{"seq": "desc"}]}
        asked |= {"size": _STREAM, "track_total_hits": False}
        held = self._ask(self._door.client.open_point_in_time, index=self._index.alias, keep_alive=_HELD)["id"]
        try:
            while True:
                try:
                    found = self._find(asked, held)
                except MissingIndex:
                    raise Unavailable(
                        f"the index at {self._door.shown} was replaced under a long walk, or the walk paused too long: "
                        "run it again"
                    ) from None
                hits = found["hits"]["hits"]
                yield from (hit["_id"] for hit in hits)
                if len(hits) < _STREAM:
                    return
                held = found["pit_id"]
                asked["search_after"] = hits[-1]["sort"]
        finally:
            self._let_go(held)

    def _find_within(self, asked: dict[str, Any], held: str | None) -> tuple[Any, str | None]:
        """Ask within a held state of the index; one that is gone is done without."""
        if held is not None:
            try:
                found = self._find(asked, held)
            except (Unavailable, EngineBroken) as problem:
                status = getattr(problem.__cause__, "status_code", None)
                if status == 400:  # a state's name that was never given
                    raise foreign_cursor() from None
                if status not in (404, 503):  # it fell; 503: its index is gone
                    raise
                held = None
            else:
                return found, found["pit_id"]
        return self._find(asked, None), held

    def _find(self, asked: dict[str, Any], held: str | None) -> Any:
        search, seconds = self._door.client.search, f"{ASK_SECONDS - 1}s"
        if held is None:
            found = self._ask(search, **asked, index=self._index.alias, timeout=seconds)
        else:
            with self._door.asking():
                found = search(**asked, pit={"id": held, "keep_alive": _HELD}, timeout=seconds).body
        if found["timed_out"] or found["_shards"]["failed"]:
            raise Unavailable(f"Elasticsearch at {self._door.shown} answered in part only; try again")
        return found

    def _hold(self) -> str | None:
        try:
            held = self._ask(self._door.client.open_point_in_time, index=self._index.alias, keep_alive=_HELD)
        except Unavailable:  # the server holds as many as it can
            return None
        return str(held["id"])

    def _let_go(self, held: str) -> None:
        try:
            with self._door.asking():
                self._door.client.close_point_in_time(id=held)
        except TendersError:  # it falls by itself
            pass


def _sort(query: Query) -> list[dict[str, str]]:
    field = ORDERS.get(query.order)
    if field is None:
        return [{"_score": "desc"}, {"seq": "desc"}]
    return [{field: "asc" if query.order is Sort.DEADLINE else "desc"}]


def _read_place(query: Query) -> tuple[list[int | float] | None, str | None]:
    place = read_cursor(query)
    if place is None:
        return None, None
    try:
        after, held = orjson.loads(place)
    except (ValueError, TypeError):
        raise foreign_cursor() from None
    fits = isinstance(after, list) and len(after) == len(_sort(query))
    if not fits or not all(type(n) in (int, float) for n in after) or not isinstance(held, str | None):
        raise foreign_cursor()
    return after, held


def open_elastic(url: str) -> ElasticEngine:
    """Open the engine at an Elasticsearch address; raises BadSettings for one that cannot be used."""
    return ElasticEngine(open_door(url))
