"""`/observatory/territories`: the territory that somebody means, by its name or by a commune's name or postcode."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from search_api.desk import read_fields
from search_api.languages import language_of
from search_api.observatory.asking import in_territory
from search_api.observatory.finding import Found, find_territories, list_wide
from search_api.outputs.table import FEEDS, alternates
from search_api.pages.layout import Pages
from tenders.plain import clean
from tenders.query import Query
from tenders.query_url import to_url
from tenders.vocabulary import department_name

PATH = "/observatory/territories"
LONGEST = 100  # characters of a name
_ANNOUNCED = 3  # territories that were found, whose feeds the page's head names


def _tenders_of(one: Found) -> Query:
    return in_territory(Query(), one.territory, "territory")


def territory_routes(pages: Pages) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    def find(request: Request) -> Response:
        language = language_of(request)
        text = clean(read_fields(request, ("q",)).get("q", "")).strip()[:LONGEST]
        found = find_territories(text, language) if text else list_wide(language)
        return pages.answer(
            request,
            "territories.jinja",
            typed=text,
            found=found or list_wide(language),
            nothing=not found,
            name_department=department_name,
            few=[*found.regions, *found.departments, *found.groupings][:_ANNOUNCED] if text else [],
            feeds_of=lambda one: list(alternates(_tenders_of(one), language, FEEDS)),
            follow_form=lambda one: to_url(_tenders_of(one)),
            longest=LONGEST,
        )

    return router
