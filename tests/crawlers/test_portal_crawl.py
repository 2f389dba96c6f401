"""A crawl of a portal that lists rows and tells more on a page of each: everything once, whatever the site does."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tenders.status import PARIS
from tests.crawlers.portal_house import PortalHouse, portal_house
from tests.standins.atexo import AtexoStandIn, Site
from tests.standins.atexo_samples import consultations

COUNT = 45
SIZES = {"AllCons": 45, "AvisInformation": 3, "AvisAttribution": 12}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PortalHouse]:
    """A house that has read nothing, and a portal with three lists."""
    records = [one for name, count in SIZES.items() for one in consultations(count, list_=name)]
    with AtexoStandIn(records) as portal:
        yield portal_house(tmp_path / "var", portal)


@pytest.fixture
def portal(house: PortalHouse) -> AtexoStandIn:
    assert house.portal is not None
    return house.portal


def keys(portal: AtexoStandIn) -> set[str]:
    return {one.key for one in portal.records}


@pytest.mark.parametrize(
    "site",
    [
        Site(),
        Site(layout="table", paths="query", menu="entreprise", full_months=False),
        Site(paths="app.php", full_months=False, doubled=1, big_state_on=1),
        Site(counted=False, endless=True, past_the_end="again", sizes=False),
    ],
    ids=["cards", "table of 2020", "app.php, doubled rows", "endless"],
)
def test_every_consultation_is_stored_with_what_its_page_tells(
    house: PortalHouse, portal: AtexoStandIn, site: Site
) -> None:
    portal.site = site
    run = house.walk()
    assert (run["state"], run["new"], run["quarantined"]) == ("done", 60, 0)
    found = house.notices()
    assert set(found) == keys(portal)
    for one in portal.records:
        notice = found[one.key]
        assert (notice.source, notice.title, notice.description) == ("ebourgogne", one.title, one.objet)
        assert (notice.cpv, notice.reference, notice.lot_count) == ((one.cpv,), one.reference, one.lots)
        assert notice.published == one.published
        assert len(notice.documents) == 2
        if one.list == "AllCons":
            assert notice.deadline == one.deadline.replace(tzinfo=PARIS)
    assert Counter(notice.kind for notice in found.values()) == {"competition": 45, "planning": 3, "result": 12}
    assert portal.busiest == 1
    assert len(portal.details) == len(set(portal.details)) == 60
    assert run["requests"] == len(portal.requests) - 1  # all but robots.txt


def test_a_walk_is_one_session_reads_robots_first_and_fetches_no_document(
    house: PortalHouse, portal: AtexoStandIn
) -> None:
    house.walk()
    assert portal.requests[0].path == "/robots.txt"
    assert {asked.agent for asked in portal.requests} == {"Tenderwatch/0.1 (+operator@example.org)"}
    assert {asked.status for asked in portal.requests} == {200}
    posts = [asked for asked in portal.requests if asked.method == "POST"]
    assert posts and all(asked.session for asked in posts)
    assert not [asked for asked in portal.requests if "Telechargement" in asked.path or "Download" in asked.path]


def test_a_second_walk_reads_the_lists_only_and_changes_nothing(house: PortalHouse, portal: AtexoStandIn) -> None:
    house.walk()
    before, readings = house.stored(), house.readings()
    portal.requests.clear()
    run = house.walk()
    assert (run["new"], run["revised"], run["unchanged"], portal.details) == (0, 0, 60, [])
    assert (house.stored(), house.readings()) == (before, readings)


def test_only_new_and_changed_rows_have_their_pages_asked(house: PortalHouse, portal: AtexoStandIn) -> None:
    house.walk()
    later = datetime.combine(datetime.now(PARIS).date() + timedelta(days=99), datetime.min.time().replace(hour=17))
    changed = portal.records[17]
    portal.change(changed.id, deadline=later)
    fresh = consultations(46)[-1]
    portal.records = [*portal.records, *(one for one in consultations(46) if one.key not in keys(portal))]
    portal.requests.clear()
    run = house.walk()
    assert (run["new"], len(portal.details)) == (1, 2)
    assert house.notices()[changed.key].deadline == later.replace(tzinfo=PARIS)
    assert fresh.key in house.notices() or len(house.notices()) == 61


def test_all_pages_are_asked_again_after_a_week(house: PortalHouse, portal: AtexoStandIn) -> None:
    house.walk()
    only_details = portal.records[3]
    portal.change(only_details.id, cpv="45000000")
    house.let_a_week_pass()
    portal.requests.clear()
    run = house.walk()
    assert (len(portal.details), run["revised"]) == (60, 1)
    assert house.notices()[only_details.key].cpv == ("45000000",)


def test_a_changed_layout_is_a_suspect_run_with_its_page_kept(house: PortalHouse, portal: AtexoStandIn) -> None:
    house.walk()
    portal.site = Site(layout="changed")
    run = house.walk()
    assert run["state"] == "suspect"
    assert "the layout has changed" in run["reason"]
    assert len(house.notices()) == 60
    line = house.freshness()
    assert (line["state"], line["runs"][0]["state"]) == ("suspect", "suspect")
    aside = house.quarantined()
    assert len(aside) == 3
    store = house.open()
    with store.reading() as connection:
        raws = connection.exec_driver_sql("SELECT raw FROM quarantine").scalars().all()
    assert all(b"tender-card" in store.raw.get(raw) for raw in raws)
    store.close()
    house.walk()
    assert len(house.quarantined()) == 3  # the same refusal a second time is one row


def test_an_empty_list_where_rows_were_usual_is_suspect(house: PortalHouse, portal: AtexoStandIn) -> None:
    portal.records = []
    run = house.walk()
    assert run["state"] == "suspect"
    assert "below the expected yield" in run["reason"]


def test_a_closed_door_ends_the_run_and_the_source_is_left_alone(house: PortalHouse, portal: AtexoStandIn) -> None:
    portal.site = Site(forbidden=True)
    run = house.walk(status=1)
    assert run["state"] == "failed"
    assert "HTTP 403: 403 Forbidden; not asked again before" in run["reason"]
    assert len(portal.requests) == 2  # robots.txt and one page
    assert house.freshness()["again_at"] is not None
    portal.heal()
    done = house.tenders("crawl", "ebourgogne")
    assert b"crawl.waits" in done.stderr
    assert len(portal.requests) == 2
    house.forget_the_wait()
    assert house.walk()["new"] == 60


def test_too_many_requests_are_waited_for(house: PortalHouse, portal: AtexoStandIn) -> None:
    portal.fail("busy", times=1, seconds=2)
    assert house.walk()["new"] == 60
    refused = next(n for n, asked in enumerate(portal.requests) if asked.status == 429)
    assert portal.gaps[refused] >= 2


def test_pages_that_say_nothing_cost_their_own_details_only(house: PortalHouse, portal: AtexoStandIn) -> None:
    portal.site = Site(broken_details=frozenset({portal.records[5].id}))
    run = house.walk()
    assert (run["state"], run["new"], run["quarantined"]) == ("done", 60, 1)
    [(place, reason)] = house.quarantined()
    assert place == f"ebourgogne:{portal.records[5].key}"
    assert "500" in reason
    portal.heal()
    portal.site = Site()
    portal.requests.clear()
    house.walk()
    assert len(portal.details) == 1  # asked again, and now it answers
    assert house.notices()[portal.records[5].key].cpv


def test_when_all_pages_ask_for_a_login_the_rows_are_stored_and_the_pages_left_alone(
    house: PortalHouse, portal: AtexoStandIn
) -> None:
    portal.site = Site(login_details=True)
    run = house.walk()
    assert (run["state"], run["new"]) == ("suspect", 60)
    assert "login" in run["reason"]
    assert len(portal.details) == 5


def test_pages_on_another_host_are_not_asked(house: PortalHouse, portal: AtexoStandIn) -> None:
    portal.site = Site(details_at="http://127.0.0.2:1")
    run = house.walk()
    assert (run["state"], run["new"], portal.details) == ("suspect", 60, [])
    assert "pages of details stand on another host, such as http://127.0.0.2:1/" in run["reason"]


def test_a_page_that_comes_again_in_the_middle_leaves_the_walk_suspect(
    house: PortalHouse, portal: AtexoStandIn
) -> None:
    portal.site = Site(lost_state=2)
    run = house.walk()
    assert run["state"] == "suspect"
    assert "page 2 was asked for, page 1 of 3 came" in run["reason"]


@pytest.mark.parametrize(
    ("robots", "state", "asked"), [(None, "done", 68), ("User-agent: *\nDisallow: /\n", "failed", 1)]
)
def test_robots_is_obeyed(house: PortalHouse, portal: AtexoStandIn, robots: str | None, state: str, asked: int) -> None:
    portal.robots = robots
    assert house.walk(status=state == "failed")["state"] == state
    assert len(portal.requests) == asked


def test_the_delay_that_robots_asks_for_is_kept(house: PortalHouse, portal: AtexoStandIn) -> None:
    portal.records = portal.records[:4]
    portal.robots = "User-agent: *\nCrawl-delay: 0.5\nAllow: /\n"
    assert house.walk()["new"] == 4
    assert min(portal.gaps[1:]) >= 0.49


def test_the_delay_of_the_settings_is_kept(house: PortalHouse, portal: AtexoStandIn) -> None:
    portal.records = portal.records[:4]
    house.also["TENDERS_CRAWL_DELAY"] = "0.4"
    assert house.walk()["new"] == 4
    assert min(portal.gaps[1:]) >= 0.39


def test_platforms_are_walked_within_the_hours_that_are_set(house: PortalHouse, portal: AtexoStandIn) -> None:
    hour = datetime.now(PARIS).hour
    house.also["TENDERS_CRAWL_HOURS"] = f"{(hour + 3) % 24}-{(hour + 6) % 24}"
    done = house.tenders("crawl", "ebourgogne")
    assert b"TENDERS_CRAWL_HOURS" in done.stderr
    assert portal.requests == []
    house.also["TENDERS_CRAWL_HOURS"] = f"{(hour - 1) % 24}-{(hour + 2) % 24}"
    assert house.walk()["new"] == 60
    house.also["TENDERS_CRAWL_HOURS"] = "nights"
    assert b"TENDERS_CRAWL_HOURS=nights" in house.tenders("crawl", "ebourgogne", status=2).stderr


def start_and_kill(house: PortalHouse, portal: AtexoStandIn, after: int) -> bool:
    """Kill a crawl once it has asked so much more; returns whether it was still running."""
    victim = house.start("crawl", house.source)
    known = len(portal.requests)
    until = time.monotonic() + 30
    while len(portal.requests) < known + after and victim.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    running = victim.poll() is None
    victim.send_signal(signal.SIGKILL)
    victim.wait(20)
    return running


def test_a_killed_walk_goes_on_without_asking_its_pages_again(house: PortalHouse, portal: AtexoStandIn) -> None:
    assert start_and_kill(house, portal, 30)
    known = set(portal.details)
    assert len(known) > 15
    run = house.walk()
    assert run["state"] == "done"
    assert set(house.notices()) == keys(portal)
    assert all(notice.cpv for notice in house.notices().values())
    again = Counter(portal.details)
    assert sum(count - 1 for count in again.values()) <= 2  # the one under way, and what was sent but not stored


def faulty_crawl(home: Path, count: int) -> None:
    """Crawl a portal with 5 % errors, 2 % cut bodies, one 403 spell and two kills: all stored, politely."""
    records = consultations(count)
    with AtexoStandIn(records, site=Site(doubled=7, full_months=False)) as portal:
        house = portal_house(home, portal)
        house.also["TENDERS_CRAWL_DELAY"] = "0.02"
        portal.fail("error", times=None, probability=0.05, seed=1)
        portal.fail("cut", times=None, probability=0.02, seed=2)
        assert start_and_kill(house, portal, count // 4)
        assert start_and_kill(house, portal, count // 4)
        portal.site = Site(doubled=7, full_months=False, forbidden=True)
        asked = len(portal.requests)
        assert "403" in house.walk(status=1)["reason"]
        assert len(portal.requests) - asked == 2
        portal.site = Site(doubled=7, full_months=False)
        house.forget_the_wait()
        for _ in range(5):
            run = house.walk(status=None)
            if run["state"] != "failed":
                break
        found = house.notices()
        assert set(found) == {one.key for one in records}
        assert all(found[one.key].cpv == (one.cpv,) for one in records)
        assert house.quarantined() == []
        assert portal.busiest == 1
        # At the portal's door; they leave 0.02 apart, and a busy machine may hand two of them in at once.
        assert sorted(portal.gaps)[len(portal.gaps) // 50] >= 0.01
        whole = Counter(asked.path for asked in portal.requests if asked.is_detail and asked.status == 200)
        lists = sum(asked.list is not None for asked in portal.requests)
        print(f"{count} consultations: {len(portal.requests)} requests, {lists} of lists, {len(whole)} pages, "
              f"{sum(whole.values()) - len(whole)} of them a second time, {portal.busiest} at once")  # fmt: skip
        assert sum(whole.values()) - len(whole) <= count * 0.05 + 4  # cut bodies, and what two kills had under way
        portal.heal()
        portal.requests.clear()
        assert house.walk()["unchanged"] >= count
        assert portal.details == []


def test_a_crawl_under_faults_stores_every_consultation(tmp_path: Path) -> None:
    faulty_crawl(tmp_path / "var", 200)


@pytest.mark.proof
def test_a_crawl_of_two_thousand_consultations_under_faults_stores_every_one(tmp_path: Path) -> None:
    faulty_crawl(tmp_path / "var", 2_000)


def test_a_look_at_a_portal_asks_one_page_and_says_what_it_understood(house: PortalHouse, portal: AtexoStandIn) -> None:
    def look(*also: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "crawlers.live_check", "ebourgogne", *also]
        return subprocess.run(command, env=house.environment, capture_output=True, text=True, timeout=60)

    done = look()
    assert done.returncode == 0, done.stderr
    assert [asked.path.partition("?")[0] for asked in portal.requests] == ["/robots.txt", "/"]
    for said in ("total          45", "pages          5", "deadline        10/10", "cpv              0/10  MISSING"):
        assert said in done.stdout
    assert not (house.home / "tenders.db").exists()
    assert "cpv              1/1" in look("--details").stdout
    assert len(portal.requests) == 5
    portal.site = Site(layout="changed")
    wrong = look()
    assert wrong.returncode == 1
    assert "the layout has changed" in wrong.stdout
    assert len([asked for asked in portal.requests if asked.list]) == 3
