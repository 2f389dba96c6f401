"""The search index on this machine's disk: tantivy, one writing process, any number of readers.

The folder holds one whole index in a folder of its own, named by the file ``current``; a rebuild writes another beside
it and then moves the name.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import tantivy as tv

from indexer.cursor import foreign_cursor, read_cursor, write_cursor
from indexer.fields import ORDERS
from indexer.plan import Leaf, Plan, Span, plan
from indexer.tantivy_facets import count_facets
from indexer.tantivy_index import Generation, Seen, replace_file
from indexer.tantivy_query import compile_plan, compile_ranked
from tenders.errors import BadSettings, MissingIndex, StaleIndex, Unavailable
from tenders.model import Tender
from tenders.query import Facet, Hit, Page, Query, Sort

_STREAM = 5_000  # ids a step
_MAX = (1 << 63) - 1
_CURRENT = "current"
# Folders of indexes, a name half written, and the files of an index from before each had its folder.
_OURS = re.compile(
    r"[0-9a-f]{12}|current\.draft|[0-9a-f]{32}\.[\w.]+|(?:meta|\.managed|tenderwatch)\.json(?:\.draft)?|\.tantivy-[\w-]+\.lock"
)


class TantivyEngine:
    """A SearchEngine in a folder. A second writing process is told Unavailable at once."""

    def __init__(self, path: str, draft: Generation | None = None) -> None:
        self._path = Path(path)
        self._draft = draft
        self._open: Generation | None = draft
        self._written: Generation | None = None  # what is put goes where the first of it went, up to the commit

    def _standing(self) -> Generation:
        if self._draft is not None:
            return self._draft
        try:
            name = (self._path / _CURRENT).read_text()
        except FileNotFoundError:
            if self._path.is_dir() and any(self._path.glob("*.json")):  # from before indexes had folders of their own
                raise StaleIndex(
                    f"the index in {self._path} was written in another format: run `tenders index --rebuild`"
                ) from None
            raise MissingIndex(f"there is no index in {self._path}: `tenders index` makes it") from None
        except OSError as problem:
            raise Unavailable(f"the index in {self._path} cannot be opened: {problem}") from None
        held = self._open
        if held is None or held.folder.name != name:
            held = self._open = Generation(self._path / name)
        return held

    def mark(self) -> int | None:
        """See SearchEngine."""
        try:
            return self._standing().mark()
        except MissingIndex:
            return None

    def _writing(self) -> Generation:
        if self._written is None:
            self._written = self._standing()
        return self._written

    def put(self, tenders: Iterable[Tender]) -> Mapping[str, str]:
        """See SearchEngine; tantivy refuses nothing."""
        self._writing().put(tenders)
        return {}

    def drop(self, versions: Mapping[str, int]) -> None:
        """See SearchEngine."""
        self._writing().drop(versions)

    def commit(self, mark: int) -> None:
        """See SearchEngine."""
        written = self._writing()
        if written.folder.name != self._standing().folder.name:
            self.close()
            raise Unavailable(f"the index in {self._path} was replaced while it was written; run it again")
        written.commit(mark)
        self._written = None

    def close(self) -> None:
        """See SearchEngine."""
        for held in {self._written, self._open} - {None}:
            held.close()  # type: ignore[union-attr]
        self._written = None

    def rebuild(self, fill: Callable[[TantivyEngine], None]) -> None:
        """See SearchEngine."""
        draft = None
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            old = self._path / _CURRENT
            keep = {_CURRENT, old.read_text() if old.exists() else ""}
            _remove(self._left_behind(keep))
            draft = Generation(self._path / secrets.token_hex(6), new=True)
            fill(TantivyEngine(str(self._path), draft))
            draft.close()
            if draft.mark() == 0:
                draft.commit(0)  # an index of nothing is whole too
            replace_file(old, draft.folder.name.encode())
        except BaseException as problem:
            if draft is not None and not (old.exists() and old.read_text() == draft.folder.name):
                draft.close()
                _remove([draft.folder])
            if isinstance(problem, OSError):
                raise Unavailable(f"the index in {self._path} cannot be written: {problem}") from None
            raise
        self.close()
        self._open = None
        _remove(self._path / name for name in keep - {_CURRENT, ""})

    def _left_behind(self, keep: Collection[str]) -> list[Path]:
        """What rebuilds that died and older versions have left; raises BadSettings where anything else is there."""
        found = [path for path in self._path.iterdir() if path.name not in keep]
        foreign = sorted(path.name for path in found if not _OURS.fullmatch(path.name))
        if foreign:
            raise BadSettings(
                f"TENDERS_SEARCH_URL: {self._path} holds other things ({foreign[0][:60]}): "
                "give the index a folder of its own"
            )
        return found

    def count(self) -> int:
        """See SearchEngine."""
        return self._standing().seen().searcher.num_docs

    def about(self) -> Mapping[str, str | int]:
        """See SearchEngine."""
        folder = self._standing().folder
        size = sum(_size(file) for file in folder.iterdir())
        return {"engine": f"tantivy {version('tantivy')}", "at": str(self._path), "index": folder.name, "bytes": size}

    def search(self, query: Query, now: datetime, *, facets: Collection[Facet] = ()) -> Page:
        """See SearchEngine."""
        standing = self._standing()
        seen = standing.seen()
        with standing.answering():
            return _page(seen, query, now, facets)

    def stream(self, query: Query, now: datetime) -> Iterator[str]:
        """See SearchEngine. The whole answer comes from one state of the index."""
        standing = self._standing()
        searcher, wanted = standing.seen().searcher, plan(query, now)
        bound: Span = Span("seq")
        while True:
            with standing.answering():
                found = searcher.search(
                    compile_plan(wanted, bound), _STREAM, count=False, order_by_field="seq", order=tv.Order.Desc
                )
                ids = [searcher.doc(address)["id"][0] for _, address in found.hits]
            yield from ids
            if len(found.hits) < _STREAM:
                return
            bound = Span("seq", None, int(found.hits[-1][0]) - 1)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # merged away meanwhile
        return 0


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _page(seen: Seen, query: Query, now: datetime, facets: Collection[Facet]) -> Page:
    searcher, wanted = seen.searcher, plan(query, now)
    order = ORDERS.get(query.order)
    place = _read_place(query)
    total = None
    if order is None:
        # A made-up cursor must not have tantivy set memory aside for a place past the end.
        offset = min(place or 0, searcher.num_docs)
        found = searcher.search(compile_ranked(wanted), query.size + 1, offset=offset)
        following = str(offset + query.size)
    elif order == "seq" and wanted.text is None and not wanted.filters:
        found, total = _newest(seen, wanted, query.size + 1, place), searcher.num_docs
        following = str(found.hits[query.size - 1][0]) if len(found.hits) > query.size else ""
    else:
        ascending = query.order is Sort.DEADLINE
        bounds: list[Leaf] = []
        if place is not None:
            total = _total(searcher.search(compile_plan(wanted), 1))
            bounds = [Span(order, place + 1, None) if ascending else Span(order, None, place - 1)]
        found = searcher.search(
            compile_plan(wanted, *bounds),
            query.size + 1,
            order_by_field=order,
            order=tv.Order.Asc if ascending else tv.Order.Desc,
        )
        following = str(found.hits[query.size - 1][0]) if len(found.hits) > query.size else ""
    hits = tuple(
        Hit(searcher.doc(address)["id"][0], float(key) if order is None else 0.0)
        for key, address in found.hits[: query.size]
    )
    return Page(
        total=_total(found) if total is None else total,
        hits=hits,
        next=write_cursor(query, following) if len(found.hits) > query.size else None,
        facets=count_facets(seen, wanted, now, facets) if facets else {},
    )


def _read_place(query: Query) -> int | None:
    place = read_cursor(query)
    if place is None:
        return None
    if not place.isdecimal() or len(place) > 19 or int(place) >= _MAX:
        raise foreign_cursor()
    return int(place)


def _newest(seen: Seen, everything: Plan, size: int, before: int | None) -> tv.SearchResult:
    """The newest tenders of all, by a look at the highest numbers only: sorting them all by `seq` is a full scan."""
    searcher = seen.searcher
    if "newest" not in seen.remembered:
        top = searcher.search(tv.Query.all_query(), 1, count=False, order_by_field="seq", order=tv.Order.Desc)
        seen.remembered["newest"] = int(top.hits[0][0]) if top.hits else 0
    high = seen.remembered["newest"] if before is None else before - 1
    width = 4 * size
    while True:
        low = max(0, high - width)
        found = searcher.search(
            compile_plan(everything, Span("seq", low, high)), size, order_by_field="seq", order=tv.Order.Desc
        )
        if len(found.hits) == size or low == 0:
            return found
        width *= 8


def _total(found: tv.SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]  # absent from the stub
