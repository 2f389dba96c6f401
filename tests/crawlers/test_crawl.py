"""A crawl of the stand-in: everything is stored once, whatever the platform does meanwhile."""

from __future__ import annotations

import json
import random
import signal
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from crawlers.formats import FORMATS
from crawlers.politeness import TRIES
from tenders.model import Notice
from tenders.store.notices import stream_notices
from tenders.store.schema import readings
from tests.crawlers.house import SINCE, TODAY, CrawlHouse, plain_records
from tests.standins.samples import broken_records

KEYS = 750


def api_requests(house: CrawlHouse) -> list[str]:
    return [asked.path for asked in house.standin.requests if asked.path != "/robots.txt"]


def test_everything_published_is_stored_one_request_at_a_time(house: CrawlHouse) -> None:
    run = house.crawl()
    assert (run["state"], run["new"], run["read"]) == ("done", KEYS, KEYS)
    assert {key for key, _ in house.stored()} == {f"boamp:{record['idweb']}" for record in house.standin.records}
    assert house.standin.busiest == 1
    assert run["requests"] == len(api_requests(house)) == 10  # two pages for each of five days


def test_robots_is_read_first_and_the_agent_says_who_it_is(house: CrawlHouse) -> None:
    house.crawl()
    assert house.standin.requests[0].path == "/robots.txt"
    assert {asked.agent for asked in house.standin.requests} == {"Tenderwatch/0.1 (+operator@example.org)"}


def test_a_second_crawl_changes_nothing(house: CrawlHouse) -> None:
    house.crawl()
    before, readings = house.stored(), house.readings()
    run = house.crawl()
    assert (run["new"], run["revised"], run["unchanged"]) == (0, 0, KEYS)
    assert (house.stored(), house.readings()) == (before, readings)


def test_a_crawl_goes_on_from_the_day_before_the_last_one_it_read(house: CrawlHouse) -> None:
    house.crawl()
    house.standin.requests.clear()
    run = house.crawl(since=None)
    days = {asked.parameters["where"][0] for asked in house.standin.requests if "where" in asked.parameters}
    assert days == {f"dateparution=date'{day}'" for day in (TODAY - timedelta(days=1), TODAY)}
    assert run["unchanged"] == 300


def test_a_corrected_record_is_a_revision_and_a_late_one_is_found(house: CrawlHouse) -> None:
    house.crawl()
    last = house.standin.records[-1]
    house.standin.add(last | {"objet": "Réfection de la toiture du gymnase"})
    house.standin.add(plain_records(1, TODAY - timedelta(days=1), start=9000)[0])
    run = house.crawl(since=None)
    assert (run["new"], run["revised"], run["unchanged"]) == (1, 1, 299)


def test_kills_in_the_middle_lose_and_double_nothing(house: CrawlHouse) -> None:
    draw = random.Random(5)
    killed = 0
    house.standin.fail("slow", times=None, probability=0.5, seconds=0.15)
    for _ in range(6):
        victim = house.start("crawl", "boamp", "--since", SINCE.isoformat())
        known = len(house.standin.requests)
        until = time.monotonic() + 20
        while len(house.standin.requests) < known + 2 and victim.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 0.5))
        if victim.poll() is None:
            victim.send_signal(signal.SIGKILL)
            killed += 1
        victim.wait(20)
    house.standin.heal()
    assert killed >= 3
    house.crawl()
    assert len(house.stored()) == KEYS
    assert house.readings() == KEYS


def test_a_walk_since_a_day_that_was_stopped_goes_on_where_it_was(house: CrawlHouse) -> None:
    house.standin.quota = 5  # two days and a half
    assert house.crawl(status=1)["state"] == "failed"
    house.standin.quota = 1000
    forget_the_wait(house)
    house.standin.requests.clear()
    assert house.crawl()["state"] == "done"
    first = next(asked for asked in house.standin.requests if "where" in asked.parameters)
    assert first.parameters["where"] == [f"dateparution=date'{SINCE}'"]  # the last whole day, less a day
    assert len(house.stored()) == KEYS


def forget_the_wait(house: CrawlHouse) -> None:
    from tenders.store.sources import ask_again_at

    store = house.open()
    with store.writing() as connection:
        ask_again_at(connection, "boamp", None)
    store.close()


def test_retry_after_is_waited_for(house: CrawlHouse) -> None:
    house.standin.fail("busy", times=1, seconds=2)
    assert house.crawl()["state"] == "done"
    answers = [asked for asked in house.standin.requests if asked.path != "/robots.txt"]
    refused = next(n for n, asked in enumerate(answers) if asked.status == 429)
    ended = answers[refused].ended
    assert ended is not None
    assert answers[refused + 1].started - ended >= 2
    assert answers[refused + 1].parameters == answers[refused].parameters


