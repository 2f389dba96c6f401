"""What the owner of an address does with their alerts. Each function takes the owner's mailbox: no other's is found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select, update

from tenders.query import Query
from tenders.query_url import to_url
from tenders.store.database import Store, mark
from tenders.store.schema import deliveries, subscriptions, tenders
from tenders.store.subscriptions import clean_name, end, read_subscription, subscriptions_of, write_news
from tenders.subscription import News, Rhythm, Subscription

REVIVABLE: Final = timedelta(days=7)  # how long an alert that was ended can be taken back


def pause(store: Store, owner: str, subscription_id: str | None, until: datetime) -> None:
    """Send nothing of an alert, or of all of them, until a moment; what comes meanwhile is matched, and told then."""
    with store.writing() as connection:
        for one in _mine(connection, owner, subscription_id, "active"):
            _change(connection, one, paused_until=until)


def resume(store: Store, owner: str, subscription_id: str | None) -> None:
    """Go on with an alert, or with all of them."""
    with store.writing() as connection:
        for one in _mine(connection, owner, subscription_id, "active"):
            _change(connection, one, paused_until=None)
            waiting = (deliveries.c.subscription_id == one.id, deliveries.c.state == "pending")
            connection.execute(update(deliveries).where(*waiting).values(again_at=None))


def end_mine(store: Store, owner: str, subscription_id: str, at: datetime) -> None:
    """End an alert; for 7 days it can be taken back."""
    with store.writing() as connection:
        for one in _mine(connection, owner, subscription_id, "active"):
            end(connection, one, at)


def revive(store: Store, owner: str, subscription_id: str, at: datetime) -> None:
    """Take an alert back that was ended less than 7 days ago; what came meanwhile is told too."""
    with store.writing() as connection:
        for one in _mine(connection, owner, subscription_id, "ended"):
            if one.ended is not None and at - one.ended < REVIVABLE:
                _change(connection, one, state="active", ended=None)


def revise(
    store: Store,
    owner: str,
    subscription_id: str,
    *,
    query: Query | None = None,
    rhythm: Rhythm | None = None,
    news: Iterable[News] | None = None,
    name: str | None = None,
) -> None:
    """Change what is given of an alert; an empty name takes the name away. Raises Refused for one that is too long.

    Another query holds for what no earlier query was matched with; tenders told before are followed all the same.
    """
    with store.writing() as connection:
        for one in _mine(connection, owner, subscription_id, "active"):
            changed: dict[str, Any] = {}
            if rhythm is not None:
                changed["rhythm"] = rhythm.value
            if news is not None:
                changed["news"] = write_news(news)
            if name is not None:
                changed["name"] = clean_name(name)
            if query is not None and query.saved() != one.query:
                changed |= {"query": to_url(query.saved()), "began": max(one.began, _matched_up_to(connection))}
            if changed:
                _change(connection, one, **changed)


def renew_links(store: Store, owner: str) -> None:
    """Make every link to the alerts of an address void that was made so far; links to unsubscribe stay good."""
    with store.writing() as connection:
        mine = update(subscriptions).where(subscriptions.c.mailbox == owner)
        connection.execute(mine.values(links=subscriptions.c.links + 1))


def _mine(connection: Connection, owner: str, subscription_id: str | None, state: str) -> list[Subscription]:
    if subscription_id is None:
        return [one for one in subscriptions_of(connection, owner) if one.state == state]
    owned = select(subscriptions.c.id).where(
        subscriptions.c.id == subscription_id, subscriptions.c.mailbox == owner, subscriptions.c.state == state
    )
    found = read_subscription(connection, subscription_id) if connection.execute(owned).first() else None
    return [found] if found else []


def _change(connection: Connection, subscription: Subscription, **values: Any) -> None:
    connection.execute(update(subscriptions).where(subscriptions.c.id == subscription.id).values(**values))


def _matched_up_to(connection: Connection) -> int:
    """Return the arrival number up to which every notice was matched, or might have been."""
    merged = mark(connection, "merged")
    unmatched = select(func.min(tenders.c.arrival)).where(tenders.c.noticed > mark(connection, "matched"))
    first = connection.execute(unmatched).scalar()
    return merged if first is None else min(merged, first - 1)
