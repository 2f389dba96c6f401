"""A proxy before a real Elasticsearch that fails as told: the server's own answers, late, refused, or only in part."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_PASSED_ON = ("authorization", "content-type", "accept")
Answer = tuple[int, dict[str, str], bytes]  # status, headers, body
_BUSY = {"type": "es_rejected_execution_exception", "reason": "rejected execution of coordinating operation"}


@dataclass(frozen=True)
class Fault:
    """What happens to the next `times` requests whose path holds `path`.

    `status` answers so at once; `seconds` waits first; `cut` closes the connection, `lost` only once the server has
    done what it was asked; `half` sends on every second item of a bulk and answers the others with a 429; `refuse`
    answers the items of these ids with a 400.
    """

    path: str
    times: int = 1
    status: int = 0
    seconds: float = 0.0
    cut: bool = False
    lost: bool = False
    half: bool = False
    refuse: frozenset[str] = frozenset()


@dataclass
class FaultyProxy:
    """The address to use in place of the server's, what to do wrong next, and what was asked (method and path)."""

    upstream: str
    port: int = 0
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    items: int = 0  # of bulks, as they came in
    authorization: str | None = None  # of the last request
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, name: str) -> str:
        """The TENDERS_SEARCH_URL of an index name through this proxy, with the server's own user."""
        parts = urlsplit(self.upstream)
        user = f"{parts.username}:{parts.password}@" if parts.username else ""
        return f"http://{user}127.0.0.1:{self.port}/{name}"

    def take(self, path: str) -> Fault | None:
        """The fault that this request meets."""
        with self.lock:
            for number, fault in enumerate(self.faults):
                if fault.path in path:
                    left = fault.times - 1
                    self.faults[number : number + 1] = [Fault(**{**fault.__dict__, "times": left})] if left else []
                    return fault
        return None

    def pass_on(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask the real server; returns status, headers and body."""
        parts = urlsplit(self.upstream)
        at = parts.hostname or "", parts.port
        if parts.scheme == "https":
            trusted = ssl.create_default_context(cafile=parse_qs(parts.query)["ca"][0])
            peer: http.client.HTTPConnection = http.client.HTTPSConnection(*at, context=trusted, timeout=60)
        else:
            peer = http.client.HTTPConnection(*at, timeout=60)
        try:
            peer.request(method, path, body or None, headers)
            answer = peer.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            peer.close()


def _failed(action: dict, status: int, error: dict[str, str]) -> dict:
    ((name, said),) = action.items()
    return {name: {"_index": "x", "_id": said["_id"], "status": status, "error": error}}


def _split(body: bytes) -> Iterator[tuple[dict, bytes]]:
    """The items of a bulk: the action, and its lines as they were sent."""
    lines = iter(body.splitlines(keepends=True))
    for line in lines:
        action = json.loads(line)
        yield action, line + (b"" if "delete" in action else next(lines))


def _send_part(fault: Fault, ask: Callable[[bytes], Answer]) -> Callable[[bytes], Answer]:
    def send(body: bytes) -> Answer:
        items = list(_split(body))
        failed: dict[int, dict] = {}
        for number, (action, _) in enumerate(items):
            if next(iter(action.values()))["_id"] in fault.refuse:
                failed[number] = _failed(action, 400, {"type": "document_parsing_exception", "reason": "no such value"})
            elif fault.half and number % 2:
                failed[number] = _failed(action, 429, _BUSY)
        status, headers, answer = ask(b"".join(lines for n, (_, lines) in enumerate(items) if n not in failed))
        said = json.loads(answer)
        passed = iter(said["items"])
        said["items"] = [failed[n] if n in failed else next(passed) for n in range(len(items))]
        said["errors"] = bool(failed) or said["errors"]
        return status, headers, json.dumps(said).encode()

    return send


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultyProxy

    def _answer(self) -> None:
        proxy = self.proxy
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        proxy.asked.append(f"{self.command} {self.path}")
        proxy.authorization = self.headers.get("authorization")
        if "_bulk" in self.path:
            proxy.items += sum(1 for _ in _split(body))
        fault = proxy.take(self.path) or Fault("")
        time.sleep(fault.seconds)
        try:
            status, headers, content = self._say(fault, body)
        except OSError:  # cut: by the fault, or by a server that is not there
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(status)
        for name in ("content-type", "x-elastic-product"):
            self.send_header(name, headers.get(name, "Elasticsearch"))
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _say(self, fault: Fault, body: bytes) -> Answer:
        headers = {k.lower(): v for k, v in self.headers.items() if k.lower() in _PASSED_ON}

        def ask(body: bytes) -> Answer:
            return self.proxy.pass_on(self.command, self.path, headers, body)

        if fault.cut:
            raise ConnectionAbortedError
        if fault.lost:
            ask(body)
            raise ConnectionAbortedError
        if fault.status:
            error = {"error": {**_BUSY, "root_cause": [_BUSY]}, "status": fault.status}
            said = {"content-type": "application/vnd.elasticsearch+json;compatible-with=8"}
            return fault.status, said, json.dumps(error).encode()
        if fault.half or fault.refuse:
            return _send_part(fault, ask)(body)
        return ask(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815

    def log_message(self, *_: object) -> None: ...

    def handle(self) -> None:
        with suppress(OSError):  # the client has gone
            super().handle()


@contextmanager
def faulty_proxy(upstream: str) -> Iterator[FaultyProxy]:
    """A proxy on loopback before the server of a TENDERS_SEARCH_URL."""
    proxy = FaultyProxy(upstream)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    proxy.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
