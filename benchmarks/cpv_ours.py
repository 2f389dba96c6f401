"""Our CPV classifier as a contender: trained on the spot, measured as it is read back from disk."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.classifier import Subject, Verdict
from indexer.cpv import artefact
from indexer.cpv.classify import Terms, judge
from indexer.cpv.learning.corpus import Corpus, official_labels, read_corpus
from indexer.cpv.learning.prepared import prepare
from indexer.cpv.learning.training import train
from indexer.cpv.pool import PoolRow


class Ours:
    """Learns from rows of the pool of a data folder and all that is beside it there, or from rows and labels alone."""

    version = "ours"

    def __init__(self, rows: Sequence[PoolRow], data: Path | None) -> None:
        corpus = read_corpus(data) if data else Corpus(pool=rows, labels=official_labels())
        wanted = set(rows)
        kept = np.array([at for at, row in enumerate(corpus.pool) if row in wanted], np.int64)
        model = train(prepare(corpus), kept)
        with tempfile.TemporaryDirectory() as folder:
            self._size = artefact.save(model, Path(folder))
            self._model = artefact.load(Path(folder))

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        return judge(self._model, subjects, terms=Terms.NONE)

    def size(self) -> int:
        """Return the bytes of the model on disk."""
        return self._size
