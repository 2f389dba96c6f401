"""A crawl among hostile answers: it goes nowhere else, holds little, waits only so long, and says why it ended."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.crawlers.house import SINCE, CrawlHouse
from tests.standins.hostile import Hostile, Kind

# The same crawl, with less patience than ours, so that a test need not wait for it.
CRAWL = """
import re, sys
from crawlers import politeness
politeness.ANSWER_SECONDS, politeness.BODY_BYTES = 1, 5_000_000
from tenders.__main__ import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1], file=sys.stderr)
"""


def crawl(house: CrawlHouse, hostile: Hostile) -> tuple[dict[str, Any], int]:
    """Crawl once; returns the run that failed, and the most kilobytes that were held."""
    house.also["TENDERS_BOAMP_URL"] = hostile.base_url
    done = subprocess.run(
        [sys.executable, "-c", CRAWL, "crawl", "boamp", "--json", "--since", SINCE.isoformat()],
        env=house.environment, capture_output=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr.decode()
    return json.loads(done.stdout)[0], int(done.stderr.split()[-1])


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("bomb", "no answer"),
        ("endless", "broken off"),
        ("dripping", "no answer"),
        ("robots-fails", "robots.txt could not be read"),
        ("robots-drips", "robots.txt could not be read"),
    ],
)
def test_a_hostile_answer_ends_the_run_with_its_reason(house: CrawlHouse, kind: Kind, says: str) -> None:
    began = time.monotonic()
    with Hostile(kind) as hostile:
        run, held = crawl(house, hostile)
    print(kind, run["reason"], hostile.asked, held, time.monotonic() - began)
    assert run["state"] == "failed"
    assert says in run["reason"]
    assert held < 250_000
    assert house.stored() == []
    if kind.startswith("robots"):
        assert set(hostile.asked) == {"/robots.txt"}


def test_a_redirect_is_not_followed(house: CrawlHouse) -> None:
    with Hostile("none") as elsewhere, Hostile("redirect", leads_to=elsewhere.base_url) as hostile:
        run, _ = crawl(house, hostile)
    assert run["state"] == "failed"
    assert "302" in run["reason"]
    assert elsewhere.asked == []


def test_a_missing_robots_txt_forbids_nothing(house: CrawlHouse) -> None:
    with Hostile("none") as empty:
        house.also["TENDERS_BOAMP_URL"] = empty.base_url
        run = house.crawl()
    assert run["requests"] == 5
    assert run["state"] == "suspect"
