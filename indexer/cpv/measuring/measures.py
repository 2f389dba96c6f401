"""How good guesses are: pure functions on arrays, a row for each text.

Guesses are an array (texts, ranks) of code strings, the most probable first, ``""`` where there was none. `right` is a
boolean and `sure` the probability given for it, one a text: mostly those of the first guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15
COVERAGES = (0.3, 0.5, 0.6, 0.7)
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Codes = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts of like probability: their bounds, how many, the mean probability given, the share that was right."""

    low: float
    high: float
    count: int
    said: float
    right: float


def hits(gold: Sequence[str], guesses: Codes, digits: int) -> Flags:
    """Say of each guess whether it has the digits of the gold code (8 digits) down to this depth."""
    cut = np.array([code[:digits] for code in gold], dtype=f"U{digits}")
    found: Flags = guesses == cut[:, None]
    return found


def hits_at_own_depth(prefixes: Sequence[str], guesses: Codes) -> Flags:
    """Say of each guess whether it and the gold's significant digits agree as far as both go.

    A buyer who wrote 45000000 said only "45": 45261000 is no mistake.
    """
    agree = [
        [bool(guess) and (guess.startswith(prefix) or prefix.startswith(guess)) for guess in row]
        for prefix, row in zip(prefixes, guesses.tolist(), strict=True)
    ]
    return np.array(agree, bool).reshape(guesses.shape)


def top(found: Flags, k: int) -> float:
    """Return the share of texts that have a hit among their first `k` guesses."""
    return float(found[:, :k].any(axis=1).mean()) if len(found) else 0.0


def f1(gold: Flags, said: Flags) -> tuple[float, float]:
    """Return micro-F1 and macro-F1 of (texts, classes) flags; the macro is over the classes that the gold has."""
    met, wanted, given = (gold & said).sum(axis=0), gold.sum(axis=0), said.sum(axis=0)
    micro = 2 * met.sum() / max(wanted.sum() + given.sum(), 1)
    present = wanted > 0
    each = 2 * met[present] / (wanted[present] + given[present])
    return float(micro), float(each.mean()) if present.any() else 0.0


def one_hot(codes: Sequence[str], classes: Sequence[str]) -> Flags:
    """Return (texts, classes) flags, a row without flag for a code that is no class."""
    flags: Flags = np.array(codes, dtype=str).reshape(-1, 1) == np.array(classes, dtype=str).reshape(1, -1)
    return flags


def reliability(right: Flags, sure: Numbers, bins: int = BINS) -> list[Bin]:
    """Return what was said and what was true, in bins of equal mass (as many texts each), the least sure first."""
    order = np.argsort(sure, kind="stable")
    return [
        Bin(
            float(sure[some].min()),
            float(sure[some].max()),
            len(some),
            float(sure[some].mean()),
            float(right[some].mean()),
        )
        for some in np.array_split(order, bins)
        if len(some)
    ]


def calibration_error(table: Sequence[Bin]) -> float:
    """Return the expected calibration error: the mean distance between said and true, each bin by its texts."""
    total = sum(each.count for each in table)
    return sum(each.count * abs(each.said - each.right) for each in table) / total if total else 0.0


def precision_at(right: Flags, sure: Numbers, coverage: float) -> float:
    """Return the share right among this share of the texts, the surest (at least one text)."""
    curve = precision_curve(right, sure)
    return float(curve[max(int(np.ceil(round(coverage * len(curve), 9))), 1) - 1]) if len(curve) else 0.0


def precision_curve(right: Flags, sure: Numbers) -> Numbers:
    """Return the share right among the 1, 2, 3... surest texts."""
    ordered = right[np.argsort(-sure, kind="stable")]
    curve: Numbers = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return curve


def confusion(gold: Sequence[str], said: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    """Count (gold, said) pairs; texts whose gold or guess is no class are left out."""
    table: NDArray[np.int64] = one_hot(gold, classes).T.astype(np.int64) @ one_hot(said, classes).astype(np.int64)
    return table
