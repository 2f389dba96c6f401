"""What descriptors mean is learned from titles that are judged badly, in a world where we know the truth."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from indexer.cpv.learning.natures import learn_natures
from indexer.cpv.learning.weak import Described, learn_descriptors, match
from indexer.cpv.tree import divisions
from tenders.codes import Cpv
from tenders.model import Nature

CLASSES = 4


def world(seed: int = 0, notices: int = 4000) -> tuple[Described, np.ndarray, np.ndarray]:
    """Notices with one or two of eight descriptors, two a class, and titles judged right half of the time."""
    draw = np.random.default_rng(seed)
    truth = draw.choice(CLASSES, notices, p=[0.55, 0.25, 0.15, 0.05])
    marks = np.zeros((notices, 8), np.float32)
    marks[np.arange(notices), 2 * truth + draw.integers(0, 2, notices)] = 1
    marks[draw.random(notices) < 0.2, 0] = 1  # a descriptor that everybody adds
    guessed = np.where(draw.random(notices) < 0.5, truth, draw.integers(0, CLASSES, notices))
    text = np.full((notices, CLASSES), 0.15, np.float32)
    text[np.arange(notices), guessed] = 0.55
    return Described(sparse.csr_matrix(marks), tuple("abcdefgh")), text.astype(np.float32), truth


def test_notices_are_judged_better_with_their_descriptors() -> None:
    described, text, truth = world()
    alone = (text.argmax(1) == truth).mean()
    together = (learn_descriptors(described, text).posteriors.argmax(1) == truth).mean()
    assert alone < 0.7 < 0.85 < together


def test_the_prior_is_kept() -> None:
    described, text, _ = world()
    learned = learn_descriptors(described, text)
    assert np.abs(learned.posteriors.mean(0) - text.mean(0)).max() < 0.05
    assert np.allclose(learned.table.sum(1), 1, atol=1e-4)
    assert (learned.lift[2:4].argmax(1) == 1).all()


def test_official_codes_of_twins_correct_the_table() -> None:
    described, text, truth = world()
    wrong = text.copy()
    wrong[:, [2, 3]] = wrong[:, [3, 2]]  # titles take two classes for each other
    learned = learn_descriptors(described, wrong, strength=1.0)
    twins = np.arange(0, 400)
    matched = match(learned, described, wrong, twins, truth[twins])
    assert (matched.posteriors.argmax(1) == truth).mean() > (learned.posteriors.argmax(1) == truth).mean()


def test_natures_are_evidence_not_a_mask() -> None:
    natures = learn_natures()
    assert natures.shape == (45, 3) and np.allclose(natures.sum(1), 1, atol=1e-5) and natures.min() > 0
    works = natures[divisions().index("45")]
    assert works[0] > 0.9 and natures[divisions().index("33")][1] > 0.9 and natures[divisions().index("71")][2] > 0.9
    told = learn_natures([(Cpv("33000000"), Nature.SERVICES)] * 500)
    assert told[divisions().index("33")][2] > 0.7
