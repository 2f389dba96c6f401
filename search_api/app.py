"""The application: search API, feeds, pages, health. Built by the composition root, which may add routers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from indexer.classifier import Classifier
from indexer.engine import SearchEngine
from indexer.observatory.observe import Observatory
from search_api.allowance import Allowance
from search_api.classify_api import classify_routes
from search_api.counting import Counts
from search_api.desk import Desk
from search_api.edge import Edge, is_for_machines
from search_api.judge import Judge, open_shipped
from search_api.languages import plain_path
from search_api.observatory.api import observatory_api
from search_api.observatory.files import file_routes
from search_api.outputs.calendar_routes import calendar_routes
from search_api.outputs.exports import export_routes
from search_api.outputs.feed_routes import feed_routes
from search_api.outputs.sitemap import sitemap_routes
from search_api.pages.alert import alert_routes
from search_api.pages.alert_change import change_routes
from search_api.pages.alert_files import alert_file_routes
from search_api.pages.alert_links import alert_link_routes
from search_api.pages.alert_owner import Owners, owner_routes
from search_api.pages.cpv import cpv_routes, lasting_paths
from search_api.pages.formats import format_routes
from search_api.pages.help import help_routes
from search_api.pages.layout import Pages, static_routes
from search_api.pages.manage import manage_routes
from search_api.pages.mark import mark_routes
from search_api.pages.observatory import observatory_routes
from search_api.pages.observatory_widget import widget_routes
from search_api.pages.report import report_routes
from search_api.pages.search import search_routes
from search_api.pages.sources import source_routes
from search_api.pages.statements import statement_routes
from search_api.pages.tender import tender_routes as tender_page_routes
from search_api.pages.territories import territory_routes
from search_api.pages.trade import trade_routes
from search_api.problems import Problem, bad_parameter, not_found, refused, too_large, too_often, unavailable
from search_api.reference_api import reference_routes
from search_api.tenders_api import tender_routes
from tenders.errors import BadQuery, TendersError, TooLarge, TooOften, Unavailable
from tenders.store.database import Store, counter

_ABOUT = """Public calls for tenders, one record of each procedure merged from all its notices.

A results page, a feed, a calendar, a table and a saved search are the same query, by the same parameter names. Errors
are problem details (RFC 9457) that say how to mend the question."""
_log = structlog.get_logger()


class Application(FastAPI):
    """FastAPI whose description leaves out what we never answer: its own 422, where ours is a 400."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        document = super().openapi()
        for methods in document["paths"].values():
            for operation in methods.values():
                operation["responses"].pop("422", None)
        for shape in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(shape, None)
        return document


def now_utc() -> datetime:
    """Return the moment."""
    return datetime.now(UTC)


def _version() -> str:
    try:
        return version("tenderwatch")
    except PackageNotFoundError:
        return "0"


