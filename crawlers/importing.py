"""Bring files in: bodies that lie on this machine, through the same formats and the same store as a crawl."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from crawlers.formats import Format, Refusal
from tenders.errors import TendersError
from tenders.model import Notice
from tenders.store.database import Store
from tenders.store.notices import Reading, Taken, take
from tenders.store.quarantine import Quarantined, put_aside

BATCH = 1000  # readings a transaction

Also = Callable[[Connection, Taken, int], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What files held: what was taken of it, how much was refused, and the files that could not be read."""

    taken: Taken
    quarantined: int
    unreadable: tuple[str, ...]
    reasons: Counter[str] = field(default_factory=Counter)  # why, and how often

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
    also: Also | None = None,
    address: str = "",
    source: str = "",
    only: str = "",
) -> tuple[Taken, list[str]]:
    """Read a body and take what it holds, a batch a transaction; returns what was taken, and the reasons of the rest.

    `also` is called in each of these transactions with what it took and how much it refused. `origin` names the body
    where a refusal is kept, `address` is the page's own. `source` is named in the notices, where several portals share
    a format; with `only`, a notice of any other key is refused.
    """
    intake = _Intake(store, form, origin, store.raw.put(body), live, also)
    found = _named(form.read(body, address or origin), source, only)
    taken = Taken()
    reasons: list[str] = []
    while batch := list(islice(found, BATCH)):
        for new, aside in intake.write_whole(batch):
            taken, reasons = taken + new, reasons + aside
    return taken, reasons


def _named(found: Iterator[Notice | Refusal], source: str, only: str) -> Iterator[Notice | Refusal]:
    for one in found:
        if isinstance(one, Refusal):
            yield one
            continue
        notice = replace(one, source=source) if source else one
        wrong = only and notice.key != only
        yield Refusal(only, f"the page of another notice: {notice.key}") if wrong else notice


@dataclass(frozen=True, slots=True)
class _Intake:
    """One body on its way into the store."""

    store: Store
    form: Format
    origin: str
    raw: str
    live: bool
    also: Also | None

    def write_whole(self, batch: Sequence[Notice | Refusal]) -> list[tuple[Taken, list[str]]]:
        """Write a batch; a notice that no transaction takes must not cost the others, so then each has its own."""
        try:
            return [self.write(batch)]
        except TendersError:
            raise
        except Exception:  # noqa: BLE001 whatever it is, it is one notice's
            return [self.write_alone(one) for one in batch]

    def write_alone(self, one: Notice | Refusal) -> tuple[Taken, list[str]]:
        """Write one notice, or put it aside with the reason why it cannot be."""
        try:
            return self.write([one])
        except TendersError:
            raise
        except Exception as problem:
            if isinstance(one, Refusal):
                raise
            reason = f"cannot be stored: {type(problem).__name__} {problem}".splitlines()[0][:300]
            return self.write([Refusal(one.source_id, reason)])

    def write(self, batch: Sequence[Notice | Refusal]) -> tuple[Taken, list[str]]:
        """Write a batch in one transaction; returns what was taken, and why the rest was put aside."""
        now, name = datetime.now(UTC), self.form.name
        readings = [Reading(one, self.form.richness, self.raw) for one in batch if not isinstance(one, Refusal)]
        refusals = [one for one in batch if isinstance(one, Refusal)]
        with self.store.writing() as connection:
            taken = take(connection, readings, at=now, live=self.live)
            aside = (Quarantined(name, self.origin, one.where, one.reason, self.raw) for one in refusals)
            put_aside(connection, aside, at=now)
            if self.also is not None:
                self.also(connection, taken, len(refusals))
        return taken, [one.reason for one in refusals]


def import_files(
    store: Store,
    form: Format,
    paths: Iterable[Path],
    progress: Callable[[Path, Imported], None],
    source: str = "",
    kind: str = "",
) -> Imported:
    """Import files, in their order; one that cannot be read is named, and the others go on. Idempotent.

    `source` is named in the notices, where it is not the format's own; `kind` is what the entries of a feed do that say
    it nowhere.
    """
    done = Imported(Taken(), 0, ())
    for path in paths:
        try:
            body = path.read_bytes()
        except OSError as problem:
            done = replace(done, unreadable=(*done.unreadable, f"{path}: {problem.strerror}"))
            continue
        address = f"{path.name}#kind={kind}" if kind else ""
        taken, reasons = take_body(store, form, body, path.name, live=False, address=address, source=source)
        done = replace(
            done,
            taken=done.taken + taken,
            quarantined=done.quarantined + len(reasons),
            reasons=done.reasons + Counter(reasons),
        )
        progress(path, done)
    return done
