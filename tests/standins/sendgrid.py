"""A small true SendGrid: POST /v3/mail/send with its checks and answers, scripted faults, and an oracle.

``GET /__accepted`` lists what was accepted, in order, as JSON. Run it: ``python -m tests.standins.sendgrid PORT``.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KEY = "SG.standin.key"
MAX_BYTES = 30 * 1024 * 1024
RESERVED = frozenset(
    "x-sg-id x-sg-eid received dkim-signature content-type content-transfer-encoding to from subject reply-to cc "
    "bcc".split()
)
# What the next call meets: an HTTP status, or a fault of the wire.
MODES = ("ok", "400", "401", "403", "404", "413", "429", "429-headers", "500", "502", "503", "504", "302")
FAULTS = ("hang", "slow", "reset-before", "reset-after")
_SAYS = {
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "The from address does not match a verified Sender Identity",
    413: "payload too large",
    429: "too many requests",
}


class Problem(Exception):
    """A 400: what field is wrong, and how."""

    def __init__(self, message: str, field: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.field, self.status = message, field, status


def _addresses(personalization: Any, index: int) -> list[str]:
    if not isinstance(personalization, dict) or not personalization.get("to"):
        raise Problem("The to array is required for all personalization objects, and must have at least one email "
                      "object with a valid email address.", f"personalizations.{index}.to")  # fmt: skip
    found = []
    for name in ("to", "cc", "bcc"):
        for entry in personalization.get(name, []):
            address = str(entry.get("email", "")).lower()
            if "@" not in address or any(c in address for c in " \r\n"):
                raise Problem("Does not contain a valid address.", f"personalizations.{index}.{name}.0.email")
            if address in found:
                raise Problem("Each email address in the personalization block should be unique between to, cc, and "
                              f"bcc. We found the first duplicate instance of [{address}] in the personalizations."
                              f"{index}.{name} field.", f"personalizations.{index}")  # fmt: skip
            found.append(address)
    return found


def _check_contents(body: dict[str, Any]) -> None:
    contents = body.get("content")
    if not contents:
        raise Problem("Unless a valid template_id is provided, the content parameter is required.", "content")
    if any(not c.get("value") for c in contents):
        raise Problem("The content value must be a string at least one character in length.", "content.0.value")
    types = [c.get("type") for c in contents]
    if "text/plain" in types and types[0] != "text/plain":
        raise Problem("If present, text/plain and text/html may only be provided once, text/plain first.", "content")


def check(body: Any) -> bool:
    """Raise Problem for what SendGrid would refuse; return whether the mail is only a sandbox try."""
    if not isinstance(body, dict) or not body.get("personalizations"):
        raise Problem("The personalizations field is required and must have at least one personalization.",
                      "personalizations")  # fmt: skip
    if len(body["personalizations"]) > 1000:
        raise Problem("There are too many personalizations, maximum is 1000.", "personalizations")
    total = sum(len(_addresses(p, i)) for i, p in enumerate(body["personalizations"]))
    if total > 1000:
        raise Problem("There are too many recipients, maximum is 1000.", "personalizations")
    if "@" not in str(body.get("from", {}).get("email", "")):
        raise Problem("The from object must be provided for every email send. It is an object that requires the email "
                      "parameter, but may also contain a name parameter.", "from.email")  # fmt: skip
    if not body.get("subject") and not all(p.get("subject") for p in body["personalizations"]):
        raise Problem("The subject is required. You can get around this requirement if you use a template with a "
                      "subject defined or if every personalization has a subject defined.", "subject")  # fmt: skip
    _check_contents(body)
    _check_extras(body)
    sandbox = body.get("mail_settings", {}).get("sandbox_mode", {}).get("enable", False)
    if not isinstance(sandbox, bool):
        raise Problem("Invalid type. Expected: boolean.", "mail_settings.sandbox_mode.enable")
    return sandbox


def _check_extras(body: dict[str, Any]) -> None:
    for name, value in body.get("headers", {}).items():
        if name.lower() in RESERVED:
            raise Problem(f"The header {name} is reserved and cannot be used.", f"headers.{name}")
        if not isinstance(value, str):
            raise Problem("Header values must be strings.", f"headers.{name}")
    if len(json.dumps(body.get("custom_args", {}))) > 10_000:
        raise Problem("The custom_args are too large, maximum is 10000 bytes.", "custom_args")
    categories = body.get("categories", [])
    if len(categories) > 10 or any(len(c) > 255 for c in categories):
        raise Problem("At most 10 categories of at most 255 characters.", "categories")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SendGridStandIn

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), "Connection": "close", **(headers or {})}.items():
            self.send_header(name, value)
        if data:
            self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def _refuse(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        error = {"message": problem.message, "field": problem.field, "help": None}
        self._answer(problem.status, {"errors": [error]}, headers)

    def _reset(self) -> None:
        """Break the connection with a RST in place of an answer."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def do_GET(self) -> None:
        if self.path == "/__accepted":
            self._answer(200, self.server.accepted)
        else:
            self._refuse(Problem("not found", status=404))

    def do_POST(self) -> None:
        with suppress(OSError):
            self._send()

    def _send(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        if length > MAX_BYTES:
            self._refuse(Problem(_SAYS[413], status=413))
            return
        raw = self.rfile.read(length)
        mode = self.server.next_mode()
        if mode == "reset-before":
            self._reset()
        elif mode == "hang":
            self.server.released.wait(60)
        elif mode in MODES and mode != "ok":
            self._scripted(mode)
        else:
            self._take(raw, mode)

    def _scripted(self, mode: str) -> None:
        status = int(mode[:3])
        headers = {"Location": f"{self.server.url}/elsewhere"} if status == 302 else {}
        if mode == "429-headers":
            reset = str(int(time.time()) + 30)
            headers = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        self._refuse(Problem(_SAYS.get(status, f"scripted {status}"), status=status), headers)

    def _take(self, raw: bytes, mode: str) -> None:
        if self.path != "/v3/mail/send":
            self._refuse(Problem("not found", status=404))
            return
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self._refuse(Problem(_SAYS[401], status=401))
            return
        if self.headers.get_content_type() != "application/json":
            self._refuse(Problem("Content-Type should be application/json.", status=415))
            return
        try:
            body = json.loads(raw)
            sandbox = check(body)
        except ValueError:
            self._refuse(Problem("Bad Request"))
            return
        except Problem as problem:
            self._refuse(problem)
            return
        if sandbox:
            self._answer(200)
            return
        number = self.server.take(body)
        if mode == "reset-after":
            self._reset()
            return
        if mode == "slow":
            time.sleep(0.2)
        self._answer(202, headers={"X-Message-ID": f"standin{number:016}"})


class SendGridStandIn(ThreadingHTTPServer):
    """The server; `script` says what the next calls meet, after which all is well. Use it in a ``with``."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.accepted: list[dict[str, Any]] = []
        self.calls = 0
        self.released = threading.Event()
        self._modes: deque[str] = deque()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def script(self, modes: Iterable[str]) -> None:
        wanted = list(modes)
        unknown = set(wanted) - {*MODES, *FAULTS}
        assert not unknown, unknown
        self._modes = deque(wanted)

    def next_mode(self) -> str:
        with self._lock:
            self.calls += 1
            return self._modes.popleft() if self._modes else "ok"

    def take(self, body: dict[str, Any]) -> int:
        with self._lock:
            self.accepted.append(body)
            return len(self.accepted)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()


if __name__ == "__main__":
    with SendGridStandIn(int(sys.argv[1]) if len(sys.argv) > 1 else 0) as standin:
        print(f"SendGrid stand-in on {standin.url}, key {KEY}", flush=True)
        threading.Event().wait()
