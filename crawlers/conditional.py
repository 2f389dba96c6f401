"""Ask for an address only if it has changed: what its last answer gave is sent back (RFC 9110, 13.1)."""

from __future__ import annotations

import re

import orjson
from scrapy.http import Response

from tenders.store.database import Store
from tenders.store.sources import move_cursor, read_cursor

_SENT_BACK = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
_PLAIN = re.compile(rb"[\x20-\x7e]{1,300}")  # anything else is no header to send back


def validators(store: Store, source: str, url: str) -> dict[str, str]:
    """Return the headers to ask an address with; none where its last answer gave nothing, or another was asked."""
    with store.reading() as connection:
        kept = read_cursor(connection, _name(source))
    known: dict[str, str] = orjson.loads(kept) if kept else {}
    return {_SENT_BACK[name]: value for name, value in known.items() if name in _SENT_BACK} if _same(known, url) else {}


def note_validators(store: Store, source: str, url: str, response: Response) -> None:
    """Keep what an answer gave, once all it held is stored."""
    given = {name: response.headers.get(name) for name in _SENT_BACK}
    kept = {name: value.decode("ascii") for name, value in given.items() if value and _PLAIN.fullmatch(value)}
    with store.writing() as connection:
        move_cursor(connection, _name(source), orjson.dumps({"url": url, **kept}).decode())


def _same(known: dict[str, str], url: str) -> bool:
    return known.get("url") == url


def _name(source: str) -> str:
    return f"{source} validators"
