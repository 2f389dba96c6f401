"""From links to procedures: joined in the order of their weight, and never across what proves two of them apart."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indexer.linking.facts import Placed
from indexer.linking.pairs import Link, Rule

_WEIGHT = {rule: weight for weight, rule in enumerate(Rule)}
_SAID = frozenset({Rule.PERSON, Rule.DECLARED})  # not by likeness


@dataclass(frozen=True, slots=True)
class Group:
    """The notices of one procedure, in the order they were first stored, each with the link by which it stands there.

    The first has none.
    """

    notices: tuple[int, ...]
    links: Mapping[int, Link]


def group(facts: Mapping[int, Placed], links: Iterable[Link], apart: Iterable[tuple[int, int]] = ()) -> list[Group]:
    """Part notices into procedures by their sure links; `apart` are the pairs that a person keeps apart."""
    sets = _Sets(facts, apart)
    used: defaultdict[int, list[Link]] = defaultdict(list)
    for link in sorted(links, key=lambda link: _order(link, facts)):
        if link.sure and sets.join(link):
            used[link.notice].append(link)
            used[link.other].append(link)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for id_ in sorted(facts):
        members[sets.find(id_)].append(id_)
    return [Group(tuple(ids), _reached(ids[0], used)) for ids in members.values()]


def _order(link: Link, facts: Mapping[int, Placed]) -> tuple[int, int, int]:
    return _WEIGHT[link.rule], facts[link.notice].place, facts[link.other].place


def _reached(first: int, used: Mapping[int, list[Link]]) -> dict[int, Link]:
    """Return the link by which each notice is reached from the first."""
    links: dict[int, Link] = {}
    waiting = deque([first])
    while waiting:
        id_ = waiting.popleft()
        for link in used.get(id_, ()):
            beyond = link.other if link.notice == id_ else link.notice
            if beyond != first and beyond not in links:
                links[beyond] = link
                waiting.append(beyond)
    return links


class _Sets:
    """Disjoint sets of notices, each with the procedures it names and the notices it must not meet."""

    def __init__(self, facts: Mapping[int, Placed], apart: Iterable[tuple[int, int]]) -> None:
        self._parent = {id_: id_ for id_ in facts}
        self._held = {id_: {id_} for id_ in facts}
        self._procedures = {id_: set(known.procedures) for id_, known in facts.items()}
        self._apart: defaultdict[int, set[int]] = defaultdict(set)
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)

    def find(self, id_: int) -> int:
        while self._parent[id_] != id_:
            self._parent[id_] = self._parent[self._parent[id_]]
            id_ = self._parent[id_]
        return id_

    def join(self, link: Link) -> bool:
        """Make one of the two sets of a link, unless they are proved apart; whether there were two and one is."""
        one, other = sorted((self.find(link.notice), self.find(link.other)))
        if one == other or self._apart[one] & self._held[other]:
            return False
        mine, theirs = self._procedures[one], self._procedures[other]
        if link.rule not in _SAID and mine and theirs and not mine & theirs:
            return False
        self._parent[other] = one
        self._held[one] |= self._held.pop(other)
        mine |= theirs
        self._apart[one] |= self._apart.pop(other, set())
        return True
