"""What BOAMP's notices are about, judged by their titles and descriptors: soft labels for the learners."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from indexer.cpv.features import F32, I64
from indexer.cpv.learning.learners import learn_linear
from indexer.cpv.learning.prepared import Prepared, Say
from indexer.cpv.learning.weak import Learned, learn_descriptors, match
from indexer.cpv.model import log_softmax
from indexer.cpv.tree import DIVISION, class_of, divisions, first_level, path, sure
from tenders.codes import Cpv

GOLD, LABEL, BY_HAND = 1.0, 0.2, 0.25  # weights of rows
_HEAT = 1.2  # by which the first guess is made less sure
_MOST_BY_HAND = 25_000  # notices with a hand-mapped descriptor that teach the first guess
_MOST_A_PREFIX = 1_500
_GROUP = 3  # digits


def judge_filed(prepared: Prepared, kept: I64, say: Say) -> tuple[Learned, F32]:
    """Return what titles and descriptors together say of each notice: divisions, and children of divisions."""
    corpus, rows = prepared.corpus, prepared.rows
    if not corpus.filed:
        nothing = np.zeros((0, len(divisions())), np.float32)
        return Learned(nothing, nothing, np.ones_like(nothing.sum(axis=0))), np.zeros(
            (0, len(first_level())), np.float32
        )
    french = np.array([at for at in kept.tolist() if corpus.pool[at].lang == "fr"], np.int64)
    taught = [path(row.cpv_main) for row in corpus.pool]
    level = len(first_level())
    with ThreadPoolExecutor(2) as threads:
        for_divisions = threads.submit(_guess, prepared, french, rows.gold_division, len(divisions()), DIVISION)
        for_groups = threads.submit(_guess, prepared, french, np.array([nodes[0] for nodes in taught]), level, _GROUP)
        text, groups = for_divisions.result(), for_groups.result()
    say("titles are judged a first time")
    learned = learn_descriptors(prepared.described, text)
    notices, texts = prepared.twins
    chosen = np.isin(texts, kept) & (prepared.described.counts[notices] > 0)
    matched = match(
        learn_descriptors(prepared.described, text, strength=1.0),
        prepared.described,
        text,
        notices[chosen],
        rows.gold_division[texts[chosen]],
    )
    both = np.asarray((learned.posteriors + matched.posteriors) / 2, np.float32)
    mean = replace(learned, posteriors=both, table=matched.table)
    say("descriptors are learned")
    return mean, learn_descriptors(prepared.described, groups).posteriors


def _guess(prepared: Prepared, french: I64, gold: I64, classes: int, digits: int) -> F32:
    """Judge the notices' titles by French texts, labels and hand-mapped descriptors alone."""
    rows, corpus = prepared.rows, prepared.corpus
    shown, of = rows.views_of(french)
    notices, mapped = _map_by_hand(prepared, digits)
    labels = np.array([class_of(Cpv(code), digits) for code in corpus.labels["fr"]])
    parts = [(shown, gold[of], GOLD), (rows.labels["fr"], labels, LABEL), (rows.filed[notices], mapped, BY_HAND)]
    numbers = np.concatenate([part[0] for part in parts])
    weights = np.concatenate([np.full(len(part[0]), part[2], np.float32) for part in parts])
    kernel, bias = learn_linear(rows.matrix, numbers, sure(np.concatenate([p[1] for p in parts]), classes), weights)
    return np.exp(log_softmax((rows.matrix[rows.filed] @ kernel + bias) / np.float32(_HEAT)))


def _map_by_hand(prepared: Prepared, digits: int) -> tuple[I64, I64]:
    """Choose notices whose hand-mapped descriptors agree on a class: their numbers and classes."""
    by_hand, filed = prepared.corpus.by_hand, prepared.corpus.filed
    known = {prefix: class_of(Cpv.of(prefix), digits) for prefix in by_hand.values() if Cpv.of(prefix).known}
    times: Counter[str] = Counter()
    chosen: list[tuple[int, int]] = []
    for at in np.random.default_rng(0).permutation(len(filed)).tolist():
        prefixes = [by_hand[code] for code in filed[at].descriptors if code in by_hand]
        if not prefixes or len({prefix[:2] for prefix in prefixes}) > 1:
            continue
        deepest = max(prefixes, key=len)
        if deepest in known and len(deepest) >= digits and times[deepest] < _MOST_A_PREFIX:
            times[deepest] += 1
            chosen.append((at, known[deepest]))
        if len(chosen) == _MOST_BY_HAND:
            break
    pairs = np.array(chosen, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
