"""Subscriptions: begun by an address, confirmed by its owner, ended at any time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Any, Final

import structlog
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection, Row, func, insert, select, update

from tenders.errors import BadQuery, Refused
from tenders.query import Query
from tenders.query_url import from_url
from tenders.store.database import Store, counter, mark
from tenders.store.schema import subscriptions
from tenders.subscription import ALL_NEWS, RHYTHMS, Consent, Kind, News, Rhythm, Subscription
from tenders.translations import N_

NAME_LIMIT: Final = 200
MOST_ALERTS: Final = 50  # of one address that have not ended
FULL: Final = N_("An address has 50 alerts at most: delete some first.")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
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


def mailbox_of(email: str) -> str:
    """Return what an address is found by: mail systems take capitals for small letters."""
    return email.strip().lower()


def untagged(mailbox: str) -> str:
    """Return a mailbox without what stands after a plus sign: mail systems give it all to one owner (RFC 5233)."""
    local, _, host = mailbox.rpartition("@")
    return f"{local.partition('+')[0] or local}@{host}"


def clean_name(name: str | None) -> str | None:
    """Return an alert's name as one line; raises Refused for one that is too long."""
    kept = " ".join("".join(c if c.isprintable() else " " for c in name or "").split())
    if len(kept) > NAME_LIMIT:
        raise Refused(f"the name of an alert has {len(kept)} characters: {NAME_LIMIT} are allowed")
    return kept or None


def subscribe(
    store: Store,
    email: str,
    query: Query,
    rhythm: Rhythm,
    *,
    at: datetime,
    kind: Kind = Kind.ALERT,
    language: str = "fr",
    name: str | None = None,
    news: Iterable[News] = ALL_NEWS,
    consent: Consent = Consent(),  # noqa: B008  it is frozen
    confirmed: bool = False,
) -> Subscription:
    """Begin a subscription: what notices bring from now on will be told, once its owner has confirmed.

    The same address, query and rhythm again gives the standing subscription. Raises Refused for a wrong address,
    a name that is too long or a rhythm that its kind has not.
    """
    asked = Subscription(
        id="",
        email=email,
        query=query,
        rhythm=rhythm,
        kind=kind,
        news=frozenset(news),
        language=language,
        name=name,
        created=at,
        consent=consent,
    )
    with store.writing() as connection:
        return _subscribe(connection, prepare(asked), confirmed=confirmed)


def subscribe_all(store: Store, wishes: Iterable[Subscription]) -> None:
    """Begin and confirm what the owner of one address wishes for, all or none; what stands already stays as it is.

    Ids are given here. Raises Refused where the address would have too many.
    """
    asked = [prepare(wish) for wish in wishes]
    with store.writing() as connection:
        for wish in asked:
            _subscribe(connection, wish, confirmed=True)
        for mailbox in {mailbox_of(wish.email) for wish in asked}:
            require_room(connection, mailbox, 0)


def prepare(wish: Subscription) -> Subscription:
    """Return a wish as it is kept, with an id.

    Raises Refused for a wrong address, a name that is too long or a rhythm that its kind has not.
    """
    require_rhythm(wish.kind, wish.rhythm)
    query = wish.query.saved()
    if wish.kind is Kind.REPORT:  # each mail tells a month of its own, and of nothing else
        query = replace(query, published_after=None, published_before=None)
        wish = replace(wish, news=frozenset())
    return replace(
        wish,
        id=token_urlsafe(12),
        state="pending",
        email=clean_address(wish.email),
        name=clean_name(wish.name),
        query=query,
    )


def require_rhythm(kind: Kind, rhythm: Rhythm) -> None:
    """Raise Refused for a rhythm that a kind of subscription has not."""
    if rhythm not in RHYTHMS[kind]:
        raise Refused(f"{rhythm} is no rhythm of a subscription of kind {kind}: give {' or '.join(RHYTHMS[kind])}")


def _subscribe(connection: Connection, asked: Subscription, *, confirmed: bool) -> Subscription:
    standing = find_same(connection, asked) or begin(connection, asked)
    if confirmed and standing.state == "pending":
        return _activate(connection, standing, asked.created, asked.consent.confirmed_from)
    return standing


def find_same(connection: Connection, asked: Subscription) -> Subscription | None:
    """Return the subscription of the same address, query and rhythm that has not ended, the active one first."""
    row = connection.execute(
        select(subscriptions)
        .where(
            subscriptions.c.mailbox == mailbox_of(asked.email),
            subscriptions.c.query == asked.form,
            subscriptions.c.rhythm == asked.rhythm.value,
            subscriptions.c.state != "ended",
        )
        .order_by(subscriptions.c.state)
    ).first()
    return None if row is None else _read(row)


def begin(connection: Connection, asked: Subscription) -> Subscription:
    """Keep a new subscription, in a writing transaction: notices that arrive from now on count."""
    mine = select(func.max(subscriptions.c.links)).where(subscriptions.c.mailbox == mailbox_of(asked.email))
    begun = replace(asked, began=counter(connection, "arrival"), links=connection.execute(mine).scalar() or 0)
    connection.execute(insert(subscriptions).values(**_row(begun), matched=mark(connection, "matched")))
    return begun


def confirm(store: Store, subscription_id: str, at: datetime, confirmed_from: str = "") -> Subscription | None:
    """Confirm a subscription; what came since it began is told too. None when it is unknown; an ended one stays so.

    Where its owner has made another one the same meanwhile, that one goes on and is returned.
    """
    with store.writing() as connection:
        found = read_subscription(connection, subscription_id)
        if found is None or found.state != "pending":
            return found
        same = find_same(connection, found)
        if same is not None and same.state == "active":
            end(connection, found, at)
            return same
        return _activate(connection, found, at, confirmed_from)


