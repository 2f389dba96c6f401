"""`/`: the search, and what it finds; ways on where that is nothing, and what a text we cannot read may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from indexer.engine import count_selected
from indexer.marks import read_wanted
from search_api.answers import Answer, answer, following
from search_api.desk import read_pairs
from search_api.languages import language_of
from search_api.outputs.table import alternates
from search_api.pages.filters import counted_facets, cpv_parameter, show_chips, show_filters
from search_api.pages.layout import HTML, Link, Pages
from search_api.pages.repairs import explain_fault, repair
from search_api.pages.rows import group_rows, show_row
from search_api.pages.widening import say_rarity, say_rate, widen
from search_api.problems import bad_parameter
from tenders.errors import BadQuery
from tenders.phrasing import say_number
from tenders.plain import clean
from tenders.query import Query, Sort, Status
from tenders.query_text import reads
from tenders.query_url import from_pairs, to_pairs, to_url
from tenders.query_words import describe, short_title
from tenders.translations import N_, translator

# What the bare start page asks: what is open, soonest deadline first.
START = Query(status=(Status.OPEN.value,))
_STANDING = {Status.OPEN.value, Status.PLANNED.value}  # a list of these alone is one of deadlines to come
_AMOUNT = re.compile(r"[\s\u00a0\u202f€]")
_REPAIRS = 3
_INDEXED = 2  # filters of a search that search engines may keep: of more there are too many searches
_SORTS = (
    (Sort.DEADLINE, N_("Deadline")),
    (Sort.PUBLISHED, N_("Publication")),
    (Sort.VALUE, N_("Value")),
    (Sort.RELEVANCE, N_("Relevance")),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found: `asked` as the address says it, `query` with its order."""

    asked: Query
    query: Query
    answer: Answer


class SearchPage:
    """Shows what a query selects."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def show(self, request: Request) -> Response:
        """Show what the address asks; without a question, what is open."""
        desk = self.pages.desk
        now = desk.clock()
        try:
            asked = from_pairs(_read_form(request)) if request.url.query else START
            desk.sources.require(asked, desk.store, now)
            query = replace(asked, sort=asked.sort or _order(asked))
            found = Found(asked, query, answer(desk, query, now, facets=counted_facets(asked)))
        except BadQuery as error:
            return self._show_fault(request, error, now)
        language, link = language_of(request), self.pages.link(request)
        canonical = asked.saved()
        return self.pages.answer(
            request,
            "search.jinja",
            form="" if canonical == START else to_url(canonical) or "q=",
            **self._show_form(asked, found.answer.page.facets, language, link),
            **self._show_found(found, now, language, link),
        )

    def _show_form(self, asked: Query, facets: Any, language: str, link: Link) -> dict[str, Any]:
        switched = _switch_cpv(asked)
        return {
            "typed": asked.q,
            "filters": show_filters(asked, facets, language),
            "switch": address(link, switched) if switched else None,
            "estimates_counted": cpv_parameter(asked) == "cpv_any",
        }

    def _show_found(self, found: Found, now: datetime, language: str, link: Link) -> dict[str, Any]:
        asked, page, desk = found.asked, found.answer.page, self.pages.desk
        wanted, more = read_wanted(asked), following(found.query, page)
        rows = [show_row(tender, now, wanted, language) for tender in found.answer.tenders]
        chips = show_chips(asked, language)
        saved = asked.saved()
        words = Query(q=asked.q, lang=asked.lang)
        return {
            "total": page.total,
            "heading": _say_total(page.total, asked, language),
            "topic": short_title(asked, language) if saved != START else "",
            "said": describe(words, language) if asked.text is not None else "",
            "whole": describe(saved, language),
            "rate": say_rate(desk.engine, asked, now, language) if page.total and saved != START else "",
            "chips": [(chip.label, address(link, chip.without)) for chip in chips],
            "narrow": len(chips) > _INDEXED,
            "clear": address(link, Query(q=asked.q)),
            "groups": list(group_rows(rows)) if _is_grouped(found.query) else [("", rows)] if rows else [],
            "counted": asked.after is None and more is None,
            "sorts": list(_say_sorts(found, language, link)),
            "follow": [
                (one.name, desk.path(f"/{language}{one.path}", one.form), one.media_type)
                for one in alternates(asked, language)
            ],
            "alert": link("/alerts/new", saved),
            "api": desk.path("/api/v1/tenders", saved),
            "first": address(link, replace(asked, after=None)) if asked.after else None,
            "following": address(link, replace(more, sort=asked.sort)) if more else None,
            "sources": self.pages.watch.say(now, language, asked.source),
            "steps": self._widen(found, now, language, link) if not page.total else [],
            "rarity": say_rarity(desk.engine, asked, now, language) if not page.total else "",
        }

    def _widen(self, found: Found, now: datetime, language: str, link: Link) -> list[dict[str, str]]:
        return [
            {
                "label": step.label,
                "without": step.without,
                "count": _say_total(step.count, step.query, language),
                "address": address(link, step.query),
            }
            for step in widen(self.pages.desk.engine, found.asked, now, language)
        ]

    def _show_fault(self, request: Request, error: BadQuery, now: datetime) -> Response:
        """Say what is wrong with what was asked, and offer what may have been meant: 400."""
        language, link = language_of(request), self.pages.link(request)
        _, problem = translator(language).gettext, bad_parameter(error)
        try:
            pairs = _read_form(request)
        except BadQuery:
            pairs = []
        typed = QueryParams(pairs).get("q", "").strip()
        rest = _readable([pair for pair in pairs if pair[0] != error.name])
        words = typed if error.name != "q" and reads(typed) else ""
        fault, mended = None, [(_("Without this filter"), replace(rest, q=words))]
        if error.name == "q":
            fault = explain_fault(typed, error, language)
            mended = [(text, replace(rest, q=text)) for text in repair(typed)[:_REPAIRS]]
        mended.append((_("Every open tender"), START))
        engine = self.pages.desk.engine
        body = self.pages.write(
            request,
            "fault.jinja",
            typed=typed,
            hidden=to_pairs(rest),
            fault=fault,
            detail=problem.detail,
            repairs=[
                (text, address(link, query), _say_total(count_selected(engine, query, now), query, language))
                for text, query in mended
            ],
        )
        return Response(body, 400, {**problem.headers, "Vary": "Accept-Language"}, HTML)


def address(link: Link, query: Query) -> str:
    """Write the address of a query's page; the empty query is not the bare start, which asks for what is open."""
    return link("/") if query == START else link("/", to_url(query) or "q=")


