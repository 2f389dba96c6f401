"""List pages of AWS (format ``aws-list``): the rows ``div#entity`` of a search on marches-publics.info.

Proven by one captured page (expired notices, November 2025) and by readers of the list of 2026: the row of documents
and of offers, the pinned row, the pagers. Not proven: what the list of award notices (``IDE=AAA``) looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from crawlers.formats import Refusal
from crawlers.formats.aws_page import look_at_list
from crawlers.formats.aws_words import (
    SITE,
    SOURCE,
    department_of,
    find_id,
    fold,
    nature_of,
    page_of,
    read_day,
    read_hour,
    without_mails,
    zone_of,
)
from crawlers.formats.text import note_unread, title
from crawlers.formats.web_page import every, first, link_of, seen_line, seen_lines, with_class
from tenders.errors import Refused
from tenders.model import Buyer, Document, Nature, Notice, NoticeKind, Strategic

_POSTCODE: Final = re.compile(r"(.*?)\s*\(\s*(\d[\dAB ]{2,8}?)\s*\)", re.DOTALL)  # CC CREUSE SUD OUEST (23400)
_REFERENCE: Final = re.compile(r"\[\s*réf\.\s*(.*?)\s*\]")  # [réf. 22BA15]
_LOTS: Final = re.compile(r"\[\s*Marché alloti\s*:\s*(\d{1,4})\s*lots?\s*\]", re.ASCII)  # [Marché alloti : 2 lots]
_PUBLISHED: Final = re.compile(r"Publié le (\S+)")
_DEADLINE: Final = re.compile(r"Date limite : le (\S+(?: à \S+)?)")
_LISTS: Final = {  # "Résultat de recherche pour les avis <strong>expirés</strong>"; the first is proven, with its case
    "expires": NoticeKind.COMPETITION,
    "en cours": NoticeKind.COMPETITION,
    "attributions": NoticeKind.RESULT,
    "d'attribution": NoticeKind.RESULT,
}
_DOCUMENTS: Final = {"dossier de consultation des entreprises", "reglement de consultation", "dce", "rc"}
_OTHER_LINKS: Final = {"consulter l'avis", "candidature et/ou offre"}  # the page itself; where offers are handed in
_ICONS: Final = {  # what the pictures beside the dates say
    "service-dume.gif": Strategic(),
    "ico-critere-social.png": Strategic(social=True),
}
_MARKS: Final = {"avis rectifie"}  # the row shows the call as corrected: its dates say what changed


@dataclass(frozen=True, slots=True)
class _Place:
    """What all rows of a page have in common; `natures` is what is bought by a tab's id."""

    kind: NoticeKind | None
    natures: dict[str, Nature | None]


def read(body: bytes, origin: str) -> Iterator[Notice | Refusal]:  # noqa: ARG001 as every format
    """Read a list page: every row is a notice, or a refusal under its id or ``row 3``; a row shown twice is one.

    A page that says that there is none yields nothing.
    """
    try:
        page = look_at_list(body)
        place = _Place(_kind_of(page.root), _natures(page.root))
    except Refused as problem:
        yield Refusal("", str(problem))
        return
    seen: set[str] = set()
    for number, row in enumerate(page.rows, 1):
        found = id_of(row)
        if found in seen:  # the pinned one
            continue
        try:
            if found is None:
                raise Refused("no link to its notice (/Annonces/MPI-pub-…)")
            seen.add(found)
            yield _read_row(row, found, place)
        except Refused as problem:
            yield Refusal(found or f"row {number}", str(problem))


def id_of(row: etree._Element) -> str | None:
    """Return the ``MPI-pub-…`` of a row, None for a row that leads to no notice."""
    links = (find_id(anchor.get("href") or "") for anchor in every(row, ".//a[@href]"))
    return next((found for found in links if found), None)


