"""What a subscriber hears when tenders are found to be one, or not to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from indexer.build import build
from indexer.linking.deciding import merge_tenders, split_notices
from indexer.merge import tender_id
from tenders.model import NoticeKind
from tests.alerts.test_run import MORNING, Desk
from tests.notices import notice

AT = datetime(2026, 5, 21, 9, 0, tzinfo=UTC)
ONE, OTHER = notice("26-1"), notice("26-2", title="Couverture et toiture du gymnase")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.follow()
    yield desk
    desk.close()


def merge(desk: Desk) -> None:
    with desk.store.writing() as connection:
        merge_tenders(connection, tender_id(ONE), tender_id(OTHER), "one roof", at=AT)
    build(desk.store, desk.engine)


def split(desk: Desk, key: str) -> None:
    with desk.store.writing() as connection:
        split_notices(connection, [key], "two roofs", at=AT)
    build(desk.store, desk.engine)


def test_tenders_that_were_told_are_not_told_again_when_merged_nor_when_split_again(desk: Desk) -> None:
    desk.bring(ONE, OTHER)
    assert desk.run().matched == 2
    merge(desk)
    assert desk.run(MORNING + timedelta(days=1)).matched == 0
    split(desk, "boamp:26-2")
    assert desk.run(MORNING + timedelta(days=2)).matched == 0


def test_a_split_tells_only_the_part_that_was_never_told_as_a_tender(desk: Desk) -> None:
    fix = notice("26-3", kind=NoticeKind.CHANGE, published=date(2026, 5, 20))
    desk.bring(ONE, fix)
    assert desk.run().matched == 1
    split(desk, "boamp:26-3")
    assert desk.run(MORNING + timedelta(days=1)).matched == 1
    assert desk.told()[-1].startswith("NOUVEAU")
    assert tender_id(fix) in desk.last()
    assert tender_id(ONE) not in desk.last()
    assert desk.run(MORNING + timedelta(days=2)).matched == 0
