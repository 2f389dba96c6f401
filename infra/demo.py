"""The main job on sample notices, end to end on this machine: ``make demo`` (``ARGS=--once`` ends by itself).

A stand-in of the BOAMP platform serves invented notices; they are crawled over HTTP, merged, indexed, served, matched
against two subscriptions, and the digests land in a maildir. What an earlier demo left in var/demo goes first. The
last line of ``--once`` is one JSON object of counts; the exit status is 0 only if they add up.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import threading
import urllib.request
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from alerts.mail import open_mailer
from alerts.model import Sender
from alerts.run import run_alerts
from crawlers.crawl import crawl_apart
from indexer.build import build
from indexer.engine import open_engine
from indexer.shipped import shipped_classifier
from search_api.serve import bind, local_address, make_server
from tenders.logs import configure_logs
from tenders.query_url import from_url
from tenders.settings import Settings
from tenders.store.database import Store, open_store
from tenders.store.subscriptions import subscribe
from tenders.store.tenders import count_tenders
from tenders.subscription import Rhythm
from tests.standins.boamp import BoampStandIn
from tests.standins.samples import broken_records, samples

HOME = Path("var/demo")
PORT = 8000
NOTICES = 340
BACK = timedelta(days=120)  # a few samples are older and stay where they are
BROKEN = 3
FOLLOWED = (
    (
        "atelier@example.org",
        "Toitures et menuiseries",
        "q=toiture OU couverture OU charpente OU menuiserie&status=open",
    ),
    ("bureau@example.org", "Études et services", "nature=services&status=open"),
)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _count(store: Store, table: str) -> int:
    with store.reading() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def _ask(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=30) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def run(settings: Settings, standin: BoampStandIn) -> dict[str, int]:
    """Run every stage once and return the counts."""
    store, engine = open_store(settings.database, settings.raw), open_engine(settings.search)
    began = datetime.now(UTC)
    for email, name, form in FOLLOWED:
        subscribe(store, email, from_url(form), Rhythm.INSTANT, at=began, name=name, confirmed=True)
        _say(f"subscribed   {email} to {form}")
    crawled = crawl_apart(settings, ["boamp"], began.date() - BACK)
    _say(f"crawled      {len(standin.requests)} requests to {standin.base_url}")
    built = build(store, engine, classifier=shipped_classifier())
    engine.close()
    _say(f"merged       {built.notices} notices into {count_tenders_in(store)} tenders, {engine.count()} indexed")
    sender = Sender(base_url=settings.base_url, secret=settings.signing_key(), mail_from=settings.mail_from)
    ran = run_alerts(store, engine, open_mailer(settings), sender, datetime.now(UTC))
    mails = [path for path in (HOME / "mail").rglob("*") if path.is_file()]
    _say(f"told         {ran.matched} matches in {ran.mails} mails: {HOME / 'mail' / 'new'}")
    counts = {
        "crawled": crawled.read,
        "stored": _count(store, "notices"),
        "quarantined": _count(store, "quarantine"),
        "tenders": count_tenders_in(store),
        "indexed": engine.count(),
        "matches": _count(store, "matches"),
        "mails": len(mails),
    }
    counts["delivered"] = ran.sent.accepted
    return counts


def count_tenders_in(store: Store) -> int:
    """How many tenders stand in the store."""
    with store.reading() as connection:
        return count_tenders(connection)


def check(counts: dict[str, int], base_url: str) -> list[str]:
    """Return what does not add up."""
    found = _ask(f"{base_url}/api/v1/tenders?size=1")
    sums = {
        "every record crawled is stored or quarantined": counts["crawled"] == counts["stored"] + counts["quarantined"],
        "at least 300 notices are stored": counts["stored"] >= 300,
        "what is broken is quarantined": counts["quarantined"] == BROKEN,
        "every tender is indexed": counts["tenders"] == counts["indexed"] > 0,
        "the API finds every tender": found["total"] == counts["tenders"],
        "the subscriptions match": counts["matches"] > 0,
        "every mail was delivered": counts["mails"] == counts["delivered"] > 0,
    }
    return [said for said, holds in sums.items() if not holds]


def platform(today: date) -> BoampStandIn:
    """The stand-in with the samples and a few broken records."""
    broken = [record for record in broken_records(today) if len(json.dumps(record)) < 50_000]
    return BoampStandIn(samples(NOTICES, today=today) + broken[:BROKEN])


def main(once: bool) -> int:
    """Run the demo; returns the exit status."""
    configure_logs()
    shutil.rmtree(HOME, ignore_errors=True)
    with platform(datetime.now(UTC).date()) as standin, bind("127.0.0.1", PORT) as listening:
        settings = Settings(
            home=HOME,
            database_url="",  # whatever the person's own settings say
            search_url="",
            raw_url="",
            boamp_url=standin.base_url,
            sources="boamp",
            base_url=local_address(listening),
            mail_url=f"maildir:{HOME / 'mail'}",
            allow_loopback=True,
            crawl_contact="demo@example.org",
        )
        counts = run(settings, standin)
        server = make_server(settings)
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        try:
            wrong = check(counts, settings.base_url)
            _say(f"serving      {settings.base_url}/ and {settings.base_url}/openapi.json")
            _say(f"feed         {settings.base_url}/tenders.atom?q=toiture")
            for said in wrong:
                _say(f"does not add up: {said}")
            print(json.dumps(counts), flush=True)
            if not once:
                ended = threading.Event()
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, lambda *_: ended.set())
                _say("Ctrl-C ends it")
                ended.wait()
                _say("ended")
        finally:
            server.should_exit = True
            serving.join()
    return 1 if wrong else 0


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m infra.demo", description=__doc__)
    asked.add_argument("--once", action="store_true", help="end by itself, when everything is told")
    raise SystemExit(main(asked.parse_args().once))