def test_a_spent_quota_ends_the_run_and_the_next_one_is_not_tried_before_its_time(house: CrawlHouse) -> None:
    house.standin.quota = 4
    run = house.crawl(status=1)
    assert run["state"] == "failed"
    assert "429" in run["reason"]
    assert "not asked again before" in run["reason"]
    assert len(house.stored()) == 300
    asked = len(house.standin.requests)
    done = house.tenders("crawl", "boamp")
    assert len(house.standin.requests) == asked
    assert b"wait" in done.stderr


def test_a_platform_that_fails_a_few_times_is_asked_again(house: CrawlHouse) -> None:
    house.standin.fail("error", times=TRIES - 1)
    assert (house.crawl()["state"], len(house.stored())) == ("done", KEYS)


def test_a_body_that_is_cut_off_is_asked_for_again(house: CrawlHouse) -> None:
    house.standin.fail("cut", times=2)
    house.crawl()
    assert len(house.stored()) == KEYS
    assert house.quarantined() == []


def test_a_page_of_html_with_200_is_asked_for_again_and_makes_the_run_suspect(house: CrawlHouse) -> None:
    house.standin.fail("html", times=1)
    run = house.crawl()
    assert (run["state"], len(house.stored())) == ("suspect", KEYS)
    assert "not JSON" in run["reason"]


def test_nothing_but_html_fails_the_run_and_keeps_the_page_with_its_reason(house: CrawlHouse) -> None:
    house.standin.fail("html", times=None)
    run = house.crawl(status=1)
    assert run["state"] == "failed"
    assert house.stored() == []
    [(_, reason)] = house.quarantined()
    assert "not JSON" in reason


def test_a_platform_that_fails_for_good_fails_the_run(house: CrawlHouse) -> None:
    house.standin.fail("error", times=None)
    run = house.crawl(status=1)
    assert run["state"] == "failed"
    assert "500" in run["reason"]
    house.standin.heal()
    assert house.crawl()["new"] == KEYS


@pytest.mark.parametrize("count", [9_950, 10_050])
def test_a_day_past_the_ceiling_is_read_whole(house: CrawlHouse, count: int) -> None:
    house.standin.records = plain_records(count)
    run = house.crawl(since=TODAY - timedelta(days=1))
    assert run["state"] in ("done", "suspect")
    assert len(house.stored()) == count
    assert max(asked.status for asked in house.standin.requests) == 200


def test_a_backfill_is_read_by_exports(house: CrawlHouse) -> None:
    long_ago = TODAY - timedelta(days=20)
    house.standin.records = plain_records(250, long_ago)
    run = house.crawl(since=long_ago)
    assert run["new"] == 250
    assert len([path for path in api_requests(house) if path.endswith("/exports/json")]) == 13


def test_what_cannot_be_understood_is_put_aside_once_and_the_rest_goes_on(house: CrawlHouse) -> None:
    broken = [record | {"dateparution": TODAY.isoformat()} for record in broken_records(TODAY)]
    house.standin.records += [record for record in broken if record["idweb"] != broken[4]["idweb"]]
    run = house.crawl()
    assert (run["new"], run["quarantined"]) == (KEYS, 7)
    first = house.quarantined()
    assert len(first) == 7
    assert all(place.endswith(f"-9{n:04d}") for (place, _), n in zip(first, (1, 2, 3, 4, 6, 7, 8), strict=True))
    house.crawl()
    assert house.quarantined() == first


def test_a_day_below_what_is_expected_makes_the_run_suspect(house: CrawlHouse) -> None:
    house.standin.records = [
        r for r in house.standin.records if r["dateparution"] != (SINCE + timedelta(1)).isoformat()
    ]
    run = house.crawl()
    assert run["state"] == "suspect"
    assert (SINCE + timedelta(days=1)).isoformat() in run["reason"]


def test_a_recent_day_below_what_is_expected_is_read_again_by_each_walk_until_it_is_whole(house: CrawlHouse) -> None:
    thin = (SINCE + timedelta(days=2)).isoformat()
    whole = house.standin.records
    house.standin.records = [r for r in whole if r["dateparution"] != thin]
    house.crawl()
    [line] = json.loads(house.tenders("sources", "--json").stdout)
    assert (line["state"], line["cursor"]) == ("suspect", (SINCE + timedelta(days=1)).isoformat())
    house.standin.records = whole
    assert house.crawl(since=None)["new"] == 150
    assert len(house.stored()) == KEYS


