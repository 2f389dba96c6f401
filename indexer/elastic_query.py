"""A Plan in Elasticsearch's words, as trees of plain values; a person's text is never given to its own parsers."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any as Anything

import orjson

from indexer.elastic_mapping import number
from indexer.fields import FACETS, WEIGHTS, cut_facet, facet_size
from indexer.plan import CURRENT_BONUS, All, Any, Beginning, Leaf, No, Plan, Run, Span, Term, plan
from tenders.query import Facet, Query, Status

Dsl = dict[str, Anything]
_CONSTANT = 1 / 2.2  # Lucene leaves the factor k1 + 1 out of BM25, tantivy does not: what constants weigh beside it
_DEPTH = 20  # queries within queries; the server refuses more than 30, unless they come wrapped


def compile_plan(wanted: Plan, filters: Iterable[Leaf]) -> Dsl:
    """Return the query for a plan's words and some of its filters; only words score."""
    selecting = [_compile(leaf, 1) for leaf in filters]
    if wanted.text is None:
        return {"bool": {"filter": selecting}} if selecting else {"match_all": {}}
    text = _compile(wanted.text, 1)
    return {"bool": {"must": [text], "filter": selecting}} if selecting else text


def favour_current(wanted: Plan, conditions: Dsl) -> Dsl:
    """Raise the scores of what is current among what a query selects; it selects the same."""
    if wanted.text is None:
        return conditions
    current = {"constant_score": {"filter": _compile(wanted.current, 2), "boost": CURRENT_BONUS * _CONSTANT}}
    return {"bool": {"must": [conditions], "should": [current]}}


def _compile(leaf: Leaf, depth: int) -> Dsl:
    if depth == _DEPTH and isinstance(leaf, All | Any | No):
        return {"wrapper": {"query": b64encode(orjson.dumps(_compile(leaf, 1))).decode()}}
    if isinstance(leaf, Term):
        return {"term": {leaf.field: _weigh(leaf.field, {"value": leaf.token})}}
    if isinstance(leaf, Run):
        return {"match_phrase": {leaf.field: _weigh(leaf.field, {"query": " ".join(leaf.tokens)})}}
    if isinstance(leaf, Beginning):
        boost = WEIGHTS.get(leaf.field, 1.0) * _CONSTANT
        return {"prefix": {leaf.field: {"value": leaf.prefix, "boost": boost}}}
    if isinstance(leaf, Span):
        bounds = {"gte": leaf.low, "lte": leaf.high}
        within = {name: number(leaf.field, bound) for name, bound in bounds.items() if bound is not None}
        return {"range": {leaf.field: within}} if within else {"exists": {"field": leaf.field}}
    if isinstance(leaf, No):
        return {"bool": {"must_not": [_compile(leaf.part, depth + 1)]}}
    parts = [_compile(part, depth + 1) for part in leaf.parts]
    if not isinstance(leaf, All):
        return {"bool": {"should": parts, "minimum_should_match": 1}}
    return {"bool": {"must": parts}} if parts else {"match_all": {"boost": 0.0}}


def _weigh(field: str, said: Dsl) -> Dsl:
    weight = WEIGHTS.get(field, 1.0)
    return said if weight == 1.0 else {**said, "boost": weight}


_NAMES = frozenset(facet.value for facet in Facet)


def facet_request(wanted: Plan, now: datetime, facets: Collection[Facet]) -> Dsl:
    """Return what asks for a page and some facets at once, each counted under all filters but its own.

    Filters that no facet leaves out stand in the query; the others narrow the hits afterwards and each facet apart.
    """
    common = [leaf for name, leaf in wanted.filters.items() if name not in _NAMES]
    own = {name: leaf for name, leaf in wanted.filters.items() if name in _NAMES}
    asked: Dsl = {"query": compile_plan(wanted, common)}
    if own:
        asked["post_filter"] = {"bool": {"filter": [_compile(leaf, 1) for leaf in own.values()]}}
    counts = {facet.value: _counting(facet, now) for facet in facets}
    together = {name: count for name, count in counts.items() if name not in own}
    asked["aggs"] = _under(own.values(), "together", together) if together else {}
    for name in own.keys() & counts.keys():
        others = [leaf for other, leaf in own.items() if other != name]
        asked["aggs"] |= _under(others, f"apart_{name}", {name: counts[name]})
    return asked


def _under(filters: Iterable[Leaf], name: str, counts: Dsl) -> Dsl:
    selecting = [_compile(leaf, 1) for leaf in filters]
    if not selecting:
        return counts
    return {name: {"filter": {"bool": {"filter": selecting}}, "aggs": counts}}


def _counting(facet: Facet, now: datetime) -> Dsl:
    if facet is Facet.STATUS:
        return {"filters": {"filters": _statuses(now)}}
    return {"terms": {"field": FACETS[facet].name, "size": facet_size(facet) + 1}}


def _statuses(now: datetime) -> Dsl:
    return {s.value: _compile(plan(Query(status=(s.value,)), now).filters["status"], 1) for s in Status}


def read_facets(found: Dsl, facets: Collection[Facet]) -> dict[Facet, Mapping[str, int]]:
    """Read the counts of facets out of the aggregations of an answer."""
    flat = {**found}
    for group in found.values():
        flat |= group
    counted: dict[Facet, Mapping[str, int]] = {}
    for facet in facets:
        buckets = flat[facet.value]["buckets"]
        if facet is Facet.STATUS:
            counted[facet] = {name: bucket["doc_count"] for name, bucket in buckets.items() if bucket["doc_count"]}
        else:
            counted[facet] = cut_facet(facet, {bucket["key"]: bucket["doc_count"] for bucket in buckets})
    return counted
