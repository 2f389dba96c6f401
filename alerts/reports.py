"""Monthly reports: begun once a month each, written from the index as it stands, and sent like every mail.

A delivery of kind ``report`` stands for the first of the month on which it was due and tells the month before. Its
figures are worked out at each try, so that an index that does not answer makes it late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import Row, exists, insert, select

from alerts.deliveries import Sent, send_waiting
from alerts.mail import Mailer
from alerts.model import Mail, Report
from indexer.engine import SearchEngine
from indexer.observatory.observe import Observatory
from indexer.observatory.scope import month_before, year_before
from tenders.due import is_report_due, report_day
from tenders.phrasing import paris_day
from tenders.store.coverage import Coverage, cover
from tenders.store.database import Store, counter
from tenders.store.past_mails import told_lately
from tenders.store.schema import deliveries, subscriptions
from tenders.store.sources import freshness
from tenders.store.subscriptions import read_subscription
from tenders.subscription import Kind, Subscription


def begin_reports(store: Store, now: datetime) -> int:
    """Begin the reports that are due; returns how many. After a crash, run it again."""
    begun = exists().where(
        deliveries.c.subscription_id == subscriptions.c.id,
        deliveries.c.local_date == report_day(now).isoformat(),
        deliveries.c.kind == "report",
    )
    ours = (subscriptions.c.kind == Kind.REPORT.value, subscriptions.c.state == "active")
    with store.reading() as connection:
        waiting = list(connection.execute(select(subscriptions.c.id).where(*ours, ~begun)).scalars())
    return sum(_begin(store, id_, now) for id_ in waiting)


def _begin(store: Store, subscription_id: str, now: datetime) -> bool:
    with store.writing() as connection:
        report = read_subscription(connection, subscription_id)
        if report is None or report.state != "active" or report.is_paused(now):  # it may have been since
            return False
        begun = told_lately(connection, report, paris_day(now))
        if not is_report_due(report.confirmed or report.created, now, begun):
            return False
        connection.execute(
            insert(deliveries).values(
                id=token_hex(12),
                subscription_id=subscription_id,
                kind="report",
                local_date=report_day(now).isoformat(),
                part=1,
                parts=1,
                state="pending",
                attempts=0,
                arrival=counter(connection, "arrival"),
                created=now,
            )
        )
    return True


def send_reports(
    store: Store,
    engine: SearchEngine,
    mailer: Mailer,
    render: Callable[[Report], Mail],
    now: datetime,
    *,
    patient: bool = True,
) -> Sent:
    """Send the reports that wait; where `patient`, those only whose turn has come."""
    observatory = Observatory(engine)

    def write(row: Row[Any], subscription: Subscription) -> Mail:
        with store.reading() as connection:
            checked = cover(freshness(connection, now))
        due = date.fromisoformat(row.local_date)
        return render(gather(observatory, subscription, due, now, delivery_id=row.id, checked=checked))

    return send_waiting(store, mailer, ("report",), write, now, patient=patient)


def gather(
    observatory: Observatory,
    subscription: Subscription,
    due: date,
    now: datetime,
    *,
    delivery_id: str = "sample",
    checked: Coverage | None = None,
) -> Report:
    """Work out a report: the month before the day it is due, the same a year earlier, the twelve months up to it."""
    scope = month_before(subscription.query, due)
    earlier = year_before(scope)
    assert earlier is not None and earlier.published_before is not None
    year = replace(scope, published_after=earlier.published_before + timedelta(days=1))
    return Report(
        subscription=subscription,
        now=now,
        delivery_id=delivery_id,
        seen=observatory.observe(scope, now),
        before=observatory.observe(earlier, now),
        held=observatory.holds(earlier, now),
        year=observatory.observe(year, now),
        year_held=observatory.holds(year, now),
        checked=checked,
    )
