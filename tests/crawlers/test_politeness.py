"""How a crawl behaves as a guest, and where it does not go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scrapy.http import TextResponse

from crawlers.addresses import PrivateAddress, PublicResolver, check_address, is_open
from crawlers.politeness import CLOSED_DOOR, TOO_MANY, asked_wait, left_alone, open_hours, scrapy_settings
from crawlers.sources import SOURCES
from tenders.errors import BadSettings
from tenders.settings import Settings

NOW = datetime(2026, 5, 21, 12, 0, tzinfo=UTC)


def test_a_guest_asks_one_thing_at_a_time_slowly_and_within_limits() -> None:
    said = scrapy_settings(SOURCES["boamp"], Settings(crawl_contact="operator@example.org"))
    assert said["USER_AGENT"] == "Tenderwatch/0.1 (+operator@example.org)"
    assert said["ROBOTSTXT_OBEY"] is said["AUTOTHROTTLE_ENABLED"] is True
    assert said["CONCURRENT_REQUESTS"] == said["CONCURRENT_REQUESTS_PER_DOMAIN"] == 1
    assert said["DOWNLOAD_DELAY"] >= 1
    assert said["DOWNLOAD_MAXSIZE"] <= 64_000_000
    assert said["DOWNLOAD_TIMEOUT"] <= 120
    for off in ("TELNETCONSOLE_ENABLED", "COOKIES_ENABLED", "HTTPCACHE_ENABLED", "REDIRECT_ENABLED"):
        assert said[off] is False


def test_only_this_machine_is_not_spared() -> None:
    allowed = Settings(allow_loopback=True)  # with the platform's own address
    assert scrapy_settings(SOURCES["boamp"], allowed)["DOWNLOAD_DELAY"] >= 1
    near = Settings(allow_loopback=True, boamp_url="http://127.0.0.1:1234")
    assert scrapy_settings(SOURCES["boamp"], near)["DOWNLOAD_DELAY"] == 0


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "120"}, b"", 120),
        ({"Retry-After": "Thu, 21 May 2026 12:01:30 GMT"}, b"", 90),
        ({"Retry-After": "Thu, 21 May 2020 12:01:30 GMT"}, b"", 0),
        ({}, b'{"reset_time": "2026-05-22T00:00:00Z"}', 12 * 3600),
        ({}, b'{"reset_time": "2026-05-22T00:00:00"}', 12 * 3600),
        ({}, b'{"error": "slow down"}', None),
        ({}, b"<html>", None),
        ({}, b"[]", None),
        ({"Retry-After": "soon"}, b"", None),
        ({"Retry-After": "soon"}, b'{"reset_time": "2026-05-22T00:00:00Z"}', 12 * 3600),
        ({"Retry-After": "9" * 40}, b"", 86_400 * 366),
        ({"X-RateLimit-Reset": "1779408000", "X-RateLimit-Remaining": "0"}, b"<html>", 12 * 3600),
        ({"X-RateLimit-Reset": "1779408000", "X-RateLimit-Remaining": "40"}, b"", None),
        ({"X-RateLimit-Reset": "9" * 40}, b"", None),
        ({"Retry-After": "5", "X-RateLimit-Reset": "1779408000", "X-RateLimit-Remaining": "0"}, b"", 5),
    ],
)
def test_what_an_answer_asks_to_wait(headers: dict[str, str], body: bytes, seconds: int | None) -> None:
    response = TextResponse("https://example.org/", status=429, headers=headers, body=body)
    assert asked_wait(response, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("status", "headers", "left"),
    [
        (200, {}, None),
        (404, {}, None),
        (500, {}, None),
        (503, {}, None),
        (503, {"Retry-After": "120"}, timedelta(minutes=2)),
        (403, {}, CLOSED_DOOR),
        (429, {}, TOO_MANY),
        (429, {"Retry-After": "7200"}, timedelta(hours=2)),
    ],
)
def test_how_long_a_source_is_left_alone(status: int, headers: dict[str, str], left: timedelta | None) -> None:
    response = TextResponse("https://example.org/", status=status, headers=headers, body=b"403 Forbidden")
    assert left_alone(response, NOW) == left


def test_a_platform_keeps_cookies_and_is_asked_slowly() -> None:
    said = scrapy_settings(SOURCES["ebourgogne"], Settings())
    assert said["COOKIES_ENABLED"] is True
    assert said["DOWNLOAD_DELAY"] >= 2
    assert scrapy_settings(SOURCES["ebourgogne"], Settings(crawl_delay=7))["DOWNLOAD_DELAY"] == 7
    assert scrapy_settings(SOURCES["ebourgogne"], Settings(crawl_delay=0.1))["DOWNLOAD_DELAY"] == 2


@pytest.mark.parametrize(
    ("hours", "opens", "closes"),
    [
        ("20-7", "2026-05-21T20:00+02:00", "2026-05-22T07:00+02:00"),
        ("9-18", "2026-05-21T09:00+02:00", "2026-05-21T18:00+02:00"),
        ("13-15", "2026-05-21T13:00+02:00", "2026-05-21T15:00+02:00"),
        ("16-15", "2026-05-20T16:00+02:00", "2026-05-21T15:00+02:00"),
        ("0-24", "2026-05-21T00:00+02:00", "2026-05-22T00:00+02:00"),
        ("1-9", "2026-05-22T01:00+02:00", "2026-05-22T09:00+02:00"),
    ],
)
def test_the_hours_of_platforms_are_those_of_paris(hours: str, opens: str, closes: str) -> None:
    assert open_hours(hours, NOW) == (
        datetime.fromisoformat(opens),
        datetime.fromisoformat(closes),
    )  # it is 14:00 there


@pytest.mark.parametrize("hours", ["night", "20", "7-7", "20-25", "-3-5", "20-7h"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    assert open_hours("", NOW) is None
    with pytest.raises(BadSettings, match="TENDERS_CRAWL_HOURS"):
        open_hours(hours, NOW)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a00:1",
        "2002:7f00:1::", "ff02::1",
    ],
)  # fmt: skip
def test_no_private_address_is_open(address: str) -> None:
    assert not is_open(address, loopback=False)
    assert is_open(address, loopback=True) == (address in ("127.0.0.1", "::1"))


def test_addresses_of_the_public_internet_are_open() -> None:
    assert is_open("93.184.216.34", loopback=False)
    assert is_open("2606:2800:220:1:248:1893:25c8:1946", loopback=False)


@pytest.mark.parametrize(
    "url",
    ["http://localhost/", "http://127.1/", "http://2130706433/", "http://[::1]/", "http://169.254.169.254/", "http:///",
     "file:///etc/passwd", "ftp://example.org/", "boamp.fr"],
)  # fmt: skip
def test_a_source_cannot_be_pointed_into_a_private_network(url: str) -> None:
    with pytest.raises(BadSettings, match=r"public internet|no web address"):
        check_address(url, Settings())


def test_loopback_allowed_opens_no_other_private_network() -> None:
    check_address("http://127.0.0.1:8000", Settings(allow_loopback=True))
    with pytest.raises(BadSettings):
        check_address("http://169.254.169.254/", Settings(allow_loopback=True))


def test_a_name_that_leads_inside_when_it_is_connected_to_is_refused() -> None:
    class Plain:
        def getThreadPool(self) -> Any:  # noqa: N802
            raise NotImplementedError

    from scrapy import resolver
    from scrapy.settings import Settings as ScrapySettings

    class Process:
        settings = ScrapySettings({"ALLOW_LOOPBACK": False})

    resolver.dnscache["rebound.example.org"] = "10.0.0.7"
    resolver.dnscache["open.example.org"] = "93.184.216.34"
    try:
        made = PublicResolver.from_crawler(Process(), Plain())
        failures: list[Any] = []
        made.getHostByName("rebound.example.org").addErrback(failures.append)
        assert failures[0].check(PrivateAddress)
        found: list[str] = []
        made.getHostByName("open.example.org").addCallback(found.append)
        assert found == ["93.184.216.34"]
    finally:
        del resolver.dnscache["rebound.example.org"], resolver.dnscache["open.example.org"]
