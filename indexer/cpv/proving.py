"""A model's honest figures: every text judged by a model that had seen neither its buyer nor a text like it.

The folds are fixed, so that two models are compared on the same questions; temperatures are fitted there, once for
titles, once for titles with descriptions, once for the tree.
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
from indexer.cpv.features import F32, I64
from indexer.cpv.judge import climb, decide
from indexer.cpv.judged import Judged, View, compare
from indexer.cpv.model import CpvModel, Seen, log_softmax
from indexer.cpv.pool import PoolRow, folds, training_rows
from indexer.cpv.report import Cost, Json, report
from indexer.cpv.training import Prepared, train
from indexer.cpv.tree import path

_HEATS = np.arange(0.5, 2.55, 0.05)
_BATCH = 512
_STEP = 8  # of the texts with a path in the tree, every so many-th is used for the tree's temperature

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Proof:
    """The temperatures that fit, and the report of all folds with them."""

    temperatures: tuple[float, float, float]
    report: Json


def prove(prepared: Prepared, tested: Sequence[int], say: Say = lambda _: None) -> Proof:
    """Train a model for each of these folds, judge the fold by it, fit the temperatures, measure."""
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
    heats = (
        _fit_divisions(parts, View.TITLE),
        _fit_divisions(parts, View.DESCRIPTION),
        _fit_tree(parts),
    )
    say("temperatures: titles {:.2f}, with descriptions {:.2f}, tree {:.2f}".format(*heats))
    judged: dict[str, Judged] = {}
    rates: dict[str, float] = {}
    for view in View:
        verdicts: list[Verdict] = []
        begun = time.perf_counter()
        for model, _, seen in parts:
            heated = replace(model, temperatures=heats)
            for batch in seen[view]:
                verdicts += map(decide, climb(heated, heated.divide(batch), batch.hidden))
        rates[view] = len(verdicts) / (time.perf_counter() - begun)
        judged[view] = compare([row for _, rows, _ in parts for row in rows], verdicts)
    data = f"folds {', '.join(map(str, tested))} of {int(fold_of.max()) + 1} by buyer"
    return Proof(heats, report("", judged, Cost(rates=rates, size=0, load=0.0), data))


def coarsen(model: CpvModel) -> CpvModel:
    """Return a model as it is after it was written and read back: that one is at work, so that one is measured."""
    with TemporaryDirectory() as folder:
        artefact.save(model, Path(folder))
        return artefact.load(Path(folder))


def _batches(rows: Sequence[PoolRow]) -> list[Sequence[PoolRow]]:
    return [rows[at : at + _BATCH] for at in range(0, len(rows), _BATCH)]


Part = tuple[CpvModel, Sequence[PoolRow], dict[View, list[Seen]]]


def _fit_divisions(parts: Sequence[Part], view: View) -> float:
    """Return the temperature that makes the buyers' divisions likeliest."""
    described = view is View.DESCRIPTION
    logs, gold = [], []
    for model, rows, seen in parts:
        chosen = np.concatenate([batch.described for batch in seen[view]]) == described
        logs.append(np.concatenate([batch.logs for batch in seen[view]])[chosen])
        numbers = np.array([model.divisions.index(row.cpv_main[:2]) for row in rows])
        gold.append(numbers[chosen])
    return _coolest(np.concatenate(logs), np.concatenate(gold))


def _coolest(logs: F32, gold: I64) -> float:
    if not len(gold):
        return 1.0
    losses = [-float(log_softmax(logs / np.float32(heat))[np.arange(len(gold)), gold].mean()) for heat in _HEATS]
    return round(float(_HEATS[int(np.argmin(losses))]), 2)


def _fit_tree(parts: Sequence[Part]) -> float:
    """Return the temperature of the tree that makes the buyers' codes likeliest, given their divisions."""
    asked = [
        (model, hidden, model.tree.names[path(row.cpv_main)[-1]])
        for model, rows, seen in parts
        for row, hidden in zip(
            rows[::_STEP], np.concatenate([b.hidden for b in seen[View.TITLE]])[::_STEP], strict=True
        )
    ]
    if not asked:
        return 1.0
    losses = [
        -sum(model.tree.descend(name, hidden, float(heat))[0] for model, hidden, name in asked) for heat in _HEATS[::2]
    ]
    return round(float(_HEATS[::2][int(np.argmin(losses))]), 2)
