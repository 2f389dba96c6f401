"""A small faithful BOAMP: the Explore API v2.1 of Opendatasoft for the dataset `boamp`, on this machine.

What it does as the platform does (OpenAPI text of the Explore API, captured answers, public clients): records with
``select where order_by limit offset refine exclude timezone``, limit 10 by default and 100 at most, nothing from
offset + limit = 10,000 on (400), ``exports/{json,jsonl,csv}`` without that ceiling unless `offset` is used, then the
error stands inside a stream that began with 200; ODSQL errors; the quota's headers and its 429. Faults can be
switched on. What it leaves out: group_by, facets, attachments, other datasets.

``python -m tests.standins.boamp --samples 320 --port 0`` serves samples and prints the address.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Self

from tests.standins.boamp_answers import Answer
from tests.standins.boamp_faults import Fault, Faults, Kind
from tests.standins.boamp_fields import Record
from tests.standins.boamp_http import Handler

ROBOTS = "User-agent: *\nDisallow: /login/\nDisallow: /account/\n"


@dataclass
class Asked:
    """A request that came: when (monotonic seconds), how many were in the house with it, what was answered."""

    path: str
    parameters: dict[str, list[str]]
    agent: str
    started: float
    at_once: int
    status: int = 0
    ended: float | None = None
    fault: Kind | None = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    stand_in: BoampStandIn

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent where a client hung up; anything else is a bug of ours and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class BoampStandIn:
    """The platform with these records, from `with` to the end of its block; `records` may be changed meanwhile.

    `quota` is the number of answers of a day; `requests` tells what was asked, robots.txt included. Between `start`
    and `stop` it answers at `base_url`.
    """

    def __init__(
        self, records: Iterable[Record] = (), *, port: int = 0, quota: int = 10_000, robots: str = ROBOTS
    ) -> None:
        self.records: list[Record] = list(records)
        self.requests: list[Asked] = []
        self.quota = quota
        self.used = 0
        self.robots = robots
        self.faults = Faults()
        self._inside = 0
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", port), Handler)
        self._server.stand_in = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        """The address to ask instead of https://www.boamp.fr, without a slash at the end."""
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

    def add(self, record: Record) -> None:
        """Publish a record; it takes the place of one with the same idweb."""
        kept = [old for old in self.records if old["idweb"] != record["idweb"]]
        self.records = [*kept, record]

    def fail(
        self,
        kind: Kind,
        *,
        times: int | None = 1,
        probability: float = 1.0,
        seconds: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Let the next answers of the API go wrong (see Fault); robots.txt is spared."""
        self.faults.add(Fault(kind, times, probability, seconds, seed))

    def heal(self) -> None:
        """Switch every fault off."""
        self.faults.clear()

    def new_day(self) -> None:
        """Give the quota back, as midnight UTC does."""
        self.used = 0

    @property
    def busiest(self) -> int:
        """The most requests that were in the house at the same time."""
        return max((asked.at_once for asked in self.requests), default=0)

    def enter(self, path: str, parameters: dict[str, list[str]], agent: str) -> Asked:
        """Note a request that came in."""
        with self._lock:
            self._inside += 1
            asked = Asked(path, parameters, agent, monotonic(), self._inside)
            self.requests.append(asked)
        return asked

    def leave(self, asked: Asked) -> None:
        """Note that it was answered; a second time changes nothing."""
        with self._lock:
            if asked.ended is None:
                self._inside -= 1
                asked.ended = monotonic()

    def charge(self) -> tuple[dict[str, str], Answer | None]:
        """Count an answer against the quota: the headers, and the refusal once the day's calls are used up."""
        reset = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
        with self._lock:
            refused = self.used >= self.quota
            self.used += not refused
            left = self.quota - self.used
        headers = {
            "X-RateLimit-Limit": str(self.quota),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(int(reset.timestamp())),
        }
        body = {
            "errorcode": 10002,
            "reset_time": reset.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "limit_time_unit": "day",
            "call_limit": self.quota,
            "error": "Too many requests on the domain. Please contact the domain administrator.",
        }
        return headers, Answer.json(429, body) if refused else None


def main(arguments: list[str] | None = None) -> int:
    """Serve samples, or one real day as a daily CSV, until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.standins.boamp", description=main.__doc__)
    parser.add_argument("--samples", type=int, default=320, help="how many invented notices")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--today", type=date.fromisoformat, default=datetime.now(UTC).date(), metavar="YYYY-MM-DD")
    parser.add_argument("--broken", action="store_true", help="with a few records that no reader can understand")
    parser.add_argument("--daily", metavar="CSV", help="serve this daily CSV of BOAMP instead of samples")
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    asked = parser.parse_args(arguments)
    if asked.daily:
        from tests.standins.boamp_daily import records_of_day

        records = records_of_day(Path(asked.daily).read_bytes())
    else:
        from tests.standins.samples import samples

        records = samples(asked.samples, asked.seed, asked.today, broken=asked.broken)
    stand_in = BoampStandIn(records, port=asked.port).start()
    print(stand_in.base_url, flush=True)
    try:
        stand_in._thread.join()
    except KeyboardInterrupt:
        stand_in.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
