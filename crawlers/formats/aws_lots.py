"""The table of lots in a notice of AWS: a header row, then ``N° 1`` and its cells; the columns vary."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from crawlers.formats.aws_words import SOURCE, fold, without_mails
from crawlers.formats.text import clean_text, note_unread
from crawlers.formats.values import read_codes, read_money
from crawlers.formats.web_page import every, seen_line, seen_lines
from tenders.codes import Cpv
from tenders.errors import Refused
from tenders.model import Lot, Money

# The least and the most that a framework may call are no estimate: they are left out on purpose.
_COLUMNS: Final = frozenset({"lots", "libelle", "estime eur ht", "mini eur ht", "maxi eur ht", "cpv"})
_NUMBER: Final = re.compile(r"N°\s*(\S{1,20})")  # N° 1
_DESCRIPTION: Final = re.compile(r"Description\s*:\s*")
_CPV: Final = re.compile(r"(?<!\d)\d{8}(?!\d)", re.ASCII)


def find_lots(cell: etree._Element) -> etree._Element | None:
    """Return the table of lots within a cell, None where it holds none."""
    for table in every(cell, ".//table"):
        if fold(seen_line(next(iter(every(table, "(.//tr)[1]/td")), None)) or "") == "lots":
            return table
    return None


def read_lots(table: etree._Element) -> tuple[Lot, ...]:
    """Read the table; an unknown column makes noise, and so does a row that does not fit the header."""
    rows = [[*every(row, "./td")] for row in every(table, ".//tr")]
    columns = [_column(seen_line(cell)) for cell in rows[0]]
    for column in columns:
        if column not in _COLUMNS:
            note_unread(SOURCE, "column of lots", column)
    lots = []
    for cells in rows[1:]:
        number = _NUMBER.fullmatch(seen_line(cells[0]) or "") if len(cells) == len(columns) else None
        if number is None:
            note_unread(SOURCE, "row of lots", " ".join(seen_line(cell) or "" for cell in cells))
            continue
        lots.append(_read_lot(number[1], dict(zip(columns, cells, strict=True))))
    return tuple(lots)


def _column(label: str | None) -> str:
    return fold((label or "").replace("€", "EUR"))


def _read_lot(number: str, cells: dict[str, etree._Element]) -> Lot:
    name, *more = seen_lines(cells["libelle"]) if "libelle" in cells else [""]
    told = _DESCRIPTION.sub("", "\n".join(more), count=1)
    codes = _CPV.findall(seen_line(cells.get("cpv")) or "")
    return Lot(
        id=number,
        title=without_mails(name)[:5_000] or None,
        description=clean_text(without_mails(told)) if told else None,
        cpv=read_codes(Cpv.parse, codes, SOURCE),
        value=_money(seen_line(cells.get("estime eur ht"))),
    )


def _money(text: str | None) -> Money | None:
    try:
        return read_money(text, "EUR")
    except Refused:
        note_unread(SOURCE, "Estimé € HT", text or "")
        return None
