"""A look around says what runs where and what to do, and never a secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.elasticsearch_server import ElasticsearchServer
from tests.notices import House, keep, notice


def look(house: House, search_url: str = "", **settings: str) -> tuple[int, dict[str, dict], str]:
    environment = {**os.environ, "TENDERS_HOME": str(house.path), "TENDERS_SEARCH_URL": search_url, **settings}
    environment["TENDERS_DATABASE_URL"] = house.store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tenders", "doctor", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, {one["part"]: one for one in json.loads(done.stdout)}, done.stdout + done.stderr


def test_all_is_well_and_each_part_says_what_it_holds(tmp_path: Path, search_url: str) -> None:
    house = House(tmp_path, search_url)
    house.bring(notice("26-1"), notice("26-2", title="Fourniture de papier"))
    status, parts, _ = look(house, search_url, TENDERS_CRAWL_CONTACT="a@b.example")
    assert status == 0
    assert parts["store"]["facts"] | {"notices": 2, "tenders": 2} == parts["store"]["facts"]
    index = parts["index"]
    assert (index["health"], index["mend"], index["facts"]["tenders"], index["facts"]["behind"]) == ("well", None, 2, 0)
    assert index["facts"]["engine"].startswith(search_url.partition(":")[0].replace("https", "elasticsearch"))
    assert parts["settings"]["health"] == "well"
    assert parts["source boamp"]["facts"]["state"] == "never"
    house.close()


def test_what_is_behind_or_lacks_something_says_what_to_run(tmp_path: Path, search_url: str) -> None:
    house = House(tmp_path, search_url)
    house.bring(notice("26-1"))
    keep(house.store, [notice("26-2", title="Fourniture de papier")])
    from indexer.build import _merge_batch
    from tests.notices import NOON

    with house.store.writing() as connection:
        _merge_batch(connection, NOON)
    status, parts, _ = look(house, search_url)
    assert (status, parts["index"]["health"], parts["index"]["facts"]["behind"]) == (0, "doubtful", 1)
    assert "tenders index" in parts["index"]["mend"]
    house.engine.commit(2)  # an index that believes it is whole
    house.engine.close()
    status, parts, _ = look(house, search_url)
    assert (status, parts["index"]["health"]) == (1, "wrong")
    assert "holds 1 tenders and the store 2" in parts["index"]["mend"]
    house.close()


@pytest.mark.parametrize("setting", ["search", "database"])
def test_a_part_that_does_not_answer_is_said_without_its_secret(tmp_path: Path, setting: str) -> None:
    house = House(tmp_path)
    if setting == "search":
        status, parts, said = look(house, "https://elastic:hunter2@127.0.0.1:9/tenders")
        assert parts["index"]["health"] == "wrong"
    else:
        environment = {
            **os.environ,
            "TENDERS_HOME": str(tmp_path),
            "TENDERS_DATABASE_URL": "postgresql+psycopg://u:hunter2@127.0.0.1:9/x",
        }
        done = subprocess.run(
            [sys.executable, "-m", "tenders", "doctor"], env=environment, capture_output=True, text=True, check=False
        )
        status, said = done.returncode, done.stdout + done.stderr
        assert "TENDERS_DATABASE_URL" in said
    assert status == 1
    assert "hunter2" not in said
    house.close()


def test_a_password_that_does_not_open_is_told_and_not_shown(
    tmp_path: Path, elasticsearch: ElasticsearchServer
) -> None:
    house = House(tmp_path)
    status, parts, said = look(house, elasticsearch.url("x", secret="hunter2"))
    assert status == 1
    assert "does not let us in" in parts["index"]["mend"]
    assert "hunter2" not in said
    house.close()
