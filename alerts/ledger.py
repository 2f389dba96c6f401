"""What every subscription is to be told: a row for each match, made once, drained by digests and never by a clock.

The matcher reads every write of a tender that a notice caused, by `version`. A subscription is told a tender once, when
its query first selects it through a notice that came after the subscription began; again when a tender it was told of
materially changes, is cancelled or leaves the set; and once when it ends soon. Re-indexing writes no tender, and what
another classifier writes is not read: tenders are matched with the codes predicted when a notice last wrote them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, Row, insert, select, update

from alerts.matcher import Matcher
from alerts.model import MatchKind, Reason
from alerts.told import Changes, Pair, Told, changes_since, load_told, wanted
from alerts.why import explain
from indexer.document import Document, read_document
from indexer.engine import SearchEngine
from tenders.errors import TendersError
from tenders.model import Tender
from tenders.query import Query, Status
from tenders.status import paris_day
from tenders.store.database import Store, mark, move_mark
from tenders.store.schema import deliveries, matches, subscriptions
from tenders.store.schema import tenders as tender_rows
from tenders.store.subscriptions import active_subscriptions, read_subscription
from tenders.store.tenders import absorbed_ids, in_chunks, load_tenders, noticed_since
from tenders.subscription import Kind, News, Subscription

BATCH = 500  # tenders a transaction
ENDING = timedelta(days=3)
log = structlog.get_logger()


def match_writes(store: Store, now: datetime) -> int:
    """Match every write since the last time; returns how many rows were added. After a crash, run it again."""
    added = _catch_up(store, now)
    while True:
        with store.writing() as connection:
            rows = noticed_since(connection, mark(connection, "matched"), BATCH)
            if not rows:
                return added
            added += _match(connection, active_subscriptions(connection), rows, now)
            move_mark(connection, "matched", rows[-1].noticed)


def _catch_up(store: Store, now: datetime) -> int:
    """Match, for the subscriptions that were confirmed since, what was written while they waited."""
    added = 0
    with store.writing() as connection:
        behind = select(subscriptions.c.id, subscriptions.c.matched).where(
            subscriptions.c.state == "active",
            subscriptions.c.kind == Kind.ALERT.value,
            subscriptions.c.matched.is_not(None),
        )
        waiting = {row.id: row.matched for row in connection.execute(behind)}
        if not waiting:
            return 0
        late = [s for s in active_subscriptions(connection) if s.id in waiting]
        common, at = mark(connection, "matched"), min(waiting.values())
        while at < common:
            rows = [row for row in noticed_since(connection, at, BATCH) if row.noticed <= common]
            if not rows:
                break
            added += _match(connection, late, rows, now)
            at = rows[-1].noticed
        followed = update(subscriptions).where(subscriptions.c.id.in_(list(waiting)))
        connection.execute(followed.values(matched=None))
    return added


def _match(connection: Connection, listening: Sequence[Subscription], rows: Sequence[Row[Any]], now: datetime) -> int:
    """Add the rows that these writes bring to these subscriptions."""
    tenders = load_tenders(connection, (row.id for row in rows if row.absorbed_into is None), as_noticed=True)
    if not tenders or not listening:
        return 0
    by_id = {s.id: s for s in listening}
    held = list(tenders.values())
    documents = [read_document(tender) for tender in held]
    chosen = _select({i: s.query for i, s in by_id.items()}, documents, now)
    told = {pair: last for pair, last in load_told(connection, tenders).items() if pair[0] in by_id}
    arrivals = {row.id: row.arrival for row in rows}
    new = [
        _row(by_id[id_], tenders[tender], MatchKind.NEW, now)
        for id_, tender in chosen - told.keys()
        if arrivals[tender] > by_id[id_].began
    ]
    # What was told under a search before this one is followed on: it never leaves a search that it never was in.
    chosen |= {
        pair
        for pair, last in told.items()
        if last.first <= by_id[pair[0]].told_before and last.kind is not MatchKind.LEFT
    }
    out = {i: by_id[i].query for i, _ in told.keys() - chosen}
    unguessed = {i: replace(query, cpv_any=()) for i, query in out.items() if query.cpv_any}
    ours = [document for document, tender in zip(documents, held, strict=True) if not tender.cpv_published]
    chosen |= _select(unguessed, ours, now)  # what we guess takes nothing out of a search that was told of it
    still = _select({i: _patient(query) for i, query in out.items()}, documents, now)
    still |= _select({i: _patient(query) for i, query in unguessed.items()}, ours, now)
    seen: dict[tuple[str, str, int], Changes | None] = {}  # subscribers told at one revision hear of one change
    for pair, last in told.items():
        tender = tenders[pair[1]]
        since = (tender.id, last.tender_id, last.revision)
        if since not in seen:
            seen[since] = _changed(connection, tender, last)
        changed, wants = seen[since], by_id[pair[0]].news
        if changed is None:  # only a title, a code or a place may have moved it out; time alone never does
            gone = pair not in chosen | still and last.kind in (MatchKind.NEW, MatchKind.CHANGED)
            kind = MatchKind.LEFT if gone and News.DEADLINE in wants else None
        elif changed and not wanted(changed, wants):
            kind = None
        else:
            kind = _news(tender, last, pair in chosen, pair in still and "deadline" not in changed)
        if kind is not None:
            new.append(_row(by_id[pair[0]], tender, kind, now))
    new = _unsaid(connection, new)
    if new:
        new.sort(key=lambda row: (row["version"], row["subscription_id"]))
        connection.execute(insert(matches), new)
    return len(new)


def _select(searches: Mapping[str, Query], documents: Sequence[Document], now: datetime) -> set[Pair]:
    """Return the pairs of a search and a tender that it selects."""
    return {(id_, documents[n].id) for id_, n in Matcher(searches, now).match(documents)}


def _unsaid(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what was said of this very revision: a tender absorbed since may have brought its pair back in."""
    names = ("subscription_id", "tender_id", "kind", "revision")
    said: set[tuple[object, ...]] = set()
    for chunk in in_chunks({row["tender_id"] for row in rows}):
        query = select(*(matches.c[name] for name in names)).where(matches.c.tender_id.in_(chunk))
        said.update(tuple(row) for row in connection.execute(query))
    return [row for row in rows if tuple(row[name] for name in names) not in said]


