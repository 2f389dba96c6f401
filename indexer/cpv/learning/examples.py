"""What the learners are taught: rows, targets and weights, as the folds found them best (infra/decisions/0007)."""

from __future__ import annotations

import math

import numpy as np

from indexer.cpv.features import F32, I64
from indexer.cpv.learning.learners import Examples
from indexer.cpv.learning.prepared import Prepared
from indexer.cpv.text import READ
from indexer.cpv.tree import DIVISION, class_of, divisions, path, sure
from tenders.codes import Cpv

GOLD, LONG, SPANISH, LABEL, FOREIGN_LABEL, FILED = 1.0, 0.5, 1.0, 0.2, 0.12, 0.3  # weights of rows
FURTHER = 0.25  # of a text's target that its further codes share
LEAST_TOPIC = 40  # notices that a descriptor must have to be learned as a topic
MOST_TOPICS = 5  # descriptors of a notice that is learned from as a topic
LAST_VIEW = len(READ)  # the number of the longest view


def gather_examples(prepared: Prepared, kept: I64, soft: F32, groups: F32) -> Examples:
    """Gather what the students learn: texts of the pool, Spanish titles, labels, and the notices' soft labels."""
    rows, corpus = prepared.rows, prepared.corpus
    shown, of = rows.views_of(kept)
    filed = np.flatnonzero(prepared.described.counts > 0)
    numbers, targets = [shown], [_targets(prepared)[of]]
    weights = [_gold_weights(prepared)[of] * np.where(rows.gold_view[shown] == LAST_VIEW, LONG, GOLD)]
    paths = [path(corpus.pool[at].cpv_main) for at in of.tolist()]
    if len(rows.spanish):
        numbers.append(rows.spanish)
        targets.append(np.array([title.divisions for title in corpus.spanish]))
        weights.append(np.full(len(rows.spanish), SPANISH))
        paths += [()] * len(rows.spanish)
    codes = [Cpv(code) for code in corpus.labels["fr"]]
    label_paths = [path(code) for code in codes]
    label_divisions = np.array([class_of(code, DIVISION) for code in codes])
    share = _label_share(rows.gold_division[kept], label_divisions)
    for language, places in rows.labels.items():
        numbers.append(places)
        targets.append(sure(label_divisions, len(divisions())))
        weights.append(share * _label_weight(prepared, kept, language))
        paths += label_paths
    before = len(paths)
    numbers.append(rows.filed[filed])
    targets.append(soft[filed])
    weights.append(np.full(len(filed), FILED))
    paths += [()] * len(filed)
    topics, names = _topics(prepared, filed)
    return Examples(
        rows=np.concatenate(numbers),
        targets=np.concatenate(targets),
        weights=np.concatenate(weights).astype(np.float32),
        path_start=np.cumsum([0, *map(len, paths)]),
        path=np.array([node for nodes in paths for node in nodes], np.int64),
        group_row=np.concatenate([np.full(before, -1), np.arange(len(filed))]),
        groups=groups[filed],
        topic_start=np.cumsum([0] * (before + 1) + list(map(len, topics))),
        topics=np.array([topic for of_one in topics for topic in of_one], np.int64),
        topic_count=names,
    )


def _targets(prepared: Prepared) -> F32:
    """Return the divisions of each text of the pool: the main code's, and a share for those of its further codes."""
    place = {name: at for at, name in enumerate(divisions())}
    targets = sure(prepared.rows.gold_division, len(place))
    for target, row in zip(targets, prepared.corpus.pool, strict=True):
        if row.cpv_additional:
            target *= 1 - FURTHER
            for code in row.cpv_additional:
                target[place[code[:DIVISION]]] += FURTHER / len(row.cpv_additional)
    return targets


def _gold_weights(prepared: Prepared) -> F32:
    said = np.array(prepared.corpus.weights, np.float32)
    return np.concatenate([said, np.ones(len(prepared.corpus.pool) - len(said), np.float32)])


def _label_weight(prepared: Prepared, kept: I64, language: str) -> float:
    """Return the weight of a language's labels: the fewer classified texts it has, the more they count."""
    if language == "fr":
        return LABEL
    texts = sum(prepared.corpus.pool[at].lang == language for at in kept.tolist())
    return FOREIGN_LABEL * min(2.5, max(0.5, math.sqrt(400 / (texts + 1))))


def _label_share(gold: I64, labels: I64) -> F32:
    """Return a factor for each label, 1 in the mean: some divisions have many codes and few texts."""
    texts = np.bincount(gold, minlength=len(divisions())) + 5.0
    codes = np.maximum(np.bincount(labels, minlength=len(divisions())), 1)
    factor = ((texts / texts.sum()) / (codes / codes.sum())) ** 0.7
    return np.asarray(factor[labels] / factor[labels].mean(), np.float32)


def _topics(prepared: Prepared, filed: I64) -> tuple[list[list[int]], int]:
    """Return the frequent descriptors of each notice by number (none where it has many), and how many there are."""
    marks = prepared.described.marks
    frequent = np.flatnonzero(np.bincount(marks.indices, minlength=marks.shape[1]) >= LEAST_TOPIC)
    number = np.full(marks.shape[1], -1)
    number[frequent] = np.arange(len(frequent))
    found = []
    for at in filed.tolist():
        mine = number[marks.indices[marks.indptr[at] : marks.indptr[at + 1]]]
        found.append(mine[mine >= 0].tolist() if len(mine) <= MOST_TOPICS else [])
    return found, len(frequent)
