"""`/`: the search, and what it finds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from indexer.marks import read_wanted
from search_api.answers import answer, following
from search_api.caching import answer_cached
from search_api.desk import read_pairs
from search_api.labels import headed
from search_api.languages import language_of
from search_api.pages.layout import HTML, Pages
from search_api.pages.shown import show_row
from search_api.problems import bad_parameter
from tenders.codes import departments, divisions
from tenders.errors import BadQuery
from tenders.query import Query, Sort, Status
from tenders.query_url import to_pairs, to_url
from tenders.vocabulary import cpv_name

# What the bare start page asks: what is open, soonest deadline first.
START = Query(status=(Status.OPEN.value,), sort=Sort.DEADLINE)


class SearchPage:
    """Shows what a query selects."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def show(self, request: Request) -> Response:
        """Show the search form and the first results of what the address asks."""
        desk = self.pages.desk
        now, language, link = desk.clock(), language_of(request), self.pages.link(request)
        query, found, problem = START, None, None
        try:
            asked = desk.read_query(request, now) if request.url.query else START
            query = replace(asked, sort=asked.sort or _order(asked))
            found = answer(desk, query, now)
        except BadQuery as error:
            problem = bad_parameter(error)
        wanted, more = read_wanted(query), following(query, found.page) if found else None
        body = self.pages.write(
            request,
            "start.jinja",
            form=replace(query, after=None) if query != START else "",
            **_fill_form(request, query, language),
            switch=link("/", switched) if (switched := _switch_cpv(query)) else None,
            problem=problem,
            total=found.page.total if found else 0,
            rows=[show_row(t, now, wanted, language) for t in found.tenders] if found else [],
            following=link("/", more) if more else None,
            feed_form=to_url(query.saved()) if found else None,
        )
        if problem is not None:
            return Response(body, 400, {**problem.headers, "Vary": "Accept-Language"}, HTML)
        return answer_cached(request, body, HTML, headers={"Content-Language": language})


def _fill_form(request: Request, query: Query, language: str) -> dict[str, Any]:
    """Return what the form shows and carries: what was asked, also where it was not understood."""
    try:
        given = QueryParams(read_pairs(request) if request.url.query else to_pairs(START))
    except BadQuery:
        given = QueryParams()
    kept = replace(query, after=None, sort=None) if query is not START else Query()
    kind_name = "cpv" if query.cpv and not query.cpv_any else "cpv_any"  # people look by both, unless they say not
    kind = next(iter(sorted(getattr(query, kind_name))), "")
    kinds = [code.prefix for code in divisions()]
    controls = {"q": 1, "status": 1, "dept": 1, kind_name: 1}  # values that a control of the form holds
    hidden = []
    for name, value in to_pairs(kept):
        if controls.get(name):
            controls[name] -= 1
        else:
            hidden.append((name, value))
    return {
        "typed": given.get("q", "").strip(),
        "status": next(iter(sorted(given.getlist("status"))), ""),
        "statuses": [(status.value, headed("status", status, language)) for status in Status],
        "dept": next(iter(sorted(given.getlist("dept"))), ""),
        "departments": [(code, code.label()) for code in departments()],
        "kind_name": kind_name,
        "kind": kind,
        "kinds": [(code, cpv_name(code, language)) for code in sorted({*kinds, *filter(None, (kind,))})],
        "hidden": hidden,
    }


def _switch_cpv(query: Query) -> Query | None:
    """Return the same search with estimated CPV codes counted where they are not, and the other way round."""
    if query.cpv and query.cpv_any:
        return None
    switched = replace(query, cpv=query.cpv_any, cpv_any=query.cpv, after=None)
    return switched if query.cpv or query.cpv_any else None


def _order(query: Query) -> Sort:
    """Choose the order of a list for people: relevance with words, else the soonest deadline of what is open."""
    if query.text is not None:
        return Sort.RELEVANCE
    return Sort.DEADLINE if query.status == START.status else Sort.SEQ


def search_routes(pages: Pages) -> APIRouter:
    """Return the route of the search."""
    router = APIRouter(include_in_schema=False)
    search = SearchPage(pages)

    @router.get("/")
    def start(request: Request) -> Response:
        return search.show(request)

    return router
