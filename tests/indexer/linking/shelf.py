"""The rules over notices in memory: what the store's linking must come to, whatever the order of arrival."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping

from indexer.linking.facts import Facts, find_keys, read_facts
from indexer.linking.grouping import Group, group
from indexer.linking.rules import Link, find_links
from tenders.model import Notice
from tenders.store.links import NEAREST


class Shelf:
    """Notices under their keys, in the order of their places."""

    def __init__(self, notices: Mapping[int, Facts]) -> None:
        self._facts = notices
        self._held: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for id_, facts in notices.items():
            for key in find_keys(facts):
                self._held[key].append((facts.place, id_))
        for held in self._held.values():
            held.sort()

    def earlier(self, id_: int) -> Iterator[tuple[int, Facts]]:
        facts = self._facts[id_]
        found: set[int] = set()
        for key in find_keys(facts):
            held = self._held[key]
            at = bisect_left(held, (facts.place, -1))
            found.update(other for _, other in held[max(0, at - NEAREST) : at])
        return ((other, self._facts[other]) for other in found)


def link_all(notices: Mapping[int, Notice]) -> tuple[dict[int, Facts], list[Link]]:
    """Every link among notices."""
    facts = {id_: read_facts(notice) for id_, notice in notices.items()}
    shelf = Shelf(facts)
    return facts, [link for id_ in facts for link in find_links(id_, facts[id_], shelf.earlier(id_))]


def group_all(notices: Mapping[int, Notice]) -> list[Group]:
    """Part notices into procedures."""
    return group(*link_all(notices))
