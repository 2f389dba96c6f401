"""The feeds of the settings: where they may be asked, asked only when changed, and what they bring."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawlers.sources import SOURCES
from crawlers.sources.feeds import feed_sources
from tenders.errors import BadSettings
from tenders.settings import Settings
from tests.crawlers.house import CrawlHouse
from tests.standins.feed import FeedStandIn

ITEM = "<item><title>Marché {0}</title><guid>g{0}</guid><pubDate>Thu, 26 Mar 2026 10:00:00 GMT</pubDate></item>"


def rss(*numbers: int) -> bytes:
    inner = "".join(ITEM.format(number) for number in numbers)
    return f'<rss version="2.0"><channel><title>t</title>{inner}</channel></rss>'.encode()


@dataclass
class FeedHouse(CrawlHouse):
    """Settings with one feed."""

    said: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"TENDERS_FEEDS": self.said} | self.also

    def walk(self, *, status: int = 0) -> dict[str, Any]:
        run: dict[str, Any] = json.loads(self.tenders("crawl", "jura", "--json", status=status).stdout)[0]
        return run


@pytest.mark.parametrize(
    ("etag", "modified"),
    [('"v1"', ""), ("", "Thu, 26 Mar 2026 10:00:00 GMT"), ('W/"a"', "Thu, 26 Mar 2026 10:00:00 GMT")],
)
def test_a_feed_is_sent_back_what_it_gave_and_an_unchanged_one_is_not_read(
    tmp_path: Path, etag: str, modified: str
) -> None:
    with FeedStandIn(rss(1, 2), etag=etag, modified=modified) as site:
        house = FeedHouse(tmp_path, None, said=f"jura=competition:{site.url}")
        first = house.walk()
        assert (first["new"], first["state"]) == (2, "done"), first
        assert [key for key, _ in house.stored()] == ["jura:g1", "jura:g2"]
        second = house.walk()
        assert (second["read"], second["requests"], second["state"]) == (0, 1, "done"), second
        assert site.asked[1].get("If-None-Match", "") == etag
        assert site.asked[1].get("If-Modified-Since", "") == modified
        site.body, site.etag, site.modified = rss(1, 2, 3), etag and '"v2"', modified.replace("10", "11")
        third = house.walk()
        assert (third["new"], third["unchanged"]) == (1, 2)


def test_a_feed_without_validators_is_read_whole_and_says_nothing_new(tmp_path: Path) -> None:
    with FeedStandIn(rss(1, 2)) as site:
        house = FeedHouse(tmp_path, None, said=f"jura=competition:{site.url}")
        house.walk()
        second = house.walk()
        assert (second["new"], second["revised"], second["unchanged"]) == (0, 0, 2)
        assert not {"If-None-Match", "If-Modified-Since"} & set(site.asked[1])


def test_entries_that_nothing_calls_calls_go_to_quarantine_until_the_setting_says_it(tmp_path: Path) -> None:
    with FeedStandIn(rss(1, 2), etag='"v1"') as site:
        house = FeedHouse(tmp_path, None, said=f"jura={site.url}")
        assert house.walk()["quarantined"] == 2
        house.said = f"jura=competition:{site.url}"
        assert house.walk()["new"] == 2  # though the feed itself has not changed


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"<!DOCTYPE html><html><body>Maintenance</body></html>", "HTML"), (b"", "empty"), (b"<rss><channel>", "not XML")],
)
def test_an_answer_that_is_no_feed_is_kept_with_its_reason_and_does_not_count_as_read(
    tmp_path: Path, body: bytes, said: str
) -> None:
    with FeedStandIn(body, etag='"bad"') as site:
        house = FeedHouse(tmp_path, None, said=f"jura=competition:{site.url}")
        run = house.walk(status=1)
        assert run["state"] == "failed" and said in run["reason"], run
        assert said in house.quarantined()[0][1]
        site.body = rss(1)
        assert house.walk()["new"] == 1  # its ETag was not sent back


def test_the_service_walks_a_named_feed_and_shows_its_freshness(tmp_path: Path) -> None:
    with FeedStandIn(rss(1)) as site:
        house = FeedHouse(tmp_path, None, said=f"jura=competition:{site.url}", also={"TENDERS_SOURCES": "boamp,jura"})
        house.walk()
        lines = json.loads(house.tenders("sources", "--json").stdout)
        assert {line["name"]: line["state"] for line in lines}["jura"] != "never"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("jura", "cannot be read"),
        ("Jura=https://jura.example/f", "cannot be read"),
        ("jura=ftp://jura.example/f", "cannot be read"),
        ("jura=gossip:https://jura.example/f", "unknown kind 'gossip'"),
        ("jura=http://jura.example/f", "https on port 443"),
        ("jura=https://jura.example:8443/f", "https on port 443"),
        ("jura=https://jura.example:99999/f", "no web address"),
        ("jura=http://127.0.0.1/f", "https on port 443"),
        ("jura=https://me:secret@jura.example/f", "neither a password"),
        ("jura=https://jura.example/f#kind=result", "neither a password"),
        ("boamp=https://jura.example/f", "already"),
        ("jura=https://jura.example/f,jura=https://jura.example/g", "already"),
    ],
)
def test_a_feed_that_must_not_be_asked_is_refused_in_the_settings(said: str, why: str) -> None:
    with pytest.raises(BadSettings, match=why):
        feed_sources(Settings(feeds=said, _env_file=None), SOURCES)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/f", "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/f", "https://2130706433/f"],
)
def test_a_crawl_of_a_feed_in_a_private_network_is_refused(tmp_path: Path, address: str) -> None:
    house = FeedHouse(tmp_path, None, said=f"jura=competition:{address}", also={"TENDERS_ALLOW_LOOPBACK": "0"})
    done = house.tenders("crawl", "jura", status=None)
    assert done.returncode != 0 and b"not on the public internet" in done.stderr


def test_several_feeds_are_several_sources() -> None:
    said = "jura=competition:https://jura.example/marches.xml?a=1, doubs=https://doubs.example/atom/"
    found = feed_sources(Settings(feeds=said, _env_file=None), SOURCES)  # type: ignore[call-arg]
    assert {name: source.homepage for name, source in found.items()} == {
        "jura": "https://jura.example/marches.xml?a=1",
        "doubs": "https://doubs.example/atom/",
    }
    assert all(source.on for source in found.values())


def test_whoever_names_a_file_says_what_its_entries_do(tmp_path: Path) -> None:
    house = FeedHouse(tmp_path / "var", None)
    path = tmp_path / "plain.xml"
    path.write_bytes(rss(1, 2))
    assert house.tenders("parse", "feed", str(path), status=1).stdout == b""
    lines = house.tenders("parse", "feed", "--kind", "result", "--source", "jura", str(path)).stdout.splitlines()
    assert [(line["source"], line["kind"]) for line in map(json.loads, lines)] == [("jura", "result")] * 2
    done = house.tenders("import", "feed", "--kind", "competition", "--json", str(path))
    assert json.loads(done.stdout)["new"] == 2
