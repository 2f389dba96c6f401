"""What one mail says, gathered from its rows: each tender once, what it has become, why, and what was checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from alerts.ledger import read_why
from alerts.model import Digest, Line, MatchKind
from alerts.told import Changes, Told, changes_since, load_told, wanted
from tenders.model import Tender
from tenders.store.coverage import cover
from tenders.store.schema import changes, deliveries, matches, notices
from tenders.store.sources import freshness
from tenders.store.tenders import find_tender, load_tenders
from tenders.subscription import Subscription


def part_id(stem: str, part: int, parts: int) -> str:
    """Return the id of one delivery of a digest; the mails of one digest share its stem."""
    return stem if parts == 1 else f"{stem}-{part}"


def _together(delivery: Row[Any]) -> list[str]:
    stem = delivery.id.partition("-")[0]
    return [part_id(stem, part, delivery.parts) for part in range(1, delivery.parts + 1)]


def compose(connection: Connection, delivery: Row[Any], subscription: Subscription, now: datetime) -> Digest:
    """Gather what one mail says, from its rows."""
    mine = select(matches).where(matches.c.delivery_id.in_(_together(delivery))).order_by(matches.c.id)
    rows = connection.execute(mine).all()
    standing = {id_: find_tender(connection, id_) or id_ for id_ in dict.fromkeys(row.tender_id for row in rows)}
    by_tender: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_tender.setdefault(standing[row.tender_id], []).append(row)
    here = {id_: held for id_, held in by_tender.items() if held[0].delivery_id == delivery.id}
    tenders = load_tenders(connection, here)
    lines = [_line(connection, subscription, tenders[id_], held) for id_, held in here.items()]
    return Digest(
        delivery_id=delivery.id,
        subscription=subscription,
        lines=tuple(lines),
        now=now,
        part=delivery.part,
        parts=delivery.parts,
        counts=Counter(_one_kind(held) for held in by_tender.values()),
        checked=cover(freshness(connection, now)),
        notices_read=_count_read(connection, delivery, subscription),
    )


def _line(connection: Connection, subscription: Subscription, tender: Tender, held: Sequence[Row[Any]]) -> Line:
    told = load_told(connection, [tender.id], subscription=subscription.id, before=held[0].id)
    last = told.get((subscription.id, tender.id))
    return Line(
        kind=_one_kind(held),
        tender=tender,
        why=next((why for row in held if (why := read_why(row.why))), ()),
        former=(last.first if last else held[0].id) <= subscription.told_before,
        changes=wanted(_changes(connection, tender, held, last), subscription.news),
        notice=_said_by(connection, held[-1]),
    )


def _one_kind(held: Sequence[Row[Any]]) -> MatchKind:
    """A tender stands once in a digest: as what it has become, else as new, else with its latest news."""
    kinds = [MatchKind(row.kind) for row in held if row.kind != MatchKind.ENDING]
    if not kinds:
        return MatchKind.ENDING
    if kinds[-1] in (MatchKind.CANCELLED, MatchKind.LEFT):
        return kinds[-1]
    return MatchKind.NEW if MatchKind.NEW in kinds else kinds[-1]


def _changes(connection: Connection, tender: Tender, held: Sequence[Row[Any]], last: Told | None) -> Changes:
    """The material facts that changed since the subscription was last told, first old and last new value."""
    if last is None or _one_kind(held) is MatchKind.ENDING:
        return {}
    seen = max((row.revision for row in held if row.tender_id == tender.id), default=0)
    return changes_since(connection, tender, last, seen)


def _said_by(connection: Connection, row: Row[Any]) -> str | None:
    query = select(changes.c.notice).where(changes.c.tender_id == row.tender_id, changes.c.revision == row.revision)
    found: str | None = connection.execute(query).scalar()
    return found


def _count_read(connection: Connection, delivery: Row[Any], subscription: Subscription) -> int:
    """Return how many notices were read since this subscription's digest before."""
    before = select(func.max(deliveries.c.arrival)).where(
        deliveries.c.subscription_id == subscription.id,
        deliveries.c.kind == "digest",
        deliveries.c.created <= delivery.created,
        deliveries.c.id.not_in(_together(delivery)),
    )
    since = max(subscription.began, connection.execute(before).scalar() or 0)
    read = select(func.count()).where(notices.c.id > since, notices.c.id <= delivery.arrival)
    return int(connection.execute(read).scalar_one())
