"""One walk of one source: a chain of requests, each answer stored before the next is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
import scrapy
import structlog
from scrapy.http import Response
from sqlalchemy import Connection
from twisted.python.failure import Failure

from crawlers.conditional import note_validators, validators
from crawlers.formats import FORMATS
from crawlers.importing import take_body
from crawlers.politeness import left_alone
from crawlers.source import Ask, Source
from tenders.errors import Refused, TendersError
from tenders.store.database import Store
from tenders.store.details import due_details, note_detail
from tenders.store.notices import Taken
from tenders.store.quarantine import Quarantined, put_aside
from tenders.store.sources import ask_again_at, count_answer, doubt_run, end_run, move_cursor

log = structlog.get_logger()
AGAIN = 3  # times that an answer which is no answer is asked again
PATIENCE = timedelta(days=7)  # how long a day below the expected yield holds the cursor, so that it is read again
UNREAD = 5  # pages of details in a row that say nothing: then no more of them are asked in this walk


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
    closes: datetime | None = None  # when the hours end in which the source may be walked
    most: int | None = None  # requests after which it stops, for a look at a site
    found: dict[str, int] = field(default_factory=dict)  # notices by window
    thin: list[str] = field(default_factory=list)  # windows below what was expected
    unread: int = 0  # pages of details that said nothing, in a row
    held: bool = False  # one of the thin windows is recent: the cursor must not pass it
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
        for request in self._next_window():
            yield request

    def _next_window(self) -> Iterator[scrapy.Request]:
        walk = self.walk
        window = next(walk.windows, None)
        if window is None:
            walk.whole = True
        else:
            yield from self._ask(walk.source.first(walk.base, window, walk.today))

    def _ask(self, ask: Ask, then: tuple[Ask, ...] = (), again: int = 0) -> Iterator[scrapy.Request]:
        walk = self.walk
        if walk.closes is not None and datetime.now(UTC) >= walk.closes:
            walk.failed = "stopped in the middle: the hours set by TENDERS_CRAWL_HOURS ended; the next walk goes on"
            return
        if walk.most is not None:
            if not walk.most:
                walk.failed = "a look at the site: no more was asked"
                return
            walk.most -= 1
        given = {"ask": ask, "then": then, "again": again}
        if ask.form:
            yield scrapy.FormRequest(
                ask.url, self.read, formdata=list(ask.form), errback=self.fail, cb_kwargs=given, dont_filter=True
            )
        else:
            headers = validators(walk.store, walk.source.name, ask.url) if walk.source.conditional else None
            yield scrapy.Request(
                ask.url, self.read, headers=headers, errback=self.fail, cb_kwargs=given, dont_filter=True
            )

    def read(self, response: Response, ask: Ask, then: tuple[Ask, ...], again: int) -> Iterator[scrapy.Request]:
        """Store an answer, then ask on; an answer that is none is asked again, then the walk ends."""
        try:
            yield from self._read_details(response, ask, then) if ask.notice else self._read(response, ask, again)
        except Exception as problem:  # whatever it is, a walk that breaks off must not look like one that ended
            self.walk.failed = f"{ask.window}: {type(problem).__name__}: {problem}"[:400]
            log.exception("crawl.broken", source=self.walk.source.name, window=ask.window)

    def _read(self, response: Response, ask: Ask, again: int) -> Iterator[scrapy.Request]:
        walk = self.walk
        if response.status == 304 and walk.source.conditional:
            self._count()
            yield from self._finish(ask)
            return
        try:
            if response.status != 200:
                raise Refused(_status_reason(response))
            following = walk.source.following(walk.base, ask, response.body)
        except Refused as problem:
            if not ask.sure and response.status in (404, 500):
                self._count()
                yield from self._finish(ask)
            else:
                yield from self._refuse(response, ask, again, str(problem))
            return
        due: tuple[Ask, ...] = ()
        replaced = following is not None and following.instead  # by the answer to come; only a look keeps both
        if not replaced or walk.most is not None:
            self._keep(response.body, ask)
            if walk.source.conditional:
                note_validators(walk.store, walk.source.name, ask.url, response)
            due = self._due(ask, response.body)
            if doubt := walk.source.doubt(ask, response.body):
                self._doubt(doubt)
        else:
            self._count()
        yield from self._go_on(ask, (*due, following) if following else due)

    def _go_on(self, ask: Ask, then: tuple[Ask, ...]) -> Iterator[scrapy.Request]:
        """Ask the next of what is still to be asked for a window: pages of details first, its next page last."""
        if self.walk.unread >= UNREAD:
            then = tuple(one for one in then if not one.notice)
        if then:
            yield from self._ask(then[0], then[1:])
        else:
            yield from self._finish(ask)

    def _finish(self, ask: Ask) -> Iterator[scrapy.Request]:
        walk = self.walk
        found = walk.found.get(ask.window, 0)
        if found:
            log.info("crawl.window", source=walk.source.name, window=ask.window, notices=found)
        if found < walk.source.fewest(ask.window, walk.today):
            walk.thin.append(f"{ask.window} ({found})")
            walk.held |= walk.source.day_of(ask.window) >= walk.today - PATIENCE
        if not walk.held:
            self._move_cursors(ask.window)
        yield from self._next_window()

    def _move_cursors(self, window: str) -> None:
        with self.walk.store.writing() as connection:
            for name, stood in self.walk.cursors.items():
                if stood is None or window > stood:  # the days that are read again do not move it back
                    move_cursor(connection, name, window)

    def _keep(self, body: bytes, ask: Ask) -> tuple[int, list[str]]:
        """Store what an answer holds; returns how many notices it gave, and why others were put aside."""
        walk = self.walk
        form = FORMATS[ask.format or walk.source.format]
        answers = iter((1,))  # an export is several transactions, but one answer

        def count(connection: Connection, taken: Taken, refused: int) -> None:
            count_answer(connection, walk.run, next(answers, 0), taken, refused)

        # Not the address: a notice may stand on another page tomorrow.
        origin = ask.notice or walk.source.origin(ask.window)
        named = {"address": ask.url, "source": walk.source.name, "only": ask.notice}
        taken, reasons = take_body(walk.store, form, body, origin, live=True, also=count, **named)
        for _ in answers:  # it held nothing
            self._count()
        read = taken.new + taken.revised + taken.unchanged
        if not ask.notice:
            walk.found[ask.window] = walk.found.get(ask.window, 0) + read + len(reasons)
        return read, reasons

    def _due(self, ask: Ask, body: bytes) -> tuple[Ask, ...]:
        """Return the pages of details to ask for the rows of an answer that was stored."""
        walk = self.walk
        asks = walk.source.details(walk.base, ask, body)
        abroad = {key for key, one in asks.items() if urlsplit(one.url).netloc != urlsplit(walk.base).netloc}
        if abroad:
            self._doubt(f"{len(abroad)} pages of details stand on another host, such as {asks[min(abroad)].url[:80]}")
        if not asks:
            return ()
        before = datetime.now(UTC) - walk.source.refresh
        with walk.store.reading() as connection:
            due = due_details(connection, asks.keys() - abroad, FORMATS[walk.source.format].richness, before)
        return tuple(one for key, one in asks.items() if key in due)

    def _read_details(self, response: Response, ask: Ask, then: tuple[Ask, ...]) -> Iterator[scrapy.Request]:
        """Store a page of details. One that says nothing costs its own notice's details, not the walk."""
        walk = self.walk
        if (wait := left_alone(response, datetime.now(UTC))) is not None:
            self._count()
            self._wait_for(datetime.now(UTC) + wait, _status_reason(response))
            return
        reason = self._keep_details(response, ask)
        walk.unread = walk.unread + 1 if reason else 0
        if reason:
            log.warning("crawl.details_unread", source=walk.source.name, url=ask.url, reason=reason)
        if walk.unread == UNREAD:
            self._doubt(f"{UNREAD} pages of details in a row said nothing, no more were asked: {reason}")
        if not reason or response.status in (404, 410):  # any other is asked again by the next walk
            with walk.store.writing() as connection:
                note_detail(connection, ask.notice, FORMATS[walk.source.format].richness, datetime.now(UTC))
        yield from self._go_on(ask, then)

    def _keep_details(self, response: Response, ask: Ask) -> str | None:
        """Store a page of details; returns why it said nothing, which is then put aside with it."""
        if response.status == 200:
            read, reasons = self._keep(response.body, ask)
            if read or reasons:
                return next(iter(reasons), None)
            reason = "it holds no notice"
        else:
            self._count(refused=1)
            reason = _status_reason(response)
        self._put_aside(response, ask, reason)
        return reason

    def _count(self, refused: int = 0) -> None:
        with self.walk.store.writing() as connection:
            count_answer(connection, self.walk.run, 1, Taken(), refused)

    def _doubt(self, reason: str) -> None:
        with self.walk.store.writing() as connection:
            doubt_run(connection, self.walk.run, reason)

    def _refuse(self, response: Response, ask: Ask, again: int, reason: str) -> Iterator[scrapy.Request]:
        log.warning("crawl.refused", source=self.walk.source.name, url=ask.url, reason=reason)
        self._count()
        if response.status == 200:  # a page of HTML, a cut body: even when the next try is good, people should know
            self._doubt(f"{ask.window} was answered with {reason[:100]}")
        wait = left_alone(response, datetime.now(UTC))
        if wait is not None:
            self._wait_for(datetime.now(UTC) + wait, reason)
        elif again < AGAIN and response.status in (200, 500):
            yield from self._ask(ask, again=again + 1)
        else:
            if response.status == 200:
                self._put_aside(response, ask, reason)
                if self.walk.source.apart:
                    self.walk.held = True
                    yield from self._next_window()
                    return
            self.walk.failed = f"{ask.window}: {reason}"

    def _wait_for(self, until: datetime, reason: str) -> None:
        with self.walk.store.writing() as connection:
            ask_again_at(connection, self.walk.source.name, until + timedelta(seconds=1))
        self.walk.failed = f"{reason}; not asked again before {until.isoformat(timespec='seconds')}"

    def _put_aside(self, response: Response, ask: Ask, reason: str) -> None:
        source = self.walk.source
        raw = self.walk.store.raw.put(response.body)
        with self.walk.store.writing() as connection:
            form = ask.format or source.format
            aside = Quarantined(form, ask.notice or source.origin(ask.window), ask.notice, reason, raw)
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
                    doubt_run(
                        connection, walk.run, f"{len(walk.thin)} days or lists below the expected yield, last {some}"
                    )
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
    if 300 <= response.status < 400:
        text = f"to {(response.headers.get('Location') or b'').decode('latin-1')}"
    text = " ".join(text.split())[:200]
    return f"HTTP {response.status}: {text}" if text else f"HTTP {response.status}"
