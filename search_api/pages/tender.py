"""`/tenders/{id}`: one tender, to bid or not."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_api.languages import language_of
from search_api.pages.layout import Pages
from search_api.pages.shown import show_tender
from search_api.problems import not_found
from tenders.store.tenders import find_tender, load_history, load_merges, load_tenders


def tender_routes(pages: Pages) -> APIRouter:
    """Return the route of a tender's page."""
    router = APIRouter(include_in_schema=False)
    desk = pages.desk

    @router.get("/tenders/{tender_id}")
    def tender(request: Request, tender_id: str) -> Response:
        """Show one tender; the address of an absorbed one leads to the one that stands."""
        link = pages.link(request)
        with desk.store.reading() as connection:
            standing = find_tender(connection, tender_id)
            if standing is None:
                return pages.show_problem(request, not_found("there is no tender of this id"))
            if standing != tender_id:
                return RedirectResponse(link(f"/tenders/{standing}"), status_code=301)
            found = load_tenders(connection, [standing])[standing]
            merges, history = load_merges(connection, standing), load_history(connection, standing)
        shown = show_tender(found, desk.clock(), merges, history, language_of(request))
        api, mark = desk.path(f"/api/v1/tenders/{standing}"), link(f"/tenders/{standing}/cpv")
        return pages.answer(request, "tender.jinja", tender=shown, api=api, mark=mark)

    return router
