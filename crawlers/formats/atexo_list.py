"""List pages of Atexo MPE (format ``atexo-list``): the cards of 2024 to 2026; the table of the years before.

Captured pages prove the cards (Maximilien, 2025 and 2026) and one row of the table (Morocco, 2026). The table of the
bilingual instances (``_langagesConsultations_ctl0_``) is known from another reader's selectors only. No captured page
shows a list of information or award notices: their kind is taken from the page's own address, and the date where a
consultation has its deadline is taken for the end of their display.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from lxml.html import HtmlElement

from crawlers.formats import Refusal
from crawlers.formats.atexo_labels import (
    UNNAMED,
    buyer_of,
    departments_of,
    kind_of_list,
    lots_of,
    nature_of,
    procedure_of,
    source_of,
)
from crawlers.formats.atexo_links import documents_of, links_of
from crawlers.formats.atexo_page import detail_in, find_rows, key_in, page_facts
from crawlers.formats.atexo_rows import RowText, card_text, table_text
from crawlers.formats.atexo_tree import absolute, page_host, read_html
from crawlers.formats.atexo_values import value_of
from crawlers.formats.text import clean_line, clean_text, title
from tenders.errors import Refused
from tenders.model import Notice, NoticeKind, Strategic

CUT: Final = ("…", "...")


@dataclass(frozen=True, slots=True)
class _Place:
    """What all rows of a page have in common."""

    kind: NoticeKind
    host: str | None
    source: str


def read(body: bytes, origin: str) -> Iterator[Notice | Refusal]:
    """Read a list page: every row is a notice, or a refusal under its key or ``row 3``.

    `origin` is the page's address, where it has one; by it, or by the page's own style sheets, relative links become
    addresses and the source is known. A page that says that there is no result yields nothing.
    """
    try:
        tree = read_html(body)
        facts = page_facts(tree)
        host = page_host(tree, origin)
        place = _Place(kind_of_list(facts.form), host, source_of(host))
    except Refused as refused:
        yield Refusal("", str(refused))
        return
    for number, row in enumerate(find_rows(tree), 1):
        key = key_in(row)
        try:
            if key is None:
                raise Refused("a row that names no consultation")
            yield _notice(row, key, place)
        except Refused as refused:
            yield Refusal(key or f"row {number}", str(refused))
    if facts.missing:
        yield Refusal("", f"{facts.missing} rows fewer than the page's own numbers promise: a part was not understood")


def _notice(row: HtmlElement, key: str, place: _Place) -> Notice:
    text = table_text(row) if row.tag == "tr" else card_text(row)
    procedure, says = procedure_of(text.procedure, text.procedure_code)
    departments = departments_of(text.places)
    french = place.source != UNNAMED or bool(departments)
    deadline, until = _end(text.deadline, place.kind)
    detail = detail_in(row, key)
    return Notice(
        source=place.source,
        source_id=key,
        url=absolute(detail, place.host) if detail else None,
        kind=place.kind,
        language="fr",
        title=title(_whole_title(text)),
        description=clean_text(text.objet),
        nature=nature_of(text.category),
        procedure=procedure,
        reference=clean_line(text.reference),
        buyer=buyer_of(text.buyer, french=french),
        departments=departments,
        published=text.published,
        display_until=until,
        deadline=deadline,
        value=value_of(text.value),
        lot_count=lots_of(text.lots),
        documents=documents_of(row, key, place.host),
        links=links_of(row),
        strategic=Strategic(
            dps=says.dps, framework=says.framework, social=text.social or None, green=text.green or None
        ),
    )


def _end(moment: datetime | None, kind: NoticeKind) -> tuple[datetime | None, date | None]:
    """Return the deadline, or the end of display of a notice to which nobody can answer."""
    if kind is NoticeKind.COMPETITION or moment is None:
        return moment, None
    return None, moment.date()


def _whole_title(text: RowText) -> str | None:
    """Return the title, never cut where the page says it whole: the object of a consultation often begins with it."""
    heading, objet = clean_line(text.title), clean_line(text.objet)
    if not (heading or "").strip("…. "):
        return objet
    if heading and heading.endswith(CUT) and objet and not objet.endswith(CUT):
        begun = heading.rstrip("….").strip()
        return objet if objet.startswith(begun) else heading
    return heading
