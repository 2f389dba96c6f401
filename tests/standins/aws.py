"""Stands in for marches-publics.info (AWS): a search kept in a session, its pages, notices, and every known whim.

Behaves as captured pages and readers of 2026 tell; faults are switched by the fields of `AwsFaults`. What it does that
no source proves: its ceiling, ten rows a page, the name of the third pager, the words of a lost session.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.standins.aws_pages import CAPTCHA, NATURES, AwsNotice, alert, form_page, list_page, notice_page

PERIODS = {" = 0": (0, 0), " = 1": (1, 1), " < 2": (0, 1), " < 8": (0, 7), " < 30": (0, 29), "": (0, 10_000)}


@dataclass
class AwsFaults:
    """What goes wrong, or is the site's own way. Counts are used up by the requests they meet."""

    ceiling: int = 10_000  # more hits than these are not shown
    page_size: int = 10
    pinned: bool = True  # the newest notice of the search stands first on every page
    empty_once: set[tuple[str, int]] = field(default_factory=set)  # (nature, page) that come without rows once
    always_empty: bool = False
    forbidden: int = 0  # requests that are answered with a captcha and HTTP 403
    errors: int = 0  # requests that are answered with HTTP 500
    cut: int = 0  # list pages whose second half is missing
    sessions: bool = True  # a page without its session is the empty form
    robots: str | None = None  # None: 404, as the main host answers


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    form: dict[str, str]
    cookie: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: str
    session: str = ""


class AwsStandIn:
    """The site, on loopback; `notices` may be changed while it runs. A context manager."""

    def __init__(self, notices: list[AwsNotice], today: date, faults: AwsFaults | None = None) -> None:
        self.notices, self.today, self.faults = notices, today, faults or AwsFaults()
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self._inside = 0
        self._sessions: dict[str, tuple[str, str]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.stand_in = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self, part: str) -> list[str]:
        """Return the addresses asked that hold a text."""
        return [one.path for one in self.asked if part in one.path]

    def answer(self, asked: Asked) -> Answer:
        """Answer one request; one at a time, so that counts of faults are exact."""
        with self._lock:
            self.asked.append(asked)
            return self._answer(asked)

    def enter(self, step: int) -> None:
        """Count who is inside."""
        with self._lock:
            self._inside += step
            self.most_at_once = max(self.most_at_once, self._inside)

    def _answer(self, asked: Asked) -> Answer:
        parts, faults = urlsplit(asked.path), self.faults
        if parts.path == "/robots.txt":
            return Answer(404, "") if faults.robots is None else Answer(200, faults.robots)
        if faults.forbidden > 0:
            faults.forbidden -= 1
            return Answer(403, CAPTCHA)
        if faults.errors > 0:
            faults.errors -= 1
            return Answer(500, "Erreur interne")
        if "dematEnt.login" in asked.path:
            return Answer(200, CAPTCHA)
        if parts.path == "/Annonces/lister":
            return self._list(asked, parse_qs(parts.query))
        found = next((one for one in self.notices if parts.path == f"/Annonces/{one.id}.htm"), None)
        return Answer(200, notice_page(found)) if found else Answer(404, "Page introuvable")

    def _list(self, asked: Asked, query: dict[str, list[str]]) -> Answer:
        if asked.method == "POST":
            session = f"s{len(self._sessions) + 1}"
            self._sessions[session] = (asked.form.get("IDN", "X"), asked.form.get("dateParution", ""))
            return self._page(session, 1)
        session = asked.cookie.partition("CFID=")[2].partition(";")[0]
        if session not in self._sessions and not self.faults.sessions:
            session = next(reversed(self._sessions), "")
        if session not in self._sessions:
            return Answer(200, form_page())
        pager = NATURES[self._sessions[session][0]][2]
        return self._page(session, int(query.get(pager, ["1"])[0]))

    def _page(self, session: str, number: int) -> Answer:
        faults, (nature, period) = self.faults, self._sessions[session]
        newest, oldest = (self.today - timedelta(days=days) for days in PERIODS[period])
        hits = [one for one in self.notices if one.nature == nature and oldest <= one.published <= newest]
        hits.sort(key=lambda one: (one.published, one.number), reverse=True)
        if len(hits) > faults.ceiling:
            return Answer(200, alert("Veuillez préciser votre recherche"), session)
        if not hits:
            return Answer(200, alert("Aucun avis ne correspond à votre recherche"), session)
        last = -(-len(hits) // faults.page_size)
        rows = hits[(number - 1) * faults.page_size : number * faults.page_size]
        if faults.pinned and number > 1:
            rows = [hits[0], *rows]
        bare = faults.always_empty or (nature, number) in faults.empty_once
        faults.empty_once.discard((nature, number))
        body = list_page(nature, rows, len(hits), number, last, bare=bare)
        if faults.cut > 0:
            faults.cut -= 1
            body = body[: len(body) // 2]
        return Answer(200, body, session)


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and POST; the server holds the stand-in."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep silent: `asked` is the log."""

    def do_GET(self) -> None:
        """Answer a GET."""
        self._do({})

    def do_POST(self) -> None:
        """Answer a POST."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._do(dict(parse_qsl(body, keep_blank_values=True)))

    def _do(self, form: dict[str, str]) -> None:
        stand_in: AwsStandIn = self.server.stand_in  # type: ignore[attr-defined]
        stand_in.enter(1)
        answer = stand_in.answer(Asked(self.command, self.path, form, self.headers.get("Cookie", "")))
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "text/html; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        if answer.session:
            self.send_header("Set-Cookie", f"CFID={answer.session}; Path=/")
        self.end_headers()
        self.wfile.write(body)
        stand_in.enter(-1)
