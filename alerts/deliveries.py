"""From match rows to mails: rows are attached to a delivery by id, in one transaction, then sent and settled.

A delivery that was being sent when its process died is sent again under the same Message-ID; nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from secrets import token_hex

import structlog
from sqlalchemy import Connection, insert, select, update

from alerts.compose import compose
from alerts.mail import Mailer
from alerts.model import Digest, Mail, Rhythm, Subscription
from alerts.subscriptions import read_subscription
from tenders.errors import MailDelayed, MailRefused
from tenders.status import PARIS
from tenders.store.database import Store, counter
from tenders.store.schema import deliveries, matches, subscriptions

DIGEST_TENDERS = 50  # tenders a mail; a longer digest goes on in further mails
MORNING = time(7, 0)  # Europe/Paris: daily and weekly digests are due from here
_LONGEST_WAIT = timedelta(hours=6)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the deliveries of a run."""

    accepted: int = 0
    delayed: int = 0
    failed: int = 0
    dropped: int = 0

    def __add__(self, other: Sent) -> Sent:
        return Sent(
            self.accepted + other.accepted,
            self.delayed + other.delayed,
            self.failed + other.failed,
            self.dropped + other.dropped,
        )


def is_due(rhythm: Rhythm, now: datetime, digests: Sequence[date]) -> bool:
    """Whether a digest is due: a pure function of the moment and the local dates of the digests there were.

    A daily subscription without a digest for this local date is due from 07:00 Europe/Paris; a weekly one without a
    digest since this week's Monday, from that Monday 07:00; so an outage makes a digest late and never lost.
    """
    local = now.astimezone(PARIS)
    if rhythm is Rhythm.INSTANT:
        return True
    first = local.date() if rhythm is Rhythm.DAILY else local.date() - timedelta(days=local.weekday())
    return local >= datetime.combine(first, MORNING, PARIS) and not any(first <= day for day in digests)


def due_subscriptions(connection: Connection, active: Sequence[Subscription], now: datetime) -> list[Subscription]:
    """Return the subscriptions whose digest is due now."""
    week_ago = (now.astimezone(PARIS).date() - timedelta(days=7)).isoformat()
    recent: dict[str, list[date]] = {}
    query = select(deliveries.c.subscription_id, deliveries.c.local_date).where(
        deliveries.c.kind == "digest", deliveries.c.local_date >= week_ago
    )
    for row in connection.execute(query):
        recent.setdefault(row.subscription_id, []).append(date.fromisoformat(row.local_date))
    return [s for s in active if is_due(s.rhythm, now, recent.get(s.id, ()))]


def attach(store: Store, subscription: Subscription, now: datetime) -> int:
    """Put every match of a subscription that stands in no mail yet into new deliveries; returns how many mails."""
    with store.writing() as connection:
        state = select(subscriptions.c.state).where(subscriptions.c.id == subscription.id)
        if connection.execute(state).scalar() != "active":
            return 0
        waiting = select(matches.c.id, matches.c.tender_id).where(
            matches.c.subscription_id == subscription.id, matches.c.delivery_id.is_(None)
        )
        rows = connection.execute(waiting.order_by(matches.c.id)).all()
        by_tender: dict[str, list[int]] = {}
        for row in rows:
            by_tender.setdefault(row.tender_id, []).append(row.id)
        order = _by_deadline(connection, list(by_tender))
        parts = [order[n : n + DIGEST_TENDERS] for n in range(0, len(order), DIGEST_TENDERS)]
        for number, part in enumerate(parts, start=1):
            delivery = token_hex(12)
            connection.execute(
                insert(deliveries).values(
                    id=delivery,
                    subscription_id=subscription.id,
                    kind="digest",
                    local_date=now.astimezone(PARIS).date().isoformat(),
                    part=number,
                    parts=len(parts),
                    state="pending",
                    attempts=0,
                    arrival=counter(connection, "arrival"),
                    created=now,
                )
            )
            ids = [id_ for tender in part for id_ in by_tender[tender]]
            for start in range(0, len(ids), 500):
                attached = update(matches).where(matches.c.id.in_(ids[start : start + 500]))
                connection.execute(attached.values(delivery_id=delivery))
    return len(parts)


def _by_deadline(connection: Connection, tender_ids: Sequence[str]) -> list[str]:
    """Soonest deadline first over all parts; unknown and absorbed ones last."""
    from tenders.store.schema import tenders as tender_rows

    closes: dict[str, str] = {}
    for start in range(0, len(tender_ids), 500):
        query = select(tender_rows.c.id, tender_rows.c.closes).where(
            tender_rows.c.id.in_(tender_ids[start : start + 500])
        )
        closes |= {row.id: row.closes.isoformat() for row in connection.execute(query) if row.closes}
    return sorted(tender_ids, key=lambda id_: (closes.get(id_, "9999"), id_))


def send_pending(
    store: Store, mailer: Mailer, render: Callable[[Digest], Mail], now: datetime, *, most: int = 100_000
) -> Sent:
    """Send every delivery that waits, in the order they were made."""
    sent = Sent()
    with store.reading() as connection:
        waiting = (
            select(deliveries.c.id)
            .where(
                deliveries.c.state.in_(("pending", "sending")),
                deliveries.c.again_at.is_(None) | (deliveries.c.again_at <= now),
            )
            .order_by(deliveries.c.created, deliveries.c.subscription_id, deliveries.c.part)
            .limit(most)
        )
        ids = list(connection.execute(waiting).scalars())
    for delivery_id in ids:
        sent += _send(store, mailer, render, delivery_id, now)
    return sent


def _send(store: Store, mailer: Mailer, render: Callable[[Digest], Mail], delivery_id: str, now: datetime) -> Sent:
    with store.writing() as connection:
        row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one()
        subscription = read_subscription(connection, row.subscription_id)
        if subscription is None or subscription.state != "active":  # unsubscribed between: checked again at the claim
            _settle(connection, delivery_id, now, "dropped", "the subscription has ended")
            return Sent(dropped=1)
        claimed = update(deliveries).where(deliveries.c.id == delivery_id)
        connection.execute(claimed.values(state="sending", attempts=row.attempts + 1))
    with store.reading() as connection:
        digest = compose(connection, row, subscription, now)
    log.info("mail.sending", delivery=delivery_id, attempt=row.attempts + 1)
    try:
        mailer.send(render(digest))
    except MailRefused as problem:
        with store.writing() as connection:
            _settle(connection, delivery_id, now, "failed", str(problem))
        log.error("mail.refused", delivery=delivery_id, reason=str(problem))
        return Sent(failed=1)
    except MailDelayed as problem:
        wait = min(_LONGEST_WAIT, timedelta(minutes=2 ** min(row.attempts, 9)))
        with store.writing() as connection:
            again = update(deliveries).where(deliveries.c.id == delivery_id)
            connection.execute(again.values(state="pending", again_at=now + wait, reason=str(problem)[:500]))
        log.warning("mail.delayed", delivery=delivery_id, reason=str(problem))
        return Sent(delayed=1)
    with store.writing() as connection:
        _settle(connection, delivery_id, now, "accepted", None)
    log.info("mail.accepted", delivery=delivery_id)
    return Sent(accepted=1)


def _settle(connection: Connection, delivery_id: str, now: datetime, state: str, reason: str | None) -> None:
    settled = update(deliveries).where(deliveries.c.id == delivery_id)
    connection.execute(settled.values(state=state, settled=now, again_at=None, reason=reason and reason[:500]))
