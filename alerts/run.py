"""One run of the alerts: match what was written, drain what is due, begin the reports that are, send what waits.

What is due depends on the moment given and the rows of earlier runs only, so a run that was missed or made twice
changes nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from alerts.compose import compose
from alerts.deliveries import Sent, Writing, attach, due_subscriptions, send_waiting
from alerts.digest import render
from alerts.ledger import match_ending, match_time, match_writes
from alerts.mail import Mailer
from alerts.model import Mail, Sender
from alerts.monthly import begin_reports, gather
from alerts.report import render_report
from indexer.engine import SearchEngine
from indexer.observatory.observe import Observatory
from tenders.store.alone import alone
from tenders.store.database import Store
from tenders.store.subscriptions import active_subscriptions
from tenders.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did: rows added by the matcher, mails begun, and what became of those sent."""

    matched: int
    ending: int
    mails: int
    sent: Sent


def run_alerts(
    store: Store, engine: SearchEngine, mailer: Mailer, sender: Sender, now: datetime, *, patient: bool = True
) -> Ran:
    """Run the alerts once, as of `now`. After a crash anywhere, run it again.

    One run at a time on a store: raises Unavailable at once while another runs. A mail that was delayed waits its turn
    where `patient`, as a ticking service should; else it is tried again now.
    """
    with alone(store, "alerts", "another process runs the alerts now; it does the same work"):
        return _run(store, engine, mailer, sender, now, patient=patient)


def _run(store: Store, engine: SearchEngine, mailer: Mailer, sender: Sender, now: datetime, *, patient: bool) -> Ran:
    matched = match_writes(store, now)
    with store.reading() as connection:
        due = due_subscriptions(connection, active_subscriptions(connection), now)
    ending = match_ending(store, due, now)
    mails = 0
    for subscription in due:
        matched += match_time(store, engine, subscription, now)
        mails += attach(store, subscription, now)
    mails += begin_reports(store, now)
    write = _writing(store, engine, sender, now)
    return Ran(matched, ending, mails, send_waiting(store, mailer, ("digest", "report"), write, now, patient=patient))


def _writing(store: Store, engine: SearchEngine, sender: Sender, now: datetime) -> Writing:
    """Return what writes a digest or a report from its row."""
    observatory, paper = Observatory(engine), asdict(sender)

    def write(row: Row[Any], subscription: Subscription) -> Mail | None:
        if row.kind == "report":
            return render_report(gather(store, observatory, row, subscription, now), **paper)
        with store.reading() as connection:
            digest = compose(connection, row, subscription, now)
        return render(digest, **paper) if digest.lines else None

    return write
