"""The commands on merges, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from indexer.merge import tender_id
from tenders.codes import Cpv
from tenders.model import NoticeKind
from tests.command_line import Run, typed
from tests.notices import House, notice

CODES = (Cpv("45261000"),)  # so that nothing is left to predict
CALL, OTHER = notice("26-1", cpv=CODES), notice("26-2", "Couverture du gymnase", cpv=(Cpv("45212225"),))
FIX = notice("26-3", kind=NoticeKind.CHANGE, published=date(2026, 5, 25), cpv=CODES)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Run]:
    house = House(tmp_path)
    house.bring(CALL, OTHER, FIX)
    yield typed(tmp_path, monkeypatch, capfd)
    house.close()


def test_tenders_are_merged_explained_and_split_again(run: Run) -> None:
    one, other = tender_id(CALL), tender_id(OTHER)
    assert "the titles differ" in run("why-not", one, other)[1]
    assert json.loads(run("merge", one, other, "--reason", "one roof", "--json")[1]) == {"tender": one}
    told = json.loads(run("why-merged", other, "--json")[1])
    assert [(row["notice"], row["rule"]) for row in told] == [
        ("boamp:26-1", "first"), ("boamp:26-2", "person"), ("boamp:26-3", "title"),
    ]  # fmt: skip
    assert "même acheteur et même titre que boamp:26-1" in run("why-merged", one, "--language", "fr")[1]
    assert json.loads(run("split", "boamp:26-2", "--reason", "no", "--json")[1]) == {"tenders": [other]}
    counted = {(row["state"], row["rule"]): row["count"] for row in json.loads(run("merges", "--json")[1])}
    assert counted == {("merged", "first"): 2, ("merged", "title"): 1, ("moved", "person"): 1, ("moved", "first"): 1}


def test_the_review_lists_and_settles(run: Run) -> None:
    assert run("review", "--json")[1] == "[]\n"
    assert run("review", "--accept", "boamp:26-3", "boamp:26-2", "--json")[0] == 0
    assert json.loads(run("why-not", "boamp:26-3", "boamp:26-2", "--json")[1])


@pytest.mark.parametrize(
    "typed",
    [
        ("merge", "x", "y", "--reason", "z"),
        ("split", "boamp:x", "--reason", "z"),
        ("why-merged", "x"),
        ("why-not", "x", "y"),
    ],
)
def test_a_name_that_is_none_is_wrong_use(run: Run, typed: tuple[str, ...]) -> None:
    code, _, err = run(*typed)
    assert code == 2
    assert err.startswith("tenders: there is no ")
