"""A web page that nobody trusts: parsed with lxml under caps, and the text a person sees in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from lxml import etree

from crawlers.formats.text import clean_line, decode, web_address
from tenders.errors import Refused

LARGEST_PAGE: Final = 2_000_000  # bytes; the largest captured list page has 100,000
MOST_ATTRIBUTES: Final = 500  # of one tag; the parser compares each with all others, 200,000 took it 97 seconds

_RAW: Final = re.compile(  # what HTML does not read as tags
    rb"<(?:!--|(script|style|textarea|title|xmp|iframe|noembed|noframes|noscript)(?=[\s/>]))", re.IGNORECASE
)
_ATTRIBUTE: Final = re.compile(
    rb"[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+"  # as the HTML standard reads one
)
_TAG: Final = re.compile(rb"<[!?][^>]*+>?|</?[A-Za-z][^\s/>]*+((?:" + _ATTRIBUTE.pattern + rb")*+)")
_SPACES: Final = re.compile(r"\s+")
_BREAKS: Final = frozenset(
    "br p li ul ol div tr table td th h1 h2 h3 h4 h5 h6 form section article dt dd hr blockquote pre".split()
)
_HIDDEN: Final = frozenset({"script", "style", "template"})  # one that no end tag closes


def open_page(body: bytes) -> etree._Element:
    """Parse a page in UTF-8; raises Refused for none, for what is no HTML, and beyond the caps.

    A whole page must come to its end: half a list looks like a short one.
    """
    if not body.strip():
        raise Refused("empty: 0 bytes of content, so no page")
    if len(body) > LARGEST_PAGE:
        raise Refused(f"a page of {len(body):,} bytes: at most {LARGEST_PAGE:,} are read")
    text = decode(body).replace("\0", "")
    lower = text.lower()
    if "<html" in lower and "</html" not in lower:
        raise Refused("the page is cut off: it does not come to its </html>")
    plain = tags_only(text.encode())
    if not re.search(rb"<[A-Za-z!/]", plain):
        raise Refused(f"not HTML: it begins with {text.strip()[:40]!r}")
    refuse_many_attributes(plain)
    return _parse(plain)


def refuse_many_attributes(body: bytes) -> None:
    """Raise Refused for a tag of so many attributes that the HTML parser would take minutes over it.

    Sure where `body` is what is parsed and `tags_only`; where scripts stand in it, they may hide such a tag from us.
    """
    for tag in _TAG.finditer(body):
        if len(tag[1] or b"") > MOST_ATTRIBUTES and len(_ATTRIBUTE.findall(tag[1])) > MOST_ATTRIBUTES:
            raise Refused(f"a tag of more than {MOST_ATTRIBUTES} attributes: no page is written so")


def _parse(plain: bytes) -> etree._Element:
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, recover=True
    )
    try:
        root: etree._Element | None = etree.fromstring(plain, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(f"not HTML that can be read: {' '.join(str(error).split())[:200]}") from None
    if root is None:
        raise Refused("not HTML that can be read: it holds no element")
    for problem in parser.error_log:
        if problem.level_name == "FATAL":  # the parser stopped there
            raise Refused(f"a page that cannot be read to its end: {problem.message[:120]}")
    return root


def tags_only(body: bytes) -> bytes:
    """Take out comments, scripts and the like; a space stays, so that nothing joins to a new one."""
    kept, at, lower = [], 0, body.lower()
    while found := _RAW.search(body, at):
        kept.append(body[at : found.start()])
        end = b"</" + found[1].lower() if found[1] else b"-->"
        at = lower.find(end, found.end())
        if at < 0:  # what nothing closes hides the rest
            return b" ".join(kept)
        at = body.find(b">", at) + 1 or len(body)
    return b" ".join([*kept, body[at:]])


def seen_lines(element: etree._Element) -> list[str]:
    """Return what a person sees in an element, a line each as its breaks and blocks make them; empty lines left out."""
    text = "".join(_pieces(element))
    return [line for part in text.split("\n") if (line := clean_line(part))]


def seen_line(element: etree._Element | None) -> str | None:
    """Return what a person sees in an element as one line, None for nothing."""
    return None if element is None else clean_line(" ".join(seen_lines(element)))


def _pieces(root: etree._Element) -> Iterator[str]:
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, node in walk:
        tag = str(node.tag).rpartition("}")[2]  # XHTML in a feed has a namespace
        hidden = tag in _HIDDEN
        if tag in _BREAKS:
            yield "\n"
        if event == "start":
            if hidden:
                walk.skip_subtree()
            elif node.text:
                yield _SPACES.sub(" ", node.text)
        elif node.tail and node is not root:
            yield _SPACES.sub(" ", node.tail)


def html_text(text: str) -> list[str]:
    """Return what a person sees of HTML that stands in a text, by lines; raises Refused as `open_page`."""
    return seen_lines(open_page(f"<div>{text}</div>".encode())) if text.strip() else []


def every(element: etree._Element, path: str) -> list[etree._Element]:
    """Return the elements at an XPath."""
    found = element.xpath(path)
    return [one for one in found if isinstance(one, etree._Element)] if isinstance(found, list) else []


def first(element: etree._Element, path: str) -> etree._Element | None:
    """Return the first element at an XPath, None for none."""
    return next(iter(every(element, path)), None)


def with_class(name: str) -> str:
    """Return the XPath condition for a class among others."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def link_of(anchor: etree._Element, base: str) -> str | None:
    """Return where an anchor leads, made absolute; None for what a browser may not open (``javascript:``)."""
    try:
        return web_address(urljoin(base, (anchor.get("href") or "").strip()))
    except ValueError:
        return None
