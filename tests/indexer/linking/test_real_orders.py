"""Real notices in random orders and batches: the same groups as in the order of their days."""

from __future__ import annotations

import random
import tarfile
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from crawlers.formats import FORMATS
from indexer import build
from tenders.model import Notice
from tenders.store.database import open_store
from tenders.store.notices import Reading, take
from tests.databases import database_url
from tests.indexer.linking.test_linker import stored_groups

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def notices_of_some_buyers(data: Path, share: float) -> list[Notice]:
    """Read every notice of a share of the buyers, over all the days, in their order."""
    found: list[Notice] = []
    with tarfile.open(data / "boamp-daily" / "csv.tar.xz") as archive:
        for day in archive:  # they lie in their order
            body = archive.extractfile(day) if day.name.endswith(".csv") else None
            for one in FORMATS["boamp-daily"].read(body.read(), Path(day.name).name) if body else ():
                if isinstance(one, Notice):
                    drawn = int.from_bytes(sha256((one.buyer.name or "").encode()).digest()[:4]) / 2**32
                    found += [one] if drawn < share else []
    return found


def groups_of(folder: Path, notices: Sequence[Notice], draw: random.Random | None) -> set[frozenset[str]]:
    """Take notices in batches as drawn, merging now and then, and return the groups they stand in at last."""
    folder.mkdir()
    store = open_store(database_url(folder / "tenders.db"), str(folder / "raw"))
    start = 0
    while start < len(notices):
        many = draw.choice((1, 7, 100, 900, 2500)) if draw else 1000
        with store.writing() as connection:
            readings = [Reading(one, 1) for one in notices[start : start + many]]
            take(connection, readings, at=NOW, live=False)
        start += many
        if draw is None or draw.random() < 0.5:
            build.merge_all(store)
    build.merge_all(store)
    found = stored_groups(store)
    store.close()
    return found


@pytest.mark.real
@pytest.mark.parametrize(
    ("share", "orders"), [(0.009, 3), pytest.param(0.09, 20, marks=(pytest.mark.proof, pytest.mark.timeout(3600)))]
)
def test_real_notices_come_to_the_same_groups_in_any_order(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float, orders: int
) -> None:
    notices = notices_of_some_buyers(real_data, share)
    expected = groups_of(tmp_path / "days", notices, None)
    assert max(map(len, expected)) > 1
    for number in range(orders):
        draw = random.Random(number)
        shuffled = draw.sample(notices, len(notices))
        monkeypatch.setattr(build, "MERGE_BATCH", draw.choice((50, 333, 1000)))
        differ = groups_of(tmp_path / str(number), shuffled, draw) ^ expected
        print(f"order {number}: {len(notices)} notices, {len(expected)} groups, {len(differ)} differ", flush=True)
        assert not differ
