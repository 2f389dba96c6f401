"""``tenders index`` with the classifier that ships: it judges what is new and what never was, and says how many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from indexer.shipped import shipped_classifier
from tenders.codes import Cpv
from tenders.store.tenders import load_tenders
from tests.databases import database_url
from tests.notices import House, keep, notice


def run(path: Path, *arguments: str) -> str:
    environment = {**os.environ, "TENDERS_HOME": str(path), "TENDERS_DATABASE_URL": database_url(path / "tenders.db")}
    done = subprocess.run(
        [sys.executable, "-m", "tenders", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_index_judges_what_is_new_and_what_was_never_judged(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.bring(notice("26-1", "Réfection de la toiture"), notice("26-2", "Voirie", cpv=(Cpv("45233000"),)))
    keep(house.store, [notice("26-3", "Réfection de la toiture de la mairie")])
    said = json.loads(run(tmp_path, "index", "--json"))
    assert said == {"notices": 1, "written": 1, "indexed": 2, "reclassified": 1, "tenders": 3}
    again = json.loads(run(tmp_path, "index", "--json"))
    assert again == {"notices": 0, "written": 0, "indexed": 0, "reclassified": 0, "tenders": 3}
    lines = [json.loads(line) for line in run(tmp_path, "search", "--format", "jsonl", "--", "").splitlines()]
    with house.store.reading() as connection:
        tenders = load_tenders(connection, [line["id"] for line in lines])
    version = shipped_classifier().version
    for line in lines:
        coded = bool(line["cpv"])
        assert (line["classifier"], line["cpv_predicted"] != []) == ((None, False) if coded else (version, True))
        assert tenders[line["id"]].classifier == line["classifier"]
    house.close()


def test_what_judges_nothing_loads_no_model() -> None:
    light = "import sys, tenders.__main__, indexer.shipped as s; s.shipped_classifier(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", light], capture_output=True, text=True, check=True)
    assert not {"spacy", "numpy", "scipy"} & set(done.stdout.split())
