"""Monthly reports: begun once a month each, with figures from the index as it stands.

A delivery of kind ``report`` stands for the first of the month on which it was due and tells the month before. Its
figures are worked out at each try, so that an index that does not answer, or is behind the store, makes it late.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any

import structlog
from sqlalchemy import Row, exists, func, select

from alerts.model import Report
from indexer.filling import require_current
from indexer.observatory.observe import Observatory
from indexer.observatory.scope import month_before, year_before
from tenders.due import is_report_due, report_day
from tenders.status import paris_day, start_of_day
from tenders.store.coverage import cover
from tenders.store.database import Store
from tenders.store.deliveries import begin_delivery
from tenders.store.past_mails import told_lately
from tenders.store.schema import deliveries, subscriptions
from tenders.store.sources import freshness
from tenders.store.subscriptions import read_subscription
from tenders.subscription import Kind, Subscription

log = structlog.get_logger()


def begin_reports(store: Store, now: datetime) -> int:
    """Begin the reports that are due; returns how many. After a crash, run it again."""
    day = report_day(now)
    begun = exists().where(
        deliveries.c.subscription_id == subscriptions.c.id,
        deliveries.c.local_date == day.isoformat(),
        deliveries.c.kind == "report",
    )
    # Those that cannot be due yet are not looked at one by one, each under the writing lock, at every tick.
    ours = (
        subscriptions.c.kind == Kind.REPORT.value,
        subscriptions.c.state == "active",
        func.coalesce(subscriptions.c.confirmed, subscriptions.c.created) < start_of_day(day),
        subscriptions.c.paused_until.is_(None) | (subscriptions.c.paused_until <= now),
    )
    with store.reading() as connection:
        waiting = list(connection.execute(select(subscriptions.c.id).where(*ours, ~begun)).scalars())
    return sum(_begin(store, id_, now) for id_ in waiting)


def _begin(store: Store, subscription_id: str, now: datetime) -> bool:
    with store.writing() as connection:
        report = read_subscription(connection, subscription_id)
        if report is None or report.state != "active" or report.is_paused(now):  # it may have been since
            return False
        if report.unreadable:  # saved by another release: the others must go on
            log.error("subscription.unreadable", subscription=report.id)
            return False
        begun = told_lately(connection, report, paris_day(now))
        if not is_report_due(report.confirmed or report.created, now, begun):
            return False
        begin_delivery(connection, token_hex(12), subscription_id, "report", now, local_date=report_day(now))
    return True


def gather(
    store: Store, observatory: Observatory, delivery: Row[Any], subscription: Subscription, now: datetime
) -> Report:
    """Work out what a report says; errors are those of the index, and Unavailable where it is behind the store."""
    require_current(store, observatory.engine, delivery.arrival, now)
    with store.reading() as connection:
        checked = cover(freshness(connection, now))
    report = observe_month(observatory, subscription, date.fromisoformat(delivery.local_date), now)
    return replace(report, delivery_id=delivery.id, checked=checked)


def observe_month(
    observatory: Observatory,
    subscription: Subscription,
    due: date,
    now: datetime,
) -> Report:
    """Work out the figures: of the month before the day it is due, the same a year earlier, the twelve up to it."""
    scope = month_before(subscription.query, due)
    earlier = year_before(scope)
    assert earlier is not None and earlier.published_before is not None
    year = replace(scope, published_after=earlier.published_before + timedelta(days=1))
    return Report(
        subscription=subscription,
        now=now,
        delivery_id="sample",
        seen=observatory.observe(scope, now),
        before=observatory.observe(earlier, now),
        held=observatory.holds(earlier, now),
        year=observatory.observe(year, now),
        year_held=observatory.holds(year, now),
    )
