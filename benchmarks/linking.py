"""What linking costs a notice in small and large stores. Prints a table and, last, one JSON object.

    TENDERS_REAL_DATA=DIR python -m benchmarks.linking [NOTICES...]

DIR holds ``boamp-daily/csv.tar.xz``. Each size is a store of its own, filled in the order of the days: all notices of
so many buyers, drawn by the hash of their names; past the 229,172 that there are, buyers, places and titles come again
under other names, as other countries would. So every store is as old and as dense as the next, and only its size
differs. Milliseconds of CPU a notice over the last batches of 1,000, by part, so that a machine that does other things
disturbs little; the peer is the smallest store, whose ratio should stay near 1.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

import indexer.build as build
from crawlers.formats import FORMATS
from tenders.model import Notice
from tenders.settings import load_settings
from tenders.store.database import Store, open_store
from tenders.store.notices import Reading, take

SIZES = (10_000, 100_000, 230_000, 1_000_000)
KNOWN = 229_172  # notices of the days
LAST = 5  # batches that are measured
PARTS = ("link", "reach", "load_notices", "group_stored")


def read_days(data: Path) -> Iterator[Notice]:
    """Read the notices of every day, in the order of the days."""
    with tarfile.open(data / "boamp-daily" / "csv.tar.xz") as archive:
        days = sorted((member for member in archive if member.name.endswith(".csv")), key=lambda member: member.name)
        for day in days:
            body = archive.extractfile(day)
            assert body is not None
            read = FORMATS["boamp-daily"].read(body.read(), Path(day.name).name)
            yield from (one for one in read if isinstance(one, Notice))


def draw(data: Path, size: int) -> Iterator[Notice]:
    """Read about `size` notices: those of some buyers, or all of them under one name and some under others."""
    for notice in read_days(data):
        drawn = int.from_bytes(sha256((notice.buyer.name or "").encode()).digest()[:4]) / 2**32
        for number in range(1 + size // KNOWN):
            if drawn < size / KNOWN - number:
                yield rename(notice, number) if number else notice


def rename(notice: Notice, number: int) -> Notice:
    """Return the notice as another country would have it."""
    return replace(
        notice,
        source_id=f"r{number}-{notice.source_id}",
        title=f"{notice.title} r{number}",
        buyer=replace(notice.buyer, name=f"{notice.buyer.name} r{number}", postcode=None),
    )


class Stopwatch:
    """Adds up the CPU seconds of functions of `indexer.build`, by their names."""

    def __init__(self, names: Iterable[str]) -> None:
        self.spent: Counter[str] = Counter()
        for name in names:
            self._watch(name)

    def _watch(self, name: str) -> None:
        act: Callable[..., Any] = getattr(build, name)

        def timed(*given: Any, **named: Any) -> Any:
            begun = time.process_time()
            try:
                return act(*given, **named)
            finally:
                self.spent[name] += time.process_time() - begun

        setattr(build, name, timed)


def measure(notices: Iterator[Notice], store: Store, watch: Stopwatch) -> dict[str, float]:
    """Fill a store; return how many notices it has, and milliseconds a notice by part over the last batches."""
    taken, batches = 0, []
    while batch := list(islice(notices, build.MERGE_BATCH)):
        watch.spent = Counter()
        with store.writing() as connection:
            take(connection, [Reading(one, 1) for one in batch], at=datetime.now(UTC), live=False)
        build.merge_all(store)
        taken += len(batch)
        batches.append({name: 1000 * watch.spent[name] / len(batch) for name in PARTS})
    last = batches[-LAST - 1 : -1]  # the very last is not full
    means = {name: sum(one[name] for one in last) / len(last) for name in PARTS}
    return {"notices": taken, **means, "all": sum(means.values())}


if __name__ == "__main__":
    data = load_settings().real_data
    if data is None:
        raise SystemExit("TENDERS_REAL_DATA must name the folder of real notices")
    watch = Stopwatch(PARTS)
    rows = []
    for size in map(int, sys.argv[1:] or SIZES):
        with tempfile.TemporaryDirectory() as folder:
            store = open_store(f"sqlite:///{folder}/tenders.db", f"{folder}/raw")
            rows.append(measure(draw(data, size), store, watch))
            store.close()
        row = rows[-1]
        parts = ", ".join(f"{name} {row[name]:.3f}" for name in PARTS)
        ratio = row["all"] / rows[0]["all"]
        print(f"{row['notices']:>9,} notices: {row['all']:.3f} ms a notice ({parts}), {ratio:.2f} times", flush=True)
    print(orjson.dumps(rows).decode())
