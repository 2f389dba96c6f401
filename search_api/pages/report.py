"""`/alerts/report?SCOPE`: the figures of a scope of the observatory by mail each month; last month's, and the form.

A GET only shows. The answer of a POST is the same, in the same time, whether or not an address is known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from indexer.observatory.naming import name_month
from indexer.observatory.observe import Observatory
from indexer.observatory.said import Said
from indexer.observatory.scope import month_before, require_scope
from indexer.observatory.territories import name_scope, title_scope
from search_api.allowance import Allowance
from search_api.languages import language_of
from search_api.observatory.asking import read_asked
from search_api.pages.layout import Pages
from search_api.pages.search import address
from search_api.pages.sign_up import (
    NAME_LENGTH,
    answer_form,
    ask_owner,
    fill_form,
    find_fault,
    make_wish,
    take_form,
)
from tenders.plain import shorten
from tenders.query import Query
from tenders.query_url import from_url, to_url
from tenders.query_words import describe
from tenders.status import paris_day
from tenders.subscription import Kind, Rhythm

PATH = "/alerts/report"


class ReportPage:
    """Shows what a report would have said last month, and takes the wish for it."""

    def __init__(self, pages: Pages, observatory: Observatory, allowance: Allowance, secret: str) -> None:
        self.pages, self.observatory, self.allowance, self.secret = pages, observatory, allowance, secret

    def show(
        self, request: Request, scope: Query, *, sent: Mapping[str, str] | None = None, problem: str = ""
    ) -> Response:
        """Show last month's figures and the form; `problem` says what is wrong with what was sent."""
        now, language, link = self.pages.desk.clock(), language_of(request), self.pages.link(request)
        scope = replace(scope, published_after=None, published_before=None)
        month = month_before(scope, paris_day(now))
        seen = self.observatory.observe(month, now)
        where = name_scope(scope, language)
        name = shorten(title_scope(scope, language) or where, NAME_LENGTH)
        assert month.published_after is not None
        body = self.pages.write(
            request,
            "report.jinja",
            asked=to_url(scope),
            where=where,
            said=describe(scope, language),
            month=name_month(month.published_after.isoformat()[:7], language),
            month_form=to_url(month),
            keys=list(Said(seen, lambda query: address(link, query), language).key_figures(None, held=False)),
            **fill_form(self.secret, request, sent, now, name=name, problem=problem),
        )
        return answer_form(body, problem)

    def take(self, request: Request, sent: dict[str, str]) -> Response:
        """Take the wish for a report, or show the form again with what is wrong."""
        desk = self.pages.desk
        now, scope = desk.clock(), from_url(sent.get("query", "")).saved()
        desk.sources.require(scope, desk.store, now)
        require_scope(scope)
        if fault := find_fault(self.secret, request, sent, now):
            return self.show(request, scope, sent=sent, problem=fault)
        wish = make_wish(request, sent, scope, now, kind=Kind.REPORT, rhythm=Rhythm.MONTHLY)
        return ask_owner(self.pages, self.allowance, self.secret, request, sent, wish)


def report_routes(pages: Pages, observatory: Observatory, allowance: Allowance, secret: str) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(include_in_schema=False)
    report = ReportPage(pages, observatory, allowance, secret)

    @router.get(PATH)
    def show(request: Request) -> Response:
        return report.show(request, read_asked(pages.desk, request, pages.desk.clock(), "").scope)

    @router.post(PATH)
    async def take(request: Request) -> Response:
        return await take_form(pages, report.take, request)

    return router
