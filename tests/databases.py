"""Which database a test's store stands in: SQLite in the test's folder, or PostgreSQL where one is given.

``TENDERS_TEST_POSTGRES`` is the URL of a PostgreSQL server for the tests alone, such as
``postgresql://tests@127.0.0.1:5433/postgres``; each store then has a new database there, dropped at the end, in
which text sorts as in French: nothing may hold only where it sorts by bytes.
"""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

SERVER = os.environ.get("TENDERS_TEST_POSTGRES", "").replace("+psycopg", "")
_made: dict[Path, str] = {}


def database_url(path: Path) -> str:
    """Return the URL of the store of this file; the same file is the same store."""
    if not SERVER:
        return f"sqlite:///{path}"
    if path not in _made:
        name = f"tenders_{token_hex(6)}"
        _run(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'fr'")
        _made[path] = urlsplit(SERVER)._replace(scheme="postgresql+psycopg", path=f"/{name}").geturl()
    return _made[path]


def drop_databases() -> None:
    """Drop what was made."""
    for url in _made.values():
        _run(f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")
    _made.clear()


def _run(command: str) -> None:
    import psycopg

    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(command)
