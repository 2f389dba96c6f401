"""The tree of CPV 2008 below its divisions, as the model goes through it: nodes, parents, paths, weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from indexer.cpv.features import F32, I64
from tenders import reference
from tenders.codes import Cpv

DIVISION = 2  # digits
STOP = "."  # follows the prefix of a code in the name of the node "the buyer's code ends here"


@dataclass(frozen=True)
class Tree:
    """What follows below a division: nodes level by level, siblings side by side, the stop first.

    `names` are prefixes of 3 to 8 digits, or a parent's prefix with a full stop: the code that ends there. Children of
    the n-th parent (divisions first, then the nodes) are ``first[n]:first[n + 1]``. `kernel` is (nodes x hidden of all
    nets).
    """

    names: tuple[str, ...]
    first: I64
    kernel: F32
    bias: F32

    @property
    def roots(self) -> int:
        """How many divisions there are."""
        return len(self.first) - 1 - len(self.names)

    @property
    def first_level(self) -> int:
        """How many children the divisions have together, stops included: they are the first nodes."""
        return int(self.first[self.roots])

    @cached_property
    def place(self) -> dict[str, int]:
        """The number of each node by its name."""
        return {name: at for at, name in enumerate(self.names)}

    @cached_property
    def parent(self) -> I64:
        """The number of each node's parent, divisions first."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    @cached_property
    def leaf(self) -> tuple[bool, ...]:
        """Whether no code stands below a node."""
        return tuple((np.diff(self.first)[self.roots :] == 0).tolist())

    def within(self, scores: F32) -> F32:
        """Return probabilities of the divisions' children, given the division, from scores (texts x children)."""
        starts, sizes = self.first[: self.roots], np.diff(self.first[: self.roots + 1])
        scores = scores - np.repeat(np.maximum.reduceat(scores, starts, axis=1), sizes, axis=1)
        odds = np.exp(scores)
        return np.asarray(odds / np.repeat(np.add.reduceat(odds, starts, axis=1), sizes, axis=1), np.float32)

    def way(self, code: str) -> list[int]:
        """Return the nodes from below the division down to a prefix."""
        nodes = []
        node = self.place.get(code) if len(code) > DIVISION else None
        while node is not None:
            nodes.append(node)
            parent = int(self.parent[node])
            node = parent - self.roots if parent >= self.roots else None
        return nodes[::-1]


@cache
def divisions() -> tuple[str, ...]:
    """Return the 45 divisions, sorted."""
    return tuple(sorted({code[:DIVISION] for code in reference.cpv_check_digits()}))


@cache
def grow() -> Tree:
    """Return the tree without weights."""
    children: dict[str, list[str]] = {}
    for text in sorted(reference.cpv_check_digits()):
        code = Cpv(text)
        if code.parent is not None:
            children.setdefault(code.parent.prefix, []).append(code.prefix)
    names: list[str] = []
    first = [0]
    queue = list(divisions())
    for prefix in queue:  # it grows while it is walked: breadth first
        if not prefix.endswith(STOP) and prefix in children:
            below = [prefix + STOP, *children[prefix]]
            names += below
            queue += below
        first.append(len(names))
    empty = np.zeros((len(names), 0), np.float32)
    return Tree(tuple(names), np.array(first, np.int64), empty, np.zeros(len(names), np.float32))


def path(code: Cpv) -> tuple[int, ...]:
    """Return the nodes from the first level down to a code and its stop; of an unknown code, as far as it is known."""
    places = grow().place
    nodes = [places[prefix] for prefix in code.lineage() if prefix in places]
    stop = places.get(code.prefix + STOP)
    return (*nodes, stop) if stop is not None else tuple(nodes)


def first_level() -> tuple[str, ...]:
    """Return the names of the children of the divisions, stops included."""
    return grow().names[: grow().first_level]


@cache
def label_starts() -> I64:
    """Return, for each child of a division, where its codes begin among all codes in their order."""
    classes = np.array([path(Cpv(code))[0] for code in reference.cpv_check_digits()])
    assert (np.diff(classes) >= 0).all()
    return np.searchsorted(classes, np.arange(grow().first_level))


def class_of(code: Cpv, digits: int) -> int:
    """Return the number of a code's division, or of the child of its division that it is under."""
    return divisions().index(code[:2]) if digits == DIVISION else path(code)[0]


def sure(classes: I64, count: int) -> F32:
    """Return targets (texts x classes) that are sure of one class a text."""
    targets = np.zeros((len(classes), count), np.float32)
    targets[np.arange(len(classes)), classes] = 1
    return targets
