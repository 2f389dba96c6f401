"""Two learners on sparse rows, compiled by numba; needed for training only (extra `train`).

Both are stochastic gradient descent on the cross entropy of softmaxes, one row at a time, with a rate that falls
linearly to nothing; the order of the rows is drawn from a seed, so that one machine gives one result. They let other
threads run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy import sparse

from indexer.cpv.features import F32, I64
from indexer.cpv.model import LEAK, Net
from indexer.cpv.tree import Tree

_compiled = njit(cache=True, fastmath=True, nogil=True)
_SMALL = np.float32(1e-5)  # a gradient below this changes nothing worth the time
_SPREAD = 0.3  # of the embeddings at the start
_HEAD_SPREAD = 0.1
_SLOW = np.float32(0.1)  # a bias learns so much slower
_LEAK = LEAK


@dataclass(frozen=True, slots=True)
class Examples:
    """What is learned: rows of a matrix by number, for each the divisions' probabilities and its weight.

    Row i also teaches the tree: hard, the nodes ``path[path_start[i]:path_start[i + 1]]`` from the first level down;
    soft, ``groups[group_row[i]]``, the probabilities of the nodes of the first level (-1: nothing is known). And which
    ``topics[topic_start[i]:topic_start[i + 1]]`` (BOAMP's descriptors by number) it was filed under.
    """

    rows: I64
    targets: F32
    weights: F32
    path_start: I64
    path: I64
    group_row: I64
    groups: F32
    topic_start: I64
    topics: I64
    topic_count: int


@_compiled
def _descend_linear(columns, values, starts, rows, targets, weights, kernel, bias, epochs, rate, decay, seed):  # type: ignore[no-untyped-def]
    classes = targets.shape[1]
    np.random.seed(seed)
    scale = np.float32(1)
    z = np.empty(classes, np.float32)
    total = epochs * len(rows)
    for step in range(total):
        if step % len(rows) == 0:
            order = np.random.permutation(len(rows))
        i = order[step % len(rows)]
        now = np.float32(rate * (1 - step / total) + 1e-4)
        first, last = starts[rows[i]], starts[rows[i] + 1]
        z[:] = bias
        for j in range(first, last):
            v = values[j] * scale
            for c in range(classes):
                z[c] += v * kernel[columns[j], c]
        z -= z.max()
        z[:] = np.exp(z)
        z /= z.sum()
        scale *= np.float32(1 - now * decay)
        size = now * weights[i]
        for c in range(classes):
            z[c] = size * (targets[i, c] - z[c])
            bias[c] += z[c] * _SLOW
        for j in range(first, last):
            v = values[j] / scale
            for c in range(classes):
                kernel[columns[j], c] += v * z[c]
        if scale < 1e-3:
            kernel *= scale
            scale = np.float32(1)
    kernel *= scale


def learn_linear(
    matrix: sparse.csr_matrix,
    rows: I64,
    targets: F32,
    weights: F32,
    *,
    epochs: int = 3,
    rate: float = 2.0,
    decay: float = 1e-6,
    seed: int = 0,
) -> tuple[F32, F32]:
    """Learn a softmax regression of targets (rows x classes); returns its kernel (features x classes) and bias."""
    kernel = np.zeros((matrix.shape[1], targets.shape[1]), np.float32)
    bias = np.zeros(targets.shape[1], np.float32)
    _descend_linear(
        matrix.indices, matrix.data, matrix.indptr, rows, targets, weights, kernel, bias, epochs, rate, decay, seed
    )
    return kernel, bias


@_compiled
def _teach(kernel, bias, speed, first, last, target, weight, rate, hidden, back, z):  # type: ignore[no-untyped-def]
    """One softmax of ``kernel[first:last]`` over the hidden layer: learn the target, add its gradient to `back`."""
    size = last - first
    width = len(hidden)
    top = np.float32(-1e9)
    for k in range(size):
        s = bias[first + k]
        for c in range(width):
            s += kernel[first + k, c] * hidden[c]
        z[k] = s
        top = max(top, s)
    total = np.float32(0)
    for k in range(size):
        z[k] = np.exp(z[k] - top)
        total += z[k]
    for k in range(size):
        g = weight * (z[k] / total - target[k])
        if abs(g) < _SMALL:
            continue
        for c in range(width):
            back[c] += g * kernel[first + k, c]
        for c in range(width):
            x = g * hidden[c]
            speed[first + k, c] += x * x
            kernel[first + k, c] -= rate * x / np.sqrt(speed[first + k, c] + np.float32(1e-6))
        bias[first + k] -= rate * _SLOW * g


@_compiled
def _descend_net(  # type: ignore[no-untyped-def]  # noqa: C901
    columns, values, starts, rows, targets, weights, path_start, path, group_row, groups, topic_start, topics,
    table, table_speed, bias, head, head_bias, head_speed, node, node_bias, node_speed, first, parent,
    topic, topic_bias, topic_speed, epochs, rate, seed, drop, topic_weight, tree_weight,
):  # fmt: skip
    np.random.seed(seed)
    width = table.shape[1]
    divisions = head.shape[0]
    sums, hidden, back = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    z = np.empty(max(divisions, topic.shape[0], node.shape[0]), np.float32)
    wanted = np.zeros(len(z), np.float32)
    total = epochs * len(rows)
    for step in range(total):
        if step % len(rows) == 0:
            order = np.random.permutation(len(rows))
        i = order[step % len(rows)]
        now = np.float32(rate * (1 - step / total) + 1e-4)
        begin, end = starts[rows[i]], starts[rows[i] + 1]
        for c in range(width):
            sums[c] = bias[c]
            back[c] = np.float32(0)
        for j in range(begin, end):
            if drop > 0 and np.random.random() < drop:
                continue
            for c in range(width):
                sums[c] += values[j] * table[columns[j], c]
        for c in range(width):
            hidden[c] = sums[c] if sums[c] > 0 else _LEAK * sums[c]
        w = weights[i]
        _teach(head, head_bias, head_speed, 0, divisions, targets[i], w, now, hidden, back, z)
        for j in range(path_start[i], path_start[i + 1]):
            p = parent[path[j]]
            wanted[path[j] - first[p]] = np.float32(1)
            _teach(node, node_bias, node_speed, first[p], first[p + 1], wanted, w * tree_weight, now, hidden, back, z)
            wanted[path[j] - first[p]] = np.float32(0)
        for d in range(divisions if group_row[i] >= 0 else 0):
            share = groups[group_row[i], first[d] : first[d + 1]].sum()
            if share < 0.1:
                continue
            for k in range(first[d], first[d + 1]):
                wanted[k - first[d]] = groups[group_row[i], k] / share
            _teach(
                node,
                node_bias,
                node_speed,
                first[d],
                first[d + 1],
                wanted,
                w * share * tree_weight,
                now,
                hidden,
                back,
                z,
            )
            for k in range(first[d], first[d + 1]):
                wanted[k - first[d]] = np.float32(0)
        count = topic_start[i + 1] - topic_start[i]
        if count > 0:
            for j in range(topic_start[i], topic_start[i + 1]):
                wanted[topics[j]] = np.float32(1) / count
            _teach(topic, topic_bias, topic_speed, 0, topic.shape[0], wanted, topic_weight, now, hidden, back, z)
            for j in range(topic_start[i], topic_start[i + 1]):
                wanted[topics[j]] = np.float32(0)
        square = np.float32(0)
        for c in range(width):
            if sums[c] <= 0:
                back[c] *= _LEAK
            square += back[c] * back[c]
            bias[c] -= now * _SLOW * back[c]
        square /= width
        for j in range(begin, end):
            v = values[j]
            table_speed[columns[j]] += square * v * v
            pace = now * v / np.sqrt(table_speed[columns[j]] + np.float32(1e-7))
            for c in range(width):
                table[columns[j], c] -= pace * back[c]


def learn_net(
    matrix: sparse.csr_matrix,
    examples: Examples,
    tree: Tree,
    *,
    width: int = 64,
    epochs: int = 3,
    rate: float = 0.05,
    drop: float = 0.3,
    topic_weight: float = 0.3,
    tree_weight: float = 1.0,
    seed: int = 0,
) -> tuple[Net, Tree, F32]:
    """Learn a net of `width` hidden values with its part of the tree; returns also how far each embedding moved.

    Embeddings learn with row-wise Adagrad, heads with Adagrad; of a row a share `drop` of features is left out.
    """
    draw = np.random.default_rng(seed)

    def spread(rows: int, size: float) -> F32:
        return (draw.standard_normal((rows, width)) * size).astype(np.float32)

    def pace(rows: int) -> F32:
        return np.full((rows, width), 1e-3, np.float32)

    count, nodes, topics = examples.targets.shape[1], len(tree.names), max(1, examples.topic_count)
    table, bias = spread(matrix.shape[1], _SPREAD), np.zeros(width, np.float32)
    start = table.copy()
    head, node, topic = spread(count, _HEAD_SPREAD), spread(nodes, _HEAD_SPREAD), spread(topics, _HEAD_SPREAD)
    head_bias, node_bias, topic_bias = (np.zeros(size, np.float32) for size in (count, nodes, topics))
    _descend_net(
        matrix.indices, matrix.data, matrix.indptr, examples.rows, examples.targets, examples.weights,
        examples.path_start, examples.path, examples.group_row, examples.groups, examples.topic_start, examples.topics,
        table, np.zeros(matrix.shape[1], np.float32), bias, head, head_bias, pace(count), node, node_bias, pace(nodes),
        tree.first, tree.parent, topic, topic_bias, pace(topics),
        epochs, rate, seed, np.float32(drop), np.float32(topic_weight), np.float32(tree_weight),
    )  # fmt: skip
    moved = np.sqrt(((table - start) ** 2).sum(axis=1))
    return Net(table, bias, head, head_bias), Tree(tree.names, tree.first, node, node_bias), moved.astype(np.float32)
