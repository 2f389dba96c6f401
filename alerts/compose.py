"""What one mail says, gathered from its rows: each tender once, what it has become, why, and what was checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from alerts.ledger import read_why
from alerts.model import Coverage, Digest, Line, MatchKind, Subscription
from tenders.store.schema import changes, deliveries, matches, notices
from tenders.store.sources import State, freshness
from tenders.store.tenders import find_tender, load_tenders


def compose(connection: Connection, delivery: Row[Any], subscription: Subscription, now: datetime) -> Digest:
    """Gather what one mail says, from its rows."""
    mine = select(matches).where(matches.c.delivery_id == delivery.id).order_by(matches.c.id)
    rows = connection.execute(mine).all()
    together = select(deliveries.c.id).where(
        deliveries.c.subscription_id == subscription.id,
        deliveries.c.created == delivery.created,
        deliveries.c.kind == "digest",
    )
    kinds = select(matches.c.tender_id, matches.c.kind).where(matches.c.delivery_id.in_(together))
    over_all: dict[str, list[MatchKind]] = {}
    for row in connection.execute(kinds.order_by(matches.c.id)):
        over_all.setdefault(row.tender_id, []).append(MatchKind(row.kind))
    by_tender: dict[str, list[Any]] = {}
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
        fresh=sum(source.state is State.FRESH for source in sources),
        late=tuple((s.source.title, s.last_success) for s in sources if s.state not in (State.FRESH, State.SUSPECT)),
        doubtful=tuple(source.source.title for source in sources if source.state is State.SUSPECT),
        notices_read=len(read.all()),
    )
