"""When the next digest may come: never before it is due, and due at the very moment that was said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tenders.due import is_due, is_report_due, next_due, next_report, report_day
from tenders.status import PARIS
from tenders.subscription import Rhythm

_MINUTES = st.integers(0, 365 * 24 * 60)
MOMENTS = _MINUTES.map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@given(st.sampled_from(list(Rhythm)), MOMENTS, st.lists(st.integers(0, 9), max_size=3))
def test_the_next_digest_is_due_when_it_is_said_and_not_a_minute_before(
    rhythm: Rhythm, now: datetime, back: list[int]
) -> None:
    digests = [now.astimezone(PARIS).date() - timedelta(days=days) for days in back]
    due = next_due(rhythm, now, digests)
    assert due >= now and is_due(rhythm, due, digests)
    assert due == now or not is_due(rhythm, due - timedelta(minutes=1), digests)


def test_a_week_begins_on_monday_at_seven_in_paris() -> None:
    thursday = datetime(2026, 5, 21, 10, 0, tzinfo=PARIS)
    assert next_due(Rhythm.WEEKLY, thursday, []) == thursday
    assert next_due(Rhythm.WEEKLY, thursday, [date(2026, 5, 18)]) == datetime(2026, 5, 25, 7, 0, tzinfo=PARIS)
    early = datetime(2026, 5, 21, 5, 0, tzinfo=PARIS)
    assert next_due(Rhythm.DAILY, early, []) == datetime(2026, 5, 21, 7, 0, tzinfo=PARIS)
    assert next_due(Rhythm.DAILY, thursday, [date(2026, 5, 21)]) == datetime(2026, 5, 22, 7, 0, tzinfo=PARIS)


@given(MOMENTS, MOMENTS)
def test_each_month_since_the_confirmation_has_one_report_while_we_run(one: datetime, other: datetime) -> None:
    confirmed, now = min(one, other), max(one, other)
    begun: list[date] = []
    tick = confirmed
    while tick <= now:  # now and then, and twice at a time
        for _ in range(2):
            if is_report_due(confirmed, tick, begun):
                begun.append(report_day(tick))
        tick += timedelta(days=11, hours=5)
    if is_report_due(confirmed, now, begun):
        begun.append(report_day(now))
    assert begun == sorted(set(begun)) and all(day.day == 1 for day in begun)
    months = (now.astimezone(PARIS).year - confirmed.astimezone(PARIS).year) * 12
    months += now.astimezone(PARIS).month - confirmed.astimezone(PARIS).month
    assert len(begun) in (months, months - 1)
    due = next_report(confirmed, now, begun)
    assert due > now and not is_report_due(confirmed, due - timedelta(minutes=1), begun)
    assert is_report_due(confirmed, due, begun)


def test_a_report_is_due_at_seven_in_paris_on_the_first_and_tells_the_month_of_the_confirmation_first() -> None:
    confirmed = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)  # 00:30 on the first of March in Paris
    before = datetime(2026, 4, 1, 6, 59, tzinfo=PARIS)
    assert not is_report_due(confirmed, before, [])
    assert next_report(confirmed, before, []) == datetime(2026, 4, 1, 7, 0, tzinfo=PARIS)
    assert is_report_due(confirmed, before + timedelta(minutes=1), [])
    assert report_day(before + timedelta(minutes=1)) == date(2026, 4, 1)
    winter = datetime(2026, 12, 1, 5, 59, tzinfo=UTC)  # the clock is an hour ahead of UTC again
    assert report_day(winter) == date(2026, 11, 1)
    assert report_day(winter + timedelta(minutes=1)) == date(2026, 12, 1)


def test_after_an_outage_of_months_one_report_is_due() -> None:
    confirmed = datetime(2026, 1, 31, 12, 0, tzinfo=PARIS)
    back = datetime(2026, 5, 20, 15, 0, tzinfo=PARIS)
    assert is_report_due(confirmed, back, [date(2026, 2, 1)]) and report_day(back) == date(2026, 5, 1)
    assert next_report(confirmed, back, [date(2026, 2, 1)]) == back
    assert next_report(confirmed, back, [date(2026, 5, 1)]) == datetime(2026, 6, 1, 7, 0, tzinfo=PARIS)
