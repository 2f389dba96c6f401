"""The model at work: folded texts -> probabilities of CPV codes. It needs numpy and scipy, no more.

Divisions are judged by a sparse linear layer and small nets (a mean embedding, a leaky hidden layer) side by side, half
the log-probability each. Below a division a tree goes on from the nets' hidden layer: at every code, which of its
children, or none ("stops here"). What is known beside the text, the nature and BOAMP's descriptors, is evidence with
learned probabilities, never a mask. `indexer.cpv.training` makes a model, `indexer.cpv.artefact` keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from indexer.cpv.features import F32, I64, Grams, Vocabulary, grams
from tenders.model import Nature

DIVISION = 2  # digits
HALF = np.float32(0.5)  # the linear layer's part of the log-probability, and the nets'
LEAK = np.float32(0.1)  # slope of the hidden layer below 0
NATURES = (Nature.WORKS, Nature.SUPPLIES, Nature.SERVICES)


def log_softmax(scores: F32) -> F32:
    """Natural logarithms of probabilities, row by row."""
    scores = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), np.float32)


@dataclass(frozen=True, slots=True)
class Net:
    """A small net: embeddings (features x hidden), hidden bias, head (divisions x hidden), head bias."""

    embeddings: F32
    bias: F32
    head: F32
    head_bias: F32


@dataclass(frozen=True)
class Tree:
    """What follows below a division: nodes in order of their parents, siblings side by side.

    `names` are prefixes of 3 to 8 digits, or a parent's prefix with a full stop: the code that ends there. Children of
    the n-th parent (divisions first, then the nodes) are ``first[n]:first[n + 1]``. `kernel` is (nodes x hidden of all
    nets).
    """

    names: tuple[str, ...]
    first: I64
    kernel: F32
    bias: F32

    @cached_property
    def _place(self) -> dict[str, int]:
        return {name: at for at, name in enumerate(self.names)}

    @cached_property
    def parent(self) -> I64:
        """The number of each node's parent, divisions first."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    def descend(self, code: str, hidden: F32, heat: float) -> tuple[float, F32]:
        """Return the log-probability of a code given its division, and how it grows with each hidden value."""
        log, slope = 0.0, np.zeros(len(hidden), np.float32)
        node = self._place.get(code) if len(code) > DIVISION else None
        while node is not None:
            parent = self.parent[node]
            siblings = slice(self.first[parent], self.first[parent + 1])
            scores = (self.kernel[siblings] @ hidden + self.bias[siblings]) / heat
            odds = np.exp(scores - scores.max())
            odds /= odds.sum()
            log += float(np.log(odds[node - self.first[parent]]))
            slope += (self.kernel[node] - odds @ self.kernel[siblings]) / np.float32(heat)
            node = int(parent) - self.roots if parent >= self.roots else None
        return log, slope

    @property
    def roots(self) -> int:
        """How many divisions there are."""
        return len(self.first) - 1 - len(self.names)

    def is_leaf(self, node: int) -> bool:
        """Say whether no code stands below a node."""
        parent = node + self.roots
        return bool(self.first[parent] == self.first[parent + 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A batch of texts as the model saw them.

    A text has one or more views (folded texts), and its log-probabilities and hidden values are their means. `owner`
    is the text of each view, `share` its part of the mean; `layers` are the views' hidden values; `known` says whether
    a text has any feature that the model knows, `described` whether there was a description.
    """

    texts: Sequence[str]
    owner: I64
    share: F32
    found: Grams
    rows: sparse.csr_matrix
    layers: F32
    logs: F32
    hidden: F32
    described: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    evidence: F32


@dataclass(frozen=True, kw_only=True)
class CpvModel:
    """A trained model. `temperatures` are those of titles, of titles with descriptions, and of the tree."""

    version: str
    divisions: tuple[str, ...]
    vocabulary: Vocabulary
    linear: sparse.csr_matrix  # features x divisions
    linear_bias: F32
    nets: tuple[Net, ...]
    tree: Tree
    natures: F32  # divisions x 3: probability of a nature, given the division
    descriptors: Mapping[str, F32]  # code -> log of (probability of a division given it / prior), a value a division
    descriptor_weight: float
    temperatures: tuple[float, float, float]

    @cached_property
    def table(self) -> F32:
        """Everything that is multiplied with a row's values: linear layer, then each net's embeddings."""
        return np.ascontiguousarray(
            np.concatenate([self.linear.toarray(), *(net.embeddings for net in self.nets)], axis=1), dtype=np.float32
        )

    @property
    def heat(self) -> float:
        """The temperature of the tree."""
        return self.temperatures[2]

    def look(self, views: Sequence[Sequence[str]], evidence: F32) -> Seen:
        """Show texts, each by its views, and what is known beside them (texts x divisions, see `evidence`)."""
        texts = [view for of_one in views for view in of_one]
        owner = np.repeat(np.arange(len(views)), [len(of_one) for of_one in views])
        first = np.searchsorted(owner, np.arange(len(views)))
        share = (1 / np.bincount(owner, minlength=len(views))).astype(np.float32)
        found = grams(texts)
        rows = self.vocabulary.rows(found, len(texts))
        logs, layers = self._judge(rows @ self.table)
        return Seen(
            texts=texts,
            owner=owner,
            share=share[owner],
            found=found,
            rows=rows,
            layers=layers,
            logs=np.asarray(np.add.reduceat(logs, first) * share[:, None], np.float32),
            hidden=np.asarray(np.add.reduceat(layers, first) * share[:, None], np.float32),
            described=share < 1,
            known=np.add.reduceat(np.diff(rows.indptr), first) > 0,
            evidence=evidence,
        )

    def _judge(self, sums: F32) -> tuple[F32, F32]:
        """Return divisions' log-probabilities, before evidence and temperature, and the nets' hidden layers."""
        count = len(self.divisions)
        logs = HALF * log_softmax(sums[:, :count] + self.linear_bias)
        layers = []
        at = count
        for net in self.nets:
            layer = sums[:, at : at + len(net.bias)] + net.bias
            layer = np.where(layer < 0, LEAK * layer, layer)
            logs += HALF / len(self.nets) * log_softmax(np.asarray(layer @ net.head.T + net.head_bias, np.float32))
            layers.append(layer)
            at += len(net.bias)
        return logs, np.concatenate(layers, axis=1)

    def divide(self, seen: Seen) -> F32:
        """Return calibrated probabilities of divisions, a row a text."""
        heat = np.where(seen.described, self.temperatures[1], self.temperatures[0]).astype(np.float32)
        scores = np.asarray(seen.logs / heat[:, None] + seen.evidence, np.float32)
        return np.asarray(np.exp(log_softmax(scores)), np.float32)

    def slope(self, seen: Seen, view: int, code: str) -> F32:
        """Return how a code's log-probability grows with each column of the table, at one view of a text."""
        owner = seen.owner[view]
        division = self.divisions.index(code[:2])
        odds = np.exp(log_softmax(seen.logs[owner : owner + 1]))[0]
        linear = -HALF * odds
        linear[division] += HALF
        below = self.tree.descend(code, seen.hidden[owner], self.heat)[1]
        parts = [linear]
        at = 0
        for net in self.nets:
            to = at + len(net.bias)
            slope = HALF / len(self.nets) * (net.head[division] - odds @ net.head) + below[at:to]
            parts.append(np.where(seen.layers[view, at:to] < 0, LEAK * slope, slope))
            at = to
        return np.asarray(np.concatenate(parts) * seen.share[view], np.float32)

    def evidence(self, nature: Nature | None, descriptors: Sequence[str]) -> F32:
        """Return what nature and BOAMP's descriptors add to the divisions' log-probabilities."""
        added = np.zeros(len(self.divisions), np.float32)
        if nature is not None:
            added += np.log(self.natures[:, NATURES.index(nature)])
        known = [self.descriptors[code] for code in descriptors if code in self.descriptors]
        if known:
            added += np.float32(self.descriptor_weight) * np.mean(known, axis=0)
        return added
