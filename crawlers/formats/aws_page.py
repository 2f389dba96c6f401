"""What kind of page AWS answered with, before anything is read from it: a captcha, too many hits, none, or a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml import etree

from crawlers.formats.aws_words import SITE
from crawlers.formats.web_page import every, first, open_page, seen_line, seen_lines, with_class
from tenders.errors import Refused

ROWS: Final = "//div[@id='entity']"
_CAPTCHA: Final = (
    "//*[contains(translate(concat(@id, ' ', @name, ' ', @src, ' ', @class), 'CAPTCHA', 'captcha'), 'captcha')]"
)
_TOO_MANY: Final = "Veuillez préciser votre recherche"
_PAGER: Final = re.compile(r"pager_[a-z]", re.ASCII)


class TooMany(Refused):
    """A search met more notices than the site shows: nothing is shown, it must be cut into smaller ones."""


class EmptyPage(Refused):
    """A list without rows that says it has some: the site renders one now and then; ask once more."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list as the site shows it: its rows, how many notices it says there are (None: unsaid), the pages it leads to.

    `nexts` are the absolute addresses behind ``rel=next``: each of the three tabs has a pager of its own (``pager_t``,
    ``pager_s``), so that there may be several. `note` says in the site's words that there is none.
    """

    root: etree._Element
    rows: tuple[etree._Element, ...]
    total: int | None
    nexts: tuple[str, ...]
    note: str | None = None


def open_aws(body: bytes) -> etree._Element:
    """Open a page; raises Refused for what `open_page` refuses, and for a captcha, which is left alone."""
    root = open_page(body)
    if first(root, _CAPTCHA) is not None and first(root, f"{ROWS}|//*[@id='AAPCGenere']") is None:
        raise Refused("a captcha page: it is for people, and left alone")
    return root


def look_at_list(body: bytes, address: str = f"{SITE}/Annonces/lister") -> ListPage:
    """Open a list page; raises TooMany, EmptyPage, or Refused for what is no list."""
    root = open_aws(body)
    rows = tuple(every(root, ROWS))
    total = _total(root)
    if rows:
        return ListPage(root, rows, total, _nexts(root, address))
    if first(root, "//*[@id='AAPCGenere']") is not None:
        raise Refused("a notice, not a list of notices")
    lines = seen_lines(root)
    if any(_TOO_MANY in line for line in lines):
        raise TooMany(f"too many notices to show: {_TOO_MANY!r}")
    for alert in every(root, f"//*[{with_class('alert')}]"):
        said = seen_line(alert)
        if said and re.match(r"Aucune?\b", said):
            return ListPage(root, (), 0, (), said[:200])
    if total == 0:
        return ListPage(root, (), 0, (), "0 Avis correspondent à votre recherche")
    if total:
        raise EmptyPage(f"an empty page: it says {total} notices and shows none")
    raise Refused("no list of notices: neither rows (div#entity) nor a word that there are none")


def _total(root: etree._Element) -> int | None:
    said = seen_line(first(root, "//*[@id='nbResultAvis']")) or ""
    found = re.match(r"(\d[\d\s]*)", said, re.ASCII)
    return int(re.sub(r"\s", "", found[1])[:9]) if found else None


def _nexts(root: etree._Element, address: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for anchor in every(root, "//a[@rel='next'][@href]"):
        try:
            url = urljoin(address, (anchor.get("href") or "").strip())
            parts = urlsplit(url)
        except ValueError:
            continue
        named = any(_PAGER.fullmatch(name) for name, _ in parse_qsl(parts.query))
        if named and parts.netloc == urlsplit(address).netloc:
            found[url] = None
    return tuple(found)
