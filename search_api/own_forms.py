"""Whether a form was sent from our own page, or by another site through somebody's browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request


def require_own_form(request: Request, base_url: str) -> None:
    """Raise HTTPException (403) for a form that another site sent (Fetch metadata, else the Origin of RFC 6454).

    Our pages tell no referrer, so the origin of their forms is ``null``: then what the browser says of the site counts.
    Who sends neither header is no browser of today, and holds no cookie of ours that could be misused.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    ours = {_origin(base_url), _origin(str(request.url))}
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        own = origin in (None, "null") or _origin(origin or "") in ours
    if not own:
        raise HTTPException(403, "this form was sent from another site: open our page and send it from there")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
