"""The stand-in's side of HTTP: one request in, its answer or its fault out."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from time import sleep
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from tests.standins.boamp_answers import Answer, answer
from tests.standins.boamp_faults import ERROR, HTML, Fault

if TYPE_CHECKING:
    from tests.standins.boamp import Asked, BoampStandIn

_CHUNK: Final = 64 * 1024


class Handler(BaseHTTPRequestHandler):
    """Answers GET; the server holds the stand-in."""

    protocol_version = "HTTP/1.1"
    server_version = "boamp-stand-in"
    sys_version = ""
    timeout = 60

    @property
    def stand_in(self) -> BoampStandIn:
        """The platform that is asked."""
        found: BoampStandIn = self.server.stand_in  # type: ignore[attr-defined]
        return found

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep silent: `requests` is the log."""

    def do_GET(self) -> None:
        """Answer one request, and note it."""
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        parameters = parse_qs(parts.query, keep_blank_values=True)
        asked = self.stand_in.enter(path, parameters, self.headers.get("User-Agent", ""))
        try:
            if path == "/robots.txt":
                self._send(asked, Answer(200, "text/plain; charset=utf-8", self.stand_in.robots.encode()), {}, None)
            else:
                self._api(asked)
        finally:
            self.stand_in.leave(asked)

    def _api(self, asked: Asked) -> None:
        fault = self.stand_in.faults.next()
        asked.fault = fault.kind if fault else None
        if fault and fault.kind == "slow":
            sleep(fault.seconds)
        headers, refusal = self.stand_in.charge()
        if fault and fault.kind == "busy":
            headers["Retry-After"] = f"{fault.seconds:.0f}"
            body = {"errorcode": 10002, "error": "Too many requests on the domain. Please slow down."}
            self._send(asked, Answer.json(429, body), headers, None)
        elif fault and fault.kind == "error":
            self._send(asked, Answer.json(500, ERROR), headers, None)
        elif fault and fault.kind == "html":
            self._send(asked, Answer(200, "text/html; charset=utf-8", HTML), headers, None)
        else:
            found = refusal or answer(asked.path, asked.parameters, self.stand_in.records)
            self._send(asked, found, headers, fault)

    def _send(self, asked: Asked, found: Answer, headers: dict[str, str], fault: Fault | None) -> None:
        """Send an answer; a cut one says its whole length (or announces chunks) and ends in the middle."""
        asked.status = found.status
        cut = fault is not None and fault.kind == "cut"
        body = found.body[: len(found.body) // 2] if cut else found.body
        self.send_response(found.status)
        self.send_header("Content-Type", found.type)
        for name, value in headers.items():
            self.send_header(name, value)
        if found.stream:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        pieces = [body[at : at + _CHUNK] for at in range(0, len(body), _CHUNK)] or [b""]
        if found.stream:
            pieces = [f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces if piece]
            pieces.append(b"" if cut else b"0\r\n\r\n")
        for piece in pieces[:-1]:
            self.wfile.write(piece)
        # Whoever has the last byte may ask again at once, before this thread comes back: so it leaves the house first.
        self.wfile.write(pieces[-1][:-1])
        self.stand_in.leave(asked)
        self.wfile.write(pieces[-1][-1:])
        if cut:
            self.wfile.flush()
            self.close_connection = True

    def do_POST(self) -> None:
        """Refuse: the API is read by GET only."""
        self.close_connection = True
        body = json.dumps({"message": "Method Not Allowed", "error_code": "MethodNotAllowed"}).encode()
        self.send_response(405)
        self.send_header("Allow", "GET")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
