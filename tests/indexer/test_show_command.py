"""``tenders show`` as a person types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indexer.merge import tender_id
from tenders.model import Buyer, NoticeKind
from tests.command_line import Run, typed
from tests.notices import House, notice

CALL = notice("26-1", buyer=Buyer(name="Commune de Vallebrune", id="21210231900012"))
PAGE = replace(CALL, source="place", source_id="77", deadline=datetime.fromisoformat("2026-06-17T11:00:00+02:00"),
               links={"boamp": "26-1"})  # fmt: skip
MOVED = notice(
    "26-9", kind=NoticeKind.CHANGE, supersedes=("26-1",), published=date(2026, 5, 25),
    deadline=datetime.fromisoformat("2026-06-30T12:00:00+02:00"),
)  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.bring(CALL, PAGE)
    yield made
    made.close()


@pytest.fixture
def show(house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    run = typed(house.path, monkeypatch, capfd)
    return lambda *arguments: run("show", *arguments)


def test_facts_come_with_the_notice_that_says_them_and_what_others_say(show: Run) -> None:
    status, text, _ = show(tender_id(CALL), "--now", "2026-05-21T07:00")
    assert status == 0
    assert "  open  " in text
    assert "deadline: 2026-06-17 11:00:00+02:00  (place:77)" in text
    assert "buyer id: 21210231900012  (boamp:26-1)" in text
    assert "but deadline: 2026-06-17T12:00:00+02:00  according to boamp:26-1" in text


def test_the_history_is_told_by_notice_and_by_revision(house: House, show: Run) -> None:
    house.bring(MOVED)
    _, text, _ = show(tender_id(CALL), "--history")
    assert "2026-05-25  change  boamp:26-9" in text
    assert text.count("deadline: 2026-06-17T11:00:00+02:00 -> 2026-06-30T12:00:00+02:00") == 2
    assert "revision 2" in text
    line = json.loads(show(tender_id(CALL), "--history", "--json")[1])
    assert [one["notice"] for one in line["told"]][-1] == "boamp:26-9"
    assert line["history"][0]["notice"] == "boamp:26-9"


def test_an_unknown_id_is_said_to_be_one(show: Run) -> None:
    assert show("nothing") == (2, "", "tenders: there is no tender nothing: tenders search prints the ids\n")