def unsubscribe(store: Store, subscription_id: str, at: datetime) -> Subscription | None:
    """End a subscription; no mail is begun for it after this. None when it is unknown."""
    with store.writing() as connection:
        found = read_subscription(connection, subscription_id)
        return found if found is None or found.state == "ended" else end(connection, found, at)


def end(connection: Connection, subscription: Subscription, at: datetime) -> Subscription:
    """End a subscription, in a writing transaction; it remembers how far it was matched, should it be taken back."""
    followed = func.coalesce(subscriptions.c.matched, mark(connection, "matched"))
    ended = update(subscriptions).where(subscriptions.c.id == subscription.id)
    connection.execute(ended.values(state="ended", ended=at, matched=followed, paused_until=None))
    return replace(subscription, state="ended", ended=at, paused_until=None)


def load_subscription(store: Store, subscription_id: str) -> Subscription | None:
    """Return a subscription by its id."""
    with store.reading() as connection:
        return read_subscription(connection, subscription_id)


def active_subscriptions(connection: Connection, kind: Kind = Kind.ALERT) -> list[Subscription]:
    """Return the subscriptions of a kind that are to be told, paused ones too, in the order they were made."""
    standing = (subscriptions.c.state == "active", subscriptions.c.kind == kind.value)
    query = select(subscriptions).where(*standing).order_by(subscriptions.c.created)
    found = []
    for row in connection.execute(query):
        try:
            found.append(_read(row))
        except BadQuery as problem:  # saved by an older release: the others must go on
            log.error("subscription.unreadable", subscription=row.id, reason=str(problem))
    return found


def subscriptions_of(connection: Connection, mailbox: str, *, unconfirmed: bool = False) -> list[Subscription]:
    """Return the subscriptions of an address, those that have ended too, the oldest first.

    Those alone that were confirmed: others may be a stranger's wish, and are no owner's to manage.
    """
    mine = select(subscriptions).where(subscriptions.c.mailbox == mailbox)
    if not unconfirmed:
        mine = mine.where(subscriptions.c.confirmed.is_not(None))
    rows = connection.execute(mine.order_by(subscriptions.c.created, subscriptions.c.id))
    return [_read_anyway(row) for row in rows]


def count_alerts(connection: Connection, mailbox: str) -> int:
    """Return how many subscriptions of an address have not ended."""
    mine = (subscriptions.c.mailbox == mailbox, subscriptions.c.state != "ended")
    return int(connection.execute(select(func.count()).where(*mine)).scalar_one())


def require_room(connection: Connection, mailbox: str, more: int) -> None:
    """Raise Refused where an address would have too many alerts with so many more."""
    if count_alerts(connection, mailbox) + more > MOST_ALERTS:
        raise Refused(FULL)


def _activate(
    connection: Connection, subscription: Subscription, at: datetime, confirmed_from: str = ""
) -> Subscription:
    said: dict[str, Any] = {"confirmed": at, "confirmed_links": subscription.links}
    activated = update(subscriptions).where(subscriptions.c.id == subscription.id)
    connection.execute(activated.values(state="active", **said, confirmed_from=confirmed_from))
    consent = replace(subscription.consent, confirmed_from=confirmed_from)
    return replace(subscription, state="active", consent=consent, **said)


def read_subscription(connection: Connection, subscription_id: str) -> Subscription | None:
    """Return a subscription by its id, in the transaction at hand; one whose saved query no longer reads too."""
    if not _ID.fullmatch(subscription_id):  # no database need be asked for what it may not even hold
        return None
    row = connection.execute(select(subscriptions).where(subscriptions.c.id == subscription_id)).first()
    return None if row is None else _read_anyway(row)


def _read_anyway(row: Row[Any]) -> Subscription:
    try:
        return _read(row)
    except BadQuery:
        return _read(row, unreadable=True)


def _row(subscription: Subscription) -> dict[str, Any]:
    consent = subscription.consent
    return {
        "id": subscription.id,
        "email": subscription.email,
        "mailbox": mailbox_of(subscription.email),
        "query": subscription.form,
        "name": subscription.name,
        "kind": subscription.kind.value,
        "rhythm": subscription.rhythm.value,
        "news": write_news(subscription.news),
        "language": subscription.language,
        "state": subscription.state,
        "began": subscription.began,
        "links": subscription.links,
        "created": subscription.created,
        "confirmed": subscription.confirmed,
        "wording": consent.wording,
        "source": consent.source,
        "asked_from": consent.asked_from,
        "confirmed_from": consent.confirmed_from,
    }


def write_news(news: Iterable[News]) -> str:
    """Write what else is told, for the store."""
    return " ".join(sorted(news))


def _read(row: Row[Any], *, unreadable: bool = False) -> Subscription:
    return Subscription(
        id=row.id,
        email=row.email,
        query=Query() if unreadable else from_url(row.query, kept=True),
        unreadable=row.query if unreadable else "",
        rhythm=Rhythm(row.rhythm),
        kind=Kind(row.kind),
        news=frozenset(map(News, row.news.split())),
        language=row.language,
        name=row.name,
        state=row.state,
        began=row.began,
        told_before=row.told_before,
        links=row.links,
        created=row.created,
        confirmed=row.confirmed,
        confirmed_links=row.confirmed_links,
        paused_until=row.paused_until,
        ended=row.ended,
        consent=Consent(
            wording=row.wording, source=row.source, asked_from=row.asked_from, confirmed_from=row.confirmed_from
        ),
    )
