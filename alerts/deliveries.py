"""From match rows to mails: rows are attached to a delivery by id, in one transaction, then sent and settled.

A delivery that was being sent when its process died is sent again under the same Message-ID; nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any

import structlog
from sqlalchemy import Connection, Row, delete, select, update

from alerts.compose import part_id
from alerts.mail import Mailer
from alerts.model import Mail
from tenders.due import is_due
from tenders.errors import MailDelayed, MailRefused, TendersError
from tenders.status import paris_day
from tenders.store.database import Store
from tenders.store.deliveries import begin_delivery
from tenders.store.schema import deliveries, matches
from tenders.store.schema import tenders as tender_rows
from tenders.store.subscriptions import read_subscription
from tenders.store.tenders import find_tender, in_chunks
from tenders.subscription import Subscription

DIGEST_TENDERS = 50  # tenders a mail; a longer digest goes on in further mails
_LONGEST_WAIT = timedelta(hours=6)
_DOWN = 3  # times in a row that the mail system may be met down before a run gives up
log = structlog.get_logger()

Writing = Callable[[Row[Any], Subscription], Mail | None]  # a delivery as a mail; None: there is nothing to say


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


def due_subscriptions(connection: Connection, active: Sequence[Subscription], now: datetime) -> list[Subscription]:
    """Return the subscriptions whose digest is due now."""
    week_ago = (paris_day(now) - timedelta(days=7)).isoformat()
    recent: dict[str, list[date]] = {}
    query = select(deliveries.c.subscription_id, deliveries.c.local_date).where(
        deliveries.c.kind == "digest", deliveries.c.local_date >= week_ago
    )
    for row in connection.execute(query):
        recent.setdefault(row.subscription_id, []).append(date.fromisoformat(row.local_date))
    return [s for s in active if not s.is_paused(now) and is_due(s.rhythm, now, recent.get(s.id, ()))]


def attach(store: Store, subscription: Subscription, now: datetime) -> int:
    """Put every match of a subscription that stands in no mail yet into new deliveries; returns how many mails."""
    with store.writing() as connection:
        standing = read_subscription(connection, subscription.id)
        if standing is None or standing.state != "active" or standing.is_paused(now):
            return 0
        waiting = select(matches.c.id, matches.c.tender_id).where(
            matches.c.subscription_id == subscription.id, matches.c.delivery_id.is_(None)
        )
        rows = connection.execute(waiting.order_by(matches.c.id)).all()
        by_tender: dict[str, list[int]] = {}
        found = _standing(connection, list(dict.fromkeys(row.tender_id for row in rows)))
        for row in rows:
            by_tender.setdefault(found[row.tender_id], []).append(row.id)
        order = _by_deadline(connection, list(by_tender))
        parts = [order[n : n + DIGEST_TENDERS] for n in range(0, len(order), DIGEST_TENDERS)]
        stem = token_hex(12)
        for number, part in enumerate(parts, start=1):
            delivery = part_id(stem, number, len(parts))
            begin_delivery(connection, delivery, subscription.id, "digest", now, part=number, parts=len(parts))
            for ids in in_chunks(id_ for tender in part for id_ in by_tender[tender]):
                attached = update(matches).where(matches.c.id.in_(ids))
                connection.execute(attached.values(delivery_id=delivery))
    return len(parts)


def _standing(connection: Connection, tender_ids: Sequence[str]) -> dict[str, str]:
    """Return the id that answers for each tender now, so that two that were merged meanwhile are said once."""
    found = {id_: id_ for id_ in tender_ids}
    for chunk in in_chunks(tender_ids):
        gone = select(tender_rows.c.id).where(tender_rows.c.id.in_(chunk), tender_rows.c.absorbed_into.is_not(None))
        for id_ in connection.execute(gone).scalars().all():
            found[id_] = find_tender(connection, id_) or id_
    return found


def _by_deadline(connection: Connection, tender_ids: Sequence[str]) -> list[str]:
    """Soonest deadline first over all parts; unknown ones last."""
    closes: dict[str, str] = {}
    for chunk in in_chunks(tender_ids):
        query = select(tender_rows.c.id, tender_rows.c.closes).where(tender_rows.c.id.in_(chunk))
        closes |= {row.id: row.closes.isoformat() for row in connection.execute(query) if row.closes}
    return sorted(tender_ids, key=lambda id_: (closes.get(id_, "9999"), id_))


def send_waiting(
    store: Store,
    mailer: Mailer,
    kinds: Sequence[str],
    write: Writing,
    now: datetime,
    *,
    patient: bool = True,
) -> Sent:
    """Send the deliveries of some kinds that wait, in the order they were made, each as `write` writes it from its row.

    Where `patient`, those only whose turn has come. A mail system that asks to be left alone, or that is met down time
    after time, ends the run: the rest stays pending.
    """
    waiting = select(deliveries.c.id).where(
        deliveries.c.state.in_(("pending", "sending")), deliveries.c.kind.in_(kinds)
    )
    if patient:
        waiting = waiting.where(deliveries.c.again_at.is_(None) | (deliveries.c.again_at <= now))
    order = (deliveries.c.created, deliveries.c.subscription_id, deliveries.c.part)
    with store.reading() as connection:
        ids = list(connection.execute(waiting.order_by(*order)).scalars())
    sent = Sent()
    down = 0
    for number, delivery_id in enumerate(ids):
        outcome = _send(store, mailer, write, delivery_id, now)
        if not isinstance(outcome, MailDelayed):
            sent, down = sent + outcome, 0
            continue
        sent += Sent(delayed=1)
        down = down + 1 if outcome.system else 0
        rest = ids[number + 1 :]
        if rest and (outcome.wait is not None or down == _DOWN):
            if outcome.wait is not None:
                _put_off(store, rest, now + outcome.wait)
            log.error("mail.stopped", waiting=len(rest), reason=str(outcome))
            return sent + Sent(delayed=len(rest))
    return sent


def _put_off(store: Store, ids: Sequence[str], until: datetime) -> None:
    with store.writing() as connection:
        for chunk in in_chunks(ids):
            connection.execute(update(deliveries).where(deliveries.c.id.in_(chunk)).values(again_at=until))


def _send(
    store: Store,
    mailer: Mailer,
    write: Writing,
    delivery_id: str,
    now: datetime,
) -> Sent | MailDelayed:
    with store.writing() as connection:
        row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).first()
        if row is None:  # its owner was forgotten between
            return Sent()
        subscription = read_subscription(connection, row.subscription_id)
        wanted = "pending" if row.kind == "confirmation" else "active"
        if subscription is None or subscription.state != wanted:  # ended between: checked again at the claim
            _settle(connection, delivery_id, now, "dropped", f"the subscription is no longer {wanted}")
            return Sent(dropped=1)
        if row.kind in ("digest", "report") and subscription.is_paused(now):
            _hold(connection, row, subscription)
            return Sent()
        claimed = update(deliveries).where(deliveries.c.id == delivery_id)
        connection.execute(claimed.values(state="sending", attempts=row.attempts + 1))
    log.info("mail.sending", delivery=delivery_id, attempt=row.attempts + 1)
    try:
        mail = _write(write, row, subscription)
        if mail is not None:
            mailer.send(mail)
    except MailRefused as problem:
        with store.writing() as connection:
            _settle(connection, delivery_id, now, "failed", str(problem))
        log.error("mail.refused", delivery=delivery_id, reason=str(problem))
        return Sent(failed=1)
    except MailDelayed as problem:
        wait = problem.wait or min(_LONGEST_WAIT, timedelta(minutes=2 ** min(row.attempts, 9)))
        tries = row.attempts if problem.wait is not None else row.attempts + 1
        with store.writing() as connection:
            again = update(deliveries).where(deliveries.c.id == delivery_id)
            said = {"state": "pending", "again_at": now + wait, "attempts": tries, "reason": str(problem)[:500]}
            connection.execute(again.values(said))
        log.warning("mail.delayed", delivery=delivery_id, reason=str(problem))
        return problem
    with store.writing() as connection:
        if mail is None:  # its owner was forgotten between, or all of it was said in another part
            _settle(connection, delivery_id, now, "dropped", "there is nothing to say")
            return Sent(dropped=1)
        _settle(connection, delivery_id, now, "accepted", None)
    log.info("mail.accepted", delivery=delivery_id)
    return Sent(accepted=1)


def _hold(connection: Connection, row: Row[Any], paused: Subscription) -> None:
    """Keep a digest for the end of a pause; one that was never tried gives its rows back, to be told with the next."""
    this = deliveries.c.id == row.id
    if row.attempts or row.parts > 1:  # it may have been taken, or other parts of it were
        connection.execute(update(deliveries).where(this).values(state="pending", again_at=paused.paused_until))
        return
    connection.execute(update(matches).where(matches.c.delivery_id == row.id).values(delivery_id=None))
    connection.execute(delete(deliveries).where(this))


def _write(write: Writing, row: Row[Any], subscription: Subscription) -> Mail | None:
    """Write one mail. Raises MailDelayed where that fails: one mail that cannot be written must not keep the others."""
    if subscription.unreadable and row.kind != "manage":
        raise MailDelayed("the saved search no longer reads: its owner is shown that, and may change or delete it")
    try:
        return write(row, subscription)
    except TendersError as problem:  # a report's index does not answer
        raise MailDelayed(f"this mail cannot be written now: {problem}") from problem
    except Exception as problem:
        log.exception("mail.unwritten", delivery=row.id)
        raise MailDelayed(f"this mail cannot be written: {type(problem).__name__}: {problem}") from problem


def _settle(connection: Connection, delivery_id: str, now: datetime, state: str, reason: str | None) -> None:
    settled = update(deliveries).where(deliveries.c.id == delivery_id)
    connection.execute(settled.values(state=state, settled=now, again_at=None, reason=reason and reason[:500]))
