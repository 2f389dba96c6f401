"""The texts of one row of a list page of Atexo MPE, in both layouts; what they mean is said in `atexo_labels`.

What a row shows is cut (``Prestations de conversion…``); the whole text stands in a title or a pop-up beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from lxml.html import HtmlElement

from crawlers.formats.atexo_labels import fold
from crawlers.formats.atexo_tree import by_suffix, is_hidden, line
from crawlers.formats.atexo_values import day_of, first_day, moment_of, written_moment
from crawlers.formats.web_page import with_class

_TITLED: Final = "descendant-or-self::*[@title or @data-original-title]"  # a browser renames the one to the other
_OBJECT: Final = re.compile(r"Objet\s*:\s*", re.IGNORECASE)
_BUYER: Final = re.compile(r"(?:Acheteur public|Organisme|Entité publique)\s*:\s*", re.IGNORECASE)
_DOTS: Final = re.compile(r"\s*\.\.\.$")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowText:
    """What a row says. Dates are read; every other text is as the page has it."""

    procedure: str | None = None
    procedure_code: str | None = None
    category: str | None = None
    published: date | None = None
    deadline: datetime | None = None
    reference: str | None = None
    title: str | None = None
    objet: str | None = None
    buyer: str | None = None
    places: str | None = None
    lots: str | None = None
    value: str | None = None
    social: bool = False
    green: bool = False


def card_text(row: HtmlElement) -> RowText:
    """Read a card (``div.item_consultation``); raises Refused for a date or a time that is none."""
    procedure = _first(row, f".//div[{with_class('cons_procedure')}]")
    abbreviated = None if procedure is None else _first(procedure, ".//abbr")
    reference = _first(
        row, f".//div[{with_class('small')} and {with_class('pull-left')} and not({with_class('truncate')})]"
    )
    closing = _first(row, f".//div[{with_class('cloture-line')}]")
    day = _card_day(_first(row, f".//div[{with_class('date')} and not(ancestor::div[{with_class('cloture-line')}])]"))
    ends = None if closing is None else _card_day(_first(closing, f".//div[{with_class('date')}]"))
    clock = None if closing is None else line(_first(closing, f".//div[{with_class('time')}]//label"))
    objet, buyer = _object_and_buyer(row)
    return RowText(
        procedure=_title(abbreviated),
        procedure_code=line(abbreviated if abbreviated is not None else procedure),
        category=line(_first(row, f".//div[{with_class('cons_categorie')}]")),
        published=day,
        deadline=moment_of(ends, clock),
        reference=line(reference),
        title=_card_title(row, reference),
        objet=objet,
        buyer=buyer,
        places=_whole_places(_first(row, f".//div[{with_class('lieux-exe')}]")),
        lots=line(_first(row, f".//div[{with_class('lots')}]")),
        value=_value(row),
        social=_icon(row, "s-social"),
        green=_icon(row, "s-environnement"),
    )


def _first(element: HtmlElement, query: str) -> HtmlElement | None:
    return next(iter(element.xpath(query)), None)


def _title(element: HtmlElement | None) -> str | None:
    if element is None:
        return None
    return element.get("title") or element.get("data-original-title") or None


def _card_day(element: HtmlElement | None) -> date | None:
    if element is None:
        return None
    return day_of(*(line(_first(element, f".//div[{with_class(part)}]")) for part in ("day", "month", "year")))


def _card_title(row: HtmlElement, reference: HtmlElement | None) -> str | None:
    """Return the title: it follows the reference, and its whole text is the title attribute of a span."""
    beside = [] if reference is None else reference.xpath(f"following-sibling::*/{_TITLED}")
    shown = _first(row, f".//div[{with_class('truncate')}]")
    inside = [] if shown is None else shown.xpath(_TITLED)
    return next((whole for element in (*inside, *beside) if (whole := _title(element))), None) or line(shown)


def _object_and_buyer(row: HtmlElement) -> tuple[str | None, str | None]:
    """Return object and buyer: by the ids of their panels, else by their labels, else by their order."""
    panels = [by_suffix(row, "panelBlocObjet"), by_suffix(row, "panelBlocDenomination")]
    boxes = row.xpath(f".//div[{with_class('truncate-700')}]")
    for at, label in enumerate((_OBJECT, _BUYER)):
        if panels[at] is None:
            panels[at] = next((box for box in boxes if label.match(line(box) or "")), None)
    if panels == [None, None] and len(boxes) == 2:
        panels = boxes
    objet, buyer = (None if panel is None else _boxed(panel) for panel in panels)
    return objet, buyer


def _boxed(panel: HtmlElement) -> str | None:
    whole = next((text for element in panel.xpath(_TITLED) if (text := _title(element))), None)
    return whole or _unlabelled(line(panel))


def _unlabelled(text: str | None) -> str | None:
    """Return a text without its label, and without the dots that stand for a pop-up."""
    bare = _DOTS.sub("", _BUYER.sub("", _OBJECT.sub("", text or "", count=1), count=1))
    return bare if bare.strip("… ") else None


def _whole_places(element: HtmlElement | None) -> str | None:
    if element is None:
        return None
    return next(iter(element.xpath(".//@data-content[normalize-space()]")), None) or line(element)


def _value(row: HtmlElement) -> str | None:
    panel = by_suffix(row, "panelValeurEstimee")
    return None if panel is None or is_hidden(panel) else re.sub(r"^\D*", "", line(panel) or "")


def _icon(row: HtmlElement, name: str) -> bool:
    """Whether the row shows an icon of the page's legend: social or environmental aspects."""
    return any(not is_hidden(icon) for icon in row.xpath(f".//i[{with_class(name)}]"))


