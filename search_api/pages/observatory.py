"""`/observatory`: what the market of a territory amounts to, each number with the list of its tenders; its charts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from indexer.observatory.naming import say_days
from indexer.observatory.observe import Observation, Observatory
from indexer.observatory.said import Linked, side_by_side
from indexer.observatory.scope import year_before
from indexer.observatory.territories import name_place, name_scope, name_territory
from search_api.caching import answer_cached
from search_api.desk import read_pairs
from search_api.languages import language_of
from search_api.observatory.api import PATH as API
from search_api.observatory.asking import LAST_YEAR, PATH, Asked, read_asked, write_asked, write_scope
from search_api.observatory.files import CSV, XLSX
from search_api.outputs.table import FEEDS, alternates
from search_api.pages.layout import Link, Pages
from search_api.pages.observatory_charts import dress
from search_api.pages.observatory_form import choose, keep, settle
from search_api.pages.observatory_map import PATH as SHAPES_PATH
from search_api.pages.observatory_map import shapes_version, write_shapes
from search_api.pages.observatory_widening import list_ways_out
from search_api.pages.observatory_widget import BLOCKS, frame_heights, write_frame
from search_api.pages.observatory_widget import PATH as WIDGET
from search_api.pages.observatory_winners import ShownWinners
from search_api.pages.search import address
from search_api.problems import not_found
from tenders.bodies import groupings
from tenders.phrasing import day, long_moment, say_number
from tenders.plain import clean
from tenders.query import Query
from tenders.query_url import to_url
from tenders.query_words import describe
from tenders.translations import translator

_SVG = "image/svg+xml"
_FOREVER = "public, max-age=31536000, immutable"  # its address says its version
_TOLD = ("dept", "nuts", "epci", "published_after", "published_before")  # what heading and lead say whole


class ObservatoryPage:
    """Shows observations."""

    def __init__(self, pages: Pages, observatory: Observatory, embed_on: str) -> None:
        self.pages, self.observatory, self.embed_on = pages, observatory, embed_on

    def show(self, request: Request) -> Response:
        """Show the figures that the address asks; without a period, those of the last twelve months.

        A chosen territory, period or category counts, and what the form kept of the search in their place does not:
        such an address is sent on to the one that says so.
        """
        desk, language, link = self.pages.desk, language_of(request), self.pages.link(request)
        now = desk.clock()
        pairs = read_pairs(request)
        if (settled := settle(pairs)) != pairs:
            return RedirectResponse(link(PATH, urlencode(settled)), status_code=303)
        asked = read_asked(desk, request, now, LAST_YEAR)
        seen = self.observatory.observe(asked.scope, now)
        earlier = year_before(asked.scope)
        before = self.observatory.observe(earlier, now) if earlier and self.observatory.reaches(earlier, now) else None
        held = bool(earlier and self.observatory.holds(earlier, now))
        shown = self._shown(seen, link, language)
        sections, winners = list(shown.sections()), list(shown.winners())
        keys = list(shown.key_figures(before, held))
        heights = frame_heights((*sections, *winners, shown.natures()), len(keys))
        followed = replace(asked.scope, published_after=None, published_before=None)
        choices = choose(asked, now, language)
        kept = keep(asked.scope, choices)
        form, where = write_scope(asked.scope), name_scope(asked.scope, language)
        files = f"{form}&compare={asked.compared_with}" if asked.compared else form
        return self.pages.answer(
            request,
            "observatory.jinja",
            form=form,
            shapes=desk.path(SHAPES_PATH, f"v={shapes_version()}"),
            where=where,
            whole=describe(asked.scope, language),
            days=say_days(asked.scope, language),
            since=day(seen.since, language) if seen.since and not self._holds_all(asked.scope, now) else "",
            at=long_moment(seen.at, language),
            choices=choices,
            narrow=asked.compared is not None or bool(asked.scope.cpv_any),
            kept=kept,
            more=len(asked.scope.cpv_any) > 1 or any(name not in _TOLD for name, _ in kept),
            files=[("CSV", link(CSV, files)), ("Excel", link(XLSX, files)), ("JSON", desk.path(API, files))],
            feeds=list(alternates(followed, language, FEEDS)),
            chart_form=form,
            report=to_url(followed),
            follow=lambda query: to_url(replace(query, published_after=None, published_before=None)),
            every=address(link, asked.scope),
            total=seen.total.count,
            keys=keys,
            sections=sections,
            winners=[one for one in winners if one.chart],
            unsaid=list(shown.unsaid((shown.natures(), *sections[1:], *winners))),
            ways=[]
            if seen.total.count
            else list(list_ways_out(self.observatory.engine, asked.scope, now, link, language)),
            small=list(shown.small_months()),
            clauses=list(shown.clauses()) if seen.total.count else [],
            facts=list(shown.facts()),
            awarded=shown.awarded(),
            told_by=_tell_buyers(asked.scope, shown) if asked.scope.epci else None,
            all_lots=shown.say_lots(seen.all_lots) if seen.all_lots.tenders.count else None,
            **self._frame(write_asked(asked.scope, now), where, heights, link, language),
            partly=before is not None and not held,
            **self._compare(asked, seen, before, now, link, language),
        )

    def _frame(self, form: str, where: str, heights: dict[str, int], link: Link, language: str) -> dict[str, Any]:
        """Return what the page says of the widget; no markup where no site may show it."""
        source = self.pages.desk.address(f"/{language}{WIDGET}", form)
        return {
            "blocks": list(heights.items())[1:],
            "embed_on": self.embed_on,
            "sample": link(WIDGET, form),
            "frame": write_frame(source, where, heights[BLOCKS[0]]) if self.embed_on else "",
        }

    def chart(self, request: Request, name: str) -> Response:
        """Answer with one chart as a picture of its own."""
        desk, language = self.pages.desk, language_of(request)
        now = desk.clock()
        seen = self.observatory.observe(read_asked(desk, request, now, LAST_YEAR).scope, now)
        shown = self._shown(seen, self.pages.link(request), language)
        charts = {section.id: section.chart for section in (*shown.sections(), *shown.winners())}
        if charts.get(name) is None:
            drawn = ", ".join(sorted(name for name, chart in charts.items() if chart))
            return self.pages.show_problem(request, not_found(f"there is no such chart; those drawn are: {drawn}"))
        picture = self.pages.templates[language].get_template("observatory_chart.jinja").render(chart=charts[name])
        return answer_cached(
            request, clean(dress(picture)).encode(), _SVG
        )  # a buyer's name may hold what XML cannot carry

    def _holds_all(self, scope: Query, now: datetime) -> bool:
        """Whether the index holds all days of a scope and of the year before it."""
        return all(self.observatory.holds(one, now) for one in (scope, year_before(scope)) if one is not None)

    def _shown(self, seen: Observation, link: Link, language: str) -> ShownWinners:
        return ShownWinners(seen, lambda query: address(link, query), language)

    def _compare(
        self, asked: Asked, seen: Observation, before: Observation | None, now: datetime, link: Link, language: str
    ) -> dict[str, Any]:
        columns = [(name_place(asked.scope, language), seen)]
        if before is not None:
            columns.append((translator(language).gettext("The year before"), before))
        if asked.compared is not None:
            columns.append(
                (name_territory(asked.compared_with, language), self.observatory.observe(asked.compared, now))
            )
        if len(columns) == 1 or not any(column.total.count for _, column in columns):
            return {"compared": [], "compared_rows": [], "silent": []}
        rows, silent = side_by_side([self._shown(column, link, language) for _, column in columns])
        return {"compared": [name for name, _ in columns], "compared_rows": rows, "silent": silent}


def _tell_buyers(scope: Query, shown: ShownWinners) -> tuple[str, str, Linked, Linked]:
    """Return whose purchases a scope of EPCI is, the number of their communes, and who states a buyer's number."""
    held = [groupings()[siren] for siren in scope.epci]
    communes = say_number(len({code for one in held for code in one.members}), shown.language)
    known, unknown = map(shown.must, shown.seen.buyer_ids)
    return ", ".join(one.name for one in held), communes, known, unknown


def observatory_routes(pages: Pages, observatory: Observatory, embed_on: str) -> APIRouter:
    """Return the routes of the page and its charts."""
    router = APIRouter(include_in_schema=False)
    page = ObservatoryPage(pages, observatory, embed_on)

    @router.get(PATH)
    def show(request: Request) -> Response:
        return page.show(request)

    @router.get(SHAPES_PATH)
    def shapes(request: Request) -> Response:
        return answer_cached(request, write_shapes(), _SVG, headers={"Cache-Control": _FOREVER})

    @router.get(PATH + "/{name}.svg")
    def chart(request: Request, name: str) -> Response:
        return page.chart(request, name)

    return router
