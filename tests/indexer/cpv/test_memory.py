"""Nearness in the hidden layer, and how speakers are blended."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.cpv.learning.blending import fit
from indexer.cpv.memory import SHARP, Memory, log_near, remember, thin_out, unit


def points(count: int, seed: int = 0, width: int = 8) -> np.ndarray:
    return unit(np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32), [width // 2] * 2)


def test_each_net_counts_the_same() -> None:
    scaled = unit(np.array([[3.0, 4.0, 0.0, 100.0], [0, 0, 0, 0]], np.float32), [2, 2])
    assert scaled[0] == pytest.approx(np.array([0.6, 0.8, 0.0, 1.0]) / np.sqrt(2))
    assert not scaled[1].any()


def test_what_is_near_is_a_sum_over_points() -> None:
    classes = np.array([0, 0, 2, 2, 2, 5])
    memory = Memory(points(6), classes, np.array([1, 2, 1, 1, 0.5, 1], np.float32))
    asked = points(3, seed=1)
    expected = np.zeros((3, 7))
    for text in range(3):
        for at in range(6):
            cosine = float(asked[text] @ memory.points[at])
            expected[text, classes[at]] += float(memory.weights[at]) * np.exp(float(SHARP) * (cosine - 1))
    assert remember(memory, asked, 7) == pytest.approx(expected, rel=1e-3, abs=1e-9)
    assert log_near(np.zeros((1, 2), np.float32)).max() < -13


def test_large_classes_are_thinned_out_and_small_ones_kept() -> None:
    classes = np.repeat([0, 3], [500, 10])
    all_points = points(510)
    memory = thin_out(all_points, classes, np.ones(510, np.float32))
    counts = np.bincount(memory.classes)
    assert counts.tolist() == [counts[0], 0, 0, 10] and 80 <= counts[0] <= 100
    assert memory.weights.sum() == pytest.approx(510)
    assert np.linalg.norm(memory.points, axis=1) == pytest.approx(np.ones(len(memory.points)), abs=1e-5)
    assert memory.points[memory.classes == 3] == pytest.approx(all_points[500:])


def test_a_point_stands_in_the_middle_of_its_texts() -> None:
    base = points(25, seed=2)
    many = np.repeat(base, 20, axis=0)
    memory = thin_out(many, np.zeros(len(many), np.int64), np.ones(len(many), np.float32))
    assert (memory.points @ base.T).max(axis=0) == pytest.approx(np.ones(25), abs=1e-3)


def test_a_speaker_that_knows_gets_the_weight() -> None:
    draw = np.random.default_rng(0)
    gold = draw.integers(0, 6, 600)
    knows, guesses, silent = (draw.standard_normal((600, 6)).astype(np.float32) for _ in range(3))
    knows[np.arange(600), gold] += 3
    guesses[np.arange(600), gold] += 0.5
    weights = fit([knows, guesses, silent], gold, np.zeros(6, np.int64))
    assert weights[0] > weights[1] > abs(weights[2])


def test_classes_compete_within_their_circle_only() -> None:
    draw = np.random.default_rng(1)
    gold = draw.integers(0, 6, 400)
    circle = np.array([0, 0, 0, 1, 1, 1])
    said = draw.standard_normal((400, 6)).astype(np.float32)
    said[np.arange(400), gold] += 2
    elsewhere = said.copy()
    elsewhere[:, :3] += 3  # a whole circle louder: no difference within circles
    assert fit([said] * 3, gold, circle) == pytest.approx(fit([elsewhere] * 3, gold, circle), rel=0.2)
