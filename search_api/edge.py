"""The outermost layer: headers that every answer carries, HEAD, cross-origin reading, and faults that are ours."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from contextlib import suppress
from traceback import format_exc
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.languages import force_language, forced_language, plain_path
from search_api.outputs.table import PATHS
from search_api.problems import Problem, not_found, unexpected

# No script, no inline style, no frame, nothing remote. An answer that needs another policy sets its own.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_HSTS = "max-age=31536000"
_ALONE = frozenset({"/api", "/openapi.json", "/robots.txt"}) | PATHS
_log = structlog.get_logger()


def is_for_machines(path: str) -> bool:
    """Whether an address is read by programs (problems as JSON, any origin) rather than by people (pages)."""
    return path.startswith(("/api/", "/health/", "/sitemap")) or path in _ALONE


class _HeadTold(Exception):
    """Ends an answer whose body nobody wants: an export would go on for a minute."""


class Edge:
    """ASGI middleware; `show` makes an answer of a problem, `path` writes the relative address of a path and a form.

    `secure` says that the public address is https.
    """

    def __init__(
        self,
        app: ASGIApp,
        show: Callable[[Request, Problem], Response],
        path: Callable[[str, str], str],
        secure: bool,
    ) -> None:
        self.app = app
        self.show, self.path = show, path
        self.headers = _HEADERS | ({"Strict-Transport-Security": _HSTS} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = force_language(scope)
        forced = forced_language(scope)
        asked, path = scope["method"], plain_path(scope)
        shared = is_for_machines(path)
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._dress(message, shared and asked in ("GET", "HEAD", "OPTIONS"), forced is not None)
            elif asked == "HEAD":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _HeadTold
            await send(message)

        if forced and path not in PATHS and (shared or path.startswith("/static/")):
            problem = not_found(f"this address is the same in every language: ask for {path} without /{forced}")
            await problem.response()(scope, receive, answer)
            return
        if forced and scope["path"] == scope["root_path"]:
            home = self.path(f"/{forced}/", scope["query_string"].decode("latin-1"))
            await RedirectResponse(home, status_code=301)(scope, receive, answer)
            return
        if shared and asked == "OPTIONS":
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, answer)
            return
        if asked == "HEAD":
            scope = {**scope, "method": "GET"}
        with suppress(_HeadTold):
            await self._ask(scope, receive, answer, lambda: started)

    async def _ask(self, scope: Scope, receive: Receive, answer: Send, started: Callable[[], bool]) -> None:
        """Have the application answer, and say that it failed where it did."""
        try:
            await self.app(scope, receive, answer)
        except _HeadTold:
            raise
        except Exception:
            # As plain text: a rendered traceback takes seconds, and shows what the local variables hold.
            _log.error("answer failed", path=scope["path"], method=scope["method"], trace=format_exc())
            if started():
                raise
            await self.show(Request(scope), unexpected())(scope, receive, answer)

    def _dress(self, message: MutableMapping[str, Any], shared: bool, forced: bool) -> None:
        headers = MutableHeaders(scope=message)
        if forced and "Vary" in headers:  # the address alone says the language
            others = [name for name in headers["Vary"].split(", ") if name != "Accept-Language"]
            del headers["Vary"]
            if others:
                headers["Vary"] = ", ".join(others)
        framed = "Content-Security-Policy" in headers  # by whom, X-Frame-Options cannot say
        for name, value in self.headers.items():
            if not (framed and name == "X-Frame-Options"):
                headers.setdefault(name, value)
        if shared:  # without credentials: nothing here depends on who asks
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = "Content-Disposition, ETag, Link, Retry-After, X-Total-Count"


_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, OPTIONS",
}
