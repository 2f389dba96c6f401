"""One run of the alerts: match what was written, drain what is due, send what waits.

What is due depends on the moment given and the rows of earlier runs only, so a run that was missed or made twice
changes nothing.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alerts.deliveries import Sent, attach, due_subscriptions, send_pending
from alerts.ledger import match_ending, match_time, match_writes
from alerts.mail import Mailer
from alerts.model import Digest, Mail
from alerts.subscriptions import active_subscriptions
from indexer.engine import SearchEngine
from tenders.errors import Unavailable
from tenders.store.database import Store


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
    render: Callable[[Digest], Mail],
    now: datetime,
    *,
    patient: bool = True,
) -> Ran:
    """Run the alerts once, as of `now`. After a crash anywhere, run it again.

    A mail that was delayed waits its turn where `patient`, as a ticking service should; else it is tried again now.
    """
    matched = match_writes(store, now)
    with store.reading() as connection:
        due = due_subscriptions(connection, active_subscriptions(connection), now)
    ending = match_ending(store, due, now)
    mails = 0
    for subscription in due:
        matched += match_time(store, engine, subscription, now)
        mails += attach(store, subscription, now)
    return Ran(matched, ending, mails, send_pending(store, mailer, render, now, patient=patient))


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the lock of the one sender of this machine; it falls with the process. Raises Unavailable at once."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "alerts.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable("another process runs the alerts now; it does the same work") from None
        yield
