"""How BOAMP is walked: functions of their arguments, no network."""

from __future__ import annotations

import json
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.source import Ask
from crawlers.sources import SOURCES
from crawlers.sources.boamp import CEILING, Boamp
from tenders.errors import Refused
from tenders.settings import Settings

BOAMP = Boamp()
BASE = "https://example.org"
TODAY = date(2026, 5, 21)


def answer(total: int, here: int) -> bytes:
    return json.dumps({"total_count": total, "results": [{"idweb": f"26-{n}"} for n in range(here)]}).encode()


def asked(ask: Ask | None) -> dict[str, str]:
    assert ask is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(ask.url).query).items()}


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_every_source_says_who_it_is_and_what_a_healthy_day_brings(source: Boamp) -> None:
    assert SOURCES[source.name] is source
    assert source.title
    assert source.licence
    assert source.homepage.startswith("https://")
    assert source.expect.fewest >= 1
    assert source.expect.late_hours < source.expect.silent_hours
    assert source.address(Settings()).startswith("https://")


def test_the_first_walk_begins_a_month_ago_and_ends_today() -> None:
    days = list(BOAMP.windows(None, None, TODAY))
    assert (days[0], days[-1], len(days)) == ("2026-04-21", "2026-05-21", 31)


def test_the_next_walk_of_a_day_reads_the_day_before_again() -> None:
    assert list(BOAMP.windows("2026-05-21", None, TODAY)) == ["2026-05-20", "2026-05-21"]


def test_the_first_walk_of_a_day_reads_a_week_again() -> None:
    days = list(BOAMP.windows("2026-05-20", None, TODAY))
    assert (days[0], days[-1], len(days)) == ("2026-05-13", "2026-05-21", 9)


def test_a_walk_since_a_day_never_begins_before_it() -> None:
    assert next(BOAMP.windows("2026-05-01", date(2026, 5, 1), TODAY)) == "2026-05-01"
    assert next(BOAMP.windows("2026-05-10", date(2026, 5, 1), TODAY)) == "2026-05-09"


def test_no_page_of_any_total_reaches_the_ceiling() -> None:
    for total in (0, 1, 99, 100, 101, 5_000, 9_899, 9_900, 9_901, 9_999, 10_000, 50_000):
        ask: Ask | None = BOAMP.first(BASE, "2026-05-21", TODAY)
        read = 0
        for _ in range(200):
            if ask is None or "/exports/" in ask.url:
                break
            query = asked(ask)
            offset, limit = int(query["offset"]), int(query["limit"])
            assert offset + limit < CEILING
            here = min(limit, total - offset)
            read += here
            ask = BOAMP.following(BASE, ask, answer(total, here))
        assert read == total or (ask is not None and "/exports/" in ask.url), total


def test_an_old_day_is_one_export_without_offset() -> None:
    ask = BOAMP.first(BASE, "2026-04-01", TODAY)
    assert "/exports/json?" in ask.url
    assert "offset" not in asked(ask)
    assert BOAMP.following(BASE, ask, b"[]") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>maintenance</body></html>",
        answer(250, 100)[:-20],
        b'{"message": "down", "error_code": "X"}',
        b"[]",
        b"null",
        answer(250, 0),
    ],
)
def test_what_is_no_answer_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        BOAMP.following(BASE, BOAMP.first(BASE, "2026-05-21", TODAY), body)
    assert str(refused.value)


def test_an_export_that_broke_off_in_the_middle_is_refused() -> None:
    ask = BOAMP.first(BASE, "2026-04-01", TODAY)
    for body in (
        b'[{"idweb": "26-1"}',
        b"[Invalid value for sum of offset + limit API parameter",
        b'{"error_code": 1}',
    ):
        with pytest.raises(Refused):
            BOAMP.following(BASE, ask, body)


def test_days_are_windows_that_sort_by_time() -> None:
    days = list(BOAMP.windows(None, TODAY - timedelta(days=400), TODAY))
    assert days == sorted(days)
    assert BOAMP.day_of(days[-1]) == TODAY
