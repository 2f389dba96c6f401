"""Open the store: one SQLAlchemy engine, two kinds of transaction, and the raw bodies beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, make_url, select, text, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError

from tenders.errors import BadSettings, Unavailable
from tenders.store.raw import RawBodies
from tenders.store.schema import counters, marks

HEAD = "0007"  # the newest migration; a test holds it against tenders/store/migrations
BUSY_SECONDS = 60
_PRAGMAS = (
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "cache_size=-64000",
    "secure_delete=ON",  # what is erased leaves no trace in the file
)
_OURS = (DataError, IntegrityError, ProgrammingError)  # what we asked was wrong; anything else is the database's state


@dataclass(frozen=True, slots=True)
class Store:
    """The record of everything: notices, tenders, subscriptions, deliveries. The index can be rebuilt from it."""

    engine: Engine
    raw: RawBodies

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the store. Raises Unavailable when the database cannot answer."""
        one_state = {} if self.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        try:
            with self.engine.connect().execution_options(**one_state) as connection, connection.begin():
                yield connection
        except DBAPIError as problem:
            if isinstance(problem, _OURS):
                raise
            raise Unavailable(f"the store does not answer: {_one_line(problem)}; try again") from problem

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction under the one writing lock, held to commit, so that commit order is counter order.

        Raises Unavailable when the lock is not had within a minute, the disk is full or the database is gone; nothing
        of the transaction is kept then.
        """
        try:
            with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
                if connection.dialect.name != "sqlite":
                    connection.execute(select(counters.c.value).where(counters.c.name == "arrival").with_for_update())
                yield connection
        except DBAPIError as problem:
            if isinstance(problem, _OURS):
                raise
            raise Unavailable(f"the store cannot be written now: {_one_line(problem)}; try again") from problem

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def _one_line(problem: DBAPIError) -> str:
    return " ".join(str(problem.orig).split())


def next_numbers(connection: Connection, name: str, count: int) -> range:
    """Take `count` numbers of a counter, in a writing transaction."""
    last = connection.execute(
        update(counters)
        .where(counters.c.name == name)
        .values(value=counters.c.value + count)
        .returning(counters.c.value)
    ).scalar_one()
    return range(last - count + 1, last + 1)


def counter(connection: Connection, name: str) -> int:
    """Return the last number a counter gave."""
    value: int = connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar_one()
    return value


def mark(connection: Connection, name: str) -> int:
    """Return how far a reader has come; 0 before it ever ran."""
    return connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar() or 0


def move_mark(connection: Connection, name: str, value: int) -> None:
    """Remember how far a reader has come."""
    if not connection.execute(update(marks).where(marks.c.name == name).values(value=value)).rowcount:
        connection.execute(insert(marks).values(name=name, value=value))


def open_store(database_url: str, raw_url: str) -> Store:
    """Open the store and bring its tables up to date; raises BadSettings for an address that cannot be used."""
    try:
        url = make_url(database_url)
        if url.get_backend_name() == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        # A server may have been restarted since; a file has not.
        engine = create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
    except (SQLAlchemyError, ImportError, OSError) as problem:
        raise BadSettings(f"TENDERS_DATABASE_URL cannot be used: {problem}") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    store = Store(engine, RawBodies(raw_url))
    _bring_up_to_date(store)
    return store


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would come too late for our lock
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not engine.dialect.has_table(connection, "alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _bring_up_to_date(store: Store) -> None:
    try:
        if _revision(store.engine) != HEAD:
            _migrate(store.engine)
    except DBAPIError as problem:
        raise Unavailable(f"the store cannot be opened: {_one_line(problem)}; check TENDERS_DATABASE_URL") from problem


def _migrate(engine: Engine) -> None:
    from alembic import command  # only when there is something to do: it costs start-up time
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # SQLite's writing transaction is its lock
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('tenders.migrate'))"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")  # reads the revision again, now under the lock
