"""Bring files in: bodies that lie on this machine, through the same formats and the same store as a crawl."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from crawlers.formats import Format, Refusal
from tenders.store.database import Store
from tenders.store.notices import Reading, Taken, take
from tenders.store.quarantine import Quarantined, put_aside

BATCH = 1000  # readings a transaction


@dataclass(frozen=True, slots=True)
class Imported:
    """What files held: what was taken of it, how much was refused, and the files that could not be read."""

    taken: Taken
    quarantined: int
    unreadable: tuple[str, ...]

    @property
    def read(self) -> int:
        """Everything that was found in the files."""
        return self.taken.new + self.taken.revised + self.taken.unchanged + self.quarantined


def take_body(
    store: Store,
    form: Format,
    body: bytes,
    origin: str,
    *,
    live: bool,
) -> tuple[Taken, int]:
    """Read a body and take what it holds, a batch a transaction; returns what was taken and how much was refused."""
    raw = store.raw.put(body)
    found = form.read(body, origin)
    taken, refused = Taken(), 0
    while batch := list(islice(found, BATCH)):
        now = datetime.now(UTC)
        readings = [Reading(one, form.richness, raw) for one in batch if not isinstance(one, Refusal)]
        refusals = [one for one in batch if isinstance(one, Refusal)]
        with store.writing() as connection:
            taken += take(connection, readings, at=now, live=live)
            aside = (Quarantined(form.name, origin, r.where, r.reason, raw) for r in refusals)
            put_aside(connection, aside, at=now)
        refused += len(refusals)
    return taken, refused


def import_files(
    store: Store,
    form: Format,
    paths: Iterable[Path],
    progress: Callable[[Path, Imported], None],
) -> Imported:
    """Import files, in their order; one that cannot be read is named, and the others go on. Idempotent."""
    done = Imported(Taken(), 0, ())
    for path in paths:
        try:
            body = path.read_bytes()
        except OSError as problem:
            done = Imported(done.taken, done.quarantined, (*done.unreadable, f"{path}: {problem.strerror}"))
            continue
        taken, refused = take_body(store, form, body, path.name, live=False)
        done = Imported(done.taken + taken, done.quarantined + refused, done.unreadable)
        progress(path, done)
    return done
