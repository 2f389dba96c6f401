"""Make a model of a corpus: labels from descriptors, a linear layer, two nets, a tree, pruned to what ships.

The steps and their parameters are those that measured best (infra/decisions/0007); numba is needed (extra `train`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from indexer.cpv.blending import START
from indexer.cpv.corpus import Corpus
from indexer.cpv.features import F32, I64, Vocabulary
from indexer.cpv.learners import Examples, learn_linear, learn_net
from indexer.cpv.lost import mend
from indexer.cpv.memory import Memory, thin_out, unit
from indexer.cpv.model import CpvModel, Net, log_softmax
from indexer.cpv.natures import learn_natures
from indexer.cpv.rows import Rows, lay_out
from indexer.cpv.text import views
from indexer.cpv.tree import DIVISION, Tree, divisions, first_level, grow, path
from indexer.cpv.weak import Described, Learned, learn_descriptors, match
from tenders.codes import Cpv

GOLD, SPANISH, LABEL, FOREIGN_LABEL, FILED, BY_HAND = 1.0, 1.0, 0.2, 0.12, 0.3, 0.25  # weights of rows
TEACHER_HEAT = 1.2
MOST_BY_HAND = 25_000  # notices with a hand-mapped descriptor that teach the first guess, and how many a prefix
MOST_A_PREFIX = 1_500
LEAST_WEIGHT = 0.17  # of the linear layer: what is less is dropped
EMBEDDED = 42_000  # features that keep their embedding
NETS = 2
FOREIGN = 0.5  # weight in the memory of a text that is not French
DESCRIPTOR_WEIGHT = 0.7
BATCH = 2048  # titles that are remembered at once
ONE = np.ones(1, np.float32)
LEAST_TOPIC = 40  # notices that a descriptor must have to be learned as a topic
MOST_TOPICS = 5  # descriptors of a notice that is learned from as a topic
GROUP = 3  # digits

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A corpus as rows, with what does not depend on the fold."""

    corpus: Corpus
    rows: Rows
    described: Described
    twins: tuple[I64, I64]  # notices and the texts of the pool that have nearly their title


def prepare(corpus: Corpus, say: Say = lambda _: None) -> Prepared:
    """Fold, hash and weigh every text of a corpus."""
    rows = lay_out(corpus)
    say(f"{rows.matrix.shape[0]:,} rows, {rows.matrix.shape[1]:,} features")
    names = tuple(sorted({code for notice in corpus.filed for code in notice.descriptors}, key=lambda c: (len(c), c)))
    column = {name: at for at, name in enumerate(names)}
    marks = sparse.csr_matrix(
        (
            np.ones(sum(len(n.descriptors) for n in corpus.filed), np.float32),
            [column[code] for notice in corpus.filed for code in notice.descriptors],
            np.cumsum([0, *(len(notice.descriptors) for notice in corpus.filed)]),
        ),
        shape=(len(corpus.filed), len(names)),
    )
    return Prepared(corpus, rows, Described(marks, names), rows.twins())


def train(prepared: Prepared, kept: I64, say: Say = lambda _: None, *, seed: int = 0) -> CpvModel:
    """Make a model of the texts of the pool with the numbers `kept`, and of everything that is not of the pool."""
    soft, soft_groups = _judge_filed(prepared, kept, say)
    examples = _examples(prepared, kept, soft.posteriors, soft_groups)
    matrix = prepared.rows.matrix
    with ThreadPoolExecutor(2) as threads:  # the learners let each other run
        nets = [threads.submit(learn_net, matrix, examples, grow(), seed=seed + at) for at in range(NETS)]
        linear = threads.submit(learn_linear, matrix, examples.rows, examples.targets, examples.weights, seed=seed)
        kernel, bias = linear.result()
        say("the linear layer is learned")
        learned = [net.result() for net in nets]
        say("the nets are learned")
    return _prune(prepared, kept, kernel, bias, learned, soft)


def _judge_filed(prepared: Prepared, kept: I64, say: Say) -> tuple[Learned, F32]:
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
        for_groups = threads.submit(_guess, prepared, french, np.array([nodes[0] for nodes in taught]), level, GROUP)
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
    labels = np.array([_class(Cpv(code), digits) for code in corpus.labels["fr"]])
    parts = [(shown, gold[of], GOLD), (rows.labels["fr"], labels, LABEL), (rows.filed[notices], mapped, BY_HAND)]
    numbers = np.concatenate([part[0] for part in parts])
    weights = np.concatenate([np.full(len(part[0]), part[2], np.float32) for part in parts])
    kernel, bias = learn_linear(rows.matrix, numbers, _sure(np.concatenate([p[1] for p in parts]), classes), weights)
    return np.exp(log_softmax((rows.matrix[rows.filed] @ kernel + bias) / np.float32(TEACHER_HEAT)))


def _class(code: Cpv, digits: int) -> int:
    """Return the number of a code's division, or of the child of its division that it is under."""
    return divisions().index(code[:2]) if digits == DIVISION else path(code)[0]


def _sure(classes: I64, count: int) -> F32:
    targets = np.zeros((len(classes), count), np.float32)
    targets[np.arange(len(classes)), classes] = 1
    return targets


