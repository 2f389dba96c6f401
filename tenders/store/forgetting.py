"""Forget people: an address on its owner's word, and by itself what nobody confirmed or what has ended.

No row names them afterwards. What a deleted row leaves in SQLite's files is overwritten (`secure_delete`), and its log
is emptied as soon as no reader needs it: at once, or at one of the next calls of `forget_stale`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import DBAPIError

from tenders.errors import Unavailable
from tenders.store.database import BUSY_SECONDS, Store, mark, move_mark
from tenders.store.managing import REVIVABLE
from tenders.store.opposed import oppose
from tenders.store.schema import deliveries, matches, subscriptions
from tenders.store.tenders import in_chunks

UNCONFIRMED: Final = timedelta(days=7)  # how long a subscription waits for its owner
_LOG_WAIT: Final = 300  # milliseconds: somebody waits for the answer
_FORGOTTEN: Final = "forgotten"  # how often something was deleted here
_EMPTIED: Final = "emptied"  # how many of these times SQLite's log has been emptied of
log = structlog.get_logger()


def erase(store: Store, owner: str, at: datetime, *, opposing_by: str = "") -> None:
    """Erase all that is known of an address; the secret in `opposing_by` keeps its hash, so that it gets no mail."""
    with store.writing() as connection:
        mine = select(subscriptions.c.id).where(subscriptions.c.mailbox == owner)
        _forget(connection, list(connection.execute(mine).scalars()))
        if opposing_by:
            oppose(connection, opposing_by, owner, at)
    _empty_log(store)


def forget_stale(store: Store, at: datetime) -> int:
    """Erase what was not confirmed within 7 days and what ended 7 days ago; returns how many subscriptions.

    The 7 days begin anew with each letter that asks to confirm, as its link is good for them.
    """
    asked = select(deliveries.c.id).where(
        deliveries.c.subscription_id == subscriptions.c.id,
        deliveries.c.kind == "confirmation",
        deliveries.c.created >= at - UNCONFIRMED,
    )
    waited = (subscriptions.c.state == "pending") & (subscriptions.c.created < at - UNCONFIRMED)
    stale = select(subscriptions.c.id).where(
        (waited & ~asked.exists()) | ((subscriptions.c.state == "ended") & (subscriptions.c.ended < at - REVIVABLE))
    )
    with store.reading() as connection:
        found = bool(connection.execute(stale.limit(1)).first())
        waiting = mark(connection, _EMPTIED) < mark(connection, _FORGOTTEN)
    if not found:
        if waiting:
            _empty_log(store)
        return 0
    with store.writing() as connection:
        ids = list(connection.execute(stale).scalars())
        _forget(connection, ids)
    _empty_log(store)
    return len(ids)


def _forget(connection: Connection, ids: Sequence[str]) -> None:
    for chunk in in_chunks(ids):
        connection.execute(delete(matches).where(matches.c.subscription_id.in_(chunk)))
        connection.execute(delete(deliveries).where(deliveries.c.subscription_id.in_(chunk)))
        connection.execute(delete(subscriptions).where(subscriptions.c.id.in_(chunk)))
    if connection.dialect.name == "sqlite":
        move_mark(connection, _FORGOTTEN, mark(connection, _FORGOTTEN) + 1)


def _empty_log(store: Store) -> None:
    """Move what SQLite's log holds into the database and empty it; where that cannot be now, leave it to a later call.

    Raises nothing: what was to be erased is erased.
    """
    if store.engine.dialect.name != "sqlite":
        return
    try:
        with store.reading() as connection:
            forgotten = mark(connection, _FORGOTTEN)  # what is deleted after this may come into the log again
        if not _checkpoint(store):
            return
        with store.writing() as connection:
            move_mark(connection, _EMPTIED, max(forgotten, mark(connection, _EMPTIED)))
    except (Unavailable, DBAPIError, sqlite3.OperationalError) as problem:
        log.warning("store.log_not_emptied", reason=str(problem))


def _checkpoint(store: Store) -> bool:
    """Empty SQLite's log; whether nobody was reading it."""
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA busy_timeout={_LOG_WAIT}")
        try:
            return not driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
