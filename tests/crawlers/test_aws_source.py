"""The walk of AWS: over HTTP against a site that answers as it does, its whims included."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crawlers.sources.aws import Aws
from tenders import canonical
from tenders.model import Notice
from tenders.status import PARIS
from tenders.store.schema import notices
from tests.crawlers.house import CrawlHouse
from tests.standins.aws import AwsFaults, AwsStandIn
from tests.standins.aws_pages import sample_notices

TODAY = datetime.now(PARIS).date()
MANY = 90


@dataclass
class AwsHouse(CrawlHouse):
    """Settings for a crawl of AWS, which `site` stands in for."""

    site: AwsStandIn | None = None

    @property
    def environment(self) -> dict[str, str]:
        assert self.site is not None
        return super().environment | {"TENDERS_SOURCE_URLS": json.dumps({"aws": self.site.base_url})} | self.also

    def walk(self, *, status: int = 0) -> dict[str, Any]:
        self.site.asked.clear()  # type: ignore[union-attr]
        run: dict[str, Any] = json.loads(self.tenders("crawl", "aws", "--json", status=status).stdout)[0]
        return run

    def known(self) -> dict[str, Notice]:
        store = self.open()
        with store.reading() as connection:
            found = [canonical.loads(line) for line in connection.execute(select(notices.c.body)).scalars()]
        store.close()
        return {notice.source_id: notice for notice in found}


@pytest.fixture
def site() -> Iterator[AwsStandIn]:
    with AwsStandIn(sample_notices(MANY, TODAY, days=10), TODAY) as stand_in:
        yield stand_in


@pytest.fixture
def house(tmp_path: Path, site: AwsStandIn) -> AwsHouse:
    return AwsHouse(tmp_path / "var", None, site=site)


def test_every_row_is_stored_with_what_its_page_tells_and_a_second_walk_is_silent(
    house: AwsHouse, site: AwsStandIn
) -> None:
    first = house.walk()
    known = house.known()
    print(first, len(site.asked))
    assert first["state"] == "done", first
    assert len(known) == MANY and site.most_at_once == 1
    assert len(site.paths("/Annonces/MPI-pub-")) == len(set(site.paths("/Annonces/MPI-pub-"))) == MANY
    one = known["MPI-pub-202600003"]
    assert one.cpv == ("45260000", "45261000", "45262300") and one.links == {"boamp": "26-800003"}
    assert one.lot_count == 3 and one.url == "https://www.marches-publics.info/Annonces/MPI-pub-202600003.htm"
    second = house.walk()
    assert (second["new"], second["revised"], second["state"]) == (0, 0, "done"), second
    assert site.paths("MPI-pub") == []
    assert all("dematEnt" not in asked.path and "dRC" not in asked.path for asked in site.asked)


def test_a_moved_deadline_is_read_again_from_its_page_alone(house: AwsHouse, site: AwsStandIn) -> None:
    house.walk()
    number = next(n for n, one in enumerate(site.notices) if one.published == TODAY)
    moved = replace(site.notices[number], deadline=site.notices[number].deadline + timedelta(days=7))
    site.notices[number] = moved
    run = house.walk()
    assert site.paths("MPI-pub") == [f"/Annonces/{moved.id}.htm"]
    deadline = house.known()[moved.id].deadline
    assert run["revised"] >= 1 and deadline is not None and deadline.date() == moved.deadline.date()


def test_a_search_that_meets_too_many_is_cut_and_what_is_left_out_is_said(house: AwsHouse, site: AwsStandIn) -> None:
    site.faults.ceiling = 25  # 30 of each nature in ten days, 24 in eight
    run = house.walk()
    periods = [asked.form["dateParution"] for asked in site.asked if asked.form]
    assert periods == [" < 30", " < 8"] * 3
    assert run["state"] == "suspect" and "no more than the last 8 days of 30" in run["reason"]
    recent = {one.id for one in site.notices if one.published > TODAY - timedelta(days=8)}
    assert house.known().keys() == recent


def test_days_that_are_too_much_together_are_asked_one_by_one(house: AwsHouse, site: AwsStandIn) -> None:
    house.walk()
    base = sample_notices(60, TODAY, days=2)
    site.notices = [replace(one, number=one.number + 50_000) for one in base]
    site.faults.ceiling = 12
    run = house.walk()
    periods = [asked.form["dateParution"] for asked in site.asked if asked.form]
    assert periods == [" < 2", " = 1", " = 0"] * 3
    assert (run["new"], run["state"]) == (60, "done"), run


def test_a_day_that_is_too_much_alone_is_said_and_the_other_natures_are_read(house: AwsHouse, site: AwsStandIn) -> None:
    house.walk()
    site.notices = [replace(one, number=one.number + 50_000) for one in sample_notices(60, TODAY, days=2)]
    site.notices = [one for one in site.notices if one.nature != "T" or one.number % 3 == 0] + [
        replace(one, nature="T", number=one.number + 70_000) for one in site.notices
    ]
    site.faults.ceiling = 12
    run = house.walk()
    assert run["state"] == "suspect" and "too many notices to show" in run["reason"]
    assert {one.nature for one in house.known().values()} >= {"services", "supplies"}
    assert "Veuillez" in house.quarantined()[-1][1]


def test_a_page_that_comes_empty_is_asked_once_more_and_nobody_minds(house: AwsHouse, site: AwsStandIn) -> None:
    site.faults.empty_once = {("T", 2), ("S", 1)}
    run = house.walk()
    assert (run["state"], len(house.known())) == ("done", MANY), run


def test_pages_that_stay_empty_are_a_doubt_and_are_kept(house: AwsHouse, site: AwsStandIn) -> None:
    site.faults.always_empty = True
    run = house.walk()
    assert run["state"] == "suspect" and "an empty page" in run["reason"], run
    assert house.known() == {}
    assert len(house.quarantined()) == 3
    site.faults.always_empty = False
    assert house.walk()["new"] == MANY  # the cursor did not pass what was not read


def test_a_captcha_ends_the_walk_and_the_site_is_left_alone(house: AwsHouse, site: AwsStandIn) -> None:
    site.faults.forbidden = 1_000
    run = house.walk(status=1)
    assert run["state"] == "failed" and "403" in run["reason"]
    assert len([asked for asked in site.asked if "robots" not in asked.path]) == 1
    site.asked.clear()
    house.tenders("crawl", "aws")
    assert site.asked == []


def test_a_captcha_among_the_notices_stops_the_walk_there(house: AwsHouse, site: AwsStandIn) -> None:
    house.walk()
    site.notices.append(replace(site.notices[0], number=202677777, published=TODAY))
    before = len(site.asked)
    assert before
    answer = site._answer  # the list answers, the notice's page does not

    def closed(asked: Any) -> Any:
        if "MPI-pub" in asked.path:
            site.faults.forbidden = 1
        return answer(asked)

    site._answer = closed  # type: ignore[method-assign]
    run = house.walk(status=1)
    assert run["state"] == "failed" and "403" in run["reason"]
    assert len(site.paths("MPI-pub")) == 1
    assert "MPI-pub-202677777" in house.known()  # its row was stored


def test_a_lost_session_is_no_empty_list(house: AwsHouse, site: AwsStandIn) -> None:
    site._sessions = _Forgetful()
    run = house.walk()
    assert run["state"] == "suspect" and "no list of notices" in run["reason"], run


class _Forgetful(dict[str, tuple[str, str]]):
    """Sessions that last for one page."""

    def __getitem__(self, key: str) -> tuple[str, str]:
        return self.pop(key)


def test_errors_and_cut_pages_are_asked_again(house: AwsHouse, site: AwsStandIn) -> None:
    site.faults.errors, site.faults.cut = 2, 1
    run = house.walk()
    assert len(house.known()) == MANY, run
    assert run["state"] == "suspect" and "cut off" in run["reason"]


@pytest.mark.parametrize(
    ("robots", "reads"), [(None, True), ("User-agent: *\nAllow: /\n", True), ("User-agent: *\nDisallow: /\n", False)]
)
def test_robots_txt_is_obeyed(house: AwsHouse, site: AwsStandIn, robots: str | None, reads: bool) -> None:
    site.faults.robots = robots
    run = house.walk(status=0 if reads else 1)
    assert (len(house.known()) == MANY) is reads, run
    assert bool(site.paths("/Annonces/")) is reads


@pytest.mark.parametrize(
    ("cursor", "windows"),
    [
        (None, ["1 T 30", "2 S 30", "3 F 30"]),
        ("2026-11-25 3 F 30", ["1 T 02", "2 S 02", "3 F 02"]),
        ("2026-11-25 1 T 30", ["2 S 30", "3 F 30"]),
        ("2026-11-24 1 T 30", ["1 T 30", "2 S 30", "3 F 30"]),
        ("2026-11-24 3 F 30", ["1 T 02", "2 S 02", "3 F 02"]),
        ("2026-11-20 3 F 02", ["1 T 08", "2 S 08", "3 F 08"]),
        ("2026-10-01 3 F 02", ["1 T 30", "2 S 30", "3 F 30"]),
    ],
)
def test_a_walk_looks_back_to_the_last_whole_one(cursor: str | None, windows: list[str]) -> None:
    found = list(Aws().windows(cursor, None, date(2026, 11, 25)))
    assert found == [f"2026-11-25 {window}" for window in windows]


def test_it_is_off_until_it_is_named() -> None:
    assert Aws.on is False and Aws().address.__self__.homepage == "https://www.marches-publics.info"


def test_the_faults_start_switched_off() -> None:
    assert AwsFaults() == AwsFaults(
        ceiling=10_000, page_size=10, pinned=True, empty_once=set(), always_empty=False, forbidden=0, errors=0, cut=0,
        sessions=True, robots=None,
    )  # fmt: skip


def test_a_live_check_shows_what_was_understood_of_a_page(house: AwsHouse, site: AwsStandIn) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crawlers.live_check", "aws", "--details"], env=house.environment, capture_output=True,
        timeout=120,
    )  # fmt: skip
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode() + said
    assert "10 rows" in said and "1 pages of details" in said and "?pager_t=2" in said
    assert len([asked for asked in site.asked if "robots" not in asked.path]) == 2
