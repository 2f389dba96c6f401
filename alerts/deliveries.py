"""From match rows to mails: rows are attached to a delivery by id, in one transaction, then sent and settled.

A delivery that was being sent when its process died is sent again under the same Message-ID; nothing else is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from secrets import token_hex
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, Row, insert, select, update
from tenders.store.sources import freshness

from alerts.ledger import read_why
from alerts.mail import Mailer
from alerts.model import Coverage, Digest, Line, Mail, MatchKind, Rhythm, Subscription
from alerts.subscriptions import read_subscription
from tenders.errors import MailDelayed, MailRefused
from tenders.status import PARIS
from tenders.store.database import Store, counter
from tenders.store.schema import changes, deliveries, matches, notices, subscriptions
from tenders.store.tenders import find_tender, load_tenders

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
        digest = _compose(connection, row, subscription, now)
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


def _compose(connection: Connection, delivery: Row[Any], subscription: Subscription, now: datetime) -> Digest:
    """Gather what one mail says, from its rows."""
    rows = connection.execute(select(matches).where(matches.c.delivery_id == delivery.id).order_by(matches.c.id)).all()
    together = select(deliveries.c.id).where(
        deliveries.c.subscription_id == subscription.id,
        deliveries.c.created == delivery.created,
        deliveries.c.kind == "digest",
    )
    kinds = select(matches.c.tender_id, matches.c.kind).where(matches.c.delivery_id.in_(together))
    over_all: dict[str, list[MatchKind]] = {}
    for row in connection.execute(kinds.order_by(matches.c.id)):
        over_all.setdefault(row.tender_id, []).append(MatchKind(row.kind))
    by_tender: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_tender.setdefault(row.tender_id, []).append(row)
    standing = {id_: find_tender(connection, id_) or id_ for id_ in by_tender}
    tenders = load_tenders(connection, standing.values())
    lines = [
        Line(
            kind=_one_kind([MatchKind(row.kind) for row in held]),
            tender=tenders[standing[id_]],
            why=read_why(held[0].why),
            changes=_changes(connection, subscription.id, held),
            notice=_said_by(connection, held[-1]),
        )
        for id_, held in by_tender.items()
    ]
    return Digest(
        delivery_id=delivery.id,
        subscription=subscription,
        lines=tuple(lines),
        now=now,
        part=delivery.part,
        parts=delivery.parts,
        counts=Counter(_one_kind(held) for held in over_all.values()),
        coverage=_coverage(connection, delivery, now),
    )


def _one_kind(kinds: Sequence[MatchKind]) -> MatchKind:
    """A tender stands once in a digest: what it has become, else that it is new, else its latest news."""
    for kind in (MatchKind.CANCELLED, MatchKind.LEFT, MatchKind.NEW, MatchKind.CHANGED):
        if kind in kinds:
            return kind
    return MatchKind.ENDING


def _changes(
    connection: Connection, subscription_id: str, held: Sequence[Row[Any]]
) -> dict[str, tuple[object, object]]:
    """The material facts that changed since the subscription was last told, first old and last new value."""
    before = select(matches.c.revision).where(
        matches.c.subscription_id == subscription_id,
        matches.c.tender_id == held[0].tender_id,
        matches.c.id < held[0].id,
        matches.c.kind != MatchKind.ENDING,
    )
    last = max(connection.execute(before).scalars(), default=None)
    if last is None:
        return {}
    query = select(changes.c.fields).where(
        changes.c.tender_id == held[0].tender_id,
        changes.c.revision > last,
        changes.c.revision <= max(row.revision for row in held),
    )
    said: dict[str, tuple[object, object]] = {}
    for text in connection.execute(query.order_by(changes.c.revision)).scalars():
        for name, (old, new) in orjson.loads(text).items():
            said[name] = (said[name][0] if name in said else old, new)
    return said


def _said_by(connection: Connection, row: Row[Any]) -> str | None:
    query = select(changes.c.notice).where(changes.c.tender_id == row.tender_id, changes.c.revision == row.revision)
    found: str | None = connection.execute(query).scalar()
    return found


def _coverage(connection: Connection, delivery: Row[Any], now: datetime) -> Coverage | None:
    """What was checked: the sources' freshness, and the notices read since this subscription's digest before."""
    sources = freshness(connection, now)
    if not sources:
        return None
    before = select(deliveries.c.arrival).where(
        deliveries.c.subscription_id == delivery.subscription_id,
        deliveries.c.kind == "digest",
        deliveries.c.created < delivery.created,
    )
    since = max(connection.execute(before).scalars(), default=0)
    read = connection.execute(select(notices.c.id).where(notices.c.id > since, notices.c.id <= delivery.arrival))
    return Coverage(
        sources=len(sources),
        fresh=sum(source.state == "fresh" for source in sources),
        late=tuple((source.title, source.last_success) for source in sources if source.state != "fresh"),
        notices_read=len(read.all()),
    )
