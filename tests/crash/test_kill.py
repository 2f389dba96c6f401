"""``kill -9`` of crawler, indexer and sender, then run again: nothing lost, nothing doubled.

A victim is stopped (SIGSTOP), looked at, and killed: it was inside an open batch when its transaction holds the store's
write lock, or, for the sender, when a delivery stands between its claim and its settling.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.formats import FORMATS
from indexer.engine import open_engine
from indexer.reference import selects
from tenders import canonical
from tenders.model import Notice
from tenders.query_url import from_url
from tenders.store.database import Store, move_mark, open_store
from tenders.store.notices import stream_notices
from tenders.store.subscriptions import subscribe
from tenders.store.tenders import load_tenders
from tenders.subscription import Rhythm
from tests.indexes import take_away
from tests.notices import House
from tests.postbox import open_postbox
from tests.standins.boamp import BoampStandIn
from tests.standins.samples import samples

TODAY = datetime.now(UTC).date()
NOW = f"{TODAY}T09:00:00+02:00"
SINCE = (TODAY - timedelta(days=120)).isoformat()
NOTICES = 3000
KILLS = {"crawl": 8, "index": 6, "alerts": 6}
DELAYS = {"crawl": (0.5, 3.0), "index": (2.0, 5.0), "alerts": (0.4, 2.0)}  # seconds before the knife
INSIDE = 12  # kills that must hit an open batch
QUERIES = (
    "q=travaux",
    "q=nettoyage OU entretien",
    "nature=services",
    "nature=works",
    "status=open",
    "q=école",
    "",
    "q=d*",
)


@dataclass
class Lab:
    """A house whose work is done by commands that are killed."""

    home: Path
    environment: dict[str, str]
    draw: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    inside: Counter[str] = field(default_factory=Counter)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tenders", *arguments], env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def finish(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "tenders", *arguments], env=self.environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()

    def claims(self) -> set[tuple[str, int]]:
        """The deliveries that stand between claim and settling, with how often each was tried."""
        peer = sqlite3.connect(self.home / "tenders.db", timeout=20)
        try:
            return set(peer.execute("SELECT id, attempts FROM deliveries WHERE state = 'sending'"))
        finally:
            peer.close()

    def is_inside(self, stage: str, before: set[tuple[str, int]]) -> bool:
        """Whether a batch is open now; a claim that an earlier victim left behind (`before`) is none."""
        if stage == "alerts" and self.claims() - before:
            return True
        peer = sqlite3.connect(self.home / "tenders.db", timeout=0)
        try:
            peer.execute("BEGIN IMMEDIATE")
            peer.rollback()
        except sqlite3.OperationalError as problem:
            return "locked" in str(problem)
        finally:
            peer.close()
        return False

    def kill(self, stage: str, *arguments: str, aim: bool) -> bool:
        """Start the stage and kill it: inside an open batch when aimed, else at any moment; False: it was too quick."""
        before = self.claims()
        victim = self.start(*arguments)
        time.sleep(self.draw.uniform(*DELAYS[stage]))
        until = time.monotonic() + 20
        while victim.poll() is None and time.monotonic() < until:
            if aim and not self.is_inside(stage, before):
                continue
            with suppress(ProcessLookupError):
                os.killpg(victim.pid, signal.SIGSTOP)
                hit = self.is_inside(stage, before)
                if aim and not hit:
                    os.killpg(victim.pid, signal.SIGCONT)
                    continue
                os.killpg(victim.pid, signal.SIGKILL)
                victim.wait(10)
                self.killed[stage] += 1
                self.inside[stage] += hit
                return True
        victim.wait(60)
        return False


def _read(records: list[dict]) -> list[Notice]:
    import json

    read = FORMATS["boamp"].read(json.dumps({"total_count": len(records), "results": records}).encode(), "samples")
    return [notice for notice in read if isinstance(notice, Notice)]


def _begin_again(store: Store, search_url: str) -> None:
    """Give the indexer all its work again: every notice to merge, every tender to index. It must change nothing."""
    take_away(search_url)
    with store.writing() as connection:
        move_mark(connection, "merged", 0)


def _each_until(lab: Lab, stage: str, again: Callable[[], None], *arguments: str) -> None:
    for number in range(KILLS[stage] * 4):
        if lab.killed[stage] >= KILLS[stage]:
            return
        if not lab.kill(stage, *arguments, aim=number % 4 != 3):
            again()


@pytest.mark.timeout(600)
def test_twenty_kills_lose_and_double_nothing(tmp_path: Path, search_url: str) -> None:
    records = [record for record in samples(NOTICES, today=TODAY) if str(record["dateparution"]) >= SINCE]
    home = tmp_path / "var"
    with BoampStandIn(records) as standin, open_postbox() as postbox:
        lab = Lab(
            home,
            {
                **os.environ,
                "TENDERS_HOME": str(home),
                "TENDERS_BOAMP_URL": standin.base_url,
                "TENDERS_ALLOW_LOOPBACK": "1",
                "TENDERS_CRAWL_CONTACT": "test@example.org",
                "TENDERS_MAIL_URL": postbox.url,
                "TENDERS_BASE_URL": "https://tw.example",
                "TENDERS_SEARCH_URL": search_url,
                "TENDERS_SECRET": "s" * 32,
            },
            random.Random(7),
        )
        store = open_store(f"sqlite:///{home / 'tenders.db'}", str(home / "raw"))
        for number, form in enumerate(QUERIES * 3):
            at = datetime.now(UTC) - timedelta(days=1)
            subscribe(store, f"s{number}@example.org", from_url(form), Rhythm.INSTANT, at=at, confirmed=True)
        crawl = ("crawl", "boamp", "--since", SINCE)
        _each_until(lab, "crawl", lambda: None, *crawl)
        lab.finish(*crawl)
        _each_until(lab, "index", lambda: _begin_again(store, search_url), "index")
        lab.finish("index")
        _each_until(lab, "alerts", lambda: None, "alerts", "run", "--now", NOW)
        lab.finish("alerts", "run", "--now", NOW)
        lab.finish("alerts", "run", "--now", NOW)
    print(f"killed {dict(lab.killed)}, inside an open batch {dict(lab.inside)}")

    expected = {notice.key: canonical.dumps(notice) for notice in _read(records)}
    with store.reading() as connection:
        stored = {notice.key: canonical.dumps(notice) for notice in stream_notices(connection)}
    assert stored == expected

    (tmp_path / "clean").mkdir()
    clean = House(tmp_path / "clean")
    clean.bring(*_read(records))
    engine = open_engine(search_url)
    moment = datetime.fromisoformat(NOW)
    ids = list(engine.stream(from_url(""), moment))
    with store.reading() as connection:
        tenders = load_tenders(connection, ids)
    clean_ids = list(clean.engine.stream(from_url(""), moment))
    assert len(ids) == len(set(ids)) == len(clean_ids)
    assert {frozenset(n.key for n in t.notices) for t in tenders.values()} == _partition(clean, clean_ids)

    mails = {mail["Message-ID"]: mail for mail in postbox.messages}
    print(f"{len(postbox.messages)} mails received, {len(mails)} distinct")
    told: Counter[tuple[str, str]] = Counter()
    for mail in mails.values():
        text = mail.get_body(("plain",)).get_content().replace("\r", "")
        for id_ in re.findall(r"https://tw\.example/fr/tenders/(\w+)$", text, re.MULTILINE):
            told[mail["To"], id_] += 1
    wanted = {
        (f"s{number}@example.org", id_)
        for number, form in enumerate(QUERIES * 3)
        for id_, tender in tenders.items()
        if selects(from_url(form), tender, moment)
    }
    assert set(told) == wanted
    assert set(told.values()) == {1}
    assert len(postbox.messages) - len(mails) <= lab.inside["alerts"], "a copy is sent only where a kill left doubt"
    assert lab.killed.total() >= sum(KILLS.values())
    assert lab.inside.total() >= INSIDE
    clean.close()
    store.close()


def _partition(house: House, ids: list[str]) -> set[frozenset[str]]:
    with house.store.reading() as connection:
        return {frozenset(n.key for n in t.notices) for t in load_tenders(connection, ids).values()}
