"""The earlier neighbours of a notice: for each of its keys the nearest before it, so many and no more."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from indexer.linking.facts import Facts, find_keys

NEAREST = 64  # neighbours read under one key


class Shelf:
    """Which notices stand under which key, in the order of their places; the one Shelf of a build reads the store."""

    def __init__(self, notices: Mapping[int, Facts]) -> None:
        self._facts = notices
        self._held: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for id_, facts in notices.items():
            for key in find_keys(facts):
                self._held[key].append((facts.place, id_))
        for held in self._held.values():
            held.sort()

    def earlier(self, id_: int) -> Iterator[tuple[int, Facts]]:
        """Yield the earlier neighbours of a notice, each once."""
        facts = self._facts[id_]
        found: set[int] = set()
        for key in find_keys(facts):
            held = self._held[key]
            at = bisect_left(held, (facts.place, id_))
            found.update(other for _, other in held[max(0, at - NEAREST) : at])
        return ((other, self._facts[other]) for other in found)
