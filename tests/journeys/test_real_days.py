"""The collected real days: by import, and ten of them also through the stand-in and the crawler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from crawlers.formats import FORMATS, Refusal
from tenders.store.database import open_store
from tenders.store.notices import stream_notices
from tenders.store.quarantine import quarantine_reasons
from tests.databases import database_url
from tests.standins.boamp import BoampStandIn
from tests.standins.boamp_daily import records_of_day

FIRST, LAST = "2021-04-28", "2021-05-07"  # ten days with two weekends and a holiday in them
pytestmark = [pytest.mark.real, pytest.mark.proof]


@pytest.fixture(scope="module")
def days(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("days")
    with tarfile.open(real_data / "boamp-daily" / "csv.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return sorted(folder.rglob("*.csv"))


def tenders(home: Path, *arguments: str, **settings: str) -> str:
    environment = {**os.environ, "TENDERS_HOME": str(home), **settings}
    done = subprocess.run(
        [sys.executable, "-m", "tenders", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_all_real_days_by_import_twice(days: list[Path], tmp_path: Path) -> None:
    counts = json.loads(tenders(tmp_path, "import", "--json", "boamp-daily", *map(str, days)))
    print(counts)
    assert len(days) == 608
    assert counts["read"] == counts["new"] + counts["revised"] + counts["unchanged"] + counts["quarantined"]
    rows = sum(1 for day in days for _ in FORMATS["boamp-daily"].read(day.read_bytes(), day.name))
    assert counts["read"] == rows
    again = json.loads(tenders(tmp_path, "import", "--json", "boamp-daily", *map(str, days)))
    assert (again["new"], again["revised"], again["read"]) == (0, 0, counts["read"])
    built = json.loads(tenders(tmp_path, "index", "--json"))
    print(built)
    assert built["notices"] == counts["new"]
    store = open_store(database_url(tmp_path / "tenders.db"), str(tmp_path / "raw"))
    with store.reading() as connection:
        print(quarantine_reasons(connection))
    store.close()
    assert json.loads(tenders(tmp_path, "index", "--json"))["written"] == 0


def test_ten_real_days_through_the_stand_in_and_the_crawler(days: list[Path], tmp_path: Path) -> None:
    chosen = [day for day in days if FIRST <= day.name[:10].replace("_", "-") <= LAST]
    assert len(chosen) == 10
    records = [record for day in chosen for record in records_of_day(day.read_bytes())]
    read = [one for day in chosen for one in FORMATS["boamp-daily"].read(day.read_bytes(), day.name)]
    expected = {one.key for one in read if not isinstance(one, Refusal)}
    with BoampStandIn(records) as platform:
        said = tenders(
            tmp_path, "crawl", "boamp", "--since", FIRST, "--until", LAST, "--json",
            TENDERS_BOAMP_URL=platform.base_url, TENDERS_ALLOW_LOOPBACK="1", TENDERS_CRAWL_CONTACT="t@example.org",
        )  # fmt: skip
        assert platform.busiest == 1
        print(len(platform.requests), "requests")
    (run,) = json.loads(said)
    print(run)
    assert run["read"] == len(records)
    assert run["quarantined"] == 0
    store = open_store(database_url(tmp_path / "tenders.db"), str(tmp_path / "raw"))
    with store.reading() as connection:
        assert {notice.key for notice in stream_notices(connection)} == expected
    store.close()
    built = json.loads(tenders(tmp_path, "index", "--json"))
    assert built["notices"] == len(expected)
