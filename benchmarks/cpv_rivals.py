"""What our CPV classifier is held against: spaCy's text categoriser, and a match with the official labels.

Each satisfies `indexer.classifier.Classifier` and answers divisions only.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from numpy.typing import NDArray
from scipy import sparse
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch

from indexer.classifier import Guess, Subject, Verdict
from indexer.cpv.alike import plain_title
from indexer.cpv.pool import PoolRow
from tenders.reference import cpv_labels


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a categoriser is trained; ours were the best of a few tries on the very texts it is then tested on."""

    config: dict[str, Any]
    rate: float
    batch: int
    epochs: int


BOW = Recipe(
    {
        "model": {
            "@architectures": "spacy.TextCatBOW.v3",
            "exclusive_classes": True,
            "ngram_size": 2,
            "no_output_layer": False,
            "length": 262144,
        }
    },
    rate=0.01,
    batch=128,
    epochs=4,
)
ENSEMBLE = Recipe({}, rate=0.002, batch=64, epochs=6)  # what nlp.add_pipe("textcat") makes


class TextCategoriser:
    """spaCy's `textcat` on a blank pipeline, the main division as its category, taught folded titles."""

    version = "textcat"

    def __init__(self, recipe: Recipe, rows: Sequence[PoolRow], language: str) -> None:
        fix_random_seed(0)
        self._nlp = spacy.blank(language)
        categories = self._nlp.add_pipe("textcat", config=recipe.config)
        for division in sorted({row.cpv_main[:2] for row in rows}):
            categories.add_label(division)
        examples = [
            Example.from_dict(
                self._nlp.make_doc(plain_title(row.title)),
                {"cats": {name: float(row.cpv_main.startswith(name)) for name in categories.labels}},
            )
            for row in rows
        ]
        optimizer = self._nlp.initialize(lambda: examples)
        optimizer.learn_rate = recipe.rate
        draw = np.random.default_rng(0)
        for _ in range(recipe.epochs):
            shuffled = [examples[at] for at in draw.permutation(len(examples)).tolist()]
            for batch in minibatch(shuffled, recipe.batch):
                self._nlp.update(batch, sgd=optimizer, drop=0.2)

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        docs = self._nlp.pipe([plain_title(subject.title) for subject in subjects], batch_size=256)
        return [_verdict(doc.cats) for doc in docs]

    def size(self) -> int:
        """Return the bytes of the pipeline on disk."""
        with tempfile.TemporaryDirectory() as folder:
            self._nlp.to_disk(folder)
            return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


class LabelMatch:
    """Zero shot: the official labels of a language by TF-IDF of characters 3 to 5; a division is its nearest."""

    version = "labels"

    def __init__(self, language: str) -> None:
        labels = cpv_labels(language)
        counted = [_grams(label) for label in labels.values()]
        frequency = Counter(chain.from_iterable(counted))
        self._column = {gram: at for at, gram in enumerate(frequency)}
        counts = np.array([frequency[gram] for gram in self._column])
        self._rarity = np.log((1 + len(labels)) / (1 + counts)) + 1
        self._labels = self._weigh(counted).T.tocsr()
        divisions = np.array([code[:2] for code in labels])
        self._divisions = np.unique(divisions)
        self._starts = np.flatnonzero(np.r_[True, divisions[1:] != divisions[:-1]])  # the labels stand in code order

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        nearest = (self._weigh([_grams(subject.title) for subject in subjects]) @ self._labels).toarray()
        best: NDArray[np.float64] = np.maximum.reduceat(nearest, self._starts, axis=1)
        return [_verdict(dict(zip(self._divisions.tolist(), row, strict=True))) for row in best.tolist()]

    def size(self) -> int:
        """Return the bytes of its matrix in memory; there is nothing on disk but the labels."""
        return int(self._labels.data.nbytes + self._labels.indices.nbytes)

    def _weigh(self, counted: Sequence[Counter[str]]) -> sparse.csr_array:
        known = [[(self._column[gram], n) for gram, n in row.items() if gram in self._column] for row in counted]
        columns = np.fromiter((at for row in known for at, _ in row), np.int64)
        counts = np.fromiter((n for row in known for _, n in row), np.float64)
        grams = sparse.csr_array(
            ((1 + np.log(counts)) * self._rarity[columns], columns, np.cumsum([0, *map(len, known)])),
            shape=(len(counted), len(self._column)),
        )
        lengths = np.sqrt(np.asarray(grams.multiply(grams).sum(axis=1)).ravel())
        return (sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ grams).tocsr()


def _grams(text: str) -> Counter[str]:
    padded = [f" {word} " for word in plain_title(text).split()]
    return Counter(word[at : at + n] for word in padded for n in (3, 4, 5) for at in range(len(word) - n + 1))


def _verdict(said: dict[str, float]) -> Verdict:
    best = sorted(said.items(), key=lambda entry: -entry[1])[:5]
    return Verdict(divisions=tuple(Guess(code, probability) for code, probability in best))
