"""How much each speaker counts, found on texts that the model had not seen: a conditional logit with three weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from indexer.cpv.features import F32, I64
from indexer.cpv.model import Blend

# What folds gave for the first model that shipped: for a model that is not measured.
START = Blend(
    title=(0.3, 0.3, 4.1),
    described=(0.56, 0.25, 3.5),
    foreign_title=(0.62, 0.26, 0.0),
    foreign_described=(0.87, 0.15, 1.2),
    group=(0.28, 0.3, 1.0),
    deep=0.6,
)
_LEASH = 1e-4  # how strongly weights are drawn to nothing, in their speakers' own scales

Weights = tuple[float, float, float]


def fit(speakers: Sequence[F32], gold: I64, circle: I64) -> Weights:
    """Return the weights that make the gold classes likeliest among those of their circle.

    `speakers` are arrays (texts x classes); `circle` gives each class the number of the circle in which it competes:
    all the same for divisions, the division for its children.
    """
    scale = np.array([max(float(said.std()), 1e-6) for said in speakers])
    stacked = np.stack([said / size for said, size in zip(speakers, scale, strict=True)], axis=2).astype(np.float32)
    rows = np.arange(len(gold))
    outside = circle[None, :] != circle[gold][:, None]

    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        scores = stacked @ weights.astype(np.float32)
        scores[outside] = -np.inf
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores)
        total = odds.sum(axis=1, keepdims=True)
        cost = float((np.log(total[:, 0]) - scores[rows, gold]).mean()) + _LEASH * float(weights @ weights)
        wrong = odds / total
        wrong[rows, gold] -= 1
        return cost, np.einsum("nc,ncs->s", wrong, stacked).astype(float) / len(gold) + 2 * _LEASH * weights

    found = minimize(loss, np.ones(len(speakers)), jac=True, method="L-BFGS-B")
    first, second, third = (round(float(weight), 4) for weight in found.x / scale)
    return first, second, third
