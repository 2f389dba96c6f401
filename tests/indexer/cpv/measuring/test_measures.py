"""Measures against cases worked out by hand and against slow, plain definitions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.cpv.measuring import measures
from indexer.cpv.measuring.measures import Bin

GUESSES = np.array([["45", "71", "44"], ["90", "45", ""], ["", "", ""], ["55", "15", "33"]])
GOLD = ["45261000", "45000000", "33600000", "15800000"]
CODES = np.array([["45261000", "45262000"], ["45000000", "45214200"], ["45300000", ""]])


def test_hits_and_top() -> None:
    found = measures.hits(GOLD, GUESSES, 2)
    assert found.tolist() == [[True, False, False], [False, True, False], [False] * 3, [False, True, False]]
    assert [measures.top(found, k) for k in (1, 2, 3)] == [0.25, 0.75, 0.75]
    assert measures.top(found[:0], 1) == 0


def test_a_shallow_gold_code_is_compared_at_its_own_depth() -> None:
    found = measures.hits_at_own_depth(["452", "45", "45261"], CODES)
    assert found.tolist() == [[True, True], [True, True], [False, False]]
    assert not measures.hits_at_own_depth(["45261"], np.array([["45000000"]])).any()  # a whole code is no prefix
    groups = np.array([["452"], ["452"], ["452"], [""]])
    assert measures.hits_at_own_depth(["45", "45261", "453", "45"], groups)[:, 0].tolist() == [True, True, False, False]
    assert measures.hits(["45261000", "45000000", "45300000"], CODES, 8)[:, 0].tolist() == [True, True, True]


def test_f1_by_hand() -> None:
    classes = ["15", "33", "45"]
    gold = measures.one_hot(["45", "45", "45", "15", "15"], classes)
    said = measures.one_hot(["45", "45", "15", "15", ""], classes)
    # 45: 2 of 3 found, 2 said: 4/5; 15: 1 of 2 found, 2 said: 1/2; 33 is in no gold; in all 3 of 5 found, 4 said: 6/9
    assert measures.f1(gold, said) == pytest.approx((6 / 9, (0.8 + 0.5) / 2))
    assert measures.f1(gold[:0], said[:0]) == (0, 0)


labels = st.sampled_from(["", "15", "33", "45", "90"])
pairs = st.lists(st.tuples(labels, labels), min_size=1, max_size=40)


@given(pairs)
def test_f1_as_defined_class_by_class(texts: list[tuple[str, str]]) -> None:
    classes = ["15", "33", "45", "90"]
    gold, said = zip(*texts, strict=True)
    scores = []
    for each in classes:
        if each in gold:
            met = sum(a == b == each for a, b in texts)
            precision = met / said.count(each) if said.count(each) else 0
            recall = met / gold.count(each)
            scores.append(2 * precision * recall / (precision + recall) if met else 0)
    micro, macro = measures.f1(measures.one_hot(gold, classes), measures.one_hot(said, classes))
    assert macro == pytest.approx(sum(scores) / len(scores) if scores else 0)
    if all(a and b for a, b in texts):
        assert micro == pytest.approx(sum(a == b for a, b in texts) / len(texts))


def test_reliability_and_its_error_by_hand() -> None:
    right = np.array([True, False, True, True, False, False])
    sure = np.array([0.9, 0.8, 0.7, 0.9, 0.2, 0.1])
    table = measures.reliability(right, sure, bins=3)
    assert [(each.count, round(each.said, 3), each.right) for each in table] == [
        (2, 0.15, 0.0),
        (2, 0.75, 0.5),
        (2, 0.9, 1.0),
    ]
    assert table[1].low == 0.7 and table[1].high == 0.8
    assert measures.calibration_error(table) == pytest.approx((0.15 + 0.25 + 0.1) / 3)
    assert measures.calibration_error([]) == 0


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=60), st.integers(1, 20))
def test_bins_hold_every_text_once_in_like_numbers(texts: list[tuple[bool, float]], bins: int) -> None:
    right = np.array([a for a, _ in texts], bool)
    sure = np.array([b for _, b in texts], float)
    table = measures.reliability(right, sure, bins)
    counts = [each.count for each in table]
    assert sum(counts) == len(texts) and max(counts, default=0) - min(counts, default=0) <= 1
    assert sum(each.right * each.count for each in table) == pytest.approx(right.sum())
    assert all(before.high <= after.low for before, after in pairwise(table))
    assert all(each.low - 1e-9 <= each.said <= each.high + 1e-9 for each in table)


def test_a_perfect_and_a_boastful_forecast() -> None:
    draw = np.random.default_rng(7)
    sure = draw.uniform(0, 1, 200_000)
    right = draw.uniform(0, 1, 200_000) < sure
    assert measures.calibration_error(measures.reliability(right, sure)) < 0.01
    assert measures.calibration_error(measures.reliability(right, np.ones(200_000))) == pytest.approx(0.5, abs=0.01)
    assert measures.calibration_error([Bin(0, 1, 10, 0.3, 0.8)]) == pytest.approx(0.5)


def test_precision_at_coverage_by_hand() -> None:
    right = np.array([False, True, True, False, True, True, False, True, False, False])
    sure = np.array([0.1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.0])
    assert measures.precision_at(right, sure, 0.3) == pytest.approx(2 / 3)
    assert measures.precision_at(right, sure, 0.5) == pytest.approx(4 / 5)
    assert measures.precision_at(right, sure, 0.01) == 1
    assert measures.precision_at(right, sure, 1) == pytest.approx(5 / 10)
    assert measures.precision_at(right[:0], sure[:0], 0.3) == 0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10**6)), min_size=1, max_size=50, unique_by=lambda t: t[1]))
def test_the_precision_curve_as_defined(texts: list[tuple[bool, int]]) -> None:
    right = np.array([a for a, _ in texts], bool)
    sure = np.array([b for _, b in texts], float)
    ordered = [a for a, _ in sorted(texts, key=lambda text: -text[1])]
    wanted = [sum(ordered[:n]) / n for n in range(1, len(ordered) + 1)]
    assert measures.precision_curve(right, sure).tolist() == pytest.approx(wanted)


@given(pairs)
def test_confusion_counts_pairs(texts: list[tuple[str, str]]) -> None:
    gold, said = zip(*texts, strict=True)
    classes = ["15", "33", "45", "90"]
    table = measures.confusion(gold, said, classes)
    assert all(table[i, j] == texts.count((a, b)) for i, a in enumerate(classes) for j, b in enumerate(classes))
