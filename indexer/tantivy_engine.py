"""The search index on this machine's disk: tantivy, one writing process, any number of readers.

Tokens come ready from the analyser; tantivy's own parser is never given a person's text.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any as Anything

import orjson
import tantivy as tv

from indexer.document import FORMAT, read_document
from indexer.fields import FACETS, FIELDS, Kind
from indexer.plan import All, Beginning, Leaf, No, Plan, Run, Span, Term, plan
from tenders.errors import BadQuery, StaleIndex, Unavailable
from tenders.model import Tender
from tenders.query import Facet, Hit, Page, Query, Sort, Status
from tenders.query_url import to_url

_WRITER_BYTES = 128_000_000
_FACET_SIZE = 200  # values counted a facet
_EVERY = 1_000_000  # values a segment counts: fewer would make the counts inexact
_STREAM = 5_000  # ids a step
_MAX = (1 << 63) - 1
_ORDER = {Sort.DEADLINE: "by_deadline", Sort.PUBLISHED: "by_published", Sort.VALUE: "by_value", Sort.SEQ: "seq"}
_STATE = "tenderwatch.json"
_CURRENT = 0.5  # how much more a match counts in what is current


def _schema() -> tv.Schema:
    build = tv.SchemaBuilder()
    for field in FIELDS:
        if field.kind is Kind.TEXT:
            build.add_text_field(f"{field.name}_stem", tokenizer_name="whitespace", index_option="position")
            build.add_text_field(f"{field.name}_word", tokenizer_name="whitespace", index_option="freq")
        elif field.kind is Kind.CODE:
            fast = field.facet is not None
            build.add_text_field(
                field.name, stored=field.name == "id", tokenizer_name="raw", fast=fast, index_option="basic"
            )
        else:
            build.add_unsigned_field(field.name, indexed=True, fast=True)
    return build.build()


_WEIGHTS = {f"{f.name}_{stream}": f.weight for f in FIELDS if f.kind is Kind.TEXT for stream in ("stem", "word")}


class TantivyEngine:
    """A SearchEngine in a folder. A second writing process is told Unavailable at once."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._writer: tv.IndexWriter | None = None
        self._schema = _schema()
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            self._index = tv.Index(self._schema, str(self._path))
        except (ValueError, OSError) as problem:
            if "schema" in str(problem).lower():
                raise self._stale() from None
            raise Unavailable(f"the index in {self._path} cannot be opened: {problem}") from None

    def _stale(self) -> StaleIndex:
        return StaleIndex(f"the index in {self._path} was written in another format: run `tenders index --rebuild`")

    def _state(self) -> dict[str, Anything]:
        try:
            state: dict[str, Anything] = orjson.loads((self._path / _STATE).read_bytes())
        except FileNotFoundError:
            return {"mark": 0, "format": FORMAT}
        if state["format"] != FORMAT:
            raise self._stale()
        return state

    def mark(self) -> int:
        """See SearchEngine."""
        return int(self._state()["mark"])

    def _writing(self) -> tv.IndexWriter:
        if self._writer is None:
            self._state()
            try:
                self._index.reload()
                self._writer = self._index.writer(_WRITER_BYTES, 1)
            except ValueError as problem:
                raise Unavailable(f"another process writes the index in {self._path}; wait for it") from problem
        return self._writer

    def put(self, tenders: Iterable[Tender]) -> None:
        """See SearchEngine."""
        writer = self._writing()
        for tender in tenders:
            writer.delete_documents_by_term("id", tender.id)
            writer.add_document(_document(tender))

    def drop(self, ids: Iterable[str]) -> None:
        """See SearchEngine."""
        writer = self._writing()
        for id_ in ids:
            writer.delete_documents_by_term("id", id_)

    def commit(self, mark: int) -> None:
        """See SearchEngine. The mark is written after the commit: a crash between puts the same tenders again."""
        if self._writer is not None:
            self._writer.commit()
        draft = self._path / f"{_STATE}.draft"
        draft.write_bytes(orjson.dumps({"mark": mark, "format": FORMAT}))
        draft.replace(self._path / _STATE)
        self._index.reload()

    def close(self) -> None:
        """See SearchEngine."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.rollback()
            writer.wait_merging_threads()

    def count(self) -> int:
        """See SearchEngine."""
        return self._searcher().num_docs

    def _searcher(self) -> tv.Searcher:
        self._state()
        with self._answering():
            self._index.reload()
            return self._index.searcher()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Tantivy's own errors end here: an index that was taken away under a reader is not ready."""
        try:
            yield
        except (ValueError, OSError) as problem:
            raise Unavailable(f"the index in {self._path} cannot answer: {problem}; `tenders index` mends it") from None

    def search(self, query: Query, now: datetime, *, facets: bool = False) -> Page:
        """See SearchEngine."""
        with self._answering():
            return self._page(query, now, facets)

    def _page(self, query: Query, now: datetime, facets: bool) -> Page:
        searcher, wanted = self._searcher(), plan(query, now)
        cursor = _read_cursor(query)
        conditions = self._compile(wanted)
        order = _ORDER.get(query.order)
        total = None
        if order is None:
            # A made-up cursor must not have tantivy set memory aside for a place past the end.
            offset = min(int(cursor or 0), searcher.num_docs)
            conditions = self._favour(wanted, conditions)
            found = searcher.search(conditions, query.size + 1, offset=offset)
            following = str(offset + query.size)
        else:
            ascending = query.order is Sort.DEADLINE
            if cursor is not None:
                total = _total(searcher.search(conditions, 1))
                bound = Span(order, int(cursor) + 1, None) if ascending else Span(order, None, int(cursor) - 1)
                conditions = self._compile(wanted, bound)
            found = searcher.search(
                conditions, query.size + 1, order_by_field=order, order=tv.Order.Asc if ascending else tv.Order.Desc
            )
            following = str(found.hits[query.size - 1][0]) if len(found.hits) > query.size else ""
        hits = tuple(
            Hit(searcher.doc(address)["id"][0], float(key) if order is None else 0.0)
            for key, address in found.hits[: query.size]
        )
        more = len(found.hits) > query.size
        return Page(
            total=_total(found) if total is None else total,
            hits=hits,
            next=_write_cursor(query, following) if more else None,
            facets=self._count_facets(searcher, wanted, now) if facets else {},
        )

    def stream(self, query: Query, now: datetime) -> Iterator[str]:
        """See SearchEngine. The whole answer comes from one state of the index."""
        searcher, wanted = self._searcher(), plan(query, now)
        bound: Span = Span("seq")
        while True:
            with self._answering():
                found = searcher.search(
                    self._compile(wanted, bound), _STREAM, count=False, order_by_field="seq", order=tv.Order.Desc
                )
                ids = [searcher.doc(address)["id"][0] for _, address in found.hits]
            yield from ids
            if len(found.hits) < _STREAM:
                return
            bound = Span("seq", None, int(found.hits[-1][0]) - 1)

    def _count_facets(self, searcher: tv.Searcher, wanted: Plan, now: datetime) -> dict[Facet, Mapping[str, int]]:
        """Count each facet under all filters but its own; facets without a filter of their own share one pass."""
        counted: dict[Facet, Mapping[str, int]] = {}
        together = [facet for facet in FACETS if facet.value not in wanted.filters]
        passes = [(None, together), *((f.value, [f]) for f in FACETS if f.value in wanted.filters)]
        for without, group in passes:
            if group:
                asked = {
                    f.value: {"terms": {"field": FACETS[f].name, "size": _FACET_SIZE, "segment_size": _EVERY}}
                    for f in group
                }
                answer = searcher.aggregate(self._compile(wanted, without=without), asked)
                counted |= {f: {b["key"]: b["doc_count"] for b in answer[f.value]["buckets"]} for f in group}
        statuses = {}
        for status in Status:
            one = plan(Query(status=(status.value,)), now).filters["status"]
            conditions = self._compile(Plan(wanted.text, {"0": All(wanted.without("status")), "1": one}))
            statuses[status.value] = _total(searcher.search(conditions, 1))
        counted[Facet.STATUS] = {status: count for status, count in statuses.items() if count}
        return {facet: counted[facet] for facet in Facet}

    def _compile(self, wanted: Plan, *more: Leaf, without: str | None = None) -> tv.Query:
        must = [(tv.Occur.Must, self._leaf(wanted.text))] if wanted.text is not None else []
        filters = (*wanted.without(without), *more)
        must += [(tv.Occur.Must, tv.Query.const_score_query(self._leaf(leaf), 0.0)) for leaf in filters]
        if not must:
            return tv.Query.all_query()
        return must[0][1] if len(must) == 1 else tv.Query.boolean_query(must)

    def _favour(self, wanted: Plan, conditions: tv.Query) -> tv.Query:
        """Raise the scores of what is current; the same tenders are selected."""
        if wanted.text is None or wanted.current is None:
            return conditions
        current = tv.Query.const_score_query(self._leaf(wanted.current), 0.0)
        both = tv.Query.boolean_query([(tv.Occur.Must, self._leaf(wanted.text)), (tv.Occur.Must, current)])
        return tv.Query.boolean_query(
            [(tv.Occur.Must, conditions), (tv.Occur.Should, tv.Query.boost_query(both, _CURRENT))]
        )

    def _leaf(self, leaf: Leaf) -> tv.Query:
        schema = self._schema
        if isinstance(leaf, Term):
            term = tv.Query.term_query(schema, leaf.field, leaf.token, "freq" if leaf.field in _WEIGHTS else "basic")
            return _weigh(leaf.field, term)
        if isinstance(leaf, Run):
            return _weigh(leaf.field, tv.Query.phrase_query(schema, leaf.field, list(leaf.tokens)))
        if isinstance(leaf, Beginning):
            return _weigh(leaf.field, tv.Query.regex_query(schema, leaf.field, re.escape(leaf.prefix) + ".*"))
        if isinstance(leaf, Span):
            low = 0 if leaf.low is None else max(0, leaf.low)
            high = _MAX if leaf.high is None else leaf.high
            if high < low:
                return tv.Query.empty_query()
            return tv.Query.range_query(schema, leaf.field, tv.FieldType.Unsigned, low, high)
        if isinstance(leaf, No):
            everything = (tv.Occur.Must, tv.Query.const_score_query(tv.Query.all_query(), 0.0))
            return tv.Query.boolean_query([everything, (tv.Occur.MustNot, self._leaf(leaf.part))])
        if not leaf.parts:
            return tv.Query.const_score_query(tv.Query.all_query(), 0.0)
        occur = tv.Occur.Must if isinstance(leaf, All) else tv.Occur.Should
        return tv.Query.boolean_query([(occur, self._leaf(part)) for part in leaf.parts])


