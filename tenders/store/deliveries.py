"""Deliveries: the mails that are to be sent, each begun in one place with what every one has."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, insert

from tenders.status import paris_day
from tenders.store.database import counter
from tenders.store.schema import deliveries


def begin_delivery(
    connection: Connection,
    id_: str,
    subscription_id: str,
    kind: str,
    at: datetime,
    *,
    local_date: date | None = None,
    part: int = 1,
    parts: int = 1,
) -> None:
    """Begin a mail to a subscription's owner, in a writing transaction; it waits until it is sent.

    `local_date` is the day that it stands for, that of `at` in Europe/Paris where none is given.
    """
    connection.execute(
        insert(deliveries).values(
            id=id_,
            subscription_id=subscription_id,
            kind=kind,
            local_date=(local_date or paris_day(at)).isoformat(),
            part=part,
            parts=parts,
            state="pending",
            attempts=0,
            arrival=counter(connection, "arrival"),
            created=at,
        )
    )
