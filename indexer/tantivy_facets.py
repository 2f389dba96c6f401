"""Facet counts of a plan in tantivy: exact, each facet under all filters but its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any as Anything

from indexer.fields import FACETS, cut_facet, facet_size, milliseconds
from indexer.plan import Plan
from indexer.tantivy_index import Seen, number_of
from indexer.tantivy_query import compile_plan
from tenders.query import Facet, Status

_EVERY = 1_000_000  # values a segment counts: fewer would make the counts inexact


def count_facets(seen: Seen, wanted: Plan, now: datetime, asked: Collection[Facet]) -> dict[Facet, Mapping[str, int]]:
    """Count some facets; those without a filter of their own share one pass."""
    together = [facet for facet in asked if facet.value not in wanted.filters]
    passes = [(None, together), *((f.value, [f]) for f in asked if f.value in wanted.filters)]
    counted: dict[Facet, Mapping[str, int]] = {}
    for without, facets in passes:
        if facets:
            counting = {facet.value: _counting(facet, now) for facet in facets}
            answer = seen.searcher.aggregate(compile_plan(wanted, without=without), counting)
            counted |= {facet: _read(seen, facet, answer[facet.value]["buckets"]) for facet in facets}
    return {facet: counted[facet] for facet in asked}


def _counting(facet: Facet, now: datetime) -> Anything:
    """What to count for a facet; a status is a stage, and whether it closed before now."""
    if facet is Facet.STATUS:
        past = {"range": {"field": "closing", "ranges": [{"to": float(milliseconds(now.replace(microsecond=0)))}]}}
        return {"terms": {"field": "stage", "size": 10}, "aggs": {"closing": past}}
    field = FACETS[facet]
    name = f"{field.name}_number" if field.many else field.name
    return {"terms": {"field": name, "size": facet_size(facet) + 1, "segment_size": _EVERY}}


def _read(seen: Seen, facet: Facet, buckets: list[dict[str, Anything]]) -> Mapping[str, int]:
    if facet is Facet.STATUS:
        return _statuses(buckets)
    counts = {b["key"]: int(b["doc_count"]) for b in buckets}
    if FACETS[facet].many:
        names = _names(seen, FACETS[facet].name, counts)
        counts = {names[int(number)]: count for number, count in counts.items()}
    return cut_facet(facet, counts)


def _statuses(buckets: list[dict[str, Anything]]) -> dict[str, int]:
    counts = dict.fromkeys(map(str, Status), 0)
    for bucket in buckets:
        stage, count = bucket["key"], int(bucket["doc_count"])
        past = next(int(b["doc_count"]) for b in bucket["closing"]["buckets"] if "from" not in b)
        standing = {"call": Status.OPEN, "planned": Status.PLANNED}.get(stage)
        if standing is None:
            counts[stage] += count
        else:
            counts[Status.CLOSED] += past
            counts[standing] += count - past
    return {status: count for status, count in counts.items() if count}


_known_names: dict[int, str] = {}  # of every index this process has read: a number stands for one name only


def _names(seen: Seen, field: str, numbers: Iterable[Anything]) -> Mapping[int, str]:
    """The names behind numbers; when one is unknown, all of them are read again (0.1 s for 100,000)."""
    if any(int(number) not in _known_names for number in numbers):
        _known_names.update((number_of(name), name) for name, _ in seen.searcher.terms_with_prefix(field, ""))
    return _known_names
