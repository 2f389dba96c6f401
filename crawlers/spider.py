"""One walk of one source: a chain of requests, each answer stored before the next is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import scrapy
import structlog
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.formats import FORMATS
from crawlers.importing import take_body
from crawlers.politeness import asked_wait
from crawlers.source import Ask, Source
from tenders.errors import Refused, TendersError
from tenders.store.database import Store
from tenders.store.sources import ask_again_at, count_answer, doubt_run, end_run, move_cursor

log = structlog.get_logger()
AGAIN = 3  # times that an answer which is no answer is asked again


@dataclass(slots=True)
class Walk:
    """Where a walk stands. Everything that must last is in the store; this is only what the chain carries along."""

    source: Source
    store: Store
    base: str
    run: int
    cursor: str  # the name its cursor is kept under
    windows: Iterator[str]
    today: date
    found: dict[str, int] = field(default_factory=dict)  # notices by window
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
        return None if window is None else self._ask(walk.source.first(walk.base, window, walk.today))

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
        with walk.store.writing() as connection:
            move_cursor(connection, walk.cursor, ask.window)
            self._judge_window(connection, ask.window)
        log.info("crawl.window", source=walk.source.name, window=ask.window, notices=walk.found.get(ask.window, 0))
        request = self._next_window()
        if request is not None:
            yield request

    def _keep(self, body: bytes, ask: Ask) -> None:
        walk = self.walk
        form = FORMATS[walk.source.format]
        taken, refused = take_body(walk.store, form, body, ask.url, live=True)
        read = taken.new + taken.revised + taken.unchanged + refused
        walk.found[ask.window] = walk.found.get(ask.window, 0) + read
        with walk.store.writing() as connection:
            count_answer(connection, walk.run, 1, taken, refused)

    def _judge_window(self, connection: Any, window: str) -> None:
        expect, day = self.walk.source.expect, self.walk.source.day_of(window)
        found = self.walk.found.get(window, 0)
        if day < self.walk.today and day.weekday() in expect.weekdays and found < expect.fewest:
            doubt_run(connection, self.walk.run, f"{window} gave {found} notices, at least {expect.fewest} expected")

    def _refuse(self, response: Response, ask: Ask, again: int, reason: str) -> Iterator[scrapy.Request]:
        log.warning("crawl.refused", source=self.walk.source.name, url=ask.url, reason=reason)
        with self.walk.store.writing() as connection:
            count_answer(connection, self.walk.run, 1, _nothing(), 0)
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
        from tenders.store.quarantine import Quarantined, put_aside

        raw = self.walk.store.raw.put(response.body)
        with self.walk.store.writing() as connection:
            aside = Quarantined(self.walk.source.format, ask.url, "", reason, raw)
            put_aside(connection, [aside], at=datetime.now(UTC))

    def fail(self, failure: Failure) -> None:
        """End the walk at an address that does not answer: its window was not whole, the next run reads it again."""
        self.walk.failed = f"no answer: {failure.getErrorMessage()[:300]}"
        log.error("crawl.failed", source=self.walk.source.name, reason=self.walk.failed)

    def closed(self, reason: str) -> None:
        """Settle the run."""
        walk = self.walk
        failed = walk.failed or (None if reason == "finished" else f"stopped: {reason}")
        try:
            with walk.store.writing() as connection:
                end_run(connection, walk.run, datetime.now(UTC), failed=failed)
        except TendersError as problem:
            log.error("crawl.unsettled", source=walk.source.name, reason=str(problem))


def _status_reason(response: Response) -> str:
    return (
        f"HTTP {response.status}: {response.text[:200]!r}" if hasattr(response, "text") else f"HTTP {response.status}"
    )


def _nothing() -> Any:
    from tenders.store.notices import Taken

    return Taken()
