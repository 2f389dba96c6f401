"""Answers that a reader may keep: strong ETag of the body, Last-Modified, 304 (RFC 9110, sections 8.8 and 13)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response


def _knows(header: str, tag: str) -> bool:
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in header.split(","))


def _seen_since(header: str, modified: datetime) -> bool:
    try:
        seen = parsedate_to_datetime(header)
    except (ValueError, OverflowError, TypeError):  # as the parser meets a zone of many digits, or half a date
        return False
    return modified.replace(microsecond=0) <= (seen if seen.tzinfo else seen.replace(tzinfo=UTC))


def answer_cached(
    request: Request,
    body: bytes,
    media_type: str,
    *,
    max_age: int = 0,
    modified: datetime | None = None,
    trusted: bool = True,
    headers: dict[str, str] | None = None,
) -> Response:
    """Answer with a body, or with 304 when the reader has it already.

    `modified` is when the body last changed; where that is not `trusted` it is told, but only the ETag gives a 304.
    """
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    caching = f"public, max-age={max_age}" if max_age else "no-cache"
    sent = {"ETag": tag, "Cache-Control": caching, "Vary": "Accept-Language", **(headers or {})}
    if modified is not None:
        sent["Last-Modified"] = format_datetime(modified.astimezone(UTC).replace(microsecond=0), usegmt=True)
    known, since = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
    if known is not None:
        unchanged = _knows(known, tag)
    else:
        unchanged = trusted and since is not None and modified is not None and _seen_since(since, modified)
    if unchanged:
        return Response(status_code=304, headers=sent)
    return Response(body, headers=sent, media_type=media_type)
