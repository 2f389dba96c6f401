"""The opaque `after` of a page: which query and order it belongs to, and the place an engine goes on from."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from tenders.errors import BadQuery
from tenders.query import Query
from tenders.query_url import to_url


def _fingerprint(query: Query) -> str:
    return sha256(f"{to_url(query.saved())} {query.order}".encode()).hexdigest()[:8]


def write_cursor(query: Query, place: str) -> str:
    """Return the cursor of a place in the answer to a query, in the alphabet of URLs."""
    return urlsafe_b64encode(f"{_fingerprint(query)}.{place}".encode()).decode().rstrip("=")


def read_cursor(query: Query) -> str | None:
    """Return the place that a query's cursor names, None without one; raises BadQuery for another query's."""
    if query.after is None:
        return None
    try:
        fingerprint, _, place = urlsafe_b64decode(query.after + "=" * (-len(query.after) % 4)).decode().partition(".")
    except ValueError:
        raise foreign_cursor() from None
    if fingerprint != _fingerprint(query):
        raise foreign_cursor()
    return place


def foreign_cursor() -> BadQuery:
    """The error for a cursor that this query, in this engine, did not give."""
    return BadQuery(
        "after is not a cursor of this query: take it from the `next` of a page, or leave it out", name="after"
    )
