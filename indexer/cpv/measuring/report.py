"""The figures of an evaluation as one JSON value: what `tenders cpv evaluate` prints and what lies beside a model.

Shares are fractions of 1. `division`, `group` and `code` say how often the buyer's main code is among the first 1, 3, 5
guesses, `own_depth` where a buyer's shallow code is compared as far as it goes. Calibration and coverage are about the
first division; its calibration error is measured in bins of equal mass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from indexer.classifier import LIKELY
from indexer.cpv.measuring.judged import Judged, nature_of
from indexer.cpv.measuring.measures import (
    COVERAGES,
    Codes,
    Flags,
    calibration_error,
    confusion,
    f1,
    hits,
    hits_at_own_depth,
    one_hot,
    precision_at,
    precision_curve,
    reliability,
    top,
)

Json = dict[str, Any]
FORMAT = 1  # of the report; raise it when a figure is renamed or means something else
_CURVE = 100  # points of the precision curve
_MOST = 15  # pairs of divisions named as most often confused
_FEW = 20  # texts below which a group is not reported apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What classifying costs on this machine: texts a second by view, bytes on disk, seconds to load."""

    rates: Mapping[str, float]
    size: int
    load: float


def report(version: str, judged: Mapping[str, Judged], cost: Cost | None, data: str) -> Json:
    """Return the report of one model; Each view of the texts is named; `data` says what they are."""
    return {
        "format": FORMAT,
        "version": version,
        "data": data,
        "views": {str(view): figures(texts) for view, texts in judged.items()},
        "cost": cost
        and {
            "texts_per_s": {str(view): round(rate, 1) for view, rate in cost.rates.items()},
            "size_bytes": cost.size,
            "load_s": round(cost.load, 3),
        },
    }


def figures(judged: Judged) -> Json:
    """Return every figure of one view."""
    gold = [code[:2] for code in judged.gold]
    found = hits(judged.gold, judged.divisions, 2)
    right, sure = found[:, 0], judged.sure[:, 0]
    table = reliability(right, sure)
    curve = precision_curve(right, sure)
    places = np.unique(np.ceil(np.linspace(1 / _CURVE, 1, _CURVE) * len(curve)).astype(int))
    return {
        "texts": len(judged.gold),
        "division": {**_tops(found), **_scores(gold, judged.divisions[:, 0])},
        "group": _tops(hits(judged.gold, judged.groups, 3)) | _own_depth(judged, judged.groups),
        "code": _tops(hits(judged.gold, judged.codes, 8)) | _own_depth(judged, judged.codes),
        "several": _several(judged),
        "asserted": _asserted(judged),
        "calibration": {
            "error": round(calibration_error(table), 4),
            "bins": [{name: round(value, 4) for name, value in asdict(each).items()} for each in table],
        },
        "precision_at_coverage": {f"{share:.0%}": round(precision_at(right, sure, share), 4) for share in COVERAGES},
        "precision_curve": [[round(at / len(curve), 4), round(float(curve[at - 1]), 4)] for at in places.tolist()],
        "by_language": _groups(judged, judged.languages),
        "by_source": _groups(judged, judged.sources),
        "by_nature": _groups(judged, [nature_of(code).value for code in judged.gold]),
        "confusion": _confusion(gold, judged.divisions[:, 0].tolist()),
    }


def _tops(found: Flags) -> Json:
    return {f"top{k}": round(top(found, k), 4) for k in (1, 3, 5)}


def _own_depth(judged: Judged, guesses: Codes) -> Json:
    return {"own_depth": _tops(hits_at_own_depth([code.prefix for code in judged.gold], guesses))}


def _scores(gold: Sequence[str], said: Codes) -> Json:
    classes = sorted({*gold, *said.tolist()} - {""})
    micro, macro = f1(one_hot(gold, classes), one_hot(said.tolist(), classes))
    return {"micro_f1": round(micro, 4), "macro_f1": round(macro, 4)}


def _several(judged: Judged) -> Json:
    """Score all divisions of a text (additional codes too) against those named: the first and further likely ones."""
    classes = sorted(set().union(*judged.gold_divisions, judged.divisions.ravel().tolist()) - {""})
    named = judged.sure >= LIKELY
    named[:, 0] = True
    said = np.zeros((len(judged.gold), len(classes)), bool)
    for rank in range(judged.divisions.shape[1]):
        said |= one_hot(judged.divisions[:, rank].tolist(), classes) & named[:, rank, None]
    gold = np.array([[each in texts for each in classes] for texts in judged.gold_divisions], bool)
    micro, macro = f1(gold, said)
    return {"micro_f1": round(micro, 4), "macro_f1": round(macro, 4)}


def _asserted(judged: Judged) -> Json:
    """Say how many texts got a code, at which depth, and how many of these agree with the buyer as far as both go."""
    right = hits_at_own_depth([code.prefix for code in judged.gold], judged.asserted[:, None])[:, 0]
    digits = np.char.str_len(judged.asserted)
    said = digits > 0
    return {
        "share": round(float(said.mean()), 4),
        "right": round(float(right[said].mean()), 4) if said.any() else None,
        "by_depth": [
            {
                "digits": int(depth),
                "texts": int((digits == depth).sum()),
                "right": round(float(right[digits == depth].mean()), 4),
            }
            for depth in np.unique(digits[said])
        ],
    }


def _groups(judged: Judged, names: Sequence[str]) -> list[Json]:
    """Return the division's figures by some property of the texts, the commonest first; rare ones are left out."""
    found, labels = hits(judged.gold, judged.divisions, 2), np.array(names)
    rows = []
    for name in sorted(set(names)):
        some = labels == name
        if some.sum() >= _FEW:
            gold = [code[:2] for code, taken in zip(judged.gold, some, strict=True) if taken]
            scores = _scores(gold, judged.divisions[some][:, 0])
            rows.append({"name": name, "texts": int(some.sum()), **_tops(found[some]), "macro_f1": scores["macro_f1"]})
    return sorted(rows, key=lambda row: -row["texts"])


def _confusion(gold: Sequence[str], said: Sequence[str]) -> Json:
    classes = sorted({*gold, *said} - {""})
    counts = confusion(gold, said, classes)
    wrong = counts - np.diag(np.diag(counts))
    most = [divmod(int(at), len(classes)) for at in np.argsort(-wrong, axis=None, kind="stable")[:_MOST]]
    return {
        "divisions": classes,
        "counts": counts.tolist(),
        "most": [
            {"gold": classes[row], "said": classes[column], "texts": int(wrong[row, column])}
            for row, column in most
            if wrong[row, column]
        ],
    }
