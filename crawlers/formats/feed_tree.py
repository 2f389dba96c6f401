"""A feed as its entries: RSS 2.0, RSS 1.0 and Atom 1.0 (RFC 4287) brought into one shape, nothing interpreted yet.

lxml reads it, without DTD, entities and network, under caps: a general feed reader took 15 seconds for 200,000 nested
tags. Elements of other namespaces are extensions, left out on purpose but for Dublin Core and RSS content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from lxml import etree

from crawlers.formats.text import note_unread, refuse_nothing
from crawlers.formats.untrusted_xml import parse_xml
from crawlers.formats.web_page import html_text, seen_lines
from tenders.errors import Refused

LARGEST_FEED: Final = 20_000_000  # bytes; the captured feed of Spain gives 50,000 for two entries
_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_OURS: Final = {
    "": "rss",  # RSS 2.0 has no namespace
    "http://purl.org/rss/1.0/": "rss",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rss",
    _ATOM: "atom",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dc",
    "http://purl.org/rss/1.0/modules/content/": "content",
}
_READ: Final = frozenset(
    "rss:title rss:link rss:guid rss:pubDate rss:description rss:category rss:enclosure content:encoded dc:date "
    "dc:subject dc:identifier dc:issued atom:id atom:title atom:link atom:published atom:updated atom:summary "
    "atom:content atom:category".split()
)
# Who wrote an entry is a person; the rest says nothing of what is bought.
_LEFT: Final = frozenset(
    "rss:author rss:comments rss:source dc:creator dc:publisher dc:rights dc:language dc:modified dc:contributor "
    "dc:title dc:description dc:type dc:format dc:source atom:author atom:contributor atom:rights atom:source".split()
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `ids` are its names, the best first; `categories` are (scheme, term); `language` is RFC 5646's."""

    ids: tuple[str, ...]
    title: str | None
    link: str | None
    published: str | None
    text: str | None
    categories: tuple[tuple[str, str], ...]
    enclosures: tuple[tuple[str, str], ...]  # address, bytes as written
    language: str | None


def read_entries(body: bytes, address: str) -> Iterator[Entry | Refused]:
    """Give the entries of a feed in their order, or why one cannot be read; raises Refused for what is no feed.

    Relative links are resolved against ``xml:base``, else `address` where it is one, else the feed's own link.
    """
    root = _parse(body)
    name = _name(root)
    if name not in ("rss:rss", "rss:RDF", "atom:feed"):
        raise Refused(f"no feed: the root is {name.partition(':')[2][:40]!r}, not rss, RDF or feed")
    channel = next((child for child in root if _name(child) == "rss:channel"), root)
    base = address if address.startswith(("http://", "https://")) else _own_link(channel)
    language = root.get(_LANG) or next((child.text for child in channel if _name(child) == "rss:language"), None)
    for item in [*channel, *(() if channel is root else root)]:
        if _name(item) in ("rss:item", "atom:entry"):
            try:
                yield _read_entry(item, base, language)
            except Refused as problem:
                yield problem


def _parse(body: bytes) -> etree._Element:
    refuse_nothing(body)
    if len(body) > LARGEST_FEED:
        raise Refused(f"a feed of {len(body):,} bytes: at most {LARGEST_FEED:,} are read")
    return parse_xml(body.lstrip(), "it has a DOCTYPE: entities are not read")


def _name(element: etree._Element) -> str:
    """Return ``atom:title`` and such; an extension's has no prefix that we know: ``:ContractFolderStatus``."""
    name = etree.QName(element)
    return f"{_OURS.get(name.namespace or '', '')}:{name.localname}"


def _own_link(channel: etree._Element) -> str:
    for child in channel:
        if _name(child) == "rss:link" and child.text:
            return child.text.strip()
        if _name(child) == "atom:link" and child.get("rel", "alternate") == "self":
            return (child.get("href") or "").strip()
    return ""


def _read_entry(item: etree._Element, base: str, language: str | None) -> Entry:
    parts: dict[str, list[etree._Element]] = {}
    for child in item:
        name = _name(child)
        if name in _READ:
            parts.setdefault(name, []).append(child)
        elif not name.startswith(":") and name not in _LEFT:
            note_unread("feed", "element", name)

    def texts(*names: str) -> list[str]:
        return [said for name in names for one in parts.get(name, ()) if (said := (one.text or "").strip())]

    links = [*texts("rss:link"), *(_href(one) for one in parts.get("atom:link", ()) if _relation(one) == "alternate")]
    guids = [
        name  # a permanent link by default, says RSS 2.0; many are none
        for one in parts.get("rss:guid", ())
        if one.get("isPermaLink") != "false" and (name := (one.text or "").strip()).startswith(("http://", "https://"))
    ]
    link = next(filter(None, (*links, *guids)), None)
    about = next((str(value) for key, value in item.attrib.items() if str(key).endswith("}about")), "")
    ids = (*texts("atom:id", "rss:guid"), about, *texts("dc:identifier"), *filter(None, links))
    told = next((one for name in _TEXTS for one in parts.get(name, ())), None)
    return Entry(
        ids=tuple(one for one in ids if one),
        title=" ".join(_lines(next(iter(parts.get("atom:title", parts.get("rss:title", []))), None))) or None,
        link=_join(item, base, link) if link else None,
        published=next(iter(texts("atom:published", "rss:pubDate", "dc:issued", "dc:date", "atom:updated")), None),
        text="\n".join(_lines(told)) or None,
        categories=tuple(_categories(parts)),
        enclosures=tuple((_join(item, base, url), size) for url, size in _enclosures(parts)),
        language=item.get(_LANG) or language,
    )


_TEXTS: Final = ("content:encoded", "atom:content", "rss:description", "atom:summary")


def _lines(element: etree._Element | None) -> list[str]:
    """Return what a person sees of a text construct: plain, HTML in text (RSS always), or XHTML elements."""
    if element is None:
        return []
    if len(element):
        return seen_lines(element)
    text = element.text or ""
    plain = _name(element).startswith("atom:") and element.get("type", "text") in ("text", "text/plain")
    return text.splitlines() if plain else html_text(text)


def _categories(parts: dict[str, list[etree._Element]]) -> Iterator[tuple[str, str]]:
    for one in parts.get("rss:category", ()):
        yield one.get("domain", ""), (one.text or "").strip()
    for one in parts.get("atom:category", ()):
        yield one.get("scheme", ""), one.get("term", "").strip()
    for one in parts.get("dc:subject", ()):
        yield "", (one.text or "").strip()


def _enclosures(parts: dict[str, list[etree._Element]]) -> Iterator[tuple[str, str]]:
    for one in parts.get("rss:enclosure", ()):
        yield one.get("url", ""), one.get("length", "")
    for one in parts.get("atom:link", ()):
        if _relation(one) == "enclosure":
            yield _href(one), one.get("length", "")


def _relation(link: etree._Element) -> str:
    return link.get("rel", "alternate")


def _href(link: etree._Element) -> str:
    return link.get("href", "").strip()


def _join(item: etree._Element, base: str, link: str) -> str:
    """Return a link made absolute by the nearest ``xml:base``, each of which may be relative to the next."""
    bases = [one.get(_BASE, "") for one in (item, *item.iterancestors())]
    try:
        whole = base
        for nearer in reversed(bases):
            whole = urljoin(whole, nearer)
        return urljoin(whole, link.strip())
    except ValueError:
        note_unread("feed", "link", link)
        return ""
