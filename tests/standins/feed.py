"""Stands in for a site with one feed: validators, changes, errors, and what is no feed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class FeedStandIn:
    """A feed on loopback. `etag` and `modified` are sent where they are set, and answered with 304 when sent back."""

    def __init__(self, body: bytes, *, etag: str = "", modified: str = "") -> None:
        self.body, self.etag, self.modified = body, etag, modified
        self.status = 200
        self.asked: list[Mapping[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.stand_in = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """The feed's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/feed.xml"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep silent: `asked` is the log."""

    def do_GET(self) -> None:
        """Answer one request."""
        site: FeedStandIn = self.server.stand_in  # type: ignore[attr-defined]
        status, body = site.status, site.body
        if self.path != "/feed.xml":
            status, body = 404, b""
        else:
            site.asked.append(dict(self.headers.items()))
            sent = (self.headers.get("If-None-Match", ""), self.headers.get("If-Modified-Since", ""))
            if status == 200 and any(sent) and sent == (site.etag, site.modified):
                status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (("ETag", site.etag), ("Last-Modified", site.modified)):
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
