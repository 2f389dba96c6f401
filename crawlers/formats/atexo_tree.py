"""A page of Atexo MPE as a tree: refused when it is cut, damaged or no page; hidden blocks; the addresses it names."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml import etree, html
from lxml.html import HtmlElement

from crawlers.formats.text import clean_line, decode, web_address
from crawlers.formats.web_page import refuse_many_attributes, tags_only
from tenders.errors import Refused

LARGEST: Final = 8_000_000  # bytes; the largest captured page has 303,200
LONGEST_ADDRESS: Final = 2_000  # characters
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,40}:[0-9]{1,12}", re.ASCII)
_PATH_ID: Final = re.compile(r"/consultation/(\d{1,12})(?:/|$)", re.ASCII)
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_ID_NAMES: Final = ("refConsultation", "id", "orgAcronyme", "orgAccronyme")  # the double c is the site's


def read_html(body: bytes) -> HtmlElement:
    """Read a page, or an excerpt of one, into a tree; raises Refused for what is cut off, damaged or no HTML.

    A whole page (one with an html tag) must come to its end: half a page looks like a page with fewer rows.
    """
    if len(body) > LARGEST:
        raise Refused(f"a page of {len(body):,} bytes: at most {LARGEST:,} are read")
    text = decode(body)
    if not text.strip():
        raise Refused("empty: 0 bytes of content, so no page")
    if "\0" in text:
        raise Refused("a NUL byte in the page: it is damaged")
    if "<" not in text:
        raise Refused(f"no page of HTML: {clean_line(text[:60])!r}")
    lower = text.lower()
    if "<html" in lower and "</html" not in lower:
        raise Refused("the page is cut off: it does not come to its </html>")
    plain = text.encode()
    for looked_at in (plain, tags_only(plain)):  # scripts are read, and may look like tags or hide some
        refuse_many_attributes(looked_at)
    parser = html.HTMLParser(encoding="utf-8", remove_pis=True)
    try:
        tree = html.document_fromstring(plain, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise Refused(f"no page of HTML: {error}"[:200]) from None
    for problem in parser.error_log:
        if problem.level_name == "FATAL":  # the parser stopped there: nested too deep, or a text too long
            raise Refused(f"the page cannot be read to its end: {clean_line(problem.message[:120])}")
    return tree


def line(element: HtmlElement | None) -> str | None:
    """Return the text of an element and all below it as one line, comments and scripts left out."""
    if element is None:
        return None
    return clean_line(" ".join(element.xpath(".//text()[not(parent::script) and not(parent::style)]")))


def by_suffix(element: HtmlElement, *suffixes: str) -> HtmlElement | None:
    """Return the first element below whose id is, or ends with, the first of the suffixes that there is.

    The beginning of an id changes with the page and the version (``ctl0_CONTENU_PAGE_ctl7_reference``).
    """
    for suffix in suffixes:
        query = "(.//*[@id=$bare or substring(@id, string-length(@id) - string-length($tail) + 1) = $tail])[1]"
        found = element.xpath(query, bare=suffix, tail=f"_{suffix}")
        if found:
            return found[0]
    return None


def is_hidden(element: HtmlElement) -> bool:
    """Whether the page does not show an element, by its own style or that of what holds it."""
    return any(_hides(one) for one in (element, *element.iterancestors()))


def _hides(element: HtmlElement) -> bool:
    """Whether an element hides what it holds. A tab shows it when it is pressed, whatever its style is until then."""
    tab = element.get("role") == "tabpanel" or "tab-pane" in element.get("class", "")
    return not tab and _HIDDEN.search(element.get("style", "")) is not None


def drop_hidden(tree: HtmlElement) -> None:
    """Take out what the page does not show (``display:none``): panels with dummy content such as ``0,00 MAD``."""
    for element in tree.xpath("//*[contains(@style, 'isplay')]"):
        if _hides(element) and element.tag != "input" and element.getparent() is not None:
            element.drop_tree()


def page_host(tree: HtmlElement, origin: str) -> str | None:
    """Return the root of the site, such as ``https://marches.example``, or None where nothing names it.

    The address the page came from says it, else the page's own style sheets, scripts and pictures (``/themes/``), else
    its links to consultations.
    """
    for address in (origin, *tree.xpath("//base/@href"), *tree.xpath("//link[@rel='canonical']/@href")):
        if root := _root(address):
            return root
    themes = [at for at in tree.xpath("//link/@href | //script/@src | //img/@src") if "/themes/" in at]
    pages = [at for _, at in links(tree) if consultation_of(at)]
    for named in (themes, pages):
        roots = Counter(root for address in named if (root := _root(address)))
        if roots:
            return roots.most_common(1)[0][0]
    return None


def _root(address: str) -> str | None:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else None


def absolute(address: str, host: str | None) -> str | None:
    """Return a link of the page as a web address of the same site; None for another site, a script, or no host."""
    if not address.strip():
        return None
    try:
        whole = web_address(urljoin(f"{host}/" if host else "", address.strip()))
    except ValueError:
        return None
    if whole is None or (host and _root(whole) != host):
        return None
    return whole


def consultation_of(address: str) -> str | None:
    """Return the key ``{org}:{id}`` of the consultation that a link names, None for another link.

    Both ways of writing it: ``/entreprise/consultation/{id}?orgAcronyme=``, ``refConsultation=`` or ``id=`` beside
    ``orgAcronyme=``. Some links write the id in Base64 (``id=OTAzNzg1`` is 903785).
    """
    try:
        parts = urlsplit(address.strip())
        told = dict(parse_qsl(parts.query, max_num_fields=50))
    except ValueError:
        return None
    organisation = told.get("orgAcronyme") or told.get("orgAccronyme") or ""
    in_path = _PATH_ID.search(parts.path)
    number = in_path[1] if in_path else told.get("refConsultation") or told.get("id") or ""
    return key_of(organisation, number if number.isdigit() else _from_base64(number))


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def key_of(organisation: str | None, number: str | None) -> str | None:
    """Return ``{org}:{id}``, None where either is missing or no such thing."""
    key = f"{(organisation or '').strip()}:{(number or '').strip()}"
    return key if _KEY.fullmatch(key) else None


def links(element: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Give the anchors below an element with their addresses: that of a pop-up is what it opens, a script has none."""
    for anchor in element.xpath(".//a[@href]"):
        address = anchor.get("href") if len(anchor.get("href")) <= LONGEST_ADDRESS else ""
        if address.strip().lower().startswith("javascript:"):
            opened = re.search(r"\('([^']+)'", address)
            address = opened[1] if opened else ""
        yield anchor, address
