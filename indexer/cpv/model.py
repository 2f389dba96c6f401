"""The model at work: folded texts -> probabilities of CPV codes. It needs numpy and scipy, no more.

Three speak for a division: the learners, a sparse linear layer and small nets (a mean embedding, a leaky hidden layer)
with half the log-probability each; classified texts that are near in the hidden layer; the nearest label there.
Weights found on folds blend them. Below a division a tree goes on from the hidden layer: at every code, which of its
children, or none ("ends here"); the first step is blended too. What is known beside the text, the nature and BOAMP's
descriptors, is evidence with learned probabilities, never a mask. `indexer.cpv.learning.training` makes a model,
`indexer.cpv.artefact` keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from indexer.cpv.features import F32, I64, Grams, Vocabulary, grams
from indexer.cpv.memory import Memory, log_near, remember, unit
from indexer.cpv.text import fold
from indexer.cpv.tree import Tree, label_starts
from tenders import reference
from tenders.model import Nature

HALF = np.float32(0.5)  # the linear layer's part of the log-probability, and the nets'
LEAK = np.float32(0.1)  # slope of the hidden layer below 0
NATURES = (Nature.WORKS, Nature.SUPPLIES, Nature.SERVICES)
_LABELS_AT_ONCE = 2048


def log_softmax(scores: F32) -> F32:
    """Natural logarithms of probabilities, row by row."""
    scores = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), np.float32)


@dataclass(frozen=True, slots=True)
class Net:
    """A small net: embeddings (embedded features x hidden), hidden bias, head (divisions x hidden), head bias."""

    embeddings: F32
    bias: F32
    head: F32
    head_bias: F32


@dataclass(frozen=True, slots=True)
class Blend:
    """What each speaker counts: (learners, near texts, nearest label), and the inverse temperature of the deep tree.

    Divisions of titles and of texts with descriptions, French and other ones, are blended apart: they are not equally
    sure.
    """

    title: tuple[float, float, float]
    described: tuple[float, float, float]
    foreign_title: tuple[float, float, float]
    foreign_described: tuple[float, float, float]
    group: tuple[float, float, float]
    deep: float

    def of(self, described: npt.NDArray[np.bool_], foreign: npt.NDArray[np.bool_]) -> F32:
        """Return the weights of divisions for each text: texts x speakers."""
        table = np.array([[self.title, self.foreign_title], [self.described, self.foreign_described]], np.float32)
        return np.asarray(table[described.astype(int), foreign.astype(int)], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A batch of texts as the model saw them.

    A text has one or more views (folded texts); its log-probabilities and hidden values are their means. `owner` is the
    text of each view, `share` its part of the mean, `layers` are the views' hidden values; `places` are the places of
    the features found in the vocabulary, -1 where it does not have them. `near` and `label` say what near texts and the
    nearest label say of each child of a division. `known` says whether a text has any feature that the model knows,
    `described` whether there was a description, `foreign` whether it is known not to be French.
    """

    texts: Sequence[str]
    owner: I64
    share: F32
    found: Grams
    places: I64
    rows: sparse.csr_matrix
    layers: F32
    logs: F32
    hidden: F32
    near: F32
    label: F32
    described: npt.NDArray[np.bool_]
    foreign: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    evidence: F32


