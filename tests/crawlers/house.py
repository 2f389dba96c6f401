"""A house of its own for a test of the crawler: settings, store, and the commands as a user types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tenders.status import PARIS
from tenders.store.database import Store, open_store
from tenders.store.schema import notices, quarantine, readings
from tests.databases import database_url
from tests.standins.boamp import BoampStandIn
from tests.standins.boamp_fields import Record
from tests.standins.samples import samples

TODAY = datetime.now(PARIS).date()
SINCE = TODAY - timedelta(days=4)


def plain_records(count: int, day: date = TODAY - timedelta(days=1), *, start: int = 1) -> list[Record]:
    """Return `count` small notices of one day, without the form itself."""
    good = next(record for record in samples(40) if record["famille"] == "MAPA" and record["etat"] == "INITIAL")
    bare = good | {"donnees": None, "dateparution": day.isoformat(), "annonce_lie": None}
    numbers = range(start, start + count)
    year = day.year % 100
    return [bare | {"idweb": f"{year}-{n}", "objet": f"Réfection de la toiture numéro {n}"} for n in numbers]


def spread_records(count: int, *, start: int = 1) -> list[Record]:
    """Return `count` notices for each of the days from SINCE to today."""
    days = [SINCE + timedelta(days=n) for n in range(5)]
    return [r for n, day in enumerate(days) for r in plain_records(count, day, start=start + n * count)]


@dataclass
class CrawlHouse:
    """Settings as environment variables of a child process, over a folder of the test."""

    home: Path
    standin: BoampStandIn | None
    also: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("TENDERS_")}
        ours = {
            "TENDERS_HOME": str(self.home),
            "TENDERS_DATABASE_URL": database_url(self.home / "tenders.db"),
            "TENDERS_BOAMP_URL": self.standin.base_url if self.standin else "http://127.0.0.1:9",
            "TENDERS_SOURCES": "boamp",
            "TENDERS_ALLOW_LOOPBACK": "1",
            "TENDERS_CRAWL_CONTACT": "operator@example.org",
        }
        return plain | ours | self.also

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tenders", *arguments], env=self.environment, stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def tenders(self, *arguments: str, status: int | None = 0) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            [sys.executable, "-m", "tenders", *arguments], env=self.environment, capture_output=True, timeout=900
        )
        assert status is None or done.returncode == status, done.stderr.decode()
        return done

    def crawl(self, *, since: date | None = SINCE, status: int = 0) -> dict[str, Any]:
        arguments = ["crawl", "boamp", "--json", *(["--since", since.isoformat()] if since else [])]
        run: dict[str, Any] = json.loads(self.tenders(*arguments, status=status).stdout)[0]
        return run

    def open(self) -> Store:
        return open_store(database_url(self.home / "tenders.db"), str(self.home / "raw"))

    def stored(self) -> list[tuple[str, str]]:
        """Every notice's key and hash; a key twice is impossible by the table, so count the readings too."""
        store = self.open()
        with store.reading() as connection:
            rows = connection.execute(select(notices.c.key, notices.c.hash).order_by(notices.c.key))
            found = [(row.key, row.hash) for row in rows]
            assert len(connection.execute(select(readings.c.arrival)).all()) >= len(found)
        store.close()
        return found

    def readings(self) -> int:
        store = self.open()
        with store.reading() as connection:
            count = len(connection.execute(select(readings.c.arrival)).all())
        store.close()
        return count

    def quarantined(self) -> list[tuple[str, str]]:
        store = self.open()
        with store.reading() as connection:
            rows = [(row.place, row.reason) for row in connection.execute(select(quarantine).order_by(quarantine.c.id))]
        store.close()
        return rows
