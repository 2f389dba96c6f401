"""The tree of CPV 2008 below its divisions, as the model goes through it: nodes, parents, paths."""

from __future__ import annotations

from functools import cache

import numpy as np

from indexer.cpv.model import Tree
from tenders import reference
from tenders.codes import Cpv

STOP = "."  # follows the prefix of a code in the name of the node "the buyer's code ends here"


@cache
def divisions() -> tuple[str, ...]:
    """Return the 45 divisions, sorted."""
    return tuple(sorted({code[:2] for code in reference.cpv_check_digits()}))


@cache
def grow() -> Tree:
    """Return the tree without weights: level by level, the children of a code side by side, its stop first."""
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


@cache
def _places() -> dict[str, int]:
    return {name: at for at, name in enumerate(grow().names)}


def path(code: Cpv) -> tuple[int, ...]:
    """Return the nodes from the first level down to a code and its stop; of an unknown code, as far as it is known."""
    places = _places()
    nodes = [places[prefix] for prefix in code.lineage() if prefix in places]
    stop = places.get(code.prefix + STOP)
    return (*nodes, stop) if stop is not None else tuple(nodes)


@cache
def first_level() -> tuple[str, ...]:
    """Return the names of the children of the divisions, stops included: the first nodes of the tree."""
    tree = grow()
    return tree.names[: int(tree.first[len(divisions())])]