def _read_form(request: Request) -> list[tuple[str, str]]:
    """Return what a form or an address asks; amounts may be written as people write them."""
    return [(name, _READ[name](value) if name in _READ else value) for name, value in read_pairs(request)]


def _read_amount(text: str) -> str:
    return _AMOUNT.sub("", text).replace(",", ".")


# A place of a fault is counted in the text that the page shows, which is without what HTML cannot carry.
_READ = {"value_min": _read_amount, "value_max": _read_amount, "q": clean}


def _readable(pairs: list[tuple[str, str]]) -> Query:
    """Return as much of a question as can be read, without words and page."""
    kept: list[tuple[str, str]] = []
    for pair in pairs:
        if pair[0] not in ("q", "after"):
            try:
                from_pairs([*kept, pair])
            except BadQuery:
                continue
            kept.append(pair)
    return from_pairs(kept)


def _say_total(total: int, query: Query, language: str) -> str:
    """Say how many, ``14 marchés ouverts``."""
    say = translator(language)
    if query.status == START.status:
        counted = say.ngettext("%(count)s open tender", "%(count)s open tenders", total)
        none = say.gettext("No open tender")
    else:
        counted = say.ngettext("%(count)s tender", "%(count)s tenders", total)
        none = say.gettext("No tender")
    return counted % {"count": say_number(total, language)} if total else none


def _say_sorts(found: Found, language: str, link: Link) -> Iterator[tuple[str, str | None]]:
    """Give each order and its address, none for the one that stands."""
    _ = translator(language).gettext
    for sort, name in _SORTS:
        if sort is Sort.RELEVANCE and found.asked.text is None:
            continue
        here = found.query.order is sort
        yield _(name), None if here else address(link, replace(found.asked, sort=sort, after=None))


def _switch_cpv(query: Query) -> Query | None:
    """Return the same search with estimated CPV codes counted where they are not, and the other way round."""
    if query.cpv and query.cpv_any:
        return None
    switched = replace(query, cpv=query.cpv_any, cpv_any=query.cpv, after=None)
    return switched if query.cpv or query.cpv_any else None


def _order(query: Query) -> Sort:
    """Choose the order of a list for people: deadlines to come, else relevance with words, else the newest."""
    if query.status and _STANDING.issuperset(query.status):
        return Sort.DEADLINE
    return Sort.RELEVANCE if query.text is not None else Sort.PUBLISHED


def _is_grouped(query: Query) -> bool:
    return query.order is Sort.DEADLINE and bool(query.status) and _STANDING.issuperset(query.status)


def search_routes(pages: Pages) -> APIRouter:
    """Return the route of the search."""
    router = APIRouter(include_in_schema=False)
    search = SearchPage(pages)

    @router.get("/")
    def start(request: Request) -> Response:
        return search.show(request)

    return router
