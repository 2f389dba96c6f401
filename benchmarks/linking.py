"""What linking costs a notice in small and large stores. Prints a table and, last, one JSON object.

    TENDERS_REAL_DATA=DIR python -m benchmarks.linking [NOTICES...]

DIR holds ``boamp-daily/csv.tar.xz``. Each size is a store of its own, filled in the order of the days: all notices of
so many buyers, drawn by the hash of their names; past the 229,172 that there are, buyers, places and titles come again
under other names, as other countries would. So every store is as old and as dense as the next, and only its size
differs. When all are filled, each in turn gets one of its last batches of 1,000, round by round, so that what else the
machine does disturbs all alike: milliseconds of CPU a notice, the median of the rounds. The peer is the smallest store,
and the ratio to it should stay near 1.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import orjson

import indexer.build as build
from crawlers.formats import FORMATS
from tenders.model import Notice
from tenders.settings import load_settings
from tenders.store.database import Store, open_store
from tenders.store.notices import Reading, count_notices, take

SIZES = (10_000, 100_000, 230_000, 1_000_000)
KNOWN = 229_172  # notices of the days
LAST = 7  # batches of each store that are measured
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


def fill(notices: Iterator[Notice], store: Store) -> Iterator[dict[str, float]]:
    """Fill a store but for its last batches; then merge one of them a step, and yield what it cost by part."""
    batches = iter(lambda: list(islice(notices, build.MERGE_BATCH)), [])
    waiting = deque(islice(batches, LAST + 1))
    for batch in batches:
        waiting.append(batch)
        merge(waiting.popleft(), store)
    yield {}
    waiting.pop()  # it is not full
    while waiting:
        yield merge(waiting.popleft(), store)


def merge(batch: list[Notice], store: Store) -> dict[str, float]:
    """Take notices and merge them; return the CPU milliseconds a notice by part."""
    with store.writing() as connection:
        take(connection, [Reading(one, 1) for one in batch], at=datetime.now(UTC), live=False)
    watch.spent.clear()
    build.merge_all(store)
    return {name: 1000 * watch.spent[name] / len(batch) for name in PARTS}


if __name__ == "__main__":
    data = load_settings().real_data
    if data is None:
        raise SystemExit("TENDERS_REAL_DATA must name the folder of real notices")
    watch = Stopwatch(PARTS)
    with tempfile.TemporaryDirectory() as folder:
        filled = []
        for size in map(int, sys.argv[1:] or SIZES):
            store = open_store(f"sqlite:///{folder}/{size}.db", f"{folder}/raw")
            steps = fill(draw(data, size + (LAST + 1) * build.MERGE_BATCH), store)
            next(steps)
            with store.reading() as connection:
                filled.append((count_notices(connection), steps))
            print(f"filled with {filled[-1][0]:,} notices", file=sys.stderr, flush=True)
        rounds = list(zip(*(steps for _, steps in filled), strict=True))
    rows = []
    for (notices, _), costs in zip(filled, zip(*rounds, strict=True), strict=True):
        parts = {name: median(cost[name] for cost in costs) for name in PARTS}
        rows.append({"notices": notices, **parts, "all": median(sum(cost.values()) for cost in costs)})
        told = ", ".join(f"{name} {value:.3f}" for name, value in parts.items())
        ratio = rows[-1]["all"] / rows[0]["all"]
        print(f"{notices:>9,} notices: {rows[-1]['all']:.3f} ms a notice ({told}), {ratio:.2f} times")
    print(orjson.dumps(rows).decode())