def table_text(row: HtmlElement) -> RowText:
    """Read a row of the old table; raises Refused for a date or a time that is none."""
    first = _first(row, "./td[@headers='cons_ref']")
    if first is None:
        first = row
    heading = by_suffix(row, "infosIntitule", "infosBullesIntitule")
    objet = by_suffix(row, "infosBullesObjet", "infosObjet")
    places = by_suffix(row, "infosLieuExecution", "panelBlocLieuxExec")
    cells = row.xpath("./td[@headers='cons_lieuExe']//text()")
    return RowText(
        procedure=line(_first(row, ".//*[contains(@id, 'type_procedure') or starts-with(@id, 'typeProcedure_')]")),
        procedure_code=_unlabelled(line(_first(first, f".//div[{with_class('line-info-bulle')}]"))),
        category=line(
            by_suffix(row, "panelBlocCategorie")
            if by_suffix(row, "panelBlocCategorie") is not None
            else _first(row, ".//*[starts-with(@id, 'categorie_')]")
        ),
        published=first_day(line(first)),
        deadline=written_moment(_closing(row)),
        reference=line(by_suffix(row, "reference")),
        title=line(heading),
        objet=line(objet) or _unlabelled(line(by_suffix(row, "panelBlocObjet"))),
        buyer=_table_buyer(row),
        places=line(places),
        lots=next((str(text) for text in cells if "lot" in fold(str(text))), None),
    )


def _closing(row: HtmlElement) -> str | None:
    cell = _first(row, "./td[@headers='cons_dateEnd']")
    if cell is None:
        return None
    closing = _first(cell, f".//div[{with_class('cloture-line')}]")
    return line(closing if closing is not None else cell)


def _table_buyer(row: HtmlElement) -> str | None:
    panel = by_suffix(row, "panelBlocDenomination")
    if panel is not None:
        return _unlabelled(line(panel))
    last = row.xpath(f"(./td[@headers='cons_intitule']//div[{with_class('objet-line')}]//span)[last()]")
    return _unlabelled(line(last[0])) if last else None
