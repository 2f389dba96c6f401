"""What the model has seen, as points of the nets' hidden layer: classified texts, thinned out, and official labels.

A text near others of a class speaks for that class, most where a class has few texts and the heads have learned little.
Nearness is the cosine of the hidden values, each net's scaled to length one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.cpv.features import F32, I64

SHARP = np.float32(48)  # how fast nearness falls off: a text at cosine 0.95 counts a tenth of one at 1
_NONE = np.float32(1e-6)  # what stands for "nothing near" in logarithms
_KEPT = 0.2  # of the texts of a class that stay as points
_FEW = 20  # texts of a class that all stay
_TURNS = 5


def unit(hidden: F32, widths: Sequence[int]) -> F32:
    """Scale each net's part of hidden values, and so the whole, to length one."""
    parts, at = [], 0
    for width in widths:
        part = hidden[:, at : at + width]
        parts.append(part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-9))
        at += width
    return np.asarray(np.concatenate(parts, axis=1) / np.sqrt(len(parts)), np.float32)


@dataclass(frozen=True, slots=True)
class Memory:
    """Points (points x hidden, length one) in the order of their classes, the class of each, how many texts it is."""

    points: F32
    classes: I64
    weights: F32


def thin_out(points: F32, classes: I64, weights: F32, seed: int = 0) -> Memory:
    """Keep of every class with many texts a fifth as many points, each in the middle of those it stands for."""
    draw = np.random.default_rng(seed)
    kept: list[Memory] = []
    for number in np.unique(classes).tolist():
        mine = np.flatnonzero(classes == number)
        own = points[mine]
        count = max(_FEW, int(np.ceil(_KEPT * len(mine))))
        if count < len(mine):
            middles = own[draw.choice(len(mine), count, replace=False)]
            for _ in range(_TURNS):
                nearest = (own @ middles.T).argmax(axis=1)
                sums = np.zeros_like(middles)
                np.add.at(sums, nearest, own)
                length = np.linalg.norm(sums, axis=1, keepdims=True)
                middles = np.where(length > 0, sums / np.maximum(length, 1e-9), middles)
            nearest = (own @ middles.T).argmax(axis=1)
            total = np.bincount(nearest, weights=weights[mine], minlength=count).astype(np.float32)
        else:
            middles, total = own, weights[mine]
        kept.append(Memory(middles[total > 0], np.full(int((total > 0).sum()), number), total[total > 0]))
    return Memory(
        np.concatenate([part.points for part in kept]),
        np.concatenate([part.classes for part in kept]),
        np.concatenate([part.weights for part in kept]),
    )


def remember(memory: Memory, asked: F32, classes: int) -> F32:
    """Return for each text (length one) how much near it speaks for each class: texts x classes, not logarithms."""
    near = np.exp(SHARP * (asked @ memory.points.T - 1)) * memory.weights
    found = np.zeros((len(asked), classes), np.float32)
    starts = np.flatnonzero(np.concatenate(([True], memory.classes[1:] != memory.classes[:-1])))
    found[:, memory.classes[starts]] = np.add.reduceat(near, starts, axis=1)
    return found


def log_near(found: F32) -> F32:
    """Return logarithms of what `remember` or sums of it say."""
    return np.asarray(np.log(found + _NONE), np.float32)
