"""`/cpv`: "which CPV codes fit my trade?", whose answer is ticked and searched."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from indexer.classifier import Subject
from search_api.allowance import TEXTS, Allowance, address_of
from search_api.counting import Counts
from search_api.desk import read_fields
from search_api.judge import Judge
from search_api.languages import language_of
from search_api.pages.cpv import count_divisions
from search_api.pages.layout import Pages
from search_api.trade import choose, is_code
from tenders.errors import BadQuery, TooLarge
from tenders.labels import headed
from tenders.model import Nature
from tenders.plain import clean

LONGEST = 500  # characters of a description


def _read_nature(text: str) -> Nature | None:
    if text and text not in list(Nature):
        raise BadQuery(f"nature={text[:40]}: is not one of: {', '.join(Nature)}", name="nature")
    return Nature(text) if text else None


def trade_routes(pages: Pages, judge: Judge, allowance: Allowance, counts: Counts) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/cpv")
    async def trade(request: Request) -> Response:
        asked = read_fields(request, ("q", "nature"))
        text, nature = clean(asked.get("q", "")).strip(), _read_nature(asked.get("nature", ""))
        if len(text) > LONGEST:
            raise TooLarge(f"q has {len(text):,} characters: {LONGEST} are allowed", name="q")
        verdict = None
        if text and not is_code(text):
            allowance.spend(TEXTS, address_of(request))
            verdict = (await judge.judge([Subject(title=text, nature=nature)]))[0]

        def answer() -> Response:
            language = language_of(request)
            choices = choose(text, verdict, language) if text else None
            found = choices is not None and choices.found
            return pages.answer(
                request,
                "trade.jinja",
                typed=text,
                nature=nature or "",
                natures=[(one.value, headed("nature", one, language)) for one in Nature],
                by_code=is_code(text),
                choices=choices,
                fields=[] if found else count_divisions(counts, pages.desk.clock(), language),
                longest=LONGEST,
            )

        return await run_in_threadpool(answer)

    return router
