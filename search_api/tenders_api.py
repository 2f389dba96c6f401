"""`/api/v1/tenders`: the search, and one tender whole."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from indexer.marks import read_wanted
from search_api.answers import answer, following
from search_api.caching import answer_cached
from search_api.desk import Desk
from search_api.examples import HISTORY, PAGE, WHOLE
from search_api.languages import language_of
from search_api.lines import write_facets, write_history, write_line, write_query, write_whole
from search_api.parameters import ACCEPT_LANGUAGE, QUERY_PARAMETERS, errors, example, in_path
from search_api.problems import not_found
from search_api.schemas import HistoryShape, ResultPage, WholeTender
from tenders.query import LISTED
from tenders.store.tenders import find_tender, load_history, load_merges, load_tenders

PATH = "/api/v1/tenders"
TenderId = Annotated[str, in_path("The tender's id.", "6f1d2c3b4a596877")]


def tender_routes(desk: Desk) -> APIRouter:
    """Return the routes of the search API."""
    router = APIRouter(tags=["tenders"])

    @router.get(
        PATH,
        response_model=ResultPage,
        responses={200: example("One page of tenders", PAGE), 304: {"description": "As you have it"}, **errors(400)},
        openapi_extra={"parameters": [*QUERY_PARAMETERS, ACCEPT_LANGUAGE]},
        summary="Search tenders",
    )
    def search(request: Request) -> Response:
        """Values of one name are alternatives, names must all hold; no parameter selects every tender.

        `next` is the relative address of the next page, null on the last. Each facet is counted under all filters but
        its own; the 200 most frequent values are given. `highlights` holds pieces of the tender's own texts, with the
        places (start, end; in characters) of the words asked for.
        """
        now = desk.clock()
        query = desk.read_query(request, now)
        found = answer(desk, query, now, facets=LISTED)
        wanted, more = read_wanted(query), following(query, found.page)
        page = {
            "total": found.page.total,
            "items": [write_line(t, now, desk.address(f"/tenders/{t.id}"), wanted) for t in found.tenders],
            "next": None if more is None else desk.path(PATH, more),
            "facets": write_facets(found.page.facets, language_of(request)),
            "query": write_query(query, desk.path(PATH, query)),
        }
        headers = {} if more is None else {"Link": f'<{desk.path(PATH, more)}>; rel="next"'}
        return answer_cached(request, orjson.dumps(page), "application/json", headers=headers)

    @router.get(
        PATH + "/{tender_id}",
        response_model=WholeTender,
        responses={
            200: example("The tender, its notices and its history", WHOLE),
            301: {"description": "The tender was absorbed by another, whose address is in Location"},
            304: {"description": "As you have it"},
            **errors(404),
        },
        summary="One tender, with its notices and history",
    )
    def one(request: Request, tender_id: TenderId) -> Response:
        """`records` are its notices, each with the rule and evidence by which it was put there.

        `history` are its revisions, newest first, with the old and new value of what changed.
        """
        with desk.store.reading() as connection:
            if elsewhere := _elsewhere(desk, connection, tender_id):
                return elsewhere
            tender = load_tenders(connection, [tender_id])[tender_id]
            merges, history = load_merges(connection, tender_id), load_history(connection, tender_id)
        whole = write_whole(tender, desk.clock(), desk.address(f"/tenders/{tender_id}"), merges, history)
        return answer_cached(request, orjson.dumps(whole), "application/json")

    @router.get(
        PATH + "/{tender_id}/history",
        response_model=HistoryShape,
        responses={
            200: example("What each notice changed, and when it was recorded", HISTORY),
            301: {"description": "The tender was absorbed by another, whose address is in Location"},
            304: {"description": "As you have it"},
            **errors(404),
        },
        summary="The history of one tender",
    )
    def history(request: Request, tender_id: TenderId) -> Response:
        """`told` is what each notice changed, in the order they speak and whenever they reached us; of what is told in
        `revisions`, a build that met several notices together has one.
        """
        with desk.store.reading() as connection:
            if elsewhere := _elsewhere(desk, connection, tender_id, "/history"):
                return elsewhere
            tender = load_tenders(connection, [tender_id])[tender_id]
            revisions = load_history(connection, tender_id)
        return answer_cached(request, orjson.dumps(write_history(tender, revisions)), "application/json")

    return router


def _elsewhere(desk: Desk, connection: Connection, tender_id: str, below: str = "") -> Response | None:
    """Return the answer for an id under which no tender stands: unknown, or absorbed. None where one does."""
    standing = find_tender(connection, tender_id)
    if standing is None:
        return not_found("there is no tender of this id: ids stand in the items of /api/v1/tenders").response()
    if standing != tender_id:
        return RedirectResponse(desk.path(f"{PATH}/{standing}{below}"), status_code=301)
    return None
