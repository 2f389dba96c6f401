"""A page of a Query as Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1: the same entries, and no clock in any of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from search_api.outputs.table import JSON_FEED, RSS, Output
from tenders.plain import clean

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when an empty feed was last updated
_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
CPV_SCHEME = "urn:eu:cpv:2008"
AUTHOR = "Tenderwatch"


@dataclass(frozen=True, slots=True)
class Entry:
    """One tender of a feed. `updated` moves only on a material change; `html` is escaped already."""

    id: str
    title: str
    link: str
    first_at: datetime
    updated: datetime
    html: str
    categories: tuple[tuple[str, str], ...]  # CPV code, its name
    author: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of a feed; `next_link` leads to older entries (RFC 5005, paged feeds)."""

    id: str
    title: str
    about: str
    language: str
    link: str  # the same query for people
    self_link: str
    first_link: str
    next_link: str | None
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """When the newest of its entries last changed."""
        return max((entry.updated for entry in self.entries), default=NEVER)


class _RssPaging(BaseExtension):  # type: ignore[misc]  # feedgen is untyped
    """Writes the paging links into RSS, where feedgen itself writes none but self."""

    def __init__(self) -> None:
        self.links: list[tuple[str, str]] = []

    def extend_rss(self, rss_feed: Any) -> Any:
        """Add the links after the channel's own."""
        channel = rss_feed[0]
        for relation, address in self.links:
            link = etree.SubElement(channel, _ATOM_LINK)
            link.set("href", address)
            link.set("rel", relation)
        return rss_feed


def render(feed: Feed, form: Output) -> bytes:
    """Write a feed; equal feeds give equal bytes."""
    return _write_json(feed) if form is JSON_FEED else _write_xml(feed, form)


def _write_json(feed: Feed) -> bytes:
    """JSON Feed 1.1; a reader asks `next_url` for older items."""
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": clean(feed.title),
        "home_page_url": feed.link,
        "feed_url": feed.self_link,
        "description": clean(feed.about),
        "next_url": feed.next_link,
        "authors": [{"name": AUTHOR}],
        "language": feed.language,
        "items": [_item(entry) for entry in feed.entries],
    }
    return orjson.dumps({name: value for name, value in whole.items() if value is not None})


def _item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": clean(entry.id),
        "url": entry.link,
        "title": clean(entry.title),
        "content_html": clean(entry.html),
        "date_published": entry.first_at,
        "date_modified": entry.updated,
    }
    if entry.author:
        item["authors"] = [{"name": clean(entry.author)}]
    if entry.categories:
        item["tags"] = [clean(label) for _, label in entry.categories]
    return item


def _write_xml(feed: Feed, form: Output) -> bytes:
    generator = FeedGenerator()
    generator.id(clean(feed.id))
    generator.title(clean(feed.title))
    generator.description(clean(feed.about))  # RSS demands it
    generator.subtitle(clean(feed.about))
    generator.language(feed.language)
    generator.author({"name": AUTHOR})
    generator.generator(AUTHOR)
    generator.updated(feed.updated)
    generator.link(href=feed.self_link, rel="self", type=form.media_type)
    paging = [("first", feed.first_link)] + ([("next", feed.next_link)] if feed.next_link else [])
    for relation, address in paging:
        generator.link(href=address, rel=relation)
    generator.link(href=feed.link, rel="alternate", type="text/html")  # last: RSS takes its link from here
    generator.register_extension("paging", _RssPaging, atom=False, rss=True)
    generator.paging.links = paging
    for entry in feed.entries:
        _add(generator.add_entry(order="append"), entry, form)
    written: bytes = generator.rss_str(pretty=True) if form is RSS else generator.atom_str(pretty=True)
    return written


def _add(written: FeedEntry, entry: Entry, form: Output) -> None:
    written.id(clean(entry.id))
    written.guid(clean(entry.id), permalink=False)
    written.title(clean(entry.title))
    written.link(href=entry.link, rel="alternate", type="text/html")
    written.updated(entry.updated)
    # RSS has one date only, and readers sort by it: a changed tender must come up again.
    written.published(entry.updated if form is RSS else entry.first_at)
    written.content(clean(entry.html), type="html")
    if entry.author:
        written.author({"name": clean(entry.author)})
    for code, label in entry.categories:
        written.category(term=code, scheme=CPV_SCHEME, label=clean(label))
