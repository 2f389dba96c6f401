"""Subscriptions: begun by an address, confirmed by its owner, ended at any time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

import structlog
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection, Row, insert, select, update

from alerts.model import Rhythm, Subscription
from tenders.errors import BadQuery, Refused
from tenders.query import Query
from tenders.query_url import from_url, to_url
from tenders.store.database import Store, counter, mark
from tenders.store.schema import subscriptions

NAME_LIMIT = 200
log = structlog.get_logger()


def clean_address(email: str) -> str:
    """Return an address in its normal form; raises Refused with what is wrong."""
    try:
        found = validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError as problem:
        raise Refused(f"{email.strip()[:80]!r} is not an e-mail address: {problem}") from None
    if found.ascii_email is None:
        raise Refused(f"{email.strip()[:80]!r} has letters that many mail systems refuse: give an address in ASCII")
    return found.normalized


def subscribe(
    store: Store,
    email: str,
    query: Query,
    rhythm: Rhythm,
    *,
    at: datetime,
    language: str = "fr",
    name: str | None = None,
    confirmed: bool = False,
) -> Subscription:
    """Begin a subscription: what notices bring from now on will be told, once its owner has confirmed.

    The same address, query and rhythm again gives the standing subscription. Raises Refused for a wrong address
    or a name that is too long.
    """
    address = clean_address(email)
    if name and len(name) > NAME_LIMIT:
        raise Refused(f"the name of an alert has {len(name)} characters: {NAME_LIMIT} are allowed")
    form = to_url(query.saved())
    with store.writing() as connection:
        same = (subscriptions.c.email == address, subscriptions.c.query == form, subscriptions.c.rhythm == rhythm.value)
        row = connection.execute(select(subscriptions).where(*same, subscriptions.c.state != "ended")).first()
        if row is None:
            standing = Subscription(
                id=token_urlsafe(12),
                email=address,
                query=query.saved(),
                rhythm=rhythm,
                language=language,
                name=name,
                began=counter(connection, "arrival"),
                created=at,
            )
            connection.execute(insert(subscriptions).values(**_row(standing), matched=mark(connection, "matched")))
        else:
            standing = _read(row)
        if confirmed and standing.state == "pending":
            standing = _activate(connection, standing, at)
    return standing


def confirm(store: Store, subscription_id: str, at: datetime) -> Subscription | None:
    """Confirm a subscription; what came since it began is told too. None when it is unknown; an ended one stays so."""
    with store.writing() as connection:
        found = read_subscription(connection, subscription_id)
        return _activate(connection, found, at) if found and found.state == "pending" else found


def unsubscribe(store: Store, subscription_id: str, at: datetime) -> Subscription | None:
    """End a subscription; no mail is begun for it after this. None when it is unknown."""
    with store.writing() as connection:
        found = read_subscription(connection, subscription_id)
        if found is None or found.state == "ended":
            return found
        ended = update(subscriptions).where(subscriptions.c.id == subscription_id)
        connection.execute(ended.values(state="ended", ended=at))
        return replace(found, state="ended")


def load_subscription(store: Store, subscription_id: str) -> Subscription | None:
    """Return a subscription by its id."""
    with store.reading() as connection:
        return read_subscription(connection, subscription_id)


def active_subscriptions(connection: Connection) -> list[Subscription]:
    """Return the subscriptions that are to be told, in the order they were made."""
    query = select(subscriptions).where(subscriptions.c.state == "active").order_by(subscriptions.c.created)
    found = []
    for row in connection.execute(query):
        try:
            found.append(_read(row))
        except BadQuery as problem:  # saved by an older release: the others must go on
            log.error("subscription.unreadable", subscription=row.id, reason=str(problem))
    return found


def _activate(connection: Connection, subscription: Subscription, at: datetime) -> Subscription:
    activated = update(subscriptions).where(subscriptions.c.id == subscription.id)
    connection.execute(activated.values(state="active", confirmed=at))
    return replace(subscription, state="active", confirmed=at)


def read_subscription(connection: Connection, subscription_id: str) -> Subscription | None:
    """Return a subscription by its id, in the transaction at hand.

    One whose saved query no longer reads has the empty query here: it is told nothing, and can still be ended.
    """
    row = connection.execute(select(subscriptions).where(subscriptions.c.id == subscription_id)).first()
    if row is None:
        return None
    try:
        return _read(row)
    except BadQuery:
        return _read(row, Query())


def _row(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "email": subscription.email,
        "query": to_url(subscription.query),
        "name": subscription.name,
        "rhythm": subscription.rhythm.value,
        "language": subscription.language,
        "state": subscription.state,
        "began": subscription.began,
        "created": subscription.created,
        "confirmed": subscription.confirmed,
    }


def _read(row: Row[Any], query: Query | None = None) -> Subscription:
    return Subscription(
        id=row.id,
        email=row.email,
        query=from_url(row.query) if query is None else query,
        rhythm=Rhythm(row.rhythm),
        language=row.language,
        name=row.name,
        state=row.state,
        began=row.began,
        created=row.created,
        confirmed=row.confirmed,
    )
