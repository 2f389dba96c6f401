"""Tenders as the API writes them: a line of a results page, and the whole of one tender."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from indexer.classifier import Verdict
from indexer.cpv.lines import write_verdict
from indexer.line import tender_line
from indexer.linking.reasons import explain
from indexer.marks import Wanted
from indexer.retelling import retell
from search_api.highlights import highlight
from tenders import canonical
from tenders.codes import Cpv
from tenders.labels import name_of
from tenders.model import Tender
from tenders.query import Facet, Query
from tenders.query_url import MANY, to_pairs, to_url
from tenders.store.tenders import Revision


def write_line(tender: Tender, now: datetime, page: str, wanted: Wanted | None = None) -> dict[str, Any]:
    """Write one tender as of `now`, with the public address of its page and where the `wanted` words stand in it."""
    return {
        **tender_line(tender, now.replace(microsecond=0)),  # counted to the second, as the index does
        "page": page,
        "highlights": highlight(tender, wanted) if wanted is not None else {},
    }


def write_whole(
    tender: Tender, now: datetime, page: str, merges: Iterable[Row[Any]], history: Sequence[Revision]
) -> dict[str, Any]:
    """Write one tender with its notices, each with the rule that put it there and why, and its revisions."""
    why = {row.key: row for row in merges}
    records = [
        {
            "key": notice.key,
            "rule": why[notice.key].rule,
            "evidence": explain(why[notice.key].rule, why[notice.key].evidence, "en"),
            "merged_at": why[notice.key].merged_at,
            "notice": canonical.to_json(notice),
        }
        for notice in tender.notices
        if notice.key in why
    ]
    return {**write_line(tender, now, page), "records": records, "history": _write_revisions(history)}


def _write_revisions(history: Sequence[Revision]) -> list[dict[str, Any]]:
    return [
        {
            "revision": revision.revision,
            "seq": revision.seq,
            "notice": revision.notice,
            "changed_at": revision.changed_at,
            "fields": revision.fields,
        }
        for revision in history
    ]


def write_history(tender: Tender, history: Sequence[Revision]) -> dict[str, Any]:
    """Write what each notice of a tender changed, and its revisions."""
    told = [
        {
            "notice": one.notice,
            "kind": one.kind,
            "day": one.day.isoformat() if one.day > date.min else None,
            "changed": one.changed,
        }
        for one in retell(tender.notices)
    ]
    return {"told": told, "revisions": _write_revisions(history)}


def write_facets(facets: Mapping[Facet, Mapping[str, int]], language: str) -> dict[str, list[dict[str, str | int]]]:
    """Write the counts of each facet, highest first, each value with its name in a language."""
    return {
        facet.value: [
            {"value": value, "label": name_of(facet.value, value, language), "count": count}
            for value, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]
        for facet, counts in facets.items()
    }


def write_query(query: Query, url: str) -> dict[str, Any]:
    """Write a query back, defaults left out: the parameters of its URL form, the form itself, and its `url`."""
    written: dict[str, Any] = {}
    for name, value in to_pairs(query):
        if name in MANY:
            written.setdefault(name, []).append(value)
        else:
            written[name] = value
    return {**written, "form": to_url(query.saved()), "url": url}


def write_named(verdict: Verdict, language: str) -> dict[str, Any]:
    """Write what a classifier says of a text, with the official names of the codes."""
    written = write_verdict(verdict)
    levels = (written["cpv"], written["division"], written["group"], written["codes"], [written["asserted"]])
    for code in filter(None, (code for level in levels for code in level)):
        code["label"] = Cpv.of(code["code"]).label(language)
    return written
