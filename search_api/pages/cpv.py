"""`/cpv/{code}`: one CPV code, the codes above, below and beside it, and the open tenders under each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from indexer.observatory.territories import list_territories
from search_api.counting import Counts
from search_api.languages import LANGUAGES, language_of
from search_api.outputs.table import FEEDS, alternates
from search_api.pages.layout import FOOT, Pages
from search_api.problems import not_found
from search_api.reference_api import codes_under
from tenders.codes import Cpv, divisions
from tenders.errors import Refused
from tenders.phrasing import say_number
from tenders.query import Facet, Query
from tenders.query_url import to_url
from tenders.reference import cpv_check_digits

_OPEN = ("open",)


@dataclass(frozen=True, slots=True)
class Branch:
    """A code as the tree shows it: the address of its page, its digits and name, how many open tenders are under it."""

    code: str
    digits: str
    name: str
    count: str = ""


def name_code(code: Cpv, language: str) -> str:
    """Return the official name of a code."""
    return (code.label(language) or "").replace("'", "’")


def under(code: Cpv) -> Query:
    """Return the search for what is open under a code, published or estimated."""
    return Query(cpv_any=(code.prefix,), status=_OPEN)


def count_divisions(counts: Counts, now: datetime, language: str) -> list[Branch]:
    """Return the 45 divisions."""
    found = counts.by(Facet.CPV_ANY, Query(status=_OPEN), now)
    return [_branch(code, language, found.get(code.prefix, 0)) for code in divisions()]


def _branch(code: Cpv, language: str, count: int | None = None) -> Branch:
    said = "" if count is None else say_number(count, language)
    return Branch(str(code), code.prefix, name_code(code, language), said)


def lasting_paths() -> list[str]:
    """Return the paths of the pages that are there whatever the store holds: the search, those at every foot, codes."""
    territories = (f"/observatory?territory={name}" for _, names in list_territories(Query()) for name in names)
    return [
        *("/", "/observatory", "/observatory/territories"),
        *dict.fromkeys(territories),
        *(path for path, _ in FOOT),
        *(f"/cpv/{code}" for code in cpv_check_digits()),
    ]


def cpv_routes(pages: Pages, counts: Counts) -> APIRouter:
    """Return the route of a code's page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/cpv/{asked}")
    def one(request: Request, asked: str) -> Response:
        """Show a code; the address of its first digits, or with a check digit, leads to the one of eight digits."""
        try:
            code = Cpv.of(Cpv.under(asked))
        except Refused as problem:
            return pages.show_problem(request, not_found(str(problem)))
        if not code.known:
            return pages.show_problem(request, not_found(f"{asked} is a level of CPV 2008 that has no code of its own"))
        if asked != code:
            return RedirectResponse(pages.link(request)(f"/cpv/{code}"), status_code=301)
        now, language = pages.desk.clock(), language_of(request)

        def branches(codes: list[Cpv]) -> list[Branch]:
            return [_branch(one, language, counts.total(under(one), now)) for one in codes]

        tree = codes_under("cpv")
        above: list[Cpv] = []
        parent = code.parent
        while parent is not None:
            above.insert(0, parent)
            parent = parent.parent
        below = cast("list[Cpv]", tree.get(code, []))
        beside = [other for other in cast("list[Cpv]", tree.get(code.parent, [])) if other != code]
        every, published = under(code), Query(cpv=(code.prefix,), status=_OPEN)
        whole, stated = counts.total(every, now), counts.total(published, now)
        return pages.answer(
            request,
            "cpv.jinja",
            code=code,
            name=name_code(code, language),
            other_names=[(lang, name_code(code, lang)) for lang in LANGUAGES if lang != language],
            above=[_branch(one, language) for one in above],
            below=branches(below),
            beside=[_branch(one, language) for one in beside] if above else [],
            count=whole,
            said=say_number(whole, language),
            published=say_number(stated, language),
            estimated=say_number(whole - stated, language),
            every=every,
            published_form=to_url(published),
            feeds=list(alternates(Query(cpv_any=(code.prefix,)), language, FEEDS)),
        )

    return router