def create_app(
    store: Store,
    engine: SearchEngine,
    *,
    base_url: str,
    clock: Callable[[], datetime] = now_utc,
    routers: Sequence[APIRouter] = (),
    classifier: Callable[[], Classifier] = open_shipped,
    secret: str = "",
    contact: str = "",
    embed_on: str = "",
) -> FastAPI:
    """Build the application on an open store and engine; `base_url` is the public address that links begin with.

    `classifier` gives the classifier at the first text to be classified. `secret` signs forms and reads the links of
    mails; without one, forms are good for this process alone and no link is. `contact` is where the
    operator can be reached, as the pages say. `embed_on` are the sites that may show the widget, as Settings has them.
    """
    desk = Desk(store, engine, base_url.rstrip("/"), clock)
    judge, allowance = Judge(classifier), Allowance()
    pages, counts = Pages(desk), Counts(engine)
    observatory = Observatory(engine)
    secret = secret or secrets.token_urlsafe()
    owners = Owners(pages, allowance, secret)
    app = Application(title="Tenderwatch", version=_version(), description=_ABOUT, docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False  # it would lead to whatever host the request names

    def show(request: Request, problem: Problem) -> Response:
        return (
            problem.response() if is_for_machines(plain_path(request.scope)) else pages.show_problem(request, problem)
        )

    _answer_errors(app, show)
    for router in (
        *routers,
        tender_routes(desk),
        reference_routes(desk),
        classify_routes(judge, allowance),
        feed_routes(desk),
        calendar_routes(desk, allowance),
        export_routes(desk, allowance),
        sitemap_routes(desk, lasting_paths()),
        observatory_api(desk, observatory),
        file_routes(desk, observatory),
        territory_routes(pages),
        observatory_routes(pages, observatory, embed_on),
        widget_routes(pages, observatory, embed_on),
        health_routes(desk),
        trade_routes(pages, judge, allowance, counts),
        cpv_routes(pages, counts),
        mark_routes(pages, allowance, secret),
        alert_routes(pages, allowance, secret),
        report_routes(pages, observatory, allowance, secret),
        alert_link_routes(pages, secret),
        owner_routes(owners),
        manage_routes(pages, owners),
        alert_file_routes(pages, owners),
        change_routes(pages, owners),
        search_routes(pages),
        tender_page_routes(pages),
        source_routes(pages, counts),
        help_routes(pages, counts),
        format_routes(pages),
        statement_routes(pages, contact),
        static_routes(),
    ):
        app.include_router(router)
    app.add_middleware(Edge, show=show, path=desk.path, secure=desk.base_url.startswith("https:"))
    return app


def _answer_errors(app: FastAPI, show: Callable[[Request, Problem], Response]) -> None:
    @app.exception_handler(BadQuery)
    def bad_query(request: Request, error: BadQuery) -> Response:
        return show(request, bad_parameter(error))

    @app.exception_handler(TooLarge)
    def large(request: Request, error: TooLarge) -> Response:
        return show(request, too_large(error))

    @app.exception_handler(TooOften)
    def often(request: Request, error: TooOften) -> Response:
        return show(request, too_often(error))

    @app.exception_handler(Unavailable)
    def not_now(request: Request, error: Unavailable) -> Response:
        _log.warning("not available", path=request.url.path, reason=str(error))
        return show(request, unavailable(error))

    @app.exception_handler(RequestValidationError)
    def bad_request(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        return show(request, bad_parameter(BadQuery(first["msg"], name=str(first["loc"][-1]))))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return show(request, not_found("there is nothing at this address: see /openapi.json"))
        answer = show(request, refused(error.status_code, str(error.detail)))
        answer.headers.update(error.headers or {})
        return answer


def health_routes(desk: Desk) -> APIRouter:
    """Return the routes by which an operator's machinery asks whether we live and whether we can answer."""
    router = APIRouter(prefix="/health", tags=["health"])
    alive = {200: {"description": "Alive", "content": {"application/json": {"example": {"status": "alive"}}}}}
    ready_example = {"status": "ready", "tenders": 1234, "behind": 0}
    ready_responses = {
        200: {"description": "Ready", "content": {"application/json": {"example": ready_example}}},
        503: {"description": "Not ready", "content": {"application/json": {"example": {"status": "not ready"}}}},
    }

    @router.get("/live", summary="Does the process run?", responses=alive)  # type: ignore[arg-type]
    def live() -> Response:
        """Answer 200, always."""
        return JSONResponse({"status": "alive"}, headers={"Cache-Control": "no-store"})

    @router.get("/ready", summary="Do store and index answer?", responses=ready_responses)  # type: ignore[arg-type]
    def ready() -> Response:
        """`tenders` in the index, and `behind`: how many writes of the store it does not know yet."""
        headers = {"Cache-Control": "no-store"}
        try:
            mark, held = desk.engine.mark() or 0, desk.engine.count()
            with desk.store.reading() as connection:
                behind = max(0, counter(connection, "version") - mark)
        except (TendersError, ValueError, OSError) as error:
            _log.warning("not ready", reason=str(error))
            return JSONResponse({"status": "not ready"}, 503, headers | {"Retry-After": "5"})
        return JSONResponse({"status": "ready", "tenders": held, "behind": behind}, headers=headers)

    return router
