"""What each source brought, counted in the index: in the last seven whole days, beside what is usual of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from search_api.answers import answer
from search_api.counting import AGE, Counts
from search_api.desk import Desk
from tenders.query import Facet, Query, Sort
from tenders.status import paris_day
from tenders.store.database import counter
from tenders.store.database import mark as mark_of
from tenders.store.notices import count_since
from tenders.store.quarantine import count_aside
from tenders.store.tenders import count_tenders

WEEKS = 8  # before the last, by which the usual is known
LEAST_WEEKS = 4  # of them that brought something, for there to be a usual
_WEEK = timedelta(days=7)
_BESIDE = ("boamp", "ted")  # the journals in which what others bring may be found again


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a source brought: tenders held, those first published in the last seven whole days, the least and the most
    of a week before (None where too few weeks are known), and its newest tender with the day."""  # fmt: skip

    held: int
    week: int
    usual: tuple[int, int] | None
    newest: tuple[str, date] | None


@dataclass(frozen=True, slots=True)
class Compared:
    """How many tenders the index holds and how many the store; how many notices and writes it does not know yet; how
    many entries of sources could not be read."""  # fmt: skip

    held: int
    stored: int
    waiting: int
    refused: int


class Receipts:
    """Counts what the sources of a desk brought; errors are those of engine and store."""

    def __init__(self, desk: Desk, counts: Counts) -> None:
        self.desk, self.counts = desk, counts
        self._lock = threading.Lock()
        self._seen: tuple[int | None, datetime, dict[str, Receipt]] | None = None

    def look(self, now: datetime) -> dict[str, Receipt]:
        """Return what each source brought that ever brought a tender, by its name; as remembered as `Counts` are."""
        with self._lock:
            mark = self.desk.engine.mark()
            if self._seen is None or self._seen[0] != mark or abs(now - self._seen[1]) > AGE:
                held = self.counts.by(Facet.SOURCE, Query(), now)
                self._seen = mark, now, {name: self._count(name, count, now) for name, count in held.items()}
            return self._seen[2]

    def _count(self, name: str, held: int, now: datetime) -> Receipt:
        today = paris_day(now)
        week, *before = (
            self.counts.total(
                Query(
                    source=(name,),
                    published_after=today - (back + 1) * _WEEK,
                    published_before=today - back * _WEEK - timedelta(days=1),
                ),
                now,
            )
            for back in range(WEEKS + 1)
        )
        known = [count for count in before if count]
        usual = (min(before), max(before)) if len(known) >= LEAST_WEEKS else None
        return Receipt(held, week, usual, self._newest(name, now))

    def _newest(self, name: str, now: datetime) -> tuple[str, date] | None:
        newest = replace(Query(source=(name,)), sort=Sort.PUBLISHED, size=1)
        for tender in answer(self.desk, newest, now).tenders:
            if tender.merged.published is not None:
                return tender.id, tender.merged.published
        return None

    def compare(self) -> Compared:
        """Compare the index with the store."""
        known = self.desk.engine.mark() or 0
        with self.desk.store.reading() as connection:
            waiting = counter(connection, "version") - known + count_since(connection, mark_of(connection, "merged"))
            return Compared(
                self.desk.engine.count(), count_tenders(connection), max(0, waiting), count_aside(connection)
            )

    def pairs(self, brought: dict[str, Receipt]) -> Iterator[tuple[str, str]]:
        """Give the sources whose tenders can be looked for in a journal, with that journal."""
        for journal in _BESIDE:
            if journal in brought:
                yield from ((name, journal) for name in brought if name not in _BESIDE[: _BESIDE.index(journal) + 1])

    def shared(self, one: str, other: str, now: datetime) -> int:
        """Return how many tenders two sources both know."""
        alone = self.counts.total(Query(source=(one,)), now) + self.counts.total(Query(source=(other,)), now)
        return alone - self.counts.total(Query(source=(one, other)), now)
