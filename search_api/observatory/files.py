"""`/observatory.csv` and `/observatory.xlsx`: the figures as a table, a number a row, with day and query."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from indexer.columns import Cell, harmless
from indexer.observatory.naming import name_figure, name_value
from indexer.observatory.observe import Observation, Observatory
from indexer.observatory.territories import name_place
from search_api.caching import answer_cached
from search_api.desk import Desk
from search_api.languages import language_of, prefix_of
from search_api.observatory.api import OWN_PARAMETERS, SCOPE_PARAMETERS
from search_api.observatory.asking import LAST_YEAR, PATH, read_asked, write_scope
from search_api.observatory.entries import list_entries
from search_api.outputs.exports import BOM, name_file
from search_api.outputs.table import XLSX as WORKBOOK
from search_api.outputs.workbook import write_sheets
from search_api.parameters import ACCEPT_LANGUAGE, errors, example
from tenders.phrasing import long_moment
from tenders.query_url import to_url
from tenders.query_words import describe
from tenders.translations import N_, translator

CSV: Final = "/observatory.csv"
XLSX: Final = "/observatory.xlsx"
# The columns: name in CSV, what people call it (a message), width in characters.
COLUMNS: Final = (
    ("figure", N_("Figure"), 28),
    ("value", N_("Code"), 14),
    ("label", N_("Label"), 44),
    ("tenders", N_("Tenders"), 10),
    ("measure", N_("Quartile, median or lots"), 14),
    ("unfinished", N_("Not a whole month"), 12),
    ("address", N_("List of the tenders"), 60),
    ("territory", N_("Territory"), 28),
)


def make_rows(
    columns: Iterable[Observation], desk: Desk, prefix: str, language: str, *, named: bool
) -> Iterator[tuple[Cell, ...]]:
    """Give the rows of one territory after another; `named` says figures in words, not by the names of the API."""
    for seen, entry in ((column, entry) for column in columns for entry in list_entries(column)):
        label = name_value(entry.figure.partition(".")[0], entry.value, language)
        yield (
            name_figure(entry.figure, language) if named else entry.figure,
            harmless(entry.value),
            harmless(label),
            entry.tenders,
            entry.measure,
            "1" if entry.unfinished else None,
            desk.address(f"{prefix}/", to_url(entry.query) or "q="),
            harmless(name_place(seen.scope, language)),
        )


def file_routes(desk: Desk, observatory: Observatory) -> APIRouter:
    """Return the routes of the two files."""
    router = APIRouter(tags=["observatory"])

    def observe(request: Request) -> list[Observation]:
        now = desk.clock()
        asked = read_asked(desk, request, now, LAST_YEAR)
        return [observatory.observe(scope, now) for scope in (asked.scope, asked.compared) if scope is not None]

    def head(seen: Observation, ending: str, language: str) -> dict[str, str]:
        return {"Content-Disposition": f'attachment; filename="{name_file(seen.scope, seen.at, ending, language)}"'}

    @router.get(CSV, summary="The figures as a CSV file", **_described("figure,value,tenders", "text/csv"))  # type: ignore[arg-type]
    def as_csv(request: Request) -> Response:
        """A number a row, RFC 4180, UTF-8 with a byte order mark; without a period those of the last twelve months.

        The first rows say the query, its address and the moment; the rows of a territory to compare come last.
        """
        language, columns = language_of(request), observe(request)
        written = StringIO()
        writer = csv.writer(written)
        writer.writerow(name for name, _, _ in COLUMNS)
        for name, value in _about(columns, desk, prefix_of(request), language):
            writer.writerow(("about", "", f"{name}: {harmless(value)}", "", "", "", "", ""))
        writer.writerows(make_rows(columns, desk, prefix_of(request), language, named=False))
        body = (BOM + written.getvalue()).encode()
        return answer_cached(request, body, "text/csv; charset=utf-8", headers=head(columns[0], "csv", language))

    @router.get(XLSX, summary="The figures as an Excel workbook", **_described("PK…", WORKBOOK.media_type))  # type: ignore[arg-type]
    def as_workbook(request: Request) -> Response:
        """The same rows, named in the reader's language, numbers as numbers; the second sheet says the query."""
        language, columns = language_of(request), observe(request)
        _ = translator(language).gettext
        written = BytesIO()
        rows = make_rows(columns, desk, prefix_of(request), language, named=True)
        heads = [(_(title), width) for _name, title, width in COLUMNS]
        about = _about(columns, desk, prefix_of(request), language)
        write_sheets(written, _("Figures"), heads, rows, about, columns[0].at, language)
        headers = head(columns[0], "xlsx", language)
        return answer_cached(request, written.getvalue(), WORKBOOK.content_type, headers=headers)

    return router


def _about(columns: Iterable[Observation], desk: Desk, prefix: str, language: str) -> Iterator[tuple[str, str]]:
    _ = translator(language).gettext
    for seen in columns:
        yield _("What was searched"), describe(seen.scope, language)
        yield _("Address"), desk.address(f"{prefix}{PATH}", write_scope(seen.scope))
    yield _("Made on"), long_moment(seen.at, language)


def _described(sample: str, media_type: str) -> dict[str, object]:
    return {
        "response_class": Response,
        "responses": {
            200: example("The file", sample, media_type),
            304: {"description": "As you have it"},
            **errors(400),
        },
        "openapi_extra": {"parameters": [*SCOPE_PARAMETERS, *OWN_PARAMETERS, ACCEPT_LANGUAGE]},
    }
