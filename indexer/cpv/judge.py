"""Probabilities -> what is said: the deepest code that is sure enough, further likely divisions, suggestions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.classifier import ASSERTED, LIKELY, SUGGESTED, Guess, Verdict
from indexer.cpv.features import F32
from indexer.cpv.model import CpvModel

SHOWN = 5  # codes a level
_WIDTH = 24  # nodes that are followed a level and text
_LEAST = 1e-4  # probability below which a branch is not followed
_OFFERED = 64  # codes among which the five are chosen


@dataclass(frozen=True, slots=True)
class Branches:
    """The codes of one text that may be meant: prefix -> probability that the buyer's code is it or under it.

    `ends` has those at which the buyer's code may itself end.
    """

    under: dict[str, float]
    ends: dict[str, float]


def climb(model: CpvModel, divisions: F32, hidden: F32) -> list[Branches]:
    """Follow the tree from the divisions' probabilities down, the likeliest branches of all texts at once."""
    tree, heat = model.tree, model.temperatures[2]
    found = [Branches(dict(zip(model.divisions, row.tolist(), strict=True)), {}) for row in divisions]
    text, node = np.nonzero(divisions >= _LEAST)
    chance = divisions[text, node]
    while len(text):
        sizes = tree.first[node + 1] - tree.first[node]
        parents = np.flatnonzero(sizes)
        sizes = sizes[parents]
        if not len(parents):
            break
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        of = np.repeat(parents, sizes)
        child = np.arange(sizes.sum()) - np.repeat(starts, sizes) + np.repeat(tree.first[node[parents]], sizes)
        scores = (np.einsum("ij,ij->i", hidden[text[of]], tree.kernel[child]) + tree.bias[child]) / heat
        scores -= np.repeat(np.maximum.reduceat(scores, starts), sizes)
        odds = np.exp(scores)
        odds /= np.repeat(np.add.reduceat(odds, starts), sizes)
        odds *= chance[of]
        text, child, odds = text[of], child, odds
        kept = _strongest(text, odds)
        text, child, chance = text[kept], child[kept], odds[kept]
        inner = np.ones(len(child), bool)
        for at, (which, name, odd) in enumerate(
            zip(text.tolist(), (tree.names[c] for c in child.tolist()), chance.tolist(), strict=True)
        ):
            if name.endswith("."):
                found[which].ends[name[:-1]] = odd
                inner[at] = False
            else:
                found[which].under[name] = odd
                if tree.is_leaf(child[at]):
                    found[which].ends[name] = odd
        text, chance = text[inner], chance[inner]
        node = child[inner] + len(model.divisions)
    return found


def _strongest(text: np.ndarray, odds: np.ndarray) -> np.ndarray:
    """Return the places of each text's likeliest nodes, in the order of the texts."""
    order = np.lexsort((-odds, text))
    ranked = text[order]
    begins = np.searchsorted(ranked, ranked)
    rank = np.arange(len(ranked)) - begins
    return np.sort(order[(rank < _WIDTH) & (odds[order] >= _LEAST)])


def name_codes(branches: Branches) -> tuple[Guess, ...]:
    """Choose the five codes of eight digits that together most probably hold the buyer's code.

    A code holds it where the buyer's is the same or stands above it: buyers often stop at a broader code. Its
    probability is that of holding it.
    """
    paths = {
        code: {code[:length] for length in range(2, len(code) + 1) if code[:length] in branches.ends}
        for code in sorted(branches.ends, key=lambda code: -branches.ends[code])[:_OFFERED]
    }
    covered: set[str] = set()
    chosen: list[Guess] = []
    while paths and len(chosen) < SHOWN:
        best = max(paths, key=lambda code: (sum(branches.ends[end] for end in paths[code] - covered), -len(code), code))
        path = paths.pop(best)
        if path <= covered:
            break
        covered |= path
        chosen.append(Guess(best.ljust(8, "0"), min(1.0, sum(branches.ends[end] for end in path))))
    return tuple(sorted(chosen, key=lambda guess: (-guess.probability, guess.code)))


def decide(branches: Branches) -> Verdict:
    """Say what is asserted and what is only likely; without the terms, which `indexer.cpv.explain` finds."""
    ranked = [Guess(code, odd) for code, odd in sorted(branches.under.items(), key=lambda item: (-item[1], item[0]))]
    divisions = [guess for guess in ranked if guess.depth == 2]
    groups = [guess for guess in ranked if guess.depth == 3]
    sure = [guess for guess in ranked if guess.probability >= ASSERTED]
    asserted = max(sure, key=lambda guess: (guess.depth, guess.probability), default=None)
    if asserted:
        further = [d for d in divisions if d.probability >= LIKELY and not asserted.code.startswith(d.code)]
        shown = (asserted, *further)
    else:
        likely = sum(division.probability >= LIKELY for division in divisions)
        shown = tuple(divisions[: max(SUGGESTED, likely)])
    return Verdict(
        cpv=shown,
        divisions=tuple(divisions[:SHOWN]),
        groups=tuple(groups[:SHOWN]),
        codes=name_codes(branches),
        asserted=asserted,
    )
