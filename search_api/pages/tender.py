"""`/tenders/{id}`: one tender, to bid or not: what one decides by, what happened, who says what, what is around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_api.languages import language_of
from search_api.outputs.table import FEEDS, alternates
from search_api.pages.around import ask_buyer, find_like, like
from search_api.pages.facts import LINE, show_decision
from search_api.pages.history import show_history, show_sayings
from search_api.pages.layout import Link, Pages
from search_api.pages.rows import show_row_due
from search_api.pages.ruler import measure
from search_api.problems import not_found
from search_api.wording import place_text
from tenders.model import Tender
from tenders.plain import clean, shorten
from tenders.query import Status
from tenders.store.tenders import find_tender, load_history, load_merges, load_tenders

_OPEN_ROWS = 10  # lots and awards that stand open
_SUBJECT = 150  # characters of a title in a mail's subject


class TenderPage:
    """Shows one tender."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def show(self, request: Request, tender_id: str) -> Response:
        """Show one tender; the address of an absorbed one leads to the one that stands."""
        desk, link = self.pages.desk, self.pages.link(request)
        with desk.store.reading() as connection:
            standing = find_tender(connection, tender_id)
            if standing is None:
                return self.pages.show_problem(request, not_found("there is no tender of this id"))
            if standing != tender_id:
                return RedirectResponse(link(f"/tenders/{standing}"), status_code=301)
            tender = load_tenders(connection, [standing])[standing]
            merges, history = load_merges(connection, standing), load_history(connection, standing)
        now, language = desk.clock(), language_of(request)
        told = show_history(tender, merges, history, now, language)
        return self.pages.answer(
            request,
            "tender.jinja",
            tender=show_decision(tender, now, language),
            history=told,
            ruler=measure(tender, told.moved.at if told.moved else None, now, language),
            most=_OPEN_ROWS,
            sayings=show_sayings(tender, now, language),
            api=desk.path(f"/api/v1/tenders/{standing}"),
            mark=link(f"/tenders/{standing}/cpv"),
            mail=_write_mail(tender, desk.address(f"/{language}/tenders/{standing}")),
            **self._show_around(tender, now, language, link),
        )

    def _show_around(self, tender: Tender, now: datetime, language: str, link: Link) -> dict[str, Any]:
        desk, kind = self.pages.desk, like(tender)
        found = ask_buyer(desk.engine, tender, now)
        return {
            "of_buyer": found,
            "buyer_tenders": link("/", replace(found.query, status=(Status.OPEN.value,)))
            if found and found.open
            else "",
            "buyer_all": link("/", found.query) if found else "",
            "buyer_feeds": list(alternates(found.query, language, FEEDS)) if found else [],
            "buyer_alert": link("/alerts/new", found.query) if found else "",
            "kind_alert": link("/alerts/new", replace(kind, status=(Status.OPEN.value,))) if kind else "",
            "like": [
                {
                    "address": link(f"/tenders/{one.id}"),
                    "title": shorten(one.merged.title, LINE),
                    "language": one.merged.language,
                    "where": ", ".join(filter(None, (one.merged.buyer.name, place_text(one, language, most=2)))),
                    "due": show_row_due(one, now, language),
                }
                for one in find_like(desk.engine, desk.store, tender, now)
            ],
        }


def _write_mail(tender: Tender, address: str) -> str:
    """Write the link that opens a mail to a colleague; nothing of a title can become a header of it."""
    title = " ".join(clean(tender.merged.title).split())[:_SUBJECT]
    return f"mailto:?subject={quote(title)}&body={quote(address)}"


def tender_routes(pages: Pages) -> APIRouter:
    """Return the route of a tender's page."""
    router = APIRouter(include_in_schema=False)
    page = TenderPage(pages)

    @router.get("/tenders/{tender_id}")
    def tender(request: Request, tender_id: str) -> Response:
        return page.show(request, tender_id)

    return router
