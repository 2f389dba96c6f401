"""What a page of Atexo MPE links to: the documents of its consultation, and the same notice at BOAMP or TED.

Documents are named and linked, never fetched: some ask for a login, others for the acceptance of terms.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from lxml.html import HtmlElement

from crawlers.formats.atexo_labels import fold
from crawlers.formats.atexo_tree import absolute, consultation_of, is_hidden, line, links
from crawlers.formats.atexo_values import sized
from crawlers.formats.text import note_unread
from tenders.model import Document

# What a link downloads, by its id or by the page it opens; and what to call it when the link has no words.
_ACTIONS: Final = {
    "linkdownloadreglement": "Règlement de consultation",
    "entreprisedownloadreglement": "Règlement de consultation",
    "linkdownloaddce": "Dossier de consultation",
    "entreprisedemandetelechargementdce": "Dossier de consultation",
    "linkdownloadavis": "Avis",
    "entreprisedownloadavis": "Avis",
    "linkdownloadcomplement": "Complément",
    "entreprisedownloadcomplement": "Complément",
    "linkdownloaddume": "DUME",
    "entreprisedownloaddume": "DUME",
}
_PAGE: Final = re.compile(r"[?&]page=entreprise\.(\w+)", re.ASCII | re.IGNORECASE)
_DOWNLOAD: Final = re.compile(r"linkdownload\w*|entreprise(?:download|demandetelechargement)\w*", re.ASCII)
_BOAMP: Final = re.compile(
    r"https?://(?:www\.)?boamp\.fr/(?:.*/)?(?:avis/detail/|.*idweb[:=]\"?)(\d{2}-\d{1,7})(?!\d)",
    re.ASCII | re.IGNORECASE,
)
_TED: Final = re.compile(
    r"https?://(?:www\.)?ted\.europa\.eu/.*?(?<!\d)0*(\d{1,8}-\d{4})(?!\d)", re.ASCII | re.IGNORECASE
)


def documents_of(element: HtmlElement, key: str, host: str | None) -> tuple[Document, ...]:
    """Return the documents of a consultation that are linked to below an element, each address once.

    A link of another site or another consultation is left out. One that only a script answers has no address.
    """
    found: dict[tuple[str | None, str | None], Document] = {}
    for anchor, address in _shown(element):
        action = _action(anchor, address)
        if action is None or consultation_of(address) not in (None, key):
            continue
        if action not in _ACTIONS:
            note_unread("atexo", "download", action)
            continue
        url = absolute(address, host)
        if url is None and re.match(r"[a-z]+://|//", address, re.IGNORECASE):
            continue
        title, size = sized(line(anchor))
        if title is None or fold(title).startswith("telecharger"):  # says what the link does, not what it brings
            title = _ACTIONS[action]
        found.setdefault((url, title), Document(title=title, url=url, size=size))
    return tuple(found.values())


def _shown(element: HtmlElement) -> list[tuple[HtmlElement, str]]:
    return [(anchor, address) for anchor, address in links(element) if not is_hidden(anchor)]


def _action(anchor: HtmlElement, address: str) -> str | None:
    """Return what a link downloads, in lower case: the end of its id, else the page that it opens."""
    names = [re.split(r"[_$]", anchor.get("id", ""))[-1].lower()]
    if page := _PAGE.search(address):
        names.append(page[1].lower())
    return next((name for name in names if _DOWNLOAD.fullmatch(name)), None)


def links_of(element: HtmlElement) -> dict[str, str]:
    """Return the numbers by which other sources know the notice: ``{"boamp": "24-47580", "ted": "123456-2024"}``.

    Where a corrected notice has several numbers the first link stands; BOAMP itself says what the others correct.
    """
    found: dict[str, str] = {}
    for _, address in _shown(element):
        plain = unquote(address)
        for name, pattern in (("boamp", _BOAMP), ("ted", _TED)):
            if told := pattern.match(plain):
                found.setdefault(name, told[1])
    return found
