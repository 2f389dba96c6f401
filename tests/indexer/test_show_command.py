"""``tenders show`` as a person types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from indexer.merge import tender_id
from tenders.__main__ import app
from tenders.errors import BadQuery
from tenders.model import Buyer, NoticeKind
from tests.databases import database_url
from tests.notices import House, notice

CALL = notice("26-1", buyer=Buyer(name="Commune de Vallebrune", id="21210231900012"))
PAGE = replace(CALL, source="place", source_id="77", deadline=datetime.fromisoformat("2026-06-17T11:00:00+02:00"),
               links={"boamp": "26-1"})  # fmt: skip
MOVED = notice(
    "26-9", kind=NoticeKind.CHANGE, supersedes=("26-1",), published=date(2026, 5, 25),
    deadline=datetime.fromisoformat("2026-06-30T12:00:00+02:00"),
)  # fmt: skip


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("TENDERS_HOME", str(tmp_path))
    monkeypatch.setenv("TENDERS_DATABASE_URL", database_url(tmp_path / "tenders.db"))
    made = House(tmp_path)
    made.bring(CALL, PAGE)
    yield made
    made.close()


def shown(*options: str) -> str:
    done = CliRunner().invoke(app, ["show", tender_id(CALL), *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.usefixtures("house")
def test_facts_come_with_the_notice_that_says_them_and_what_others_say() -> None:
    text = shown("--now", "2026-05-21T07:00")
    assert "  open  " in text
    assert "deadline: 2026-06-17 11:00:00+02:00  (place:77)" in text
    assert "buyer id: 21210231900012  (boamp:26-1)" in text
    assert "but deadline: 2026-06-17T12:00:00+02:00  according to boamp:26-1" in text


def test_the_history_is_told_by_notice_and_by_revision(house: House) -> None:
    house.bring(MOVED)
    text = shown("--history")
    assert "2026-05-25  change  boamp:26-9" in text
    assert text.count("deadline: 2026-06-17T11:00:00+02:00 -> 2026-06-30T12:00:00+02:00") == 2
    assert "revision 2" in text
    line = json.loads(shown("--history", "--json"))
    assert [one["notice"] for one in line["told"]][-1] == "boamp:26-9"
    assert line["history"][0]["notice"] == "boamp:26-9"


@pytest.mark.usefixtures("house")
def test_an_unknown_id_is_said_to_be_one() -> None:
    with pytest.raises(BadQuery, match="there is no tender nothing"):
        CliRunner().invoke(app, ["show", "nothing"], catch_exceptions=False)
