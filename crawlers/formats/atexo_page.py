"""What a list page of Atexo MPE says about paging: pure facts for whoever walks it, in both layouts.

PRADO, the framework beneath, pages by posting the form back: its state (`page_state`), the name of what was pressed
(`next_target`, `size_target`) and the fields (`size_field`, `number_field`). The names are taken from the page; where
its script does not say them, the documented ones stand in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from lxml.html import HtmlElement

from crawlers.formats.atexo_tree import by_suffix, consultation_of, is_hidden, key_of, line, links, read_html
from crawlers.formats.web_page import with_class
from tenders.errors import Refused

RESULTS: Final = "ctl0$CONTENU_PAGE$resultSearch"
MOST_ROWS: Final = 600  # the largest page that is known to be offered has 500
NEXT_PAGE: Final = "Aller à la page suivante"
_TARGET: Final = re.compile(r"""'ID'\s*:\s*"([^"]+)"[^}]*?'EventTarget'\s*:\s*"([^"]+)\"""")
_TARGET_FIRST: Final = re.compile(r"""'EventTarget'\s*:\s*"([^"]+)"[^}]*?'ID'\s*:\s*"([^"]+)\"""")
_CARD: Final = f"//div[{with_class('item_consultation')} and {with_class('list-group-item')}]"
_ROW: Final = f"//table[{with_class('table-results')}]//tr[td[@headers='cons_ref' or @headers='cons_intitule']]"
_DETAIL: Final = re.compile(
    r"/consultation/\d+|page=entreprise\.EntrepriseDetails?Consultation(?:&|$)", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class AtexoRow:
    """A consultation of the list: its key ``{org}:{id}``, and its page as the list links to it (may be relative)."""

    key: str
    detail_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtexoPage:
    """What a list page says about paging. What the page does not say is None.

    `total` is the number of results, `pages` that of pages of `size` rows, `number` this page's, from 1.
    `next_target` is None on the last page. `rows` are the readable rows in their order; `unread` counts the others.
    `form` is the address that the page posts to (may be relative).
    """

    total: int | None
    pages: int | None
    number: int | None
    page_state: str | None
    next_target: str | None
    size_target: str | None
    size_field: str | None
    number_field: str | None
    rows: tuple[AtexoRow, ...]
    empty: bool
    size: int | None = None
    sizes: tuple[int, ...] = ()
    jump_target: str | None = None
    form: str | None = None
    unread: int = 0

    @property
    def missing(self) -> int:
        """How many rows are fewer than the page's own numbers promise: a part of the page was not understood."""
        if self.total is None or self.size is None or self.number is None:
            return 0
        here = min(self.size, self.total - (self.number - 1) * self.size)
        return max(0, here - len(self.rows) - self.unread)


@lru_cache(maxsize=1)  # a walk asks several things of the page it has just been given
def read_page(body: bytes) -> AtexoPage:
    """Read a list page's facts; raises Refused for what is no list: cut, another page, an error, a changed layout."""
    return page_facts(read_html(body))


def page_facts(tree: HtmlElement) -> AtexoPage:
    """Return the facts of a list page that was read into a tree; raises Refused as :func:`read_page`."""
    found = find_rows(tree)
    rows = [row for element in found if (row := _row(element))]
    total = _number(by_suffix(tree, "nombreElement"))
    empty = not found and not total and (total == 0 or _says_empty(tree))
    if not rows and not empty:
        raise Refused(_why_no_list(tree, total, len(found)))
    size = by_suffix(tree, "listePageSizeTop", "listePageSizeBottom")
    number = by_suffix(tree, "numPageTop", "numPageBottom")
    jump = by_suffix(tree, "DefaultButtonTop", "DefaultButtonBottom")
    targets = _targets(tree)
    return AtexoPage(
        total=total,
        pages=_number(by_suffix(tree, "nombrePageTop", "nombrePageBottom")),
        number=_whole(number.get("value")) if number is not None else None,
        page_state=next(iter(tree.xpath("//input[@name='PRADO_PAGESTATE']/@value")), None),
        next_target=_next_target(tree, targets),
        size_target=None if size is None else targets.get(size.get("id"), size.get("name")),
        size_field=None if size is None else size.get("name"),
        number_field=None if number is None else number.get("name"),
        rows=tuple(rows),
        empty=empty,
        size=None if size is None else _whole(next(iter(size.xpath(".//option[@selected]/@value")), None)),
        sizes=() if size is None else tuple(n for text in size.xpath(".//option/@value") if (n := _whole(text))),
        jump_target=None if jump is None else targets.get(jump.get("id"), jump.get("name")),
        form=next(iter(tree.xpath("//form[@name='main_form']/@action")), None),
        unread=len(found) - len(rows),
    )


def find_rows(tree: HtmlElement) -> list[HtmlElement]:
    """Return the elements that hold a consultation each: cards (2024), else rows of the table (2010 to 2020).

    Raises Refused for more of them than any page has.
    """
    found: list[HtmlElement] = tree.xpath(_CARD) or tree.xpath(_ROW)
    if len(found) > MOST_ROWS:
        raise Refused(f"a page of {len(found):,} rows: at most {MOST_ROWS:,} are read")
    known = set(found)
    for before, row in pairwise(found):  # one whose end is missing holds those after it: they are put beside it
        if not known.isdisjoint(row.iterancestors()):
            before.addnext(row)
    return found


def is_detail(address: str) -> bool:
    """Whether an address is that of a consultation's page, in either way of writing it."""
    return _DETAIL.search(address) is not None


def key_in(row: HtmlElement) -> str | None:
    """Return the key of a row's consultation: from its hidden fields, else from its link."""
    number = next(iter(row.xpath(".//input[contains(@name, '$refCons')]/@value")), None)
    organisation = next(iter(row.xpath(".//input[contains(@name, '$orgCons')]/@value")), None)
    return key_of(organisation, number) or next(
        (key for _, address in links(row) if is_detail(address) and (key := consultation_of(address))), None
    )


def detail_in(row: HtmlElement, key: str) -> str | None:
    """Return the address of the consultation's page as the row links to it: the plain one before its tabs'."""
    named = [address for _, address in links(row) if is_detail(address) and consultation_of(address) == key]
    return min(named, key=len, default=None)


def _says_empty(tree: HtmlElement) -> bool:
    """Whether the page shows that nothing was found; a panel that it hides says nothing."""
    panel = by_suffix(tree, "panelNoElementFound")
    if panel is not None:
        return not is_hidden(panel)
    results = tree.xpath("//*[contains(@id, 'resultSearch') or contains(@class, 'resultSearch')]")
    return any("Aucun résultat" in (line(element) or "") for element in results)


def _row(element: HtmlElement) -> AtexoRow | None:
    key = key_in(element)
    return AtexoRow(key, detail_in(element, key)) if key else None


def _whole(text: str | None) -> int | None:
    bare = re.sub(r"\s", "", text or "")
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= 9 else None


def _number(element: HtmlElement | None) -> int | None:
    return _whole(line(element))


def _targets(tree: HtmlElement) -> dict[str | None, str]:
    """Return the event target of each control that a script of the page makes, by the control's id."""
    found: dict[str | None, str] = {}
    for script in tree.xpath("//script[contains(text(), 'Prado.WebUI')]/text()"):
        for made in str(script).split("new Prado.WebUI.")[1:]:
            if told := _TARGET.search(made):
                found[told[1]] = told[2]
            elif told := _TARGET_FIRST.search(made):
                found[told[2]] = told[1]
    return found


def _next_target(tree: HtmlElement, targets: dict[str | None, str]) -> str | None:
    query = "//a[contains(@id, 'Pager{}') and descendant-or-self::*[@title=$said or @alt=$said]]"
    for place in ("Top", "Bottom"):
        for anchor in tree.xpath(query.format(place), said=NEXT_PAGE):
            return targets.get(anchor.get("id"), f"{RESULTS}$Pager{place}$ctl2")
    return None


def _why_no_list(tree: HtmlElement, total: int | None, found: int) -> str:
    if found:
        return f"the layout has changed: {found} rows and none names its consultation"
    if total:
        return f"the layout has changed: the page says {total} results and no row is understood"
    said = line(tree)
    if said and "Vous devez être connecté" in said:
        return "no list of consultations: the page asks for a login"
    named = line(next(iter(tree.xpath("//title")), None)) or (said or "")[:80]
    return f"no list of consultations: a page named {named[:80]!r}"
