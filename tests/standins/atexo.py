"""A small faithful Atexo MPE portal on this machine: lists by post-back, a page of each consultation, its refusals.

What it does as portals do (PRADO 4; captured pages of Maximilien 2025 and PLACE 2020, notes of several readers): a
session cookie with the first answer, and 400 for a post without it; an opaque page state, other on every page, that
must come back; post-backs of the next page, the page size and the jump to a page (the number alone does nothing); what
lies behind the last page is HTTP 500 in one mode and the same page again in another. Faults can be switched on. What no
source tells (the order of the list, headers, whole detail pages of today) is a guess here.

``python -m tests.standins.atexo --consultations 60`` serves an invented portal and prints the address.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from http.server import ThreadingHTTPServer
from random import Random
from threading import Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

from tests.standins.atexo_http import Answer, Handler, html
from tests.standins.atexo_pages import LOGIN, RESULTS, Layout, Listing, Paths, detail_page, form_page, list_page
from tests.standins.atexo_samples import Consultation, consultations
from tests.standins.boamp_faults import Fault, Faults, Kind

ROBOTS = "User-agent: *\nAllow: /\n"
LISTS = ("AllCons", "AvisInformation", "AvisAttribution")


@dataclass
class Asked:
    """A request that came: when (monotonic seconds), how many were in the house with it, what was answered."""

    method: str
    path: str  # with its query
    agent: str
    session: str
    form: dict[str, str]
    started: float
    at_once: int
    status: int = 0
    ended: float | None = None

    @property
    def list(self) -> str | None:
        """The list that it asked a page of."""
        query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        return next((name for name in LISTS if name in query), None)

    @property
    def is_detail(self) -> bool:
        return "/consultation/" in self.path or "EntrepriseDetailsConsultation" in self.path


@dataclass
class Site:
    """How the portal behaves; every field may be changed while it answers."""

    layout: Layout = "cards"
    paths: Paths = "bare"
    menu: str = "Entreprise"
    pager: str = "ctl2"
    full_months: bool = True
    sizes: bool = True  # the post-back of the page size works
    counted: bool = True  # the list says how many results and pages there are
    endless: bool = False  # the link to a next page is there on the last one too
    past_the_end: Literal["error", "again"] = "error"
    doubled: int = 0  # every so many pages begin with the last row of the page before
    state_bytes: int = 2_000  # of the page state
    big_state_on: int = 3  # the page whose state is of 80 kB
    forbidden: bool = False  # 403, with 13 bytes
    broken_details: frozenset[str] = frozenset()  # ids whose page is a 500
    login_details: bool = False  # pages of consultations ask for a login
    documents: Literal["anonymous", "connected"] = "anonymous"
    details_at: str = ""  # another host that rows link to
    lost_state: int | None = None  # this page is answered by the one before it, as when a session was lost


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    stand_in: AtexoStandIn

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class AtexoStandIn:
    """The portal with these consultations, from `with` to the end of its block; they may be changed meanwhile.

    `requests` tells what was asked. `robots` is the text of robots.txt, None: there is none (404).
    """

    def __init__(
        self,
        records: Iterable[Consultation] = (),
        *,
        port: int = 0,
        robots: str | None = ROBOTS,
        site: Site | None = None,
    ) -> None:
        self.records: list[Consultation] = list(records)
        self.requests: list[Asked] = []
        self.robots = robots
        self.site = site or Site()
        self.faults = Faults()
        self._sessions: set[str] = set()
        self._noise = Random(7)
        self._inside = 0
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", port), Handler)
        self._server.stand_in = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        """The address to ask, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def fail(
        self, kind: Kind, *, times: int | None = 1, probability: float = 1.0, seconds: float = 1.0, seed: int = 0
    ) -> None:
        """Let the next answers go wrong (see Fault); robots.txt is spared."""
        self.faults.add(Fault(kind, times, probability, seconds, seed))

    def heal(self) -> None:
        """Switch every fault off."""
        self.faults.clear()
        self.site = replace(self.site, forbidden=False)

    def change(self, id_: str, **said: object) -> None:
        """Correct a consultation."""
        self.records = [replace(one, **said) if one.id == id_ else one for one in self.records]  # type: ignore[arg-type]

    @property
    def busiest(self) -> int:
        """The most requests that were in the house at the same time."""
        return max((asked.at_once for asked in self.requests), default=0)

    @property
    def details(self) -> list[str]:
        """The paths of the consultations' pages that were asked."""
        return [asked.path for asked in self.requests if asked.is_detail]

    @property
    def gaps(self) -> list[float]:
        """The seconds from each request to the next."""
        return [b.started - a.started for a, b in zip(self.requests, self.requests[1:], strict=False)]

    def enter(self, method: str, path: str, agent: str, session: str, form: dict[str, str]) -> Asked:
        """Note a request that came in."""
        with self._lock:
            self._inside += 1
            asked = Asked(method, path, agent, session, form, monotonic(), self._inside)
            self.requests.append(asked)
        return asked

    def leave(self, asked: Asked) -> None:
        """Note that it was answered; a second time changes nothing."""
        with self._lock:
            if asked.ended is None:
                self._inside -= 1
                asked.ended = monotonic()

    def answer(self, asked: Asked) -> Answer:
        """Answer a request as the portal would without a fault."""
        parts = urlsplit(asked.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if self.site.forbidden:
            return Answer(403, "text/plain", b"403 Forbidden")
        if asked.list is not None:
            return self._list(asked, asked.list)
        number = parts.path.rpartition("/")[2] if "/consultation/" in parts.path else query.get("refConsultation")
        if "EntrepriseDemandeTelechargementDce" in asked.path:
            return self._documents(asked, query.get("id", ""))
        one = next((r for r in self.records if (r.id, r.org) == (number, query.get("orgAcronyme"))), None)
        if one is None:
            return html(404, "<html><body>Page introuvable</body></html>")
        if one.id in self.site.broken_details:
            return html(500, "<html><body>Une erreur est survenue</body></html>")
        return html(200, LOGIN if self.site.login_details else detail_page(one, self.base_url, self.site.menu))

    def _list(self, asked: Asked, name: str) -> Answer:
        if asked.method == "GET":
            session = f"s{len(self._sessions) + 1:06d}"
            with self._lock:
                self._sessions.add(session)
            return self._page(name, session, 1, 10, {"Set-Cookie": f"PHPSESSID={session}; path=/; HttpOnly"})
        if asked.session not in self._sessions:
            return html(400, "<html><body>Bad Request</body></html>")
        state = self._read_state(asked.form.get("PRADO_PAGESTATE", ""))
        if state is None or (state["session"], state["list"]) != (asked.session, name):
            return html(500, "<html><body>La page a expiré</body></html>")
        number, size = state["page"], state["size"]
        target = asked.form.get("PRADO_POSTBACK_TARGET")
        if target == f"{RESULTS}$PagerTop${self.site.pager}":
            number += 1
        elif target == f"{RESULTS}$listePageSizeTop" and self.site.sizes:
            number, size = 1, int(asked.form[target])
        elif target == f"{RESULTS}$DefaultButtonTop":
            number = int(asked.form[f"{RESULTS}$numPageTop"])
        if number == self.site.lost_state:
            number -= 1
        return self._page(name, asked.session, number, size, {})

    def _page(self, name: str, session: str, number: int, size: int, headers: dict[str, str]) -> Answer:
        site = self.site
        every = [one for one in self.records if one.list == name]
        rows = self._in_pages(every, size)
        if number > max(len(rows), 1):
            if site.past_the_end == "error":
                return html(500, "<html><body>Une erreur est survenue</body></html>")
            number = len(rows)
        shown = Listing(
            list=name,
            rows=rows[number - 1] if rows else (),
            number=number,
            size=size,
            total=len(every),
            pages=len(rows),
            state=self._state(name, session, number, size),
            has_next=site.endless or number < len(rows),
            base=site.details_at or self.base_url,
            layout=site.layout,
            paths=site.paths,
            menu=site.menu,
            pager=site.pager,
            counted=site.counted,
            full_months=site.full_months,
        )
        return html(200, list_page(shown), headers)

    def _in_pages(self, every: list[Consultation], size: int) -> list[list[Consultation]]:
        pages: list[list[Consultation]] = []
        at = 0
        while at < len(every):
            doubled = self.site.doubled and pages and len(pages) % self.site.doubled == 0
            page = [pages[-1][-1]] if doubled else []
            page += every[at : at + size - len(page)]
            at += size - bool(doubled)
            pages.append(page)
        return pages

    def _state(self, name: str, session: str, number: int, size: int) -> str:
        told = json.dumps({"list": name, "session": session, "page": number, "size": size})
        much = 60_000 if number == self.site.big_state_on else self.site.state_bytes * 3 // 4
        return base64.b64encode(zlib.compress(told.encode() + b"\0" + self._noise.randbytes(much))).decode()

    def _read_state(self, text: str) -> dict[str, object] | None:
        try:
            return json.loads(zlib.decompress(base64.b64decode(text)).partition(b"\0")[0])
        except (ValueError, zlib.error):
            return None

    def _documents(self, asked: Asked, id_: str) -> Answer:
        """Hand out documents in three steps, or ask for a login; our crawls have no business here."""
        one = next((r for r in self.records if r.id == id_), None)
        if one is None:
            return html(404, "<html><body>Page introuvable</body></html>")
        if self.site.documents == "connected":
            return html(200, LOGIN)
        target = asked.form.get("PRADO_POSTBACK_TARGET", "")
        if target.endswith("$completeDownload"):
            return Answer(200, "application/zip", b"PK\x05\x06" + bytes(18))
        return html(200, form_page(2 if target.endswith("$validateButton") else 1, one))


def main(arguments: list[str] | None = None) -> int:
    """Serve an invented portal until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.standins.atexo", description=main.__doc__)
    parser.add_argument("--consultations", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layout", choices=("cards", "table"), default="cards")
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    asked = parser.parse_args(arguments)
    site = Site(layout=asked.layout)
    stand_in = AtexoStandIn(consultations(asked.consultations, asked.seed), port=asked.port, site=site).start()
    print(stand_in.base_url, flush=True)
    try:
        stand_in._thread.join()
    except KeyboardInterrupt:
        stand_in.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
