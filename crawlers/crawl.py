"""Crawl sources: one walk each, its run told in the store; a stop in the middle is mended by crawling again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime

import orjson
import structlog
from sqlalchemy import Connection

from crawlers.source import Source
from crawlers.sources import SOURCES
from crawlers.sources.feeds import feed_sources
from tenders.errors import BadQuery, TendersError
from tenders.settings import Settings
from tenders.status import PARIS, paris_day
from tenders.store.alone import alone
from tenders.store.database import Store, open_store
from tenders.store.sources import (
    Described,
    Run,
    asked_to_wait,
    begin_run,
    describe_sources,
    drop_cursor,
    freshness,
    load_run,
    read_cursor,
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Crawled:
    """What a crawl in a process of its own said: how much was read, and whether every source ended well."""

    read: int
    new: int
    well: bool


def all_sources(settings: Settings) -> dict[str, Source]:
    """Return every source by its name, with the feeds that the settings name; raises BadSettings."""
    return SOURCES | feed_sources(settings, SOURCES)


def find_source(name: str, settings: Settings) -> Source:
    """Return a source by its name; raises BadQuery, which names those there are."""
    known = all_sources(settings)
    if name not in known:
        raise BadQuery(f"unknown source {name!r}: the sources are {', '.join(known)}", name="source")
    return known[name]


def chosen(settings: Settings) -> list[Source]:
    """Return the sources that the service walks; raises BadQuery for a name that TENDERS_SOURCES should not hold."""
    names = settings.sources.replace(",", " ").split()
    return [find_source(name, settings) for name in names] or [
        source for source in all_sources(settings).values() if source.on
    ]


def due_sources(settings: Settings, now: datetime) -> list[str]:
    """Return the names of those the service is to walk now: long enough after their last whole walk, in their hours."""
    from crawlers.politeness import open_hours

    store = open_store(settings.database, settings.raw)
    with store.reading() as connection:
        walked = {one.source.name: one.last_success for one in freshness(connection, now)}
    store.close()
    hours = open_hours(settings.crawl_hours, now)
    asleep = hours is not None and hours[0] > now
    return [
        source.name
        for source in chosen(settings)
        if not (source.quiet and asleep) and ((last := walked.get(source.name)) is None or now - last >= source.every)
    ]


def describe(store: Store, sources: Iterable[Source]) -> None:
    """Write what sources say of themselves into the store, where the other rooms read it."""
    described = [
        Described(
            name=source.name,
            title=source.title,
            homepage=source.homepage,
            licence=source.licence,
            late_hours=source.expect.late_hours,
            silent_hours=source.expect.silent_hours,
            weekday=source.expect.fewest,
        )
        for source in sources
    ]
    with store.writing() as connection:
        describe_sources(connection, described)


def crawl(
    settings: Settings,
    names: Sequence[str],
    since: date | None = None,
    until: date | None = None,
    most: int | None = None,
) -> list[Run]:
    """Crawl sources, each by one walk at a time; returns their runs. Once a process: it owns Scrapy's reactor.

    With `since` the walk begins at that day, whatever was read before, and goes on there when it was stopped; with
    `until` it ends with that day; with `most` after so many requests. A source that asked to be left alone until later
    is left alone, and so is a platform outside the hours that are set.
    """
    from crawlers.addresses import check_address

    today = datetime.now(PARIS).date()
    if since is not None and since > (end := min(until or today, today)):
        raise BadQuery(f"--since {since} is after the last day to read, {end}", name="since")
    sources = [find_source(name, settings) for name in dict.fromkeys(names)]
    for source in sources:
        check_address(source.address(settings), settings)
    if not settings.crawl_contact and not settings.allow_loopback:
        log.warning("crawl.no_contact", mend="set TENDERS_CRAWL_CONTACT, so that a site can reach whoever crawls it")
    store = open_store(settings.database, settings.raw)
    with ExitStack() as locks:
        for source in sources:
            refusal = f"another process crawls {source.name} now; it does the same work"
            locks.enter_context(alone(store, f"crawl-{source.name}", refusal))
        return _walk(settings, store, sources, since, until, most)


def _walk(
    settings: Settings,
    store: Store,
    sources: Sequence[Source],
    since: date | None,
    last: date | None,
    most: int | None,
) -> list[Run]:
    from scrapy.crawler import CrawlerProcess

    from crawlers.politeness import open_hours, process_settings, scrapy_settings
    from crawlers.spider import SourceSpider, Walk

    now = datetime.now(UTC)
    hours = open_hours(settings.crawl_hours, now)
    describe(store, sources)
    process = CrawlerProcess(process_settings(settings))
    walks: list[Walk] = []
    for source in sources:
        if source.quiet and hours is not None and hours[0] > now:
            mend = "crawl within TENDERS_CRAWL_HOURS, or change them"
            log.warning("crawl.waits", source=source.name, until=hours[0].isoformat(timespec="seconds"), mend=mend)
            continue
        with store.writing() as connection:
            until = asked_to_wait(connection, source.name, now)
            if until is not None:
                mend = "it asked to be left alone until then; crawl again after it"
                log.warning("crawl.waits", source=source.name, until=until.isoformat(timespec="seconds"), mend=mend)
                continue
            run = begin_run(connection, source.name, now)
            cursors = _cursors(connection, source.name, since)
        today = paris_day(now)
        base = source.address(settings)
        came_to = next(iter(cursors.values()))
        windows = source.windows(came_to, since, min(last or today, today))
        closes = hours[1] if hours and source.quiet else None
        walk = Walk(source, store, base, run, cursors, windows, today, closes, most)
        walks.append(walk)
        spider = type("Spider", (SourceSpider,), {"custom_settings": scrapy_settings(source, settings)})
        process.crawl(process.create_crawler(spider), walk=walk)
    if walks:
        process.start()
    with store.writing() as connection:
        for walk in walks:
            if walk.whole and since is not None:
                drop_cursor(connection, next(iter(walk.cursors)))
        return [load_run(connection, walk.run) for walk in walks]


def _cursors(connection: Connection, name: str, since: date | None) -> dict[str, str | None]:
    """Return the cursors that a walk moves, the one that it goes on from first.

    A walk since a day has its own, so that it goes on after a stop; it moves the source's too where it leaves no gap.
    """
    main = read_cursor(connection, name)
    if since is None:
        return {name: main}
    own = f"{name} since {since}"
    cursors = {own: read_cursor(connection, own)}
    return cursors | {name: main} if main is None or since.isoformat() <= main else cursors


def crawl_apart(settings: Settings, names: Sequence[str], since: date | None = None) -> Crawled:
    """Crawl in a process of its own, as a service that also serves must; raises TendersError when none could begin."""
    command = [sys.executable, "-m", "tenders", "crawl", "--json", *names]
    command += ["--since", since.isoformat()] if since else []
    done = subprocess.run(command, env=settings.environment(), stdout=subprocess.PIPE, check=False)  # noqa: S603
    try:
        said = orjson.loads(done.stdout)
    except orjson.JSONDecodeError:
        raise TendersError(f"the crawl ended with status {done.returncode} and said nothing") from None
    return Crawled(sum(run["read"] for run in said), sum(run["new"] for run in said), done.returncode == 0)
