"""Open or closed at the very edge: the stored facts, the index and the reference say the same at every second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from indexer.reference import status as plain_status
from tenders.model import NoticeKind
from tenders.query import Facet
from tenders.query_url import from_url
from tenders.status import status
from tenders.store.tenders import load_tenders
from tests.notices import House, notice

NOTICES = (
    notice("deadline", "Toiture A", deadline=datetime.fromisoformat("2026-05-21T12:00:00+02:00")),
    notice("shown", "Toiture B", deadline=None, display_until=date(2026, 5, 21)),
    notice("both", "Toiture C", display_until=date(2026, 6, 30),
           deadline=datetime.fromisoformat("2026-05-21T12:00:00+02:00")),
    notice("neither", "Toiture D", deadline=None),
    notice("planned", "Toiture E", kind=NoticeKind.PLANNING, deadline=None, display_until=date(2026, 5, 21)),
    notice("winter", "Toiture F", deadline=None, display_until=date(2026, 10, 25)),  # a day of 25 hours
)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    made.bring(*NOTICES)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        ("2026-05-21T09:59:59+00:00", set()),
        ("2026-05-21T10:00:00+00:00", set()),  # the deadline itself is in time
        ("2026-05-21T10:00:01+00:00", {"deadline", "both"}),
        ("2026-05-21T21:59:59+00:00", {"deadline", "both"}),  # 23:59:59 in Paris
        ("2026-05-21T22:00:00+00:00", {"deadline", "both", "shown", "planned"}),
        ("2026-10-25T22:59:59+00:00", {"deadline", "both", "shown", "planned"}),
        ("2026-10-25T23:00:00+00:00", {"deadline", "both", "shown", "planned", "winter"}),
    ],
)
def test_a_tender_closes_with_the_second_after_its_deadline_or_its_last_day_in_paris(
    house: House, now: str, closed: set[str]
) -> None:
    moment = datetime.fromisoformat(now)
    with house.store.reading() as connection:
        tenders = load_tenders(connection, house.engine.stream(from_url(""), moment))
    by_status = {
        state: {tenders[id_].notices[0].source_id for id_ in house.engine.stream(from_url(f"status={state}"), moment)}
        for state in ("closed", "open", "planned", "awarded", "cancelled")
    }
    assert by_status["closed"] == closed
    assert by_status["planned"] == {"planned"} - closed
    assert by_status["open"] == {"deadline", "shown", "both", "neither", "winter"} - closed
    for tender in tenders.values():
        assert status(tender, moment) == plain_status(tender, moment)
        assert tender.notices[0].source_id in by_status[status(tender, moment)]
    facet = house.engine.search(from_url("q=toiture"), moment, facets=tuple(Facet)).facets[Facet.STATUS]
    assert facet == {state: len(ids) for state, ids in by_status.items() if ids}
