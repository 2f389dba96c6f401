"""The feeds that the settings name: any RSS or Atom address, a source each.

``TENDERS_FEEDS=jura=competition:https://jura.example/marches.xml, doubs=https://doubs.example/atom`` reads two. What
stands before the address is what the entries do that say it nowhere (`crawlers.formats.feed`); without it, such entries
go to quarantine. Only the first page of a feed is read: one that holds less than an hour's entries loses some.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

from crawlers.addresses import is_loopback_host
from crawlers.formats.feed_tree import read_entries
from crawlers.source import Ask, Expect, Source
from tenders.errors import BadSettings
from tenders.model import NoticeKind
from tenders.settings import Settings
from tenders.translations import N_

_FEED = re.compile(r"([a-z][a-z0-9-]{1,39})=(?:([a-z-]+):)?(https?://\S+)")
_HOW = "write TENDERS_FEEDS as name=competition:https://host/feed.xml, several separated by commas"


class Feed(Source):
    """One feed. Nobody knows how much it brings; it is late when it could not be read for a day."""

    licence = N_("facts and links only; see the feed’s own terms")
    format = "feed"
    conditional = True
    every = timedelta(hours=1)
    expect = Expect(fewest=0, late_hours=26, silent_hours=24 * 31)

    def __init__(self, name: str, url: str, kind: str) -> None:
        self.name, self.title, self.homepage, self.kind = name, f"Feed {name}", url, kind

    def address(self, settings: Settings) -> str:  # noqa: ARG002
        """Return the feed's address as the settings have it: a slash at its end may matter."""
        return self.homepage

    def windows(self, cursor: str | None, since: date | None, until: date) -> Iterator[str]:  # noqa: ARG002
        """Give today: a feed has no past that could be asked for."""
        yield until.isoformat()

    def first(self, base: str, window: str, today: date) -> Ask:  # noqa: ARG002
        """See Source. The kind stands behind ``#``, which no server is sent."""
        return Ask(f"{base}#kind={self.kind}", window)

    def following(self, base: str, ask: Ask, body: bytes) -> Ask | None:  # noqa: ARG002
        """See Source."""
        next(read_entries(body, ask.url), None)  # raises Refused for what is no feed
        return None

    def day_of(self, window: str) -> date:
        """See Source."""
        return date.fromisoformat(window)

    def fewest(self, window: str, today: date) -> int:  # noqa: ARG002
        """See Source: a feed that has not changed says nothing at all."""
        return 0


def feed_sources(settings: Settings, taken: Container[str] = ()) -> dict[str, Source]:
    """Return the feeds of the settings by name; raises BadSettings for one that is written wrong or must not be asked.

    Addresses are https on its own port, without a password in them. This machine is asked for demo and tests only.
    """
    feeds: dict[str, Source] = {}
    for text in filter(None, (part.strip() for part in settings.feeds.split(","))):
        found = _FEED.fullmatch(text)
        if not found:
            raise BadSettings(f"TENDERS_FEEDS: {text[:80]!r} cannot be read: {_HOW}")
        name, kind, url = found[1], found[2] or "", found[3]
        if kind and kind not in set(NoticeKind):
            raise BadSettings(f"TENDERS_FEEDS: {name}: unknown kind {kind!r}: it is one of {', '.join(NoticeKind)}")
        if name in feeds or name in taken:
            raise BadSettings(f"TENDERS_FEEDS: there is a source {name!r} already: give the feed another name")
        _check(name, url, settings)
        feeds[name] = Feed(name, url, kind)
    return feeds


def _check(name: str, url: str, settings: Settings) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadSettings(f"TENDERS_FEEDS: {name}: {url[:80]!r} is no web address") from None
    at_home = settings.allow_loopback and is_loopback_host(url)
    if not at_home and (parts.scheme != "https" or port not in (None, 443)):
        raise BadSettings(f"TENDERS_FEEDS: {name}: a feed is asked over https on port 443 only")
    if parts.username or parts.password or parts.fragment:
        raise BadSettings(f"TENDERS_FEEDS: {name}: an address has neither a password nor a # part")