@dataclass(frozen=True, kw_only=True)
class CpvModel:
    """A trained model. `embedded` are the numbers of the features that have embeddings, sorted."""

    version: str
    divisions: tuple[str, ...]
    vocabulary: Vocabulary
    linear: F32  # features x divisions
    linear_bias: F32
    embedded: I64
    nets: tuple[Net, ...]
    tree: Tree
    memory: Memory
    natures: F32  # divisions x 3: probability of a nature, given the division
    descriptors: Mapping[str, F32]  # code -> log of (probability of a division given it / prior), a value a division
    descriptor_weight: float
    blend: Blend

    @cached_property
    def embeddings(self) -> F32:
        """The nets' embeddings side by side."""
        return np.ascontiguousarray(np.concatenate([net.embeddings for net in self.nets], axis=1))

    @cached_property
    def column(self) -> npt.NDArray[np.int32]:
        """The row of each feature's embedding, -1 where it has none."""
        column = np.full(len(self.vocabulary.hashes), -1, np.int32)
        column[self.embedded] = np.arange(len(self.embedded))
        return column

    @cached_property
    def labels(self) -> F32:
        """Every official code's French label in the hidden layer, length one, in the order of the codes."""
        texts = [fold(label) for label in reference.cpv_labels("fr").values()]
        parts = [texts[at : at + _LABELS_AT_ONCE] for at in range(0, len(texts), _LABELS_AT_ONCE)]
        return unit(np.concatenate([self.feel(part) for part in parts]), self.widths)

    @property
    def widths(self) -> list[int]:
        """How many hidden values each net has."""
        return [len(net.bias) for net in self.nets]

    def look(self, views: Sequence[Sequence[str]], evidence: F32, foreign: npt.NDArray[np.bool_]) -> Seen:
        """Show texts, each by its views, and what is known beside them (texts x divisions, see `evidence`)."""
        texts = [view for of_one in views for view in of_one]
        owner = np.repeat(np.arange(len(views)), [len(of_one) for of_one in views])
        first = np.searchsorted(owner, np.arange(len(views)))
        share = (1 / np.bincount(owner, minlength=len(views))).astype(np.float32)
        found = grams(texts)
        places, known = self.vocabulary.find(found.hash)
        rows = self.vocabulary.weigh(found, places, known, len(texts))
        layers = self._feel(rows)
        logs = self._judge(rows, layers)
        hidden = np.asarray(np.add.reduceat(layers, first) * share[:, None], np.float32)
        asked = unit(hidden, self.widths)
        return Seen(
            texts=texts,
            owner=owner,
            share=share[owner],
            found=found,
            places=np.where(known, places, -1),
            rows=rows,
            layers=layers,
            logs=np.asarray(np.add.reduceat(logs, first) * share[:, None], np.float32),
            hidden=hidden,
            near=remember(self.memory, asked, self.tree.first_level),
            label=np.maximum.reduceat(asked @ self.labels.T, label_starts(), axis=1),
            described=share < 1,
            foreign=foreign,
            known=np.add.reduceat(np.diff(rows.indptr), first) > 0,
            evidence=evidence,
        )

    def feel(self, texts: Sequence[str]) -> F32:
        """Return the hidden values of folded texts."""
        return self._feel(self.vocabulary.rows(grams(texts), len(texts)))

    def _feel(self, rows: sparse.csr_matrix) -> F32:
        """Return the hidden values of rows."""
        column = self.column[rows.indices]
        kept = column >= 0
        starts = np.concatenate(([0], np.cumsum(kept)))[rows.indptr]
        inner = sparse.csr_matrix((rows.data[kept], column[kept], starts), shape=(rows.shape[0], len(self.embedded)))
        sums = inner @ self.embeddings + np.concatenate([net.bias for net in self.nets])
        return np.asarray(np.where(sums < 0, LEAK * sums, sums), np.float32)

    def _judge(self, rows: sparse.csr_matrix, layers: F32) -> F32:
        """Return what the learners say: log-probabilities of divisions."""
        logs = HALF * log_softmax(rows @ self.linear + self.linear_bias)
        at = 0
        for net in self.nets:
            layer = layers[:, at : at + len(net.bias)]
            logs += HALF / len(self.nets) * log_softmax(np.asarray(layer @ net.head.T + net.head_bias, np.float32))
            at += len(net.bias)
        return logs

    def divide(self, seen: Seen) -> F32:
        """Return calibrated probabilities of divisions, a row a text."""
        weights = self.blend.of(seen.described, seen.foreign)
        learners, near, label = self.speakers(seen)
        scores = weights[:, :1] * learners + weights[:, 1:2] * near + weights[:, 2:] * label
        return np.asarray(np.exp(log_softmax(np.asarray(scores + seen.evidence, np.float32))), np.float32)

    def speakers(self, seen: Seen) -> tuple[F32, F32, F32]:
        """Return what learners, near texts and the nearest label say of each division, to be blended."""
        starts = self.tree.first[: len(self.divisions)]
        return (
            seen.logs,
            log_near(np.add.reduceat(seen.near, starts, axis=1)),
            np.maximum.reduceat(seen.label, starts, axis=1),
        )

    def branch(self, seen: Seen) -> F32:
        """Return the probability of each child of a division, given the division: texts x children of divisions."""
        tree, near, label = self.branch_speakers(seen)
        weights = self.blend.group
        return self.tree.within(np.asarray(weights[0] * tree + weights[1] * near + weights[2] * label, np.float32))

    def branch_speakers(self, seen: Seen) -> tuple[F32, F32, F32]:
        """Return what the tree, near texts and the nearest label say of each child of a division, to be blended."""
        count = self.tree.first_level
        return seen.hidden @ self.tree.kernel[:count].T + self.tree.bias[:count], log_near(seen.near), seen.label

    def evidence(self, nature: Nature | None, descriptors: Sequence[str]) -> F32:
        """Return what nature and BOAMP's descriptors add to the divisions' log-probabilities."""
        added = np.zeros(len(self.divisions), np.float32)
        if nature is not None:
            added += np.log(self.natures[:, NATURES.index(nature)])
        known = [self.descriptors[code] for code in descriptors if code in self.descriptors]
        if known:
            added += np.float32(self.descriptor_weight) * np.mean(known, axis=0)
        return added
