"""The pages people open: a tender, a plain search, and what to say when something is not there."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from indexer.marks import read_wanted
from search_api.answers import answer, following
from search_api.caching import answer_cached
from search_api.desk import Desk, language_of, read_pairs
from search_api.labels import headed
from search_api.phrases import phrases
from search_api.problems import Problem, bad_parameter, not_found
from search_api.views import show_row, show_tender
from search_api.wording import clean
from tenders.codes import departments, divisions
from tenders.errors import BadQuery
from tenders.query import Query, Sort, Status
from tenders.query_url import to_pairs, to_url
from tenders.store.tenders import find_tender, load_history, load_merges, load_tenders
from tenders.vocabulary import cpv_name

_HERE = Path(__file__).parent
HTML = "text/html; charset=utf-8"
_WEEK = 7 * 86_400  # seconds
STYLESHEET = (_HERE / "static" / "tenderwatch.css").read_bytes()
STYLE_VERSION = sha256(STYLESHEET).hexdigest()[:12]
# What the bare start page asks: what is open, soonest deadline first.
START = Query(status=(Status.OPEN.value,), sort=Sort.DEADLINE)


def _finish(value: Any) -> Any:
    """Drop from every value written what HTML cannot carry; markup stays markup."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean(value)
    return value


def make_templates() -> Environment:
    """Return the templates: everything escaped, an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finish,
    )


class Pages:
    """Writes the pages of one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.templates = make_templates()

    def write(self, request: Request, template: str, **values: Any) -> bytes:
        """Write a page in the reader's language."""
        language = language_of(request)
        style = self.desk.path("/static/tenderwatch.css", f"v={STYLE_VERSION}")
        page = self.templates.get_template(template).render(
            language=language, say=phrases(language), style=style, link=self.desk.path, **values
        )
        return page.encode()

    def show_problem(self, request: Request, problem: Problem) -> Response:
        """Say to a person what is wrong."""
        language = language_of(request)
        say = phrases(language)
        title = say.get(f"problem_{problem.status}", problem.title)
        text = problem.detail if problem.status == 400 else say.get(f"problem_{problem.status}_text", problem.detail)
        body = self.write(request, "problem.jinja", title=title, text=text)
        headers = {**problem.headers, "Vary": "Accept-Language"}
        return Response(body, problem.status, headers, HTML)

    def show_tender(self, request: Request, tender_id: str) -> Response:
        """Show one tender; the address of an absorbed one leads to the one that stands."""
        desk = self.desk
        with desk.store.reading() as connection:
            standing = find_tender(connection, tender_id)
            if standing is None:
                return self.show_problem(request, not_found("there is no tender of this id"))
            if standing != tender_id:
                return RedirectResponse(desk.path(f"/tenders/{standing}"), status_code=301)
            tender = load_tenders(connection, [standing])[standing]
            merges, history = load_merges(connection, standing), load_history(connection, standing)
        language = language_of(request)
        shown = show_tender(tender, desk.clock(), merges, history, language)
        api, mark = desk.path(f"/api/v1/tenders/{standing}"), desk.path(f"/tenders/{standing}/cpv")
        body = self.write(request, "tender.jinja", tender=shown, api=api, mark=mark)
        return answer_cached(request, body, HTML, headers={"Content-Language": language})

    def show_start(self, request: Request) -> Response:
        """Show the search form and the first results of what the address asks."""
        desk, now, language = self.desk, self.desk.clock(), language_of(request)
        query, found, problem = START, None, None
        try:
            asked = desk.read_query(request, now) if request.url.query else START
            query = replace(asked, sort=asked.sort or _order(asked))
            found = answer(desk, query, now)
        except BadQuery as error:
            problem = bad_parameter(error)
        wanted, more = read_wanted(query), following(query, found.page) if found else None
        body = self.write(
            request,
            "start.jinja",
            **_fill_form(request, query, language),
            switch=desk.path("/", switched) if (switched := _switch_cpv(query)) else None,
            problem=problem,
            total=found.page.total if found else 0,
            rows=[show_row(t, now, wanted, language) for t in found.tenders] if found else [],
            following=desk.path("/", more) if more else None,
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


def page_routes(pages: Pages) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def start(request: Request) -> Response:
        return pages.show_start(request)

    @router.get("/tenders/{tender_id}")
    def tender(request: Request, tender_id: str) -> Response:
        return pages.show_tender(request, tender_id)

    @router.get("/static/tenderwatch.css")
    def style(request: Request) -> Response:
        return answer_cached(request, STYLESHEET, "text/css; charset=utf-8", max_age=_WEEK)

    return router