def _total(found: tv.SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]  # absent from the stub


def _weigh(field: str, query: tv.Query) -> tv.Query:
    weight = _WEIGHTS.get(field, 1.0)
    return query if weight == 1.0 else tv.Query.boost_query(query, weight)


def _document(tender: Tender) -> tv.Document:
    document, read = tv.Document(), read_document(tender)
    for name, streams in (("stem", read.stems), ("word", read.words)):
        for field, values in streams.items():
            for tokens in values:
                document.add_text(f"{field}_{name}", " ".join(tokens))
    for field, codes in read.codes.items():
        for code in codes:
            document.add_text(field, code)
    for numbers in (read.numbers, read.orders):
        for field, number in numbers.items():
            document.add_unsigned(field, number)
    return document


def _fingerprint(query: Query) -> str:
    return sha256(f"{to_url(query.saved())} {query.order}".encode()).hexdigest()[:8]


def _write_cursor(query: Query, place: str) -> str:
    return urlsafe_b64encode(f"{_fingerprint(query)}.{place}".encode()).decode().rstrip("=")


def _read_cursor(query: Query) -> str | None:
    if query.after is None:
        return None
    try:
        fingerprint, place = urlsafe_b64decode(query.after + "=" * (-len(query.after) % 4)).decode().split(".")
        if fingerprint == _fingerprint(query) and 0 <= int(place) < _MAX:
            return place
    except ValueError:
        pass
    raise BadQuery(
        "after is not a cursor of this query: take it from the `next` of a page, or leave it out", name="after"
    )
