"""The rules over notices in memory: what the store's linking must come to, whatever the order of arrival."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping

from indexer.linking.facts import Facts, find_keys, read_block, read_facts
from indexer.linking.grouping import Group, group
from indexer.linking.pairs import Link
from indexer.linking.rules import WIDE, find_links, looks_on, may_concern
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

    def _earlier(self, id_: int, *, wide: bool) -> Iterator[tuple[int, Facts]]:
        facts = self._facts[id_]
        found: set[int] = set()
        for key in find_keys(facts):
            if wide or read_block(key) not in WIDE:
                held = self._held[key]
                near = held[: bisect_left(held, (facts.place, -1))][-NEAREST:]
                found.update(other for place, other in near if may_concern(key, place, facts.place))
        return ((other, self._facts[other]) for other in found)

    def links(self, id_: int) -> list[Link]:
        links = find_links(id_, self._facts[id_], self._earlier(id_, wide=False))
        if not looks_on(self._facts[id_], links, self._facts):
            return links
        return find_links(id_, self._facts[id_], self._earlier(id_, wide=True))


def link_all(notices: Mapping[int, Notice]) -> tuple[dict[int, Facts], list[Link]]:
    """Every link among notices."""
    facts = {id_: read_facts(notice) for id_, notice in notices.items()}
    shelf = Shelf(facts)
    return facts, [link for id_ in facts for link in shelf.links(id_)]


def group_all(notices: Mapping[int, Notice]) -> list[Group]:
    """Part notices into procedures."""
    return group(*link_all(notices))
