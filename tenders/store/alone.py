"""One process at a time for work that must not be done twice at once, on every machine that shares the store."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tenders.errors import Unavailable
from tenders.store.database import Store


@contextmanager
def alone(store: Store, work: str, refusal: str) -> Iterator[None]:
    """Hold the lock of a piece of work; it falls with the process, however that ends.

    Raises Unavailable with `refusal` at once when another holds it.
    """
    with (
        _holding_file(store, work, refusal)
        if store.engine.dialect.name == "sqlite"
        else _holding_row(store, work, refusal)
    ):
        yield


@contextmanager
def _holding_file(store: Store, work: str, refusal: str) -> Iterator[None]:
    database = store.engine.url.database
    if not database or database == ":memory:":  # nobody else can see it
        yield
        return
    try:
        lock = Path(f"{database}.{work}.lock").open("w")  # noqa: SIM115
    except OSError as problem:
        raise Unavailable(f"the lock beside the store cannot be had: {problem}") from None
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(refusal) from None
        except OSError as problem:
            raise Unavailable(f"the lock beside the store cannot be had: {problem}") from None
        yield


@contextmanager
def _holding_row(store: Store, work: str, refusal: str) -> Iterator[None]:
    """PostgreSQL's advisory lock, held by a connection of its own that is in no transaction."""
    key = int.from_bytes(sha256(f"tenderwatch {work}".encode()).digest()[:8], signed=True)
    try:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one():
                raise Unavailable(refusal)
            try:
                yield
            finally:
                connection.execute(select(func.pg_advisory_unlock(key)))
    except OperationalError as problem:
        raise Unavailable(f"the store does not answer: {problem.orig}; try again") from problem
