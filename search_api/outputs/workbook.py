"""Tenders as an Excel workbook (ECMA-376): numbers and dates as such, texts as texts, no formula and no link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from xlsxwriter import Workbook

from indexer.columns import COLUMNS, Cell, harmless
from tenders.labels import STATES, headed
from tenders.plain import one_line
from tenders.query import Status
from tenders.status import PARIS
from tenders.translations import translator

_FORMATS = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm", Decimal: "#,##0.00"}
_FIRST_DAY = date(1900, 3, 1)  # before, spreadsheets do not agree which day a number is
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def write_workbook(
    target: BinaryIO, rows: Iterable[Sequence[Cell]], about: Iterable[tuple[str, str]], made: datetime, language: str
) -> None:
    """Write rows and, on a second sheet, what they are (`about`: names and values).

    Moments are shown in the time of Europe/Paris, since a spreadsheet knows no zones. `made` is the date of the
    document, so that the same rows give the same bytes.
    """
    _ = translator(language).gettext
    named = ([_name(c.name, cell, language) for c, cell in zip(COLUMNS, row, strict=True)] for row in rows)
    columns = [(_(column.title), column.width) for column in COLUMNS]
    write_sheets(target, _("Tenders"), columns, named, about, made, language)


def write_sheets(
    target: BinaryIO,
    title: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Cell]],
    about: Iterable[tuple[str, str]],
    made: datetime,
    language: str,
) -> None:
    """Write a table (`columns`: heads and widths in characters) and, on a second sheet, what it is."""
    book = Workbook(target, _OPTIONS)
    book.set_properties({"title": "Tenderwatch", "created": made.astimezone(UTC).replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    formats = {kind: book.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()}
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    for number, (head, width) in enumerate(columns):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, head, bold)
    last = 0
    for last, row in enumerate(rows, 1):
        for number, cell in enumerate(row):
            _write(sheet, last, number, cell, formats)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    told = book.add_worksheet(translator(language).gettext("About"))
    told.set_column(0, 0, 24)
    told.set_column(1, 1, 100)
    for number, (name, value) in enumerate(about):
        told.write_string(number, 0, name, bold)
        told.write_string(number, 1, harmless(one_line(value, 2_000)))
    book.close()


def _name(column: str, cell: Cell, language: str) -> Cell:
    """Return what people call a code."""
    if column == "status":
        return translator(language).gettext(STATES[Status(str(cell))])
    return headed(column, str(cell), language) if cell and column in ("nature", "procedure") else cell


def _write(sheet: Any, row: int, number: int, cell: Cell, formats: dict[type, Any]) -> None:
    if isinstance(cell, datetime):
        cell = cell.astimezone(PARIS).replace(tzinfo=None)
    if isinstance(cell, date):
        if (cell.date() if isinstance(cell, datetime) else cell) < _FIRST_DAY:
            sheet.write_string(row, number, cell.isoformat())
        else:
            sheet.write_datetime(row, number, cell, formats[type(cell)])
    elif isinstance(cell, str):
        sheet.write_string(row, number, cell)
    elif cell is not None:
        sheet.write_number(row, number, cell, formats.get(type(cell)))