def _changed(connection: Connection, tender: Tender, last: Told) -> Changes | None:
    """What changed materially of a tender since it was told; None: nothing that is told."""
    if last.tender_id != tender.id:
        return changes_since(connection, tender, last) or None
    return changes_since(connection, tender, last) if tender.revision > last.revision else None


def _news(tender: Tender, last: Told, chosen: bool, outlived: bool) -> MatchKind | None:
    """What a subscription that knows a tender is told of its material change.

    `outlived` says that nothing but the passing of time keeps it out of the set: then it changed, and did not leave.
    """
    if tender.cancelled and last.kind is not MatchKind.CANCELLED:
        return MatchKind.CANCELLED
    if chosen:
        return MatchKind.CHANGED
    if last.kind is MatchKind.LEFT or (last.kind is MatchKind.CANCELLED and tender.cancelled):
        return None  # it is known to be out
    return MatchKind.CHANGED if outlived else MatchKind.LEFT


def _patient(query: Query) -> Query:
    """The query with every state that time alone makes of one it asks for, and no span from now."""
    states = set(query.status)
    if states & {Status.OPEN, Status.PLANNED}:
        states.add(Status.CLOSED)
    if Status.CLOSED in query.status:
        states |= {Status.OPEN, Status.PLANNED}
    return replace(query, status=tuple(s for s in Status if s in states), deadline_within=None)


def _row(subscription: Subscription, tender: Tender, kind: MatchKind, now: datetime) -> dict[str, Any]:
    why = explain(subscription.query, tender) if kind is MatchKind.NEW else ()
    return {
        "subscription_id": subscription.id,
        "tender_id": tender.id,
        "kind": kind.value,
        "revision": 0 if kind is MatchKind.ENDING else tender.revision,
        "version": tender.version,
        "why": orjson.dumps([[r.name, r.asked, r.met] for r in why]).decode(),
        "matched_at": now,
    }