def _read_row(row: etree._Element, source_id: str, place: _Place) -> Notice:
    name, postcode = _buyer(seen_line(first(row, f".//*[{with_class('h2-avis')}]")))
    dates = _dates_line(row)
    due, told = _DEADLINE.search(dates), _PUBLISHED.search(dates)
    for said in re.split(r"\s*\|\s*", _PUBLISHED.sub("", _DEADLINE.sub("", dates))):
        if said:
            note_unread(SOURCE, "the line of dates", said)
    kind = place.kind or (NoticeKind.COMPETITION if due else None)
    if kind is None:
        raise Refused("nothing says what this notice does: neither the list nor a deadline")
    box = first(row, ".//*[@id='titre_box']")
    reference = _matched(_REFERENCE, first(row, f".//*[{with_class('ref-acheteur')}]"), "ref-acheteur")
    lots = None if box is None else _matched(_LOTS, first(box, ".//p"), "the line of lots")
    documents = tuple(_documents(row))
    home = department_of(postcode)
    return Notice(
        source=SOURCE,
        source_id=source_id,
        url=page_of(source_id),
        kind=kind,
        language="fr",
        title=without_mails(title(_title(box))),
        nature=_nature(row, place),
        reference=reference,
        buyer=Buyer(name=name, postcode=postcode, country="FR"),
        departments=(home,) if home else (),
        published=read_day(told[1]) if told else None,
        deadline=read_hour(due[1], zone_of(postcode)) if due else None,
        lot_count=int(lots) if lots else None,
        documents=documents,
        strategic=_strategic(row),
    )


def _kind_of(root: etree._Element) -> NoticeKind | None:
    """Return what the notices of a list do, by its heading; an unknown one makes noise, and then each row must say."""
    for line in every(root, "//div[strong][starts-with(normalize-space(.), 'Résultat de recherche pour les avis')]"):
        label = seen_line(first(line, "./strong"))
        if label:
            if fold(label) not in _LISTS:
                note_unread(SOURCE, "list of", label)
            return _LISTS.get(fold(label))
    return None


def _natures(root: etree._Element) -> dict[str, Nature | None]:
    tabs = every(root, "//ul[@id='myTab']//a[starts-with(@href, '#')]")
    return {(tab.get("href") or "")[1:]: nature_of(seen_line(first(tab, ".//strong"))) for tab in tabs}


def _nature(row: etree._Element, place: _Place) -> Nature | None:
    pane = next((one.get("id") for one in row.iterancestors() if "tab-pane" in (one.get("class") or "").split()), None)
    return place.natures.get(pane) if pane else None


def _buyer(line: str | None) -> tuple[str, str | None]:
    if not line:
        raise Refused("no buyer (h2.h2-avis)")
    found = _POSTCODE.fullmatch(line)
    return (found[1], found[2].replace(" ", "")) if found else (line, None)


def _dates_line(row: etree._Element) -> str:
    """Return the line of dates without the icons beside it."""
    line = first(row, f".//*[{with_class('affiche_date_avis')}]")
    parts = [] if line is None else every(line, "./*[not(@id='info-icons-container')]")
    return " | ".join(said.strip("| ") for part in parts if (said := seen_line(part)) and said.strip("| "))


def _title(box: etree._Element | None) -> str | None:
    if box is None:
        return None
    aside = {*every(box, f".//*[{with_class('ref-acheteur')}]"), *every(box, ".//p")}
    parts = [box.text or ""]
    for child in box:
        if child not in aside:
            parts.extend(seen_lines(child))
        parts.append(child.tail or "")
    return " ".join(parts)


def _matched(pattern: re.Pattern[str], element: etree._Element | None, what: str) -> str | None:
    line = seen_line(element)
    found = pattern.fullmatch(line) if line else None
    if line and not found:
        note_unread(SOURCE, what, line)
    return found[1] or None if found else None


def _documents(row: etree._Element) -> Iterator[Document]:
    for anchor in every(row, ".//a[@href]"):
        label = (anchor.get("title") or seen_line(anchor) or "").strip()
        if fold(label) in _DOCUMENTS:
            if url := link_of(anchor, f"{SITE}/Annonces/lister"):
                yield Document(title=label, url=url)
        elif fold(label) not in _OTHER_LINKS:
            note_unread(SOURCE, "link", label)


def _strategic(row: etree._Element) -> Strategic:
    stated = Strategic()
    for icon in every(row, ".//*[@id='info-icons-container']//img[@src]"):
        name = (icon.get("src") or "").rpartition("/")[2]
        if name not in _ICONS:
            note_unread(SOURCE, "icon", name)
        elif _ICONS[name].social:
            stated = _ICONS[name]
    for mark in every(row, f".//*[@id='info-icons-container']//*[{with_class('label')}]"):
        if fold(seen_line(mark) or "") not in _MARKS:
            note_unread(SOURCE, "mark", seen_line(mark) or "")
    return stated
