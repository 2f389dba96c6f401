"""What BOAMP's subject codes tell of CPV, learned without a single notice that has both.

A notice has a title and up to a few descriptors ("Menuiserie", "Espaces verts"). A first model guesses divisions from
titles; expectation and maximisation in turn learn P(code | descriptor) from all notices, and judge each notice by its
title and its descriptors together. The class prior is kept, or it would drift to what is easy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from indexer.cpv.features import F32
from indexer.cpv.model import log_softmax

ROUNDS = 4
MANY = 4  # a notice with more descriptors says little about each
_PRIOR_COUNT = 3.0  # notices' worth of prior in each descriptor's row
_CAP = 60.0  # notices that count for a descriptor beside matched ones
_MATCHED = 2.0  # weight of a notice whose twin has an official code
_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class Described:
    """Notices with descriptors: (notices x descriptors) of 0 and 1, and the descriptors' codes."""

    marks: sparse.csr_matrix
    names: tuple[str, ...]

    @property
    def counts(self) -> np.ndarray:
        """How many descriptors each notice has."""
        return np.diff(self.marks.indptr)

    def mean(self, table: F32) -> F32:
        """Return for each notice the mean of its descriptors' rows of a table."""
        return np.asarray((self.marks @ table) / np.maximum(self.counts, 1)[:, None], np.float32)


@dataclass(frozen=True, slots=True)
class Learned:
    """Posteriors of the notices, P(class | descriptor) a row a descriptor, and the prior."""

    posteriors: F32
    table: F32
    prior: F32

    @property
    def lift(self) -> F32:
        """Return log(P(class | descriptor) / prior)."""
        return np.log(self.table) - np.log(self.prior)


def learn_descriptors(described: Described, text: F32, *, strength: float = 1.5) -> Learned:
    """Learn from what the titles say (`text`: notices x classes, probabilities) and the descriptors."""
    few = (described.counts > 0) & (described.counts <= MANY)
    share = sparse.diags_array(1 / np.maximum(described.counts, 1)) @ described.marks
    floor = _FLOOR * min(1.0, 45 / text.shape[1])
    prior = text.mean(axis=0) + floor
    logs, offset = np.log(text + floor), np.zeros(text.shape[1], np.float32)
    posteriors = text
    table = np.tile(prior, (len(described.names), 1))
    for _ in range(ROUNDS):
        table = share[few].T @ posteriors[few] + _PRIOR_COUNT * prior
        table /= table.sum(axis=1, keepdims=True)
        posteriors = np.exp(log_softmax(logs + strength * described.mean(np.log(table) - np.log(prior)) + offset))
        offset = offset + np.log(prior) - np.log(posteriors[few].mean(axis=0) + floor / 10)
    return Learned(posteriors.astype(np.float32), table.astype(np.float32), prior.astype(np.float32))


def match(learned: Learned, described: Described, text: F32, twins: np.ndarray, gold: np.ndarray) -> Learned:
    """Let notices (`twins`, by number) whose title is that of a text with an official class (`gold`) correct the table.

    What was learned without them counts as at most `_CAP` notices a descriptor.
    """
    few = (described.counts > 0) & (described.counts <= MANY)
    share = (sparse.diags_array(1 / np.maximum(described.counts, 1)) @ described.marks).tocsr()
    sums = share[few].T @ learned.posteriors[few]
    official = np.zeros((len(twins), text.shape[1]), np.float32)
    official[np.arange(len(twins)), gold] = 1
    table = sums / (1 + sums.sum(axis=1, keepdims=True) / _CAP) + _MATCHED * (share[twins].T @ official) + learned.prior
    table /= table.sum(axis=1, keepdims=True)
    floor = _FLOOR * min(1.0, 45 / text.shape[1])
    lift = np.log(table) - np.log(learned.prior)
    posteriors = np.exp(log_softmax(np.log(text + floor) + np.float32(1.5) * described.mean(lift)))
    return Learned(posteriors.astype(np.float32), table.astype(np.float32), learned.prior)
