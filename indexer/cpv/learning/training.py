"""Make a model of a corpus: labels from descriptors, a linear layer, two nets, a tree, pruned to what ships.

The steps and their parameters are those that measured best (infra/decisions/0007); numba is needed (extra `train`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from indexer.cpv.features import F32, I64, Vocabulary
from indexer.cpv.learning.blending import START
from indexer.cpv.learning.examples import gather_examples
from indexer.cpv.learning.filed import judge_filed
from indexer.cpv.learning.learners import learn_linear, learn_net
from indexer.cpv.learning.natures import learn_natures
from indexer.cpv.learning.prepared import Prepared, Say
from indexer.cpv.learning.weak import Learned
from indexer.cpv.lost import mend
from indexer.cpv.memory import Memory, thin_out, unit
from indexer.cpv.model import CpvModel, Net
from indexer.cpv.text import views
from indexer.cpv.tree import STOP, Tree, divisions, grow, path

LEAST_WEIGHT = 0.25  # of the linear layer: what is less is dropped
EMBEDDED = 40_000  # features that keep their embedding
SHALLOW = 4  # digits down to which the tree listens to all nets; below, the first speaks alone
NETS = 2
FOREIGN = 0.5  # weight in the memory of a text that is not French
DESCRIPTOR_WEIGHT = 0.7
BATCH = 2048  # titles that are remembered at once
ONE = np.ones(1, np.float32)


def train(prepared: Prepared, kept: I64, say: Say = lambda _: None, *, seed: int = 0) -> CpvModel:
    """Make a model of the texts of the pool with the numbers `kept`, and of everything that is not of the pool."""
    soft, soft_groups = judge_filed(prepared, kept, say)
    examples = gather_examples(prepared, kept, soft.posteriors, soft_groups)
    matrix = prepared.rows.matrix
    with ThreadPoolExecutor(2) as threads:  # the learners let each other run
        nets = [threads.submit(learn_net, matrix, examples, grow(), seed=seed + at) for at in range(NETS)]
        linear = threads.submit(learn_linear, matrix, examples.rows, examples.targets, examples.weights, seed=seed)
        kernel, bias = linear.result()
        say("the linear layer is learned")
        learned = [net.result() for net in nets]
        say("the nets are learned")
    return _prune(prepared, kept, kernel, bias, learned, soft)


def _prune(
    prepared: Prepared, kept: I64, kernel: F32, bias: F32, learned: Sequence[tuple[Net, Tree, F32]], filed: Learned
) -> CpvModel:
    """Keep the weights that matter and what the model needs at work.

    Embeddings are kept by what they are likely to add: how far they moved, how rare, how frequent. By the distance
    alone the calibration breaks (CPV.md).
    """
    rows, vocabulary = prepared.rows, prepared.rows.vocabulary
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
        tree=_join([part for _, part, _ in learned]),
        memory=nothing,
        natures=learn_natures(),
        descriptors=dict(zip(prepared.described.names, filed.lift, strict=True)),
        descriptor_weight=DESCRIPTOR_WEIGHT,
        blend=START,
    )
    return replace(model, memory=_memorise(prepared, kept, model))


def _join(learned: Sequence[Tree]) -> Tree:
    """Join the nets' trees: the mean of what they say, below the shallow levels what the first says (for its size)."""
    shallow = np.array([len(name.rstrip(STOP)) <= SHALLOW for name in learned[0].names])
    parts = [
        np.where(shallow[:, None], part.kernel / len(learned), 0 if at else part.kernel)
        for at, part in enumerate(learned)
    ]
    bias = np.where(shallow, np.mean([part.bias for part in learned], axis=0), learned[0].bias)
    return Tree(
        learned[0].names, learned[0].first, np.concatenate(parts, axis=1).astype(np.float32), bias.astype(np.float32)
    )


def _memorise(prepared: Prepared, kept: I64, model: CpvModel) -> Memory:
    """Remember the texts' titles where the pruned nets put them."""
    pool = [prepared.corpus.pool[at] for at in kept.tolist()]
    titles = mend([views(row.title)[0] for row in pool], model.vocabulary)
    parts = [model.feel(titles[at : at + BATCH]) for at in range(0, len(titles), BATCH)]
    classes = np.array([path(row.cpv_main)[0] for row in pool])
    weights = np.array([1.0 if row.lang == "fr" else FOREIGN for row in pool], np.float32)
    order = np.argsort(classes, kind="stable")
    return thin_out(unit(np.concatenate(parts), model.widths)[order], classes[order], weights[order])
