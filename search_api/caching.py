"""Answers that a reader may keep: strong ETag of what is sent, Last-Modified, 304 (RFC 9110, sections 8.8 and 13).

What is text is sent compressed to whoever takes it so. These are the answers to do that with: they hold no secret, as a
form does, that could be guessed from the length of a text which somebody else chose a part of.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from gzip import compress
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

_TEXTS = re.compile(r"text/|image/svg\+xml|application/([a-z]+\+)?(json|xml)\b")
_LEAST = 1_000  # bytes that are worth compressing
_EFFORT = 5  # of 9: more takes twice the time for a hundredth of the size
_REFUSED = re.compile(r"q=0(\.0*)?")


def _takes_gzip(header: str) -> bool:
    for coding in header.lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() in ("gzip", "*"):
            return not _REFUSED.fullmatch(weight.strip())
    return False


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
    textual = bool(_TEXTS.match(media_type))
    packed = textual and len(body) >= _LEAST and _takes_gzip(request.headers.get("accept-encoding", ""))
    tag = f'"{sha256(body + b"gzip" * packed).hexdigest()[:32]}"'
    caching = f"public, max-age={max_age}" if max_age else "no-cache"
    sent = {"ETag": tag, "Cache-Control": caching, "Vary": "Accept-Language", **(headers or {})}
    if textual:
        sent["Vary"] += ", Accept-Encoding"
    if modified is not None:
        sent["Last-Modified"] = format_datetime(modified.astimezone(UTC).replace(microsecond=0), usegmt=True)
    known, since = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
    if known is not None:
        unchanged = _knows(known, tag)
    else:
        unchanged = trusted and since is not None and modified is not None and _seen_since(since, modified)
    if unchanged:
        return Response(status_code=304, headers=sent)
    if packed:
        sent["Content-Encoding"], body = "gzip", compress(body, _EFFORT, mtime=0)
    return Response(body, headers=sent, media_type=media_type)
