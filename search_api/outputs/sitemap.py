"""What search engines are told: the addresses of pages and tenders (sitemaps.org 0.9), and where not to go (RFC 9309).

A sitemap holds at most 50,000 addresses, of which each tender has one a language. So tenders are parted by the first
digits of their ids, which are hashes: the parts are alike in size, and a tender stays in its own.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from search_api.caching import answer_cached
from search_api.desk import Desk
from search_api.languages import LANGUAGES
from search_api.outputs.table import CSV, XLSX
from search_api.problems import not_found
from tenders.store.tenders import count_tenders, last_changes, newest_changes

_MOST = 40_000 // len(LANGUAGES)  # tenders of a part on average, so that none is above the limit
_DIGITS = "0123456789abcdef"
_SPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MAX_AGE = 3600  # seconds
_AGE = timedelta(seconds=_MAX_AGE)  # for which what was written is given again: search engines come daily
WHOLE = "all"  # the name of the part where there is one only
PAGES = "pages"  # the name of the part that holds no tenders


def name_parts(count: int) -> tuple[str, ...]:
    """Return the names of the parts that `count` tenders need: the first digits of their ids."""
    parts = [""]
    while count > _MOST * len(parts):
        parts = [part + digit for part in parts for digit in _DIGITS]
    return tuple(part or WHOLE for part in parts)


@dataclass(slots=True)
class Sitemap:
    """The sitemaps of one desk. What was written within the hour is given again, whatever has changed.

    `pages` are the paths of the pages that are no tenders.
    """

    desk: Desk
    pages: Sequence[str]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _written: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)

    def write_index(self) -> bytes:
        """Write the list of parts, each with the day of its last material change."""
        return self._keep("", lambda: "".join(self._index()).encode())

    def write_part(self, part: str) -> bytes | None:
        """Write the addresses of a part, gzipped; None where there is no part of this name."""
        if part == PAGES:
            return self._keep(part, lambda: self._write((path, "") for path in self.pages))
        with self.desk.store.reading() as connection:
            if part not in name_parts(count_tenders(connection)):
                return None
        return self._keep(part, lambda: self._write(self._tenders(part)))

    def _keep(self, name: str, write: Callable[[], bytes]) -> bytes:
        with self._lock:  # one at a time: it is our work that is dear, not the wait of a robot
            now = self.desk.clock()
            held = self._written.get(name)
            if held is None or not timedelta() <= now - held[0] < _AGE:
                held = self._written[name] = now, write()
            return held[1]

    def _index(self) -> Iterator[str]:
        with self.desk.store.reading() as connection:
            digits = len(name_parts(count_tenders(connection))[0].removeprefix(WHOLE))
            parts = newest_changes(connection, digits)
        yield f"{_HEAD}<sitemapindex {_SPACES}>\n"
        yield f"<sitemap><loc>{escape(self.desk.address(f'/sitemap-{PAGES}.xml.gz'))}</loc></sitemap>\n"
        for part, changed_at in sorted(parts.items()):
            address = self.desk.address(f"/sitemap-{part or WHOLE}.xml.gz")
            yield f"<sitemap><loc>{escape(address)}</loc><lastmod>{_seconds(changed_at)}</lastmod></sitemap>\n"
        yield "</sitemapindex>\n"

    def _tenders(self, part: str) -> Iterator[tuple[str, str]]:
        with self.desk.store.reading() as connection:
            for id_, changed_at in last_changes(connection, part.removeprefix(WHOLE)):
                yield f"/tenders/{id_}", f"<lastmod>{_seconds(changed_at)}</lastmod>"

    def _write(self, paths: Iterable[tuple[str, str]]) -> bytes:
        return gzip.compress("".join(self._urls(paths)).encode(), mtime=0)

    def _urls(self, paths: Iterable[tuple[str, str]]) -> Iterator[str]:
        base = escape(self.desk.base_url)
        yield f"{_HEAD}<urlset {_SPACES}>\n"
        for path, changed in paths:
            addresses = {language: f"{base}/{language}{path}" for language in LANGUAGES}
            others = "".join(
                f'<xhtml:link rel="alternate" hreflang="{language}" href="{address}"/>'
                for language, address in (*addresses.items(), ("x-default", f"{base}{path}"))
            )
            for address in addresses.values():
                yield f"<url><loc>{address}</loc>{changed}{others}</url>\n"
        yield "</urlset>\n"


def _seconds(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def write_robots(desk: Desk) -> str:
    """Write what robots may fetch: the pages; not what is one reader's, what pages repeat, or what is dear to make."""
    closed = ["/alerts/", *(f"/{language}/alerts/" for language in LANGUAGES)]
    closed += ["/*?after=", "/*&after="]
    closed += [prefix + table.path for prefix in ("", *(f"/{one}" for one in LANGUAGES)) for table in (CSV, XLSX)]
    lines = ["User-agent: *", *(f"Disallow: {desk.path(path)}" for path in closed)]
    return "\n".join((*lines, "", f"Sitemap: {desk.address('/sitemap.xml')}", ""))


def sitemap_routes(desk: Desk, pages: Sequence[str]) -> APIRouter:
    """Return the routes that robots look for; `pages` are the paths of the pages that are no tenders."""
    router = APIRouter(include_in_schema=False)
    sitemap = Sitemap(desk, pages)

    @router.get("/robots.txt")
    def robots(request: Request) -> Response:
        return answer_cached(request, write_robots(desk).encode(), "text/plain; charset=utf-8", max_age=_MAX_AGE)

    @router.get("/sitemap.xml")
    def index(request: Request) -> Response:
        return answer_cached(request, sitemap.write_index(), "application/xml", max_age=_MAX_AGE)

    @router.get("/sitemap-{part}.xml.gz")
    def one(request: Request, part: str) -> Response:
        body = sitemap.write_part(part)
        if body is None:
            return not_found("there is no such part: /sitemap.xml names them").response()
        return answer_cached(request, body, "application/gzip", max_age=_MAX_AGE)

    return router
