"""`/help`: how to ask, what the words mean, how to be told; its examples are searches that run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from search_api.counting import Counts
from search_api.languages import language_of
from search_api.pages.layout import Pages
from tenders.errors import Unavailable
from tenders.phrasing import say_number
from tenders.query import Query, Within
from tenders.query_text import MAX_LENGTH, MAX_TERMS
from tenders.query_words import describe
from tenders.status import paris_day
from tenders.translations import N_, translator

# What a person may type. French notices answer French words, so only the operators are translated.
TYPED = (
    N_("toiture école"),
    N_("toiture OR couverture"),
    N_("toiture OR couverture école"),
    N_('"espaces verts"'),
    N_("charpente -amiante"),
    N_("électri*"),
    N_("menuiserie -(pvc OR aluminium)"),
)
_OPEN = ("open",)
_DAY = timedelta(days=1)
_SMALL = Decimal(90_000)  # euros


@dataclass(frozen=True, slots=True)
class Example:
    """A search that runs: what is typed ("" where it is made by filters), how we read it, how much it finds now.

    `count` is "" where the index does not answer.
    """

    typed: str
    said: str
    query: Query
    count: str


def filters(now: datetime) -> dict[str, tuple[Query, ...]]:
    """Return the examples of filters by section; their days are near the moment that is given."""
    today = paris_day(now)
    return {
        "open": (Query(status=_OPEN), Query(status=("planned",)), Query(status=("awarded",))),
        "dates": (
            Query(status=_OPEN, deadline_within=Within(7, "d")),
            Query(status=_OPEN, published_after=today - 2 * _DAY),
            Query(status=_OPEN, deadline_after=today + 14 * _DAY, deadline_before=today + 28 * _DAY),
        ),
        "unknown": (
            Query(status=_OPEN, value_max=_SMALL),
            Query(status=_OPEN, value_max=_SMALL, value_unknown="drop"),
            Query(status=_OPEN, green=True),
        ),
        "cpv": (Query(status=_OPEN, cpv_any=("45421",)), Query(status=_OPEN, cpv=("45421",))),
        "places": (Query(status=_OPEN, dept=("21", "71")), Query(status=_OPEN, nuts=("FRC1",))),
    }


def help_routes(pages: Pages, counts: Counts) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False)

    def show(query: Query, now: datetime, language: str) -> Example:
        try:
            count = say_number(counts.total(query, now), language)
        except Unavailable:
            count = ""
        said = describe(Query(q=query.q) if query.q else query, language)
        return Example(query.q, said, query, count)

    @router.get("/help")
    def page(request: Request) -> Response:
        now, language = pages.desk.clock(), language_of(request)
        _ = translator(language).gettext
        return pages.answer(
            request,
            "help.jinja",
            typed=[show(Query(q=_(text), status=_OPEN), now, language) for text in TYPED],
            examples={
                section: [show(query, now, language) for query in queries] for section, queries in filters(now).items()
            },
            longest=MAX_LENGTH,
            terms=MAX_TERMS,
            follow=Query(q=_(TYPED[1]), status=_OPEN),
        )

    return router
