"""Probabilities -> what is said: the deepest code that is sure enough, further likely divisions, suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from indexer.classifier import ASSERTED, LIKELY, SUGGESTED, Guess, Verdict
from indexer.cpv.features import F32, I64
from indexer.cpv.model import CpvModel, Seen
from indexer.cpv.tree import DIVISION, STOP

SHOWN = 5  # codes a level
_WIDTH = 16  # nodes that are followed, a level and text
LEAST = 4e-3  # probability below which a branch is not followed
_OFFERED = 24  # codes among which the five are chosen
_GROUP = 3  # digits


@dataclass(frozen=True, slots=True)
class Branches:
    """The codes of one text that may be meant: prefix -> probability that the buyer's code is it or under it.

    `ends` has those at which the buyer's code may itself end.
    """

    under: dict[str, float]
    ends: dict[str, float]


def climb(model: CpvModel, seen: Seen, least: float = LEAST) -> list[Branches]:
    """Follow the tree from the divisions down, the branches of all texts at once that have a probability of `least`.

    The best groups are named whatever they have, where less than sure ones are asked for.
    """
    tree = model.tree
    divisions = model.divide(seen)
    sizes = np.diff(tree.first[: tree.roots + 1])
    odds = np.repeat(divisions, sizes, axis=1) * model.branch(seen)
    found = [Branches(dict(zip(model.divisions, row, strict=True)), {}) for row in divisions.tolist()]
    wanted = odds >= least
    if least < ASSERTED:
        best = np.argpartition(-odds, 2 * SHOWN, axis=1)[:, : 2 * SHOWN]
        np.put_along_axis(wanted, best, values=True, axis=1)
    text, node = np.nonzero(wanted)
    chance = odds[text, node]
    while len(text):
        inner = _name(model, found, text, node, chance, least)
        text, node, chance = text[inner], node[inner], chance[inner]
        if not len(text):
            break
        below = tree.first[node + tree.roots]
        count = tree.first[node + tree.roots + 1] - below
        starts = np.cumsum(count) - count
        of = np.repeat(np.arange(len(node)), count)
        child = np.arange(count.sum()) - starts[of] + below[of]
        scores = np.einsum("ij,ij->i", seen.hidden[text[of]], tree.kernel[child]) + tree.bias[child]
        scores *= np.float32(model.blend.deep)
        scores = np.exp(scores - np.maximum.reduceat(scores, starts)[of])
        odd = scores / np.add.reduceat(scores, starts)[of] * chance[of]
        kept = _strongest(text[of], odd, least)
        text, node, chance = text[of][kept], child[kept], odd[kept]
    return found


def _name(model: CpvModel, found: list[Branches], text: I64, node: I64, chance: F32, least: float) -> I64:
    """Write nodes into their texts' branches; returns the places of those that are worth following."""
    names, leaf = model.tree.names, model.tree.leaf
    inner = []
    for at, (which, number, odd) in enumerate(zip(text.tolist(), node.tolist(), chance.tolist(), strict=True)):
        name = names[number]
        if name.endswith(STOP):
            found[which].ends[name[:-1]] = odd
            continue
        found[which].under[name] = odd
        if leaf[number]:
            found[which].ends[name] = odd
        elif odd >= least:
            inner.append(at)
    return np.array(inner, np.int64)


def _strongest(text: I64, odds: F32, least: float) -> I64:
    """Return the places of each text's likeliest nodes, in the order of the texts."""
    order = np.lexsort((-odds, text))
    ranked = text[order]
    rank = np.arange(len(ranked)) - np.searchsorted(ranked, ranked)
    return np.sort(order[(rank < _WIDTH) & (odds[order] >= least)])


def name_codes(branches: Branches) -> tuple[Guess, ...]:
    """Choose the five codes of eight digits that together most probably hold the buyer's code.

    A code holds it where the buyer's is the same or stands above it: buyers often stop at a broader code. Its
    probability is that of holding it.
    """
    offered = sorted(branches.ends, key=lambda code: (-branches.ends[code], code))[:_OFFERED]
    left = dict(branches.ends)
    above = {code: [code[:n] for n in range(DIVISION, len(code) + 1) if code[:n] in left] for code in offered}
    chosen: list[Guess] = []
    while above and len(chosen) < SHOWN:
        worth, best = max((sum(map(left.__getitem__, above[code])), code) for code in above)
        if worth <= 0:
            break
        way = above.pop(best)
        held = sum(map(branches.ends.__getitem__, way))
        chosen.append(Guess(best.ljust(8, "0"), round(min(1.0, held), 4)))
        left.update(dict.fromkeys(way, 0.0))
    return tuple(sorted(chosen, key=lambda guess: (-guess.probability, guess.code)))


def _best(ranked: Sequence[tuple[str, float]], digits: int) -> list[Guess]:
    of_level = (Guess(code, round(odd, 4)) for code, odd in ranked if len(code) == digits)
    return list(islice(of_level, SHOWN))


def decide(branches: Branches, *, codes: bool = True) -> Verdict:
    """Say what is asserted and what is only likely; without the terms, which `indexer.cpv.explain` finds."""
    ranked = sorted(branches.under.items(), key=lambda item: (-item[1], item[0]))
    divisions, groups = _best(ranked, DIVISION), _best(ranked, _GROUP)
    sure = [(len(code), odd, code) for code, odd in ranked if odd >= ASSERTED]
    asserted = None
    if sure:
        _, odd, code = max(sure)
        asserted = Guess(code, round(odd, 4))
        further = [d for d in divisions if d.probability >= LIKELY and not code.startswith(d.code)]
        shown = (asserted, *further)
    else:
        likely = sum(division.probability >= LIKELY for division in divisions)
        shown = tuple(divisions[: max(SUGGESTED, likely)])
    return Verdict(
        cpv=shown,
        divisions=tuple(divisions),
        groups=tuple(groups),
        codes=name_codes(branches) if codes else (),
        asserted=asserted,
    )
