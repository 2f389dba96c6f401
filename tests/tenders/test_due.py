"""When the next digest may come: never before it is due, and due at the very moment that was said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tenders.due import is_due, next_due
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
