"""A server that means harm: answers that no platform should give, one kind at a time, on this machine."""

from __future__ import annotations

import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from typing import Any, Literal, Self

Kind = Literal["redirect", "bomb", "endless", "dripping", "robots-fails", "robots-drips", "none"]


class Hostile:
    """The server between `with` and the end of its block; `asked` are the paths that were asked, without queries."""

    def __init__(self, kind: Kind, *, leads_to: str = "") -> None:
        self.kind = kind
        self.leads_to = leads_to
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.hostile = self  # type: ignore[attr-defined]
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _bomb() -> bytes:
    """Two hundred megabytes of nothing, squeezed."""
    press = zlib.compressobj(9, wbits=31)
    return b"".join(press.compress(b" " * 1_000_000) for _ in range(200)) + press.flush()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep silent."""

    def do_GET(self) -> None:
        hostile: Hostile = self.server.hostile  # type: ignore[attr-defined]
        path = self.path.partition("?")[0]
        hostile.asked.append(path)
        try:
            if path == "/robots.txt":
                self._robots(hostile.kind)
            else:
                self._answer(hostile)
        except ConnectionError:
            self.close_connection = True

    def _robots(self, kind: Kind) -> None:
        if kind == "robots-fails":
            self._send(503, b"<html>User-agent: *\nAllow: /</html>")
        elif kind == "robots-drips":
            self._drip()
        else:
            self._send(404, b"User-agent: *\nDisallow: /\n")  # no robots.txt: the page that says so rules nothing

    def _answer(self, hostile: Hostile) -> None:
        if hostile.kind == "redirect":
            self._send(302, b"", {"Location": hostile.leads_to})
        elif hostile.kind == "bomb":
            self._send(200, _bomb(), {"Content-Encoding": "gzip"})
        elif hostile.kind == "endless":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b" " * 65_536)
        elif hostile.kind == "dripping":
            self._drip()
        else:
            self._send(200, b'{"total_count": 0, "results": []}')

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while True:
            self.wfile.write(b" ")
            sleep(0.05)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
