"""The links that stand in mails, and the two pages they open.

A token says one subscription and one purpose, by its own salt: a confirm token cannot unsubscribe, nor the other way
round. A GET only shows: mail scanners follow links. A POST acts, without log-in, cookie or redirect (RFC 8058): the
token is the authority. Addresses once mailed stay valid for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from tenders.links import Expired, read_confirm, read_unsubscribe
from tenders.phrasing import long_moment
from tenders.query_words import describe
from tenders.store.database import Store
from tenders.store.subscriptions import confirm, load_subscription, unsubscribe
from tenders.subscription import Subscription
from tenders.vocabulary import spoken

_SHEET: Final = Path(__file__).parent / "templates" / "page.css"
_PAGES: Final = Environment(loader=PackageLoader("alerts"), autoescape=True, undefined=StrictUndefined)
_PRIVATE: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


def router(store: Store, secret: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> APIRouter:
    """Return the pages ``/alerts/confirm/{token}`` and ``/alerts/unsubscribe/{token}``; `clock` is the time now."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/fr/alerts/page.css")
    @routes.get("/en/alerts/page.css")
    @routes.get("/alerts/page.css")
    def sheet() -> Response:
        return Response(_SHEET.read_bytes(), media_type="text/css", headers={"Cache-Control": "max-age=86400"})

    @routes.api_route("/fr/alerts/confirm/{token}", methods=["GET", "POST"])
    @routes.api_route("/en/alerts/confirm/{token}", methods=["GET", "POST"])
    @routes.api_route("/alerts/confirm/{token}", methods=["GET", "POST"])
    def confirming(request: Request, token: str) -> Response:
        return _confirming(request, token, store, secret, clock())

    @routes.api_route("/fr/alerts/unsubscribe/{token}", methods=["GET", "POST"])
    @routes.api_route("/en/alerts/unsubscribe/{token}", methods=["GET", "POST"])
    @routes.api_route("/alerts/unsubscribe/{token}", methods=["GET", "POST"])
    def unsubscribing(request: Request, token: str) -> Response:
        return _unsubscribing(request, token, store, secret, clock())

    return routes


def _confirming(request: Request, token: str, store: Store, secret: str, now: datetime) -> Response:
    try:
        subscription_id = read_confirm(token, secret, now)
    except Expired as expired:
        found = load_subscription(store, expired.subscription_id)
        active = found is not None and found.state == "active"
        return _page(request, "already" if active else "expired", found, status=410)
    if subscription_id is None:
        return _page(request, "unknown", None, status=404)
    if request.method == "POST":
        found = confirm(store, subscription_id, now)
    else:
        found = load_subscription(store, subscription_id)
    if found is None or found.state == "ended":
        return _page(request, "ended", found, status=410)
    return _page(request, "confirmed" if found.state == "active" else "confirm", found)


def _unsubscribing(request: Request, token: str, store: Store, secret: str, now: datetime) -> Response:
    subscription_id = read_unsubscribe(token, secret)
    if subscription_id is None:
        return _page(request, "unknown", None, status=404)
    if request.method == "POST":
        found = unsubscribe(store, subscription_id, now)
    else:
        found = load_subscription(store, subscription_id)
    # An erased subscription is an ended one: its link must not tell who was here.
    return _page(request, "unsubscribed" if found is None or found.state == "ended" else "unsubscribe", found)


def _page(request: Request, name: str, found: Subscription | None, *, status: int = 200) -> HTMLResponse:
    wanted = found.language if found else request.headers.get("accept-language", "fr")[:2].lower()
    language = spoken(wanted)
    text = _PAGES.get_template("page.html.jinja").render(
        page=name,
        language=language,
        found=found,
        query=describe(found.query, language) if found else "",
        since=long_moment(found.confirmed, language) if found and found.confirmed else "",
    )
    return HTMLResponse(text, status_code=status, headers=_PRIVATE)
