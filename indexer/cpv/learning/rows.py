"""A corpus laid out as the rows of one matrix, and the vocabulary that makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from indexer.cpv.features import I64, Vocabulary, count_distinct, grams
from indexer.cpv.learning.corpus import Corpus
from indexer.cpv.lost import mend
from indexer.cpv.text import LOST, views
from indexer.cpv.tree import divisions

MOST = 450_000  # features, the most frequent
LEAST = 2  # texts that a feature stands in
_CHUNK = 20_000  # texts at a time
_TWIN = 0.75  # cosine of two titles' words from which they say the same
_WIDE = 500  # rows at a time


@dataclass(frozen=True, slots=True)
class Rows:
    """The matrix (texts x features) and where in it each part of the corpus stands.

    `gold` has every view of every text of the pool, `gold_of` the text's number, `gold_view` which of its views it is,
    `gold_first` the row of its title;
    `gold_division` is by text.
    """

    vocabulary: Vocabulary
    frequency: I64
    matrix: sparse.csr_matrix
    gold: I64
    gold_of: I64
    gold_view: I64
    gold_first: I64
    gold_division: I64
    filed: I64
    spanish: I64
    labels: Mapping[str, I64]

    def views_of(self, texts: I64) -> tuple[I64, I64]:
        """Return the rows of all views of some texts of the pool, and the text's number for each."""
        chosen = np.isin(self.gold_of, texts)
        return self.gold[chosen], self.gold_of[chosen]

    def twins(self) -> tuple[I64, I64]:
        """Return pairs (notice, text of the pool) whose titles have nearly the same words."""
        words = sparse.diags_array((~self.vocabulary.piece).astype(np.float32))
        theirs = (self.matrix[self.gold_first] @ words).T.tocsr()
        ours = (self.matrix[self.filed] @ words).tocsr()
        notices, texts = [], []
        for start in range(0, ours.shape[0], _WIDE):
            alike = (ours[start : start + _WIDE] @ theirs).tocsr()
            alike.data[alike.data < _TWIN] = 0
            alike.eliminate_zeros()
            which = np.flatnonzero(np.diff(alike.indptr))
            if len(which):
                notices.append(which + start)
                texts.append(np.asarray(alike[which].argmax(axis=1)).ravel())
        none = [np.zeros(0, np.int64)]
        return np.concatenate(notices or none), np.concatenate(texts or none)


def lay_out(corpus: Corpus) -> Rows:
    """Fold all texts, choose the vocabulary, mend lost letters, make the matrix."""
    seen = [views(row.title, row.description) for row in corpus.pool]
    texts = [view for of_one in seen for view in of_one]
    gold_of = np.repeat(np.arange(len(seen)), [len(of_one) for of_one in seen])
    ends = {"gold": len(texts)}
    texts += [notice.title for notice in corpus.filed]
    ends["filed"] = len(texts)
    texts += [title.title for title in corpus.spanish]
    ends["spanish"] = len(texts)
    labels = {}
    for language, table in corpus.labels.items():
        labels[language] = np.arange(len(texts), len(texts) + len(table))
        texts += table.values()
    vocabulary, frequency = choose_vocabulary(texts)
    texts = mend(texts, vocabulary)
    matrix = sparse.vstack([vocabulary.rows(grams(part), len(part)) for part in _chunks(texts)], format="csr")
    place = {name: at for at, name in enumerate(divisions())}
    return Rows(
        vocabulary=vocabulary,
        frequency=frequency,
        matrix=matrix,
        gold=np.arange(ends["gold"]),
        gold_of=gold_of,
        gold_view=np.concatenate([np.arange(len(of_one)) for of_one in seen]),
        gold_first=np.searchsorted(gold_of, np.arange(len(seen))),
        gold_division=np.array([place[row.cpv_main[:2]] for row in corpus.pool]),
        filed=np.arange(ends["gold"], ends["filed"]),
        spanish=np.arange(ends["filed"], ends["spanish"]),
        labels=labels,
    )


def choose_vocabulary(texts: Sequence[str]) -> tuple[Vocabulary, I64]:
    """Return the most frequent features of some texts, and in how many texts each stands; broken words do not count."""
    keys, counts = [], []
    for part in _chunks(texts):
        found = grams([text if LOST not in text else _unbroken(text) for text in part])
        hashed = (found.hash.astype(np.uint64) << np.uint64(1)) | found.piece.astype(np.uint64)
        once, _ = count_distinct((found.text.astype(np.uint64) << np.uint64(33)) | hashed)
        some, times = count_distinct(once & np.uint64((1 << 33) - 1))
        keys.append(some)
        counts.append(times)
    distinct, back = np.unique(np.concatenate(keys), return_inverse=True)
    frequency = np.bincount(back, weights=np.concatenate(counts)).astype(np.int64)
    least = max(LEAST, int(np.sort(frequency)[-MOST]) if len(frequency) > MOST else 0)
    hashes, first = np.unique((distinct >> np.uint64(1)).astype(np.uint32), return_index=True)
    kept = frequency[first] >= least
    hashes, first = hashes[kept], first[kept]
    idf = np.log((1 + len(texts)) / (1 + frequency[first])) + 1
    piece = (distinct[first] & np.uint64(1)).astype(bool)
    return Vocabulary(hashes, piece, idf.astype(np.float32)), frequency[first]


def _unbroken(text: str) -> str:
    return " ".join(word for word in text.split() if LOST not in word)


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _CHUNK):
        yield texts[start : start + _CHUNK]
