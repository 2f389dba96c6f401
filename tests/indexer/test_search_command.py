"""``tenders search`` as it is typed: the same words, the same set and the same refusals as the API."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime

import pytest

from search_api.app import create_app
from tests.command_line import Run, typed
from tests.notices import House, notice
from tests.search_api.conftest import Client

ROOFS = [
    notice(
        f"26-{n}", f"Toiture de l'école n° {n}", deadline=datetime.fromisoformat(f"2026-06-{30 - n:02}T12:00:00+02:00")
    )
    for n in range(1, 28)
]
FORMULA = notice("26-90", "=2+2 @ toiture", deadline=datetime.fromisoformat("2026-05-20T10:00:00.5+02:00"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("home"))
    made.bring(*ROOFS, FORMULA, notice("26-91", "Fourniture de papier", source="ted"))
    yield made
    made.close()


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    return typed(house.path, monkeypatch, capfd)


def titles(out: str) -> list[str]:
    return [json.loads(line)["title"] for line in out.splitlines()]


@pytest.mark.parametrize(
    "form",
    [
        "q=a+OU",
        "q=(toiture",
        "q=%22a",
        "q=" + "a" * 501,
        "cpv=99",
        "cpv=45261000-9",
        "dept=1",
        "nuts=ZZ9",
        "status=ouvert",
        "published_after=2024-02-31",
        "value_min=10&value_max=5",
        "size=101",
        "sort=price",
        "after=nothing",
        "source=bomp",
        "size=5&size=6",
        "colour=red",
        "q=caf%E9",
    ],
)
def test_a_bad_query_is_exit_2_with_the_text_of_the_api(run: Run, house: House, form: str) -> None:
    client = Client(create_app(house.store, house.engine, base_url="https://tenderwatch.example"))
    answer = client.get(f"/api/v1/tenders?{form}")
    assert answer.status_code == 400
    status, out, err = run("search", "--query", form)
    assert (status, out, err) == (2, "", f"tenders: {answer.json()['detail']}\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--dept",), "--dept needs a value"),
        (("--colour", "red"), "--cpv"),
        (("--now", "yesterday"), "2026-05-21"),
        (("--all", "--after", "x"), "leave --after out"),
        (("--query", "q=a", "--", "b"), "twice"),
        (("--", "caf\udce9"), "UTF-8"),
        (("--format", "xml"), "jsonl"),
    ],
)
def test_wrong_use_is_exit_2_and_says_what_is_right(run: Run, arguments: tuple[str, ...], says: str) -> None:
    status, out, err = run("search", *arguments)
    assert (status, out) == (2, "")
    assert says in err


def test_after_two_dashes_everything_is_text(run: Run) -> None:
    assert titles(run("search", "--json", "--all", "--", "-toiture")[1]) == ["Fourniture de papier"]
    assert len(titles(run("search", "--json", "--all", "--", "")[1])) == 29
    status, out, _ = run("search", "--json", "--", "--dept", "papier")  # no option: the words dept and papier
    assert (status, out) == (0, "")
    assert titles(run("search", "--json", "fourniture", "--", "papier")[1]) == ["Fourniture de papier"]


def test_all_keeps_the_order_that_is_asked_for(run: Run) -> None:
    newest = titles(run("search", "--format", "jsonl", "--all", "--", "école")[1])
    assert newest == [roof.title for roof in reversed(ROOFS)]
    for sort in ("deadline", "relevance", "-value"):
        found = titles(run("search", "--json", "--all", "--size", "5", "--sort", sort, "--", "école")[1])
        assert sorted(found) == sorted(newest)
        if sort == "deadline":
            assert found == newest


def test_each_format_holds_the_same_tenders(run: Run, house: House) -> None:
    ask = ("--size", "4", "--sort", "deadline", "--", "toiture")
    ids = run("search", "--format", "ids", *ask)[1].split()
    assert len(ids) == 4
    lines = [json.loads(line) for line in run("search", "--format", "jsonl", *ask)[1].splitlines()]
    rows = list(csv.DictReader(io.StringIO(run("search", "--format", "csv", *ask)[1])))
    assert ids == [line["id"] for line in lines] == [row["id"] for row in rows]
    assert rows[0]["title"] == "'=2+2 @ toiture", "a spreadsheet must not reckon"
    client = Client(create_app(house.store, house.engine, base_url="http://127.0.0.1:8000"))
    served = client.get("/tenders.csv?q=toiture&sort=deadline").content.decode("utf-8-sig")
    assert run("search", "--format", "csv", "--all", *ask[2:])[1] == served, "the same file"
    status, out, err = run("search", *ask)
    assert (status, err) == (0, "28 tenders\n")
    assert "26-27" in out


def test_the_moment_counts_to_the_second_and_without_an_offset_in_paris(run: Run) -> None:
    for now, state in (("2026-05-20T10:00:00.9", "open"), ("2026-05-20T10:00:01", "closed")):
        out = run("search", "--json", "--status", state, "--now", now, "--", "reckon OU toiture 2 -école")[1]
        [line] = map(json.loads, out.splitlines())
        assert line["status"] == state
