"""What the owner of an address does with their alerts. Each function takes the owner's mailbox: no other's is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select, update

from tenders.errors import Refused
from tenders.query import Query
from tenders.query_url import to_url
from tenders.store.database import Store, mark
from tenders.store.schema import deliveries, matches, subscriptions, tenders
from tenders.store.subscriptions import (
    clean_name,
    end,
    find_same,
    mailbox_of,
    read_subscription,
    require_rhythm,
    require_room,
    subscriptions_of,
    write_news,
)
from tenders.subscription import News, Rhythm, Subscription
from tenders.translations import N_

REVIVABLE: Final = timedelta(days=7)  # how long an alert that was ended can be taken back
SAME: Final = N_("You have this alert already: the same search at the same rhythm.")


def pause(store: Store, owner: str, subscription_id: str | None, until: datetime) -> None:
    """Send nothing of an alert, or of all of them, until a moment; what comes meanwhile is matched, and told then."""
    with store.writing() as connection:
        for one in _mine(connection, owner, subscription_id, "active"):
            _change(connection, one, paused_until=until)
            _hold(connection, one, until)


def resume(store: Store, owner: str, subscription_id: str | None) -> None:
    """Go on with an alert, or with all of them."""
    with store.writing() as connection:
        for one in _mine(connection, owner, subscription_id, "active"):
            _change(connection, one, paused_until=None)
            _hold(connection, one, None)


def end_mine(store: Store, owner: str, subscription_id: str, at: datetime) -> None:
    """End an alert; for 7 days it can be taken back."""
    with store.writing() as connection:
        for one in _mine(connection, owner, subscription_id, "active"):
            end(connection, one, at)


def revive(store: Store, owner: str, subscription_id: str, at: datetime) -> None:
    """Take an alert back that was ended less than 7 days ago; what waited then and what came meanwhile is told too.

    Raises Refused, and changes nothing, where its owner has the same one by now or as many as an address may have.
    """
    with store.writing() as connection:
        for one in _mine(connection, owner, subscription_id, "ended"):
            if one.ended is not None and at - one.ended < REVIVABLE:
                _require_other(connection, one)
                require_room(connection, owner, 1)
                _change(connection, one, state="active", ended=None)
                unsent = update(deliveries).where(
                    deliveries.c.subscription_id == one.id,
                    deliveries.c.kind.in_(("digest", "report")),
                    deliveries.c.state.in_(("dropped", "pending")),
                )
                connection.execute(unsent.values(state="pending", again_at=None, settled=None, reason=None))


def revise(
    store: Store,
    owner: str,
    subscription_id: str,
    *,
    query: Query | None = None,
    rhythm: Rhythm | None = None,
    news: Iterable[News] | None = None,
    name: str | None = None,
    language: str | None = None,
) -> None:
    """Change what is given of an alert or a report; an empty name takes the name away.

    Raises Refused, and changes nothing, for a name that is too long, a rhythm that its kind has not, or where its owner
    has such an alert already.
    Another query holds for what no earlier query was matched with; tenders told before are followed all the same.
    """
    with store.writing() as connection:
        for one in _mine(connection, owner, subscription_id, "active"):
            changed: dict[str, Any] = {}
            if rhythm is not None and rhythm is not one.rhythm:
                require_rhythm(one.kind, rhythm)
                changed["rhythm"] = rhythm.value
            if language is not None:
                changed["language"] = language
            if news is not None:
                changed["news"] = write_news(news)
            if name is not None:
                changed["name"] = clean_name(name)
            if query is not None and to_url(query.saved()) != one.form:
                changed |= {"query": to_url(query.saved()), "told_before": _told_up_to(connection, one)}
                changed["began"] = max(one.began, _matched_up_to(connection, one))
            if changed.keys() & {"query", "rhythm"}:
                wanted = one if query is None else replace(one, query=query, unreadable="")
                _require_other(connection, replace(wanted, rhythm=rhythm or one.rhythm))
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
    found = read_subscription(connection, subscription_id)
    if found is None or mailbox_of(found.email) != owner or found.state != state or found.confirmed is None:
        return []
    return [found]


def _change(connection: Connection, subscription: Subscription, **values: Any) -> None:
    connection.execute(update(subscriptions).where(subscriptions.c.id == subscription.id).values(**values))


def _require_other(connection: Connection, wanted: Subscription) -> None:
    """Raise Refused where an active alert of the same owner is what another is to become."""
    same = find_same(connection, wanted)
    if same is not None and same.state == "active":
        raise Refused(SAME)


def _hold(connection: Connection, paused: Subscription, until: datetime | None) -> None:
    """Move the digests that wait for the end of a pause, and no others: the mail system may have put those off."""
    waiting = (deliveries.c.subscription_id == paused.id, deliveries.c.state == "pending")
    held = update(deliveries).where(*waiting, deliveries.c.again_at == paused.paused_until)
    connection.execute(held.values(again_at=until))


def _told_up_to(connection: Connection, subscription: Subscription) -> int:
    """Return the id of the last match that a subscription has, 0 where it has none."""
    last = select(func.max(matches.c.id)).where(matches.c.subscription_id == subscription.id)
    return connection.execute(last).scalar() or 0


def _matched_up_to(connection: Connection, subscription: Subscription) -> int:
    """Return the arrival number up to which a subscription was matched with every notice, or might have been."""
    own = select(subscriptions.c.matched).where(subscriptions.c.id == subscription.id)
    merged, common = mark(connection, "merged"), mark(connection, "matched")
    alone = connection.execute(own).scalar()
    matched = common if alone is None else min(alone, common)
    unmatched = select(func.min(tenders.c.arrival)).where(tenders.c.noticed > matched)
    first = connection.execute(unmatched).scalar()
    return merged if first is None else min(merged, first - 1)
