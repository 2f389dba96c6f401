"""Addresses that want no mail of ours, kept as keyed hashes: the list names nobody, and knows who comes.

An address stands for all its tagged forms (``name+tag@``).
"""

from __future__ import annotations

import hmac
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from tenders.store.schema import opposed
from tenders.store.subscriptions import untagged


def oppose(connection: Connection, secret: str, mailbox: str, at: datetime) -> None:
    """Write to an address no more, in a writing transaction."""
    if not is_opposed(connection, secret, mailbox):
        connection.execute(insert(opposed).values(hash=_hash(secret, mailbox), since=at))


def is_opposed(connection: Connection, secret: str, mailbox: str) -> bool:
    """Whether an address wants no mail of ours."""
    return connection.execute(select(opposed).where(opposed.c.hash == _hash(secret, mailbox))).first() is not None


def lift(connection: Connection, secret: str, mailbox: str) -> None:
    """Let an address be written to again, in a writing transaction: with its owner's word."""
    connection.execute(delete(opposed).where(opposed.c.hash == _hash(secret, mailbox)))


def _hash(secret: str, mailbox: str) -> str:
    return hmac.digest(f"tenderwatch.opposed {secret}".encode(), untagged(mailbox).encode(), "sha256").hex()