def read_why(text: str) -> tuple[Reason, ...]:
    """Read the reasons of a match row back."""
    return tuple(Reason(*reason) for reason in orjson.loads(text))


def match_time(store: Store, engine: SearchEngine, subscription: Subscription, now: datetime) -> int:
    """Match what the passing of time alone brings into a query relative to now; returns how many rows were added.

    Unique rows keep it single. When the index cannot answer, nothing is lost: the next digest asks again.
    """
    query = subscription.query
    if query.deadline_within is None and Status.CLOSED not in query.status:
        return 0  # time only takes out of it
    try:
        ids = list(engine.stream(query, now))
    except TendersError as problem:
        log.warning("alerts.index_unavailable", subscription=subscription.id, reason=str(problem))
        return 0
    added = 0
    for part in in_chunks(ids):
        with store.writing() as connection:
            standing = read_subscription(connection, subscription.id)
            if standing is None or standing.state != "active" or standing.query != query:
                return added  # its owner ended, erased or changed it since
            told = load_told(connection, part, subscription=subscription.id)
            late = select(tender_rows.c.id).where(
                tender_rows.c.id.in_(part),
                tender_rows.c.arrival > standing.began,
                tender_rows.c.noticed <= mark(connection, "matched"),
            )
            fresh = [id_ for id_ in connection.execute(late).scalars() if (subscription.id, id_) not in told]
            tenders = load_tenders(connection, fresh, as_noticed=True)
            # The index may be behind the store, and knows what another classifier has said since the last notice.
            holds = _select({subscription.id: query}, [read_document(tender) for tender in tenders.values()], now)
            new = [_row(subscription, tenders[id_], MatchKind.NEW, now) for _, id_ in sorted(holds)]
            if new:
                connection.execute(insert(matches), new)
                added += len(new)
    return added


def match_ending(store: Store, due: Sequence[Subscription], now: datetime) -> int:
    """Add, once a tender, that it ends soon: told on an earlier day, still open, closing within three days.

    Only for subscriptions whose digest is due: said in a later one, a tender may have closed before it is read.
    """
    by_id = {s.id: s for s in due if News.ENDING in s.news}
    if not by_id:
        return 0
    with store.writing() as connection:
        soon = select(tender_rows.c.id).where(
            tender_rows.c.closes >= now, tender_rows.c.closes <= now + ENDING, tender_rows.c.absorbed_into.is_(None)
        )
        closing = list(connection.execute(soon).scalars())
        tenders = {i: t for i, t in load_tenders(connection, closing).items() if not (t.cancelled or t.awarded)}
        standing = {id_: id_ for id_ in tenders} | absorbed_ids(connection, list(tenders))
        new = [
            _row(by_id[subscription], tenders[tender], MatchKind.ENDING, now)
            for subscription, tender in _told_earlier(connection, standing, now)
            if subscription in by_id
        ]
        if new:
            connection.execute(insert(matches), new)
    return len(new)


def _told_earlier(connection: Connection, standing: Mapping[str, str], now: datetime) -> list[Pair]:
    """The pairs whose last word was delivered on an earlier local day, that are in the set, and not reminded yet."""
    last: dict[Pair, tuple[str, datetime | None]] = {}
    reminded: defaultdict[Pair, bool] = defaultdict(bool)
    rows: list[Any] = []
    for chunk in in_chunks(standing):
        query = (
            select(matches.c.id, matches.c.subscription_id, matches.c.tender_id, matches.c.kind, deliveries.c.settled)
            .outerjoin(deliveries, (deliveries.c.id == matches.c.delivery_id) & (deliveries.c.state == "accepted"))
            .where(matches.c.tender_id.in_(chunk))
        )
        rows += connection.execute(query).all()
    for row in sorted(rows, key=lambda row: row.id):
        pair = (row.subscription_id, standing[row.tender_id])
        if row.kind == MatchKind.ENDING:
            reminded[pair] = True
        else:
            last[pair] = (row.kind, row.settled)
    today = paris_day(now)
    return [
        pair
        for pair, (kind, settled) in sorted(last.items())
        if not reminded[pair]
        and kind in (MatchKind.NEW, MatchKind.CHANGED)
        and settled is not None
        and paris_day(settled) < today
    ]
