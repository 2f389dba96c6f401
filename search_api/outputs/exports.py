"""`/tenders.csv` and `/tenders.xlsx`: every tender that a Query selects, in one file."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import BinaryIO

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from indexer.columns import Cell, make_row, write_csv
from indexer.engine import count_selected
from indexer.walk import every_id, load_each
from search_api.allowance import ROWS, Allowance, address_of
from search_api.desk import Desk
from search_api.languages import language_of, prefix_of
from search_api.outputs.table import CSV, XLSX, Output
from search_api.outputs.whole import WHOLE_PARAMETERS, read_whole
from search_api.outputs.workbook import write_workbook
from search_api.parameters import ACCEPT_LANGUAGE, errors, example
from tenders.phrasing import long_moment
from tenders.query import Query
from tenders.query_words import describe
from tenders.status import paris_day
from tenders.translations import translator

SHEET_ROWS = 20_000  # rows of a workbook: it must be whole before its first byte can be sent
_LEAST = 100  # rows that the smallest export counts as
_SHEET_COST = 5  # rows that one of a workbook counts as: it takes that much longer to write
_LINES = 200  # lines of CSV sent together
_BYTES = 1 << 16  # of a workbook sent together
_NAME = 60  # characters of a search in a file's name
BOM = "\ufeff"  # without it Excel reads UTF-8 as the code page of the machine, and é as Ã©


def name_file(query: Query, now: datetime, ending: str, language: str) -> str:
    """Name a file by what was searched and the day, in letters that every system and header can carry."""
    folded = unicodedata.normalize("NFKD", describe(query, language)).encode("ascii", "ignore").decode().lower()
    said = "-".join(re.findall(r"[a-z0-9]+", folded))[:_NAME].strip("-")
    return "-".join(filter(None, ("tenderwatch", said, paris_day(now).isoformat()))) + f".{ending}"


def export_routes(desk: Desk, allowance: Allowance) -> APIRouter:
    """Return the routes of the two exports."""
    router = APIRouter(tags=["outputs"])

    def find(request: Request, most: int | None, cost: int = 1) -> tuple[Query, datetime, int, Iterator[list[Cell]]]:
        now = desk.clock().replace(microsecond=0)  # counted to the second, as the index does
        query = read_whole(desk, request, now)
        total = count_selected(desk.engine, query, now)
        held = total if most is None else min(total, most)
        allowance.spend(ROWS, address_of(request), min(max(_LEAST, held * cost), ROWS.amount))
        ids = islice(every_id(desk.engine, query, now), most)
        pages = desk.address(f"{prefix_of(request)}/tenders/")
        return query, now, total, (make_row(t, now, pages + t.id) for t in load_each(desk.store, ids))

    def head(query: Query, now: datetime, total: int, form: Output, language: str) -> dict[str, str]:
        name = name_file(query, now, form.path.rpartition(".")[2], language)
        return {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-cache",
            "Vary": "Accept-Language",
            "X-Total-Count": str(total),
        }

    @router.get(CSV.path, summary="A search as a CSV file", **_described(CSV, '"id","status","title"'))  # type: ignore[arg-type]
    def csv(request: Request) -> Response:
        """Every tender, newest change first where no `sort` is given: RFC 4180, UTF-8 with a byte order mark.

        The columns have the same names in every language and stand in the order documented in the README; several
        values of one cell have a space between. Texts are one line each, and a quote stands before what a spreadsheet
        would run as a formula. `X-Total-Count` says how many rows there are: an answer that broke off has fewer.
        """
        query, now, total, rows = find(request, None)
        lines = write_csv(rows)
        first = list(islice(lines, _LINES))  # what cannot be answered is said before the first byte is sent
        headers = head(query, now, total, CSV, language_of(request))
        return StreamingResponse(_encoded(chain(first, lines)), headers=headers, media_type=CSV.content_type)

    @router.get(XLSX.path, summary="A search as an Excel workbook", **_described(XLSX, "PK…"))  # type: ignore[arg-type]
    def xlsx(request: Request) -> Response:
        """At most 20,000 tenders, newest change first where no `sort` is given; the second sheet says what is missing.

        The columns are those of the CSV file, named in the reader's language. Amounts and dates are typed; moments are
        those of Europe/Paris.
        """
        query, now, total, rows = find(request, SHEET_ROWS, _SHEET_COST)
        language = language_of(request)
        written = tempfile.TemporaryFile()  # noqa: SIM115  # closed when it was sent
        write_workbook(written, rows, _about(desk, query, now, total, language, prefix_of(request)), now, language)
        headers = head(query, now, total, XLSX, language)
        headers["Content-Length"] = str(written.tell())
        return StreamingResponse(_read(written), headers=headers, media_type=XLSX.content_type)

    return router


def _described(form: Output, sample: str) -> dict[str, object]:
    return {
        "response_class": Response,
        "responses": {200: example("The file", sample, form.media_type), **errors(400, 429)},
        "openapi_extra": {"parameters": [*WHOLE_PARAMETERS, ACCEPT_LANGUAGE]},
    }


def _encoded(lines: Iterable[str]) -> Iterator[bytes]:
    rest = iter(lines)
    yield BOM.encode()
    while some := "".join(islice(rest, _LINES)):
        yield some.encode()


def _read(written: BinaryIO) -> Iterator[bytes]:
    with written:
        written.seek(0)
        while some := written.read(_BYTES):
            yield some


def _about(
    desk: Desk, query: Query, now: datetime, total: int, language: str, prefix: str
) -> Iterator[tuple[str, str]]:
    """Say what a workbook holds, and what it lacks."""
    _ = translator(language).gettext
    yield _("What was searched"), describe(query, language)
    yield _("Address"), desk.address(f"{prefix}/", query)
    yield _("Made on"), long_moment(now, language)
    yield _("Tenders found"), str(total)
    yield _("Tenders in this workbook"), str(min(total, SHEET_ROWS))
    if total > SHEET_ROWS:
        address = desk.address(prefix + CSV.path, query)
        yield _("All of them, as CSV"), address
    yield _("Times"), "Europe/Paris"
