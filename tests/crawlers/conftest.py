"""A BOAMP stand-in and a house whose crawler is pointed at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawlers.house import CrawlHouse, spread_records
from tests.standins.boamp import BoampStandIn


@pytest.fixture
def house(tmp_path: Path) -> Iterator[CrawlHouse]:
    """A house that has read nothing yet, and a platform with 150 notices on each of five days."""
    with BoampStandIn(spread_records(150)) as standin:
        yield CrawlHouse(tmp_path / "var", standin)