def _map_by_hand(prepared: Prepared, digits: int) -> tuple[I64, I64]:
    """Choose notices whose hand-mapped descriptors agree on a class: their numbers and classes."""
    by_hand, filed = prepared.corpus.by_hand, prepared.corpus.filed
    known = {prefix: _class(Cpv.of(prefix), digits) for prefix in by_hand.values() if Cpv.of(prefix).known}
    times: Counter[str] = Counter()
    chosen: list[tuple[int, int]] = []
    for at in np.random.default_rng(0).permutation(len(filed)).tolist():
        prefixes = [by_hand[code] for code in filed[at].descriptors if code in by_hand]
        if not prefixes or len({prefix[:2] for prefix in prefixes}) > 1:
            continue
        deepest = max(prefixes, key=len)
        if deepest in known and len(deepest) >= digits and times[deepest] < MOST_A_PREFIX:
            times[deepest] += 1
            chosen.append((at, known[deepest]))
        if len(chosen) == MOST_BY_HAND:
            break
    pairs = np.array(chosen, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _examples(prepared: Prepared, kept: I64, soft: F32, groups: F32) -> Examples:
    """Gather what the students learn: texts of the pool, Spanish titles, labels, and the notices' soft labels."""
    rows, corpus = prepared.rows, prepared.corpus
    shown, of = rows.views_of(kept)
    filed = np.flatnonzero(prepared.described.counts > 0)
    codes = [Cpv(code) for code in corpus.labels["fr"]]
    label_division = np.array([_class(code, DIVISION) for code in codes])
    label_path = [path(code) for code in codes]
    extra = np.array(corpus.weights, np.float32)
    gold_weight = np.concatenate([extra, np.ones(len(corpus.pool) - len(extra), np.float32)]) * np.float32(GOLD)
    count = len(divisions())
    numbers, targets, weights = [shown], [_sure(rows.gold_division[of], count)], [gold_weight[of]]
    paths = [path(corpus.pool[at].cpv_main) for at in of.tolist()]
    if len(rows.spanish):
        numbers.append(rows.spanish)
        targets.append(np.array([title.divisions for title in corpus.spanish]))
        weights.append(np.full(len(rows.spanish), SPANISH, np.float32))
        paths += [()] * len(rows.spanish)
    for language, places in rows.labels.items():
        numbers.append(places)
        targets.append(_sure(label_division, count))
        weights.append(np.full(len(places), LABEL if language == "fr" else FOREIGN_LABEL, np.float32))
        paths += label_path
    before = len(paths)
    numbers.append(rows.filed[filed])
    targets.append(soft[filed])
    weights.append(np.full(len(filed), FILED, np.float32))
    paths += [()] * len(filed)
    topics, names = _topics(prepared, filed)
    return Examples(
        rows=np.concatenate(numbers),
        targets=np.concatenate(targets),
        weights=np.concatenate(weights),
        path_start=np.cumsum([0, *map(len, paths)]),
        path=np.array([node for nodes in paths for node in nodes], np.int64),
        group_row=np.concatenate([np.full(before, -1), np.arange(len(filed))]),
        groups=groups[filed],
        topic_start=np.cumsum([0] * (before + 1) + list(map(len, topics))),
        topics=np.array([topic for of_one in topics for topic in of_one], np.int64),
        topic_count=names,
    )


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


def _prune(
    prepared: Prepared, kept: I64, kernel: F32, bias: F32, learned: Sequence[tuple[Net, Tree, F32]], filed: Learned
) -> CpvModel:
    """Keep the weights that matter and what the model needs at work.

    Embeddings are kept by what they are likely to add: how far they moved, how rare, how frequent. By the distance
    alone the calibration breaks (CPV.md).
    """
    rows, tree, vocabulary = prepared.rows, grow(), prepared.rows.vocabulary
    strong = np.abs(kernel) >= LEAST_WEIGHT
    moved = np.sum([distance for _, _, distance in learned], axis=0)
    worth = moved * vocabulary.idf * rows.frequency**0.3
    embedded = np.zeros(len(worth), bool)
    embedded[np.argsort(-worth)[:EMBEDDED]] = True
    chosen = strong.any(axis=1) | embedded
    nothing = Memory(np.zeros((1, sum(len(net.bias) for net, _, _ in learned)), np.float32), np.zeros(1, np.int64), ONE)
    model = CpvModel(
        version="",
        divisions=divisions(),
        vocabulary=Vocabulary(vocabulary.hashes[chosen], vocabulary.piece[chosen], vocabulary.idf[chosen]),
        linear=np.ascontiguousarray(np.where(strong[chosen], kernel[chosen], np.float32(0))),
        linear_bias=bias,
        embedded=np.flatnonzero(embedded[chosen]),
        nets=tuple(Net(net.embeddings[embedded], net.bias, net.head, net.head_bias) for net, _, _ in learned),
        tree=Tree(
            tree.names,
            tree.first,
            np.asarray(np.concatenate([part.kernel for _, part, _ in learned], axis=1) / len(learned), np.float32),
            np.asarray(np.mean([part.bias for _, part, _ in learned], axis=0), np.float32),
        ),
        memory=nothing,
        natures=learn_natures(),
        descriptors=dict(zip(prepared.described.names, filed.lift, strict=True)),
        descriptor_weight=DESCRIPTOR_WEIGHT,
        blend=START,
    )
    return replace(model, memory=_memorise(prepared, kept, model))


def _memorise(prepared: Prepared, kept: I64, model: CpvModel) -> Memory:
    """Remember the texts' titles where the pruned nets put them."""
    pool = [prepared.corpus.pool[at] for at in kept.tolist()]
    titles = mend([views(row.title)[0] for row in pool], model.vocabulary)
    parts = [model.feel(titles[at : at + BATCH]) for at in range(0, len(titles), BATCH)]
    classes = np.array([path(row.cpv_main)[0] for row in pool])
    weights = np.array([1.0 if row.lang == "fr" else FOREIGN for row in pool], np.float32)
    order = np.argsort(classes, kind="stable")
    return thin_out(unit(np.concatenate(parts), model.widths)[order], classes[order], weights[order])
