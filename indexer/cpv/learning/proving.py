"""A model's honest figures: every text judged by a model that had seen neither its buyer nor a text like it.

The folds are fixed, so that two models are compared on the same questions; how much each speaker of a model counts is
fitted there: sixteen numbers, for titles and titles with descriptions, French and other, for groups and what is below.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from indexer.classifier import Verdict
from indexer.cpv import artefact
from indexer.cpv.classify import look
from indexer.cpv.features import F32
from indexer.cpv.judge import climb, decide
from indexer.cpv.learning.blending import START, Weights, fit
from indexer.cpv.learning.prepared import Prepared
from indexer.cpv.learning.training import train
from indexer.cpv.measuring.judged import Judged, View, compare
from indexer.cpv.measuring.report import Cost, Json, report
from indexer.cpv.model import Blend, CpvModel, Seen
from indexer.cpv.pool import PoolRow, folds, training_rows
from indexer.cpv.tree import DIVISION, divisions, path

_HEATS = np.arange(0.2, 1.55, 0.05)
_BATCH = 512
_STEP = 4  # every so many-th text is used for the deep tree's temperature

Say = Callable[[str], None]
Part = tuple[CpvModel, Sequence[PoolRow], dict[View, list[Seen]]]


@dataclass(frozen=True, slots=True)
class Proof:
    """The blend that fits, and the report of all folds with it."""

    blend: Blend
    report: Json


def prove(prepared: Prepared, tested: Sequence[int], say: Say = lambda _: None) -> Proof:
    """Train a model for each of these folds, judge the fold by it, fit the blend, measure."""
    pool = prepared.corpus.pool
    fold_of = folds(pool)
    parts = []
    for number in tested:
        begun = time.perf_counter()
        model = coarsen(train(prepared, training_rows(pool, fold_of, number)))
        rows = [pool[at] for at in np.flatnonzero(fold_of == number).tolist()]
        seen = {view: [look(model, [view.subject(row) for row in part]) for part in _batches(rows)] for view in View}
        parts.append((model, rows, seen))
        say(f"fold {number}: {len(rows):,} texts judged by a model of the others, {time.perf_counter() - begun:.0f} s")
    blend = _fit(parts)
    say(f"blend: {blend}")
    judged: dict[str, Judged] = {}
    rates: dict[str, float] = {}
    for view in View:
        verdicts: list[Verdict] = []
        begun = time.perf_counter()
        for model, _, seen in parts:
            blended = replace(model, blend=blend)
            for batch in seen[view]:
                verdicts += map(decide, climb(blended, batch))
        rates[view] = len(verdicts) / (time.perf_counter() - begun)
        judged[view] = compare([row for _, rows, _ in parts for row in rows], verdicts)
    data = f"folds {', '.join(map(str, tested))} of {int(fold_of.max()) + 1} by buyer"
    return Proof(blend, report("", judged, Cost(rates=rates, size=0, load=0.0), data))


def coarsen(model: CpvModel) -> CpvModel:
    """Return a model as it is after it was written and read back: that one is at work, so that one is measured."""
    with TemporaryDirectory() as folder:
        artefact.save(model, Path(folder))
        return artefact.load(Path(folder))


def _batches(rows: Sequence[PoolRow]) -> list[Sequence[PoolRow]]:
    return [rows[at : at + _BATCH] for at in range(0, len(rows), _BATCH)]


def _fit(parts: Sequence[Part]) -> Blend:
    """Fit divisions for titles and for titles with descriptions, children of divisions, and the tree below."""
    return Blend(
        title=_fit_divisions(parts, View.TITLE, foreign=False),
        described=_fit_divisions(parts, View.DESCRIPTION, foreign=False),
        foreign_title=_fit_divisions(parts, View.TITLE, foreign=True),
        foreign_described=_fit_divisions(parts, View.DESCRIPTION, foreign=True),
        group=_fit_groups(parts),
        deep=_fit_deep(parts),
    )


def _fit_divisions(parts: Sequence[Part], view: View, *, foreign: bool) -> Weights:
    said: list[list[F32]] = [[], [], []]
    gold = []
    for model, rows, seen in parts:
        numbers = np.array([model.divisions.index(row.cpv_main[:DIVISION]) for row in rows])
        for batch, start in zip(seen[view], range(0, len(rows), _BATCH), strict=True):
            chosen = (batch.described == (view is View.DESCRIPTION)) & (batch.foreign == foreign)
            gold.append(numbers[start : start + _BATCH][chosen])
            for kept, speaker in zip(said, model.speakers(batch), strict=True):
                kept.append(speaker[chosen])
    answers = np.concatenate(gold)
    if not len(answers):
        return START.title
    return fit([np.concatenate(kept) for kept in said], answers, np.zeros(len(divisions()), np.int64))


def _fit_groups(parts: Sequence[Part]) -> Weights:
    said: list[list[F32]] = [[], [], []]
    gold = []
    for model, rows, seen in parts:
        gold.append(np.array([path(row.cpv_main)[0] for row in rows]))
        for batch in seen[View.TITLE]:
            for kept, speaker in zip(said, model.branch_speakers(batch), strict=True):
                kept.append(speaker)
    tree = parts[0][0].tree
    return fit([np.concatenate(kept) for kept in said], np.concatenate(gold), tree.parent[: tree.first_level])


def _fit_deep(parts: Sequence[Part]) -> float:
    """Return the inverse temperature of the tree below the first level that makes the buyers' codes likeliest."""
    scored = []
    for model, rows, seen in parts:
        tree = model.tree
        hidden = np.concatenate([batch.hidden for batch in seen[View.TITLE]])
        for row, values in zip(rows[::_STEP], hidden[::_STEP], strict=True):
            for node in path(row.cpv_main)[1:]:
                low, high = tree.first[tree.parent[node]], tree.first[tree.parent[node] + 1]
                scored.append((tree.kernel[low:high] @ values + tree.bias[low:high], int(node - low)))
    if not scored:
        return START.deep
    losses = [sum(_loss(heat * scores, at) for scores, at in scored) for heat in _HEATS]
    return round(float(_HEATS[int(np.argmin(losses))]), 2)


def _loss(scores: F32, at: int) -> float:
    top = scores.max()
    return float(np.log(np.exp(scores - top).sum()) + top - scores[at])
