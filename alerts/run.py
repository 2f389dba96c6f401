"""One run of the alerts: match what was written, drain what is due, begin the reports that are, send what waits.

What is due depends on the moment given and the rows of earlier runs only, so a run that was missed or made twice
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alerts.deliveries import Sent, attach, due_subscriptions, send_pending
from alerts.ledger import match_ending, match_time, match_writes
from alerts.mail import Mailer
from alerts.model import Digest, Mail, Report
from alerts.reports import begin_reports, send_reports
from indexer.engine import SearchEngine
from tenders.store.alone import alone
from tenders.store.database import Store
from tenders.store.subscriptions import active_subscriptions


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did: rows added by the matcher, mails begun, and what became of those sent."""

    matched: int
    ending: int
    mails: int
    sent: Sent


def run_alerts(
    store: Store,
    engine: SearchEngine,
    mailer: Mailer,
    render: Callable[[Digest | Report], Mail],
    now: datetime,
    *,
    patient: bool = True,
) -> Ran:
    """Run the alerts once, as of `now`. After a crash anywhere, run it again.

    One run at a time on a store: raises Unavailable at once while another runs. A mail that was delayed waits its turn
    where `patient`, as a ticking service should; else it is tried again now.
    """
    with alone(store, "alerts", "another process runs the alerts now; it does the same work"):
        return _run(store, engine, mailer, render, now, patient=patient)


def _run(
    store: Store,
    engine: SearchEngine,
    mailer: Mailer,
    render: Callable[[Digest | Report], Mail],
    now: datetime,
    *,
    patient: bool,
) -> Ran:
    matched = match_writes(store, now)
    with store.reading() as connection:
        due = due_subscriptions(connection, active_subscriptions(connection), now)
    ending = match_ending(store, due, now)
    mails = 0
    for subscription in due:
        matched += match_time(store, engine, subscription, now)
        mails += attach(store, subscription, now)
    mails += begin_reports(store, now)
    sent = send_pending(store, mailer, render, now, patient=patient)
    return Ran(matched, ending, mails, sent + send_reports(store, engine, mailer, render, now, patient=patient))
