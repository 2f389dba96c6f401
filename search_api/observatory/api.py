"""`/api/v1/observatory`: the figures of a Query for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from indexer.observatory.naming import name_figure, name_value
from indexer.observatory.observe import Observation, Observatory
from indexer.observatory.scope import year_before
from search_api.caching import answer_cached
from search_api.desk import Desk
from search_api.languages import language_of
from search_api.lines import write_query
from search_api.observatory.asking import read_asked
from search_api.observatory.entries import Entry, list_entries
from search_api.outputs.whole import WHOLE_PARAMETERS
from search_api.parameters import ACCEPT_LANGUAGE, described, errors, example
from search_api.schemas import ObservationShape
from tenders.query import Query
from tenders.status import PARIS

PATH = "/api/v1/observatory"
LIST = "/api/v1/tenders"
OWN_PARAMETERS = [
    described(
        "territory",
        "A territory in place of `dept`, `nuts` and `epci`, never beside them: `all`, `region-` with a region's INSEE "
        "code, `dept-` with a département's, `epci-` with an EPCI's SIREN.",
        "region-27",
    ),
    described(
        "period",
        "A period in place of `published_after` and `published_before`, never beside them: `12m`, `all` or a year.",
        "2026",
    ),
    described("compare", "Another territory, whose figures of the same scope are given too.", "dept-71"),
]
SCOPE_PARAMETERS = [p for p in WHOLE_PARAMETERS if p["name"] not in ("sort", "known", "unknown")]
EXAMPLE = {
    "query": {"dept": ["21"], "form": "dept=21", "url": "/api/v1/tenders?dept=21"},
    "at": "2026-05-21T08:40:00+02:00",
    "since": "2024-01-01",
    "total": 846,
    "year_before": None,
    "compared": None,
    "figures": [
        {
            "figure": "winners",
            "name": "Gagnants par taille",
            "items": [
                {
                    "value": "sme",
                    "label": "Une petite ou moyenne entreprise",
                    "tenders": 74,
                    "measure": None,
                    "unfinished": False,
                    "url": "/api/v1/tenders?dept=21&winner=sme",
                }
            ],
        }
    ],
}


def write_observation(
    seen: Observation, compared: Observation | None, path: Callable[..., str], language: str
) -> dict[str, Any]:
    """Write an observation, and one that is compared with it; `path` writes addresses."""
    before = year_before(seen.scope)
    return {
        "at": seen.at.astimezone(PARIS).replace(microsecond=0).isoformat(),
        "since": seen.since,
        "year_before": None if before is None else path(PATH, before),
        "compared": None if compared is None else _write_figures(compared, path, language),
        **_write_figures(seen, path, language),
    }


def _write_figures(seen: Observation, path: Callable[..., str], language: str) -> dict[str, Any]:
    """Write the scope, and each figure with its numbers."""
    figures: dict[str, list[Entry]] = {}
    for entry in list_entries(seen):
        figures.setdefault(entry.figure, []).append(entry)
    return {
        "query": write_query(seen.scope, path(LIST, seen.scope)),
        "total": seen.total.count,
        "figures": [
            {
                "figure": figure,
                "name": name_figure(figure, language),
                "items": [_write(entry, path, language) for entry in entries],
            }
            for figure, entries in figures.items()
        ],
    }


def _write(entry: Entry, path: Callable[[str, Query], str], language: str) -> dict[str, Any]:
    return {
        "value": entry.value,
        "label": name_value(entry.figure.partition(".")[0], entry.value, language),
        "tenders": entry.tenders,
        "measure": entry.measure,
        "unfinished": entry.unfinished,
        "url": path(LIST, entry.query),
    }


def observatory_api(desk: Desk, observatory: Observatory) -> APIRouter:
    """Return the route of the figures."""
    router = APIRouter(tags=["observatory"])

    @router.get(
        PATH,
        response_model=ObservationShape,
        responses={200: example("The figures", EXAMPLE), 304: {"description": "As you have it"}, **errors(400)},
        openapi_extra={"parameters": [*SCOPE_PARAMETERS, *OWN_PARAMETERS, ACCEPT_LANGUAGE]},
        summary="What a set of tenders amounts to",
    )
    def figures(request: Request) -> Response:
        """Each item counts tenders and has the `url` that lists exactly these; one of several values counts in each.

        `known` and `unknown` say of how many tenders the record tells something at all. `measure` is a quartile or
        median of what `tenders` tenders state, or how many lots these have (999 of one at most). `unfinished` marks
        months that are not over, or that the scope or the beginning of our notices cuts: `since`, before which we hold
        nothing, so that no month before it is given. Without `period` and days of publication every tender counts,
        whenever published; on the page and in the files those of the last twelve months.
        """
        now = desk.clock()
        asked = read_asked(desk, request, now, "")
        compared = None if asked.compared is None else observatory.observe(asked.compared, now)
        body = write_observation(observatory.observe(asked.scope, now), compared, desk.path, language_of(request))
        return answer_cached(request, orjson.dumps(body), "application/json")

    return router
