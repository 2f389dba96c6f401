"""The service learns from its buyers' codes and from accepted corrections, never from its own guesses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from indexer.cpv.learning.gathering import CORRECTED, correct, gather
from indexer.cpv.pool import PoolRow
from tenders.codes import Cpv
from tenders.errors import Refused
from tenders.model import Buyer, Lot
from tests.indexer.cpv.learning.small import corpus
from tests.notices import House, keep, notice


def test_official_codes_and_descriptors_are_gathered(tmp_path: Path) -> None:
    house = House(tmp_path)
    official = notice("26-2", "Dépose d'amiante au port", cpv=(Cpv("45262660"),), buyer=Buyer(name="Le port"))
    lots = notice(
        "26-3",
        "Travaux du port",
        lots=(
            Lot(id="1", title="Peinture des grues", cpv=(Cpv("45442000"), Cpv("45440000"))),
            Lot(id="2", title="Sans code"),
        ),
    )
    filed = notice("26-4", "Ramassage de feuilles", descriptors=("116",))
    keep(house.store, [official, lots, filed])
    with house.store.reading() as connection:
        more = gather(connection, corpus())
    fresh: list[PoolRow] = list(more.pool[len(corpus().pool) :])
    assert {(row.title, row.cpv_main) for row in fresh} == {
        ("Dépose d'amiante au port", "45262660"),
        ("Peinture des grues", "45442000"),
    }
    assert fresh[-1].cpv_additional == ("45440000",) or fresh[0].cpv_additional == ("45440000",)
    assert [notice.descriptors for notice in more.filed[len(corpus().filed) :]] == [("116",)]
    with house.store.reading() as connection:
        assert gather(connection, more).pool == more.pool


def test_corrections_weigh_more_and_win(tmp_path: Path) -> None:
    row = corpus().pool[0]
    path = tmp_path / "corrections.jsonl"
    path.write_bytes(orjson.dumps({"title": row.title.upper(), "cpv_main": "90910000", "source": "correction"}))
    corrected = correct(corpus(), path)
    assert corrected.weights == [CORRECTED]
    assert [r.cpv_main for r in corrected.pool if r.title.casefold() == row.title.casefold()] == ["90910000"]
    assert len(corrected.pool) == len(corpus().pool)
    assert replace(corrected).digest != corpus().digest


def test_a_file_without_corrections_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    with pytest.raises(Refused, match="no classified text"):
        correct(corpus(), tmp_path / "empty")
