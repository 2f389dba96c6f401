"""A corpus, laid out for learning: what does not depend on the fold is done once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from indexer.cpv.features import I64
from indexer.cpv.learning.corpus import Corpus
from indexer.cpv.learning.rows import Rows, lay_out
from indexer.cpv.learning.weak import Described

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