def test_a_notice_dated_back_within_a_week_is_found_by_the_first_walk_of_the_next_day(house: CrawlHouse) -> None:
    house.crawl()
    yesterday(house)
    house.standin.add(plain_records(1, TODAY - timedelta(days=4), start=9000)[0])
    assert house.crawl(since=None)["new"] == 1


def yesterday(house: CrawlHouse) -> None:
    """Let the last walk have come to yesterday, as it had when a new day began."""
    from tenders.store.sources import move_cursor

    store = house.open()
    with store.writing() as connection:
        move_cursor(connection, "boamp", (TODAY - timedelta(days=1)).isoformat())
    store.close()


def test_what_was_stored_can_be_read_again_from_the_raw_bodies(house: CrawlHouse) -> None:
    house.crawl()
    store = house.open()
    with store.reading() as connection:
        bodies = connection.execute(select(readings.c.raw).distinct()).scalars().all()
        standing = {notice.key: notice for notice in stream_notices(connection)}
    read = FORMATS["boamp"].read
    again = {n.key: n for raw in bodies if raw for n in read(store.raw.get(raw), raw) if isinstance(n, Notice)}
    store.close()
    assert again == standing
    assert len(again) == KEYS


def test_an_interrupt_from_the_keyboard_ends_in_order(house: CrawlHouse) -> None:
    house.standin.fail("slow", times=None, seconds=0.3)
    first = house.start("crawl", "boamp", "--since", SINCE.isoformat())
    until = time.monotonic() + 20
    while len(house.standin.requests) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    first.send_signal(signal.SIGINT)
    assert first.wait(20) == 1
    [line] = json.loads(house.tenders("sources", "--json").stdout)
    assert line["runs"][0]["state"] == "failed"
    assert "stopped in the middle" in line["runs"][0]["reason"]


def test_this_machine_is_not_asked_unless_that_is_allowed(house: CrawlHouse) -> None:
    house.also["TENDERS_ALLOW_LOOPBACK"] = "0"
    done = house.tenders("crawl", "boamp", status=2)
    assert b"not on the public internet" in done.stderr
    assert house.standin.requests == []


def test_what_robots_forbids_is_not_asked(house: CrawlHouse) -> None:
    house.standin.robots = "User-agent: *\nDisallow: /api/\n"
    run = house.crawl(status=1)
    assert run["state"] == "failed"
    assert "robots.txt" in run["reason"]
    assert api_requests(house) == []


def test_two_crawls_of_one_source_do_not_run_at_once(house: CrawlHouse) -> None:
    house.standin.fail("slow", times=None, seconds=0.5)
    first = house.start("crawl", "boamp", "--since", SINCE.isoformat())
    until = time.monotonic() + 20
    while not house.standin.requests and time.monotonic() < until:
        time.sleep(0.02)
    done = house.tenders("crawl", "boamp", status=1)
    assert b"another process crawls boamp" in done.stderr
    assert first.wait(60) == 0
    assert house.standin.busiest == 1


def test_a_crawl_that_is_asked_to_stop_ends_in_order_and_the_next_goes_on(house: CrawlHouse) -> None:
    house.standin.fail("slow", times=None, seconds=0.3)
    first = house.start("crawl", "boamp", "--since", SINCE.isoformat())
    until = time.monotonic() + 20
    while len(house.standin.requests) < 4 and time.monotonic() < until:
        time.sleep(0.02)
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 1
    house.standin.heal()
    assert 0 < len(house.stored()) < KEYS
    house.crawl()
    assert len(house.stored()) == KEYS


def test_an_address_that_does_not_answer_fails_the_run_with_its_reason(house: CrawlHouse) -> None:
    house.also["TENDERS_BOAMP_URL"] = "http://127.0.0.1:9"  # the discard port: nobody listens
    run = house.crawl(status=1)
    assert run["state"] == "failed"
    assert "no answer" in run["reason"]


def test_a_crawl_that_cannot_keep_what_it_reads_does_not_look_as_if_it_came_to_its_end(house: CrawlHouse) -> None:
    house.home.mkdir()
    (house.home / "raw").write_text("a file where the folder of bodies should be")
    run = house.crawl(status=1)
    assert run["state"] == "failed"
    assert SINCE.isoformat() in run["reason"]
    (house.home / "raw").unlink()
    assert house.crawl()["new"] == KEYS
