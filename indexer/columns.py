"""A tender as a row of a table, for CSV and spreadsheets: one documented order of columns, by the API's own names.

Texts come from strangers, and spreadsheets run what looks like a formula: no text here begins as one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Final

from tenders.model import Notice, PredictedCpv, Tender
from tenders.plain import one_line, web_link
from tenders.predictions import best_asserted
from tenders.status import status
from tenders.translations import N_

Cell = str | int | float | Decimal | date | datetime | None
LONGEST: Final = 16_000  # characters of a cell: spreadsheets hold 32,767, and quotes may be put in
# What begins a formula, in every width of its letters; after a semicolon too, which parts cells where people write
# numbers with a comma, whatever the file's own separator is.
_FORMULA: Final = re.compile(r"(^|;\s*)(?=[=+\-@\t\r＝＋－＠])")


@dataclass(frozen=True, slots=True)
class Row:
    """A tender as of a moment, with the public address of its page."""

    tender: Tender
    now: datetime
    page: str

    @property
    def merged(self) -> Notice:
        """The merged record."""
        return self.tender.merged

    @property
    def status(self) -> str:
        """The state at the moment."""
        return status(self.tender, self.now).value

    @property
    def estimate(self) -> PredictedCpv | None:
        """The code that we assert where the buyer gave none."""
        return None if self.tender.cpv_published else best_asserted(self.tender.cpv_predicted)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its standard name, what people call it (a message), its width in characters, and how it is read."""

    name: str
    title: str
    width: int
    read: Callable[[Row], Cell]


def harmless(text: str) -> str:
    """Put a quote before what a spreadsheet would run as a formula."""
    return _FORMULA.sub(r"\1'", text)


# Several values of one cell have a space between; codes hold none.
COLUMNS: Final = (
    Column("id", N_("Id"), 18, lambda row: row.tender.id),
    Column("status", N_("State"), 10, lambda row: row.status),
    Column("title", N_("Title"), 70, lambda row: row.merged.title),
    Column("buyer_name", N_("Buyer"), 40, lambda row: row.merged.buyer.name),
    Column("buyer_id", N_("Buyer’s number"), 17, lambda row: row.merged.buyer.id),
    Column("buyer_town", N_("Buyer’s town"), 20, lambda row: row.merged.buyer.town),
    Column("nature", N_("Nature"), 11, lambda row: row.merged.nature),
    Column("procedure", N_("Procedure"), 22, lambda row: row.merged.procedure),
    Column("published", N_("Published"), 11, lambda row: row.merged.published),
    Column("deadline", N_("Deadline"), 17, lambda row: row.merged.deadline),
    Column("display_until", N_("Shown until"), 15, lambda row: row.merged.display_until),
    Column("value_amount", N_("Value"), 14, lambda row: row.merged.value.amount if row.merged.value else None),
    Column(
        "value_currency",
        N_("Currency"),
        8,
        lambda row: row.merged.value.currency if row.merged.value else None,
    ),
    Column("departments", N_("Départements"), 13, lambda row: " ".join(row.merged.departments)),
    Column("places", N_("Places (NUTS)"), 14, lambda row: " ".join(row.merged.places)),
    Column("cpv", N_("Buyer’s CPV"), 20, lambda row: " ".join(row.tender.cpv_published)),
    Column("cpv_estimated", N_("Estimated CPV"), 13, lambda row: row.estimate.code if row.estimate else None),
    Column(
        "cpv_probability",
        N_("Probability"),
        11,
        lambda row: round(row.estimate.probability, 2) if row.estimate else None,
    ),
    Column("lot_count", N_("Lots"), 6, lambda row: len(row.merged.lots) or row.merged.lot_count),
    Column("reference", N_("Reference"), 20, lambda row: row.merged.reference),
    Column("notices", N_("Notices"), 25, lambda row: " ".join(n.key for n in row.tender.notices)),
    Column("revision", N_("Revision"), 8, lambda row: row.tender.revision),
    Column("page", N_("Page"), 45, lambda row: row.page),
    Column("url", N_("Source"), 45, lambda row: web_link(row.merged.url)),
)


def make_row(tender: Tender, now: datetime, page: str) -> list[Cell]:
    """Return the cells of a tender as of `now`; texts are one line each, and harmless."""
    row = Row(tender, now, page)
    cells = (column.read(row) for column in COLUMNS)
    return [harmless(one_line(cell, LONGEST)) or None if isinstance(cell, str) else cell for cell in cells]


def write_csv(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """Give the lines of a CSV file, its header first (RFC 4180: commas, CRLF); moments have their offset."""
    held = StringIO()
    writer = csv.writer(held)
    writer.writerow(column.name for column in COLUMNS)
    yield held.getvalue()
    for row in rows:
        held.seek(0)
        held.truncate()
        writer.writerow(map(_plain, row))
        yield held.getvalue()


def _plain(cell: Cell) -> str:
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return f"{cell:f}" if isinstance(cell, Decimal) else "" if cell is None else str(cell)
