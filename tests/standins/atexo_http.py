"""The Atexo stand-in's side of HTTP: one request in, its answer or its fault out."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler
from time import sleep
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from tests.standins.atexo_pages import MAINTENANCE

if TYPE_CHECKING:
    from tests.standins.atexo import Asked, AtexoStandIn

LARGEST: Final = 5_000_000


@dataclass(frozen=True)
class Answer:
    """An answer before it is sent."""

    status: int
    type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def html(status: int, text: str, headers: dict[str, str] | None = None) -> Answer:
    """Return a page of HTML."""
    return Answer(status, "text/html; charset=UTF-8", text.encode(), headers or {})


class Handler(BaseHTTPRequestHandler):
    """Answers GET and POST; the server holds the stand-in."""

    protocol_version = "HTTP/1.1"
    server_version = "Apache"
    sys_version = ""
    timeout = 60

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep silent: `requests` is the log."""

    def do_GET(self) -> None:
        """Answer, and note it."""
        self._answer({})

    def do_POST(self) -> None:
        """Answer a form; the body must be urlencoded."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, LARGEST))
        encoded = (self.headers.get("Content-Type") or "").startswith("application/x-www-form-urlencoded")
        self._answer(dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True)) if encoded else {})

    def _answer(self, form: dict[str, str]) -> None:
        stand_in: AtexoStandIn = self.server.stand_in  # type: ignore[attr-defined]
        cookie = SimpleCookie(self.headers.get("Cookie") or "").get("PHPSESSID")
        session = cookie.value if cookie else ""
        asked = stand_in.enter(self.command, self.path, self.headers.get("User-Agent", ""), session, form)
        try:
            if self.path == "/robots.txt":
                said = stand_in.robots
                missing = html(404, "<html><body>Page introuvable</body></html>")
                self._send(asked, missing if said is None else Answer(200, "text/plain", said.encode()), stand_in)
            else:
                self._serve(asked, stand_in)
        finally:
            stand_in.leave(asked)

    def _serve(self, asked: Asked, stand_in: AtexoStandIn) -> None:
        fault = stand_in.faults.next()
        kind = fault.kind if fault else None
        if fault and kind == "slow":
            sleep(fault.seconds)
        if fault and kind == "busy":
            self._send(asked, html(429, "Too Many Requests", {"Retry-After": f"{fault.seconds:.0f}"}), stand_in)
        elif kind == "error":
            self._send(asked, html(500, "<html><body>Une erreur est survenue</body></html>"), stand_in)
        elif kind == "html":
            self._send(asked, html(200, MAINTENANCE), stand_in)
        else:
            self._send(asked, stand_in.answer(asked), stand_in, cut=kind == "cut")

    def _send(self, asked: Asked, found: Answer, stand_in: AtexoStandIn, *, cut: bool = False) -> None:
        """Send an answer; a cut one says its whole length and ends in the middle."""
        asked.status = found.status
        body = found.body[: len(found.body) // 2] if cut else found.body
        self.send_response(found.status)
        self.send_header("Content-Type", found.type)
        for name, value in found.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        # Whoever has the last byte may ask again at once, before this thread comes back: so it leaves the house first.
        self.wfile.write(body[:-1])
        stand_in.leave(asked)
        self.wfile.write(body[-1:])
        if cut:
            self.wfile.flush()
            self.close_connection = True
