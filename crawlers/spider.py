"""One walk of one source: a chain of requests, each answer stored before the next is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import scrapy
import structlog
from scrapy.http import Response
from sqlalchemy import Connection
from twisted.python.failure import Failure

from crawlers.formats import FORMATS
from crawlers.importing import take_body
from crawlers.politeness import asked_wait
from crawlers.source import Ask, Source
from tenders.errors import Refused, TendersError
from tenders.store.database import Store
from tenders.store.notices import Taken
from tenders.store.quarantine import Quarantined, put_aside
from tenders.store.sources import ask_again_at, count_answer, doubt_run, end_run, move_cursor

log = structlog.get_logger()
AGAIN = 3  # times that an answer which is no answer is asked again
PATIENCE = timedelta(days=7)  # how long a day below the expected yield holds the cursor, so that it is read again


@dataclass(slots=True)
class Walk:
    """Where a walk stands. Everything that must last is in the store; this is only what the chain carries along."""

    source: Source
    store: Store
    base: str
    run: int
    cursors: dict[str, str | None]  # the cursors it moves, by name, with where each stood
    windows: Iterator[str]
    today: date
    found: dict[str, int] = field(default_factory=dict)  # notices by window
    thin: list[str] = field(default_factory=list)  # windows below what was expected
    held: bool = False  # one of them is recent: the cursor must not pass it
    whole: bool = False  # every window was read
    failed: str | None = None


class SourceSpider(scrapy.Spider):
    """Walks the windows of a source in their order; made by `crawl` with a Walk."""

    name = "source"

    def __init__(self, walk: Walk, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.walk = walk

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for the first window."""
        request = self._next_window()
        if request is not None:
            yield request

    def _next_window(self) -> scrapy.Request | None:
        walk = self.walk
        window = next(walk.windows, None)
        if window is None:
            walk.whole = True
            return None
        return self._ask(walk.source.first(walk.base, window, walk.today))

    def _ask(self, ask: Ask, again: int = 0) -> scrapy.Request:
        return scrapy.Request(
            ask.url,
            self.read,
            errback=self.fail,
            cb_kwargs={"ask": ask, "again": again},
            dont_filter=True,
        )

    def read(self, response: Response, ask: Ask, again: int) -> Iterator[scrapy.Request]:
        """Store an answer, then ask on; an answer that is none is asked again, then the walk ends."""
        try:
            yield from self._read(response, ask, again)
        except Exception as problem:  # whatever it is, a walk that breaks off must not look like one that ended
            self.walk.failed = f"{ask.window}: {type(problem).__name__}: {problem}"[:400]
            log.exception("crawl.broken", source=self.walk.source.name, window=ask.window)

    def _read(self, response: Response, ask: Ask, again: int) -> Iterator[scrapy.Request]:
        walk = self.walk
        try:
            if response.status != 200:
                raise Refused(_status_reason(response))
            following = walk.source.following(walk.base, ask, response.body)
        except Refused as problem:
            yield from self._refuse(response, ask, again, str(problem))
            return
        if following is None or "/exports/" not in following.url:  # a page that only said "too many" is not kept
            self._keep(response.body, ask)
        if following is not None:
            yield self._ask(following)
            return
        found = walk.found.get(ask.window, 0)
        if found:
            log.info("crawl.window", source=walk.source.name, window=ask.window, notices=found)
        if self._is_thin(ask.window, found):
            walk.thin.append(f"{ask.window} ({found})")
            walk.held |= walk.source.day_of(ask.window) >= walk.today - PATIENCE
        if not walk.held:
            self._move_cursors(ask.window)
        request = self._next_window()
        if request is not None:
            yield request

    def _move_cursors(self, window: str) -> None:
        with self.walk.store.writing() as connection:
            for name, stood in self.walk.cursors.items():
                if stood is None or window > stood:  # the days that are read again do not move it back
                    move_cursor(connection, name, window)

    def _keep(self, body: bytes, ask: Ask) -> None:
        walk = self.walk
        form = FORMATS[walk.source.format]
        answers = iter((1,))  # an export is several transactions, but one answer

        def count(connection: Connection, taken: Taken, refused: int) -> None:
            count_answer(connection, walk.run, next(answers, 0), taken, refused)

        origin = f"{walk.source.name} {ask.window}"  # not the address: a notice may stand on another page tomorrow
        taken, reasons = take_body(walk.store, form, body, origin, live=True, also=count)
        for _ in answers:  # it held nothing
            with walk.store.writing() as connection:
                count_answer(connection, walk.run, 1, Taken(), 0)
        read = taken.new + taken.revised + taken.unchanged + len(reasons)
        walk.found[ask.window] = walk.found.get(ask.window, 0) + read

    def _is_thin(self, window: str, found: int) -> bool:
        """Whether a whole day brought fewer notices than a healthy one."""
        expect, day = self.walk.source.expect, self.walk.source.day_of(window)
        fewest = expect.fewest if day.weekday() in expect.weekdays else 1
        return day < self.walk.today and found < fewest

    def _refuse(self, response: Response, ask: Ask, again: int, reason: str) -> Iterator[scrapy.Request]:
        log.warning("crawl.refused", source=self.walk.source.name, url=ask.url, reason=reason)
        with self.walk.store.writing() as connection:
            count_answer(connection, self.walk.run, 1, Taken(), 0)
            if response.status == 200:  # a page of HTML, a cut body: even when the next try is good, people should know
                doubt_run(connection, self.walk.run, f"{ask.window} was answered with {reason[:100]}")
        wait = asked_wait(response, datetime.now(UTC)) if response.status in (429, 503) else None
        if wait is not None:
            self._wait_for(datetime.now(UTC) + wait, reason)
        elif again < AGAIN and response.status in (200, 500):
            yield self._ask(ask, again + 1)
        else:
            if response.status == 200:
                self._put_aside(response, ask, reason)
            self.walk.failed = f"{ask.window}: {reason}"

    def _wait_for(self, until: datetime, reason: str) -> None:
        with self.walk.store.writing() as connection:
            ask_again_at(connection, self.walk.source.name, until + timedelta(seconds=1))
        self.walk.failed = f"{reason}; not asked again before {until.isoformat(timespec='seconds')}"

    def _put_aside(self, response: Response, ask: Ask, reason: str) -> None:
        raw = self.walk.store.raw.put(response.body)
        with self.walk.store.writing() as connection:
            aside = Quarantined(self.walk.source.format, f"{self.walk.source.name} {ask.window}", "", reason, raw)
            put_aside(connection, [aside], at=datetime.now(UTC))

    def fail(self, failure: Failure) -> None:
        """End the walk at an address that does not answer: its window was not whole, the next run reads it again."""
        said = failure.getErrorMessage() or f"it was broken off ({type(failure.value).__name__})"
        self.walk.failed = f"no answer: {said[:300]}"
        log.error("crawl.failed", source=self.walk.source.name, reason=self.walk.failed)

    def closed(self, reason: str) -> None:
        """Settle the run."""
        walk = self.walk
        failed = walk.failed or (None if walk.whole else f"stopped in the middle: {reason}")
        try:
            with walk.store.writing() as connection:
                if walk.thin:
                    some = ", ".join(walk.thin[-3:])
                    doubt_run(connection, walk.run, f"{len(walk.thin)} days below the expected yield, last {some}")
                end_run(connection, walk.run, datetime.now(UTC), failed=failed)
        except TendersError as problem:
            log.error("crawl.unsettled", source=walk.source.name, reason=str(problem))


def _status_reason(response: Response) -> str:
    """Say what a refusal says of itself: the message of an error in JSON, else the beginning of its body."""
    try:
        said = orjson.loads(response.body)
        text = str(said.get("message") or said["error"])
    except (orjson.JSONDecodeError, AttributeError, KeyError):
        text = response.body[:200].decode("utf-8", "replace")
    text = " ".join(text.split())[:200]
    return f"HTTP {response.status}: {text}" if text else f"HTTP {response.status}"
