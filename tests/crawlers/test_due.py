"""Which sources the service walks, and when; which pages of details are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.crawl import chosen, describe, due_sources
from crawlers.sources import SOURCES
from crawlers.spider import SourceSpider, Walk
from tenders.errors import BadQuery
from tenders.model import Notice, NoticeKind
from tenders.settings import Settings
from tenders.store.database import Store, open_store
from tenders.store.details import due_details, note_detail
from tenders.store.notices import Reading, Taken, take
from tenders.store.sources import begin_run, count_answer, end_run, load_run

NOW = datetime(2026, 5, 21, 12, 0, tzinfo=UTC)
WEEK = NOW - timedelta(days=7)
POOR, RICH = 5, 15


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, sources="boamp, ebourgogne", _env_file=None)  # type: ignore[call-arg]


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings.database, settings.raw)


def walked(store: Store, name: str, ended: datetime) -> None:
    with store.writing() as connection:
        run = begin_run(connection, name, ended)
        count_answer(connection, run, 1, Taken(new=1), 0)
        end_run(connection, run, ended)


def test_the_service_walks_the_sources_that_are_on_or_those_that_are_named(settings: Settings) -> None:
    assert [source.name for source in chosen(settings)] == ["boamp", "ebourgogne"]
    unnamed = settings.model_copy(update={"sources": ""})
    assert [source.name for source in chosen(unnamed)] == [source.name for source in SOURCES.values() if source.on]
    with pytest.raises(BadQuery, match="unknown source 'nowhere'"):
        chosen(settings.model_copy(update={"sources": "nowhere"}))


def test_a_platform_is_due_once_a_day_and_in_its_hours(settings: Settings, store: Store) -> None:
    assert due_sources(settings, NOW) == ["boamp", "ebourgogne"]
    describe(store, chosen(settings))
    walked(store, "boamp", NOW - timedelta(minutes=5))
    walked(store, "ebourgogne", NOW - timedelta(hours=19))
    assert due_sources(settings, NOW) == ["boamp"]
    assert due_sources(settings, NOW + timedelta(hours=2)) == ["boamp", "ebourgogne"]
    at_night = settings.model_copy(update={"crawl_hours": "22-6"})
    assert due_sources(at_night, NOW + timedelta(hours=2)) == ["boamp"]
    assert due_sources(at_night, NOW + timedelta(hours=9)) == ["boamp", "ebourgogne"]


def row(number: int, title: str) -> Notice:
    return Notice(source="p", source_id=f"a:{number}", kind=NoticeKind.COMPETITION, title=title)


def read(store: Store, notice: Notice, richness: int) -> None:
    with store.writing() as connection:
        take(connection, [Reading(notice, richness)], at=NOW, live=True)


def due(store: Store, before: datetime = WEEK) -> list[str]:
    with store.reading() as connection:
        return due_details(connection, ["p:a:1", "p:a:2", "p:a:1"], POOR, before)


def note(store: Store, key: str, at: datetime = NOW) -> None:
    with store.writing() as connection:
        note_detail(connection, key, POOR, at)


def test_a_page_is_due_when_its_row_is_new_or_changed_and_after_a_while(store: Store) -> None:
    read(store, row(1, "Toiture"), POOR)
    assert due(store) == ["p:a:1", "p:a:2"]  # the second row was not understood: its page may be
    note(store, "p:a:1")
    note(store, "p:a:2")
    assert due(store) == []
    read(store, row(1, "Toiture"), POOR)  # the same again
    read(store, row(1, "Toiture, page"), RICH)
    assert due(store) == []
    read(store, row(1, "Toiture de l'école"), POOR)
    assert due(store) == ["p:a:1"]
    note(store, "p:a:1")
    read(store, row(1, "Toiture"), POOR)  # back to what it said before
    assert due(store) == ["p:a:1"]
    note(store, "p:a:1")
    assert due(store, NOW + timedelta(seconds=1)) == ["p:a:1", "p:a:2"]


def test_a_row_that_is_understood_at_last_has_its_page_asked(store: Store) -> None:
    note(store, "p:a:2")
    read(store, row(2, "Voirie"), POOR)
    assert due(store) == ["p:a:1", "p:a:2"]


def test_a_walk_asks_nothing_more_once_its_hours_have_ended(store: Store) -> None:
    with store.writing() as connection:
        run = begin_run(connection, "ebourgogne", NOW)
    source = SOURCES["ebourgogne"]
    walk = Walk(source, store, "https://portal.example", run, {"ebourgogne": None}, iter(()), NOW.date(), closes=NOW)
    spider = SourceSpider(walk)
    assert list(spider._ask(source.first(walk.base, "2026-05-21 1 AllCons", NOW.date()))) == []
    spider.closed("finished")
    with store.reading() as connection:
        ended = load_run(connection, run)
    assert (ended.state, ended.reason is not None and "TENDERS_CRAWL_HOURS" in ended.reason) == ("failed", True)
