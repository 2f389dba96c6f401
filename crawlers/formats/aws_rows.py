"""The rows of a notice of AWS: label and value, sections, continued values, statements without a label."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from crawlers.formats.aws_lots import find_lots
from crawlers.formats.aws_words import SOURCE, fold
from crawlers.formats.text import note_unread
from crawlers.formats.web_page import every, seen_line, seen_lines

# fmt: off
MAPPED: Final = frozenset([
    "objet", "reference", "type de marche", "mode", "code nuts", "lieu de livraison principal",
    "lieu d'execution principal", "lieu principal d'execution", "lieu principal de livraison", "lieu d'execution",
    "lieu de livraison", "description", "code cpv principal", "code cpv complementaire", "quantite ou etendue",
    "documents", "offres", "candidatures", "fonds", "valeur estimee hors tva",
])
# What is said of the contract and of how to apply, and no fact of a notice here.
IGNORED: Final = frozenset([
    "duree", "forme", "options", "reconductions", "cautionnement", "financement", "forme juridique",
    "autres conditions", "criteres d'attribution", "renseignements", "depot", "marche periodique", "recours",
])
_SECTIONS: Final = frozenset(["conditions relatives au contrat", "conditions de participation",
                              "renseignements complementaires"])
# fmt: on
_RESERVED: Final = re.compile(r"Marché réservé\s*:\s*(.*)")
_SENT: Final = re.compile(r"Envoi le \S+ à la publication")


@dataclass(slots=True)
class Rows:
    """What the table of a notice holds: the cells of each label in their order, and what stands apart from labels."""

    cells: dict[str, list[etree._Element]] = field(default_factory=dict)
    lots: etree._Element | None = None
    sent: etree._Element | None = None  # when it was sent, and to which journals
    reserved: str | None = None  # what follows "Marché réservé :"

    def lines(self, *labels: str) -> list[str]:
        """Return the lines under the first of these labels that there is."""
        for label in labels:
            if label in self.cells:
                return [line for cell in self.cells[label] for line in seen_lines(cell)]
        return []

    def line(self, *labels: str) -> str | None:
        """Return the value under the first of these labels that there is, as one line."""
        return " ".join(self.lines(*labels)) or None


def read_rows(table: etree._Element) -> Rows:
    """Read the table of a notice; an unknown label, section or row makes noise, once for each."""
    rows = Rows()
    last = ""  # the label that a row without one goes on with
    for row in every(table, "./tr|./tbody/tr"):
        cells = every(row, "./td")
        if len(cells) == 2:
            last = _take(rows, fold(seen_line(cells[0]) or ""), cells[1], last)
        elif len(cells) == 1 and (lots := find_lots(cells[0])) is not None:
            rows.lots = lots
        elif len(cells) == 1 and (said := seen_line(cells[0])):
            last = ""
            if fold(said) not in _SECTIONS:
                note_unread(SOURCE, "section", said)
        elif len(cells) == 1:
            last = ""  # a line between two sections
        elif cells:
            note_unread(SOURCE, "row", " | ".join(seen_line(cell) or "" for cell in cells))
    return rows


def _take(rows: Rows, label: str, cell: etree._Element, last: str) -> str:
    if label:
        if label not in MAPPED and label not in IGNORED:
            note_unread(SOURCE, "label", label)
        rows.cells.setdefault(label, []).append(cell)
        return label
    said = seen_line(cell) or ""
    if _SENT.match(said):
        rows.sent = cell
    elif found := _RESERVED.match(said):
        rows.reserved = found[1].strip()
    elif last == "code cpv complementaire":
        rows.cells[last].append(cell)
    return last  # any other statement without a label is free text on how to apply
