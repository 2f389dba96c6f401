"""The mails that subscriptions were sent, for their owners."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from tenders.saved_searches import PastMail
from tenders.store.schema import deliveries, matches
from tenders.store.tenders import in_chunks
from tenders.subscription import Kind, Subscription

# What each kind of subscription is sent, and beyond which age it tells nothing of the next: a week, two months.
_TOLD: Final = {Kind.ALERT: ("digest", timedelta(days=7)), Kind.REPORT: ("report", timedelta(days=62))}


def load_mails(connection: Connection, subscription_ids: Collection[str]) -> dict[str, list[PastMail]]:
    """Return the mails of subscriptions by their ids, the oldest first."""
    found: dict[str, list[PastMail]] = {id_: [] for id_ in subscription_ids}
    told = func.count(matches.c.tender_id.distinct())
    for chunk in in_chunks(subscription_ids):
        query = (
            select(deliveries.c.subscription_id, deliveries.c.settled, deliveries.c.kind, deliveries.c.state, told)
            .outerjoin(matches, matches.c.delivery_id == deliveries.c.id)
            .where(deliveries.c.subscription_id.in_(chunk))
            .group_by(deliveries.c.id)
            .order_by(deliveries.c.created, deliveries.c.part)
        )
        for id_, settled, kind, state, tenders in connection.execute(query):
            found[id_].append(PastMail(settled, kind, state, tenders))
    return found


def told_lately(connection: Connection, subscription: Subscription, today: date) -> list[date]:
    """Return the local days for which a subscription had digests or reports, as far back as `tenders.due` asks."""
    kind, back = _TOLD[subscription.kind]
    query = select(deliveries.c.local_date).where(
        deliveries.c.subscription_id == subscription.id,
        deliveries.c.kind == kind,
        deliveries.c.local_date >= (today - back).isoformat(),
    )
    return [date.fromisoformat(day) for day in connection.execute(query).scalars()]
