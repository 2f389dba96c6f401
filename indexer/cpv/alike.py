"""Titles that say nearly the same: lots of one notice, a call published twice, a framework's yearly renewal.

A model tested on a title whose twin it was taught is praised for its memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import unescape
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from indexer.analysis import words

ALIKE = 0.8  # cosine of the titles' character 4-grams, weighed by rarity, from which they say the same
_GRAM = 4


def plain_title(title: str) -> str:
    """Return a title's folded words, without punctuation or HTML entities: equal where two titles are the same."""
    return " ".join(words(unescape(unescape(title))))


def alike(titles: Sequence[str], others: Sequence[str]) -> NDArray[np.bool_]:
    """Say of each title whether one of `others` is the same or nearly so (a cosine above `ALIKE`)."""
    found = np.zeros(len(titles), bool)
    if not titles or not others:
        return found
    ours, theirs = [plain_title(title) for title in titles], [plain_title(title) for title in others]
    known = set(theirs)
    found[:] = [title in known for title in ours]
    grams = _weighed_grams([*ours, *theirs])
    ours_grams, theirs_grams = grams[: len(ours)], grams[len(ours) :]
    candidates = (ours_grams @ _telling(theirs_grams).T).tocoo()
    left, right = candidates.row, candidates.col
    cosines = np.asarray(ours_grams[left].multiply(theirs_grams[right]).sum(axis=1)).ravel()
    found[left[cosines > ALIKE]] = True
    return found


def _weighed_grams(titles: Sequence[str]) -> sparse.csr_array:
    """Return a row of unit length for each title: (1 + log tf) x idf of its 4-grams, the rarest gram in column 0."""
    counted = [Counter(f" {title} "[at : at + _GRAM] for at in range(len(title) + 3 - _GRAM)) for title in titles]
    frequency = Counter(chain.from_iterable(counted))
    column = {
        gram: at for at, (gram, _) in enumerate(sorted(frequency.items(), key=lambda entry: (entry[1], entry[0])))
    }
    rarity = {gram: float(np.log((1 + len(titles)) / (1 + count)) + 1) for gram, count in frequency.items()}
    grams = sparse.csr_array(
        (
            np.fromiter(((1 + np.log(n)) * rarity[gram] for row in counted for gram, n in row.items()), np.float64),
            np.fromiter((column[gram] for row in counted for gram in row), np.int64),
            np.cumsum([0, *map(len, counted)]),
        ),
        shape=(len(titles), len(column)),
    )
    lengths = np.sqrt(np.asarray(grams.multiply(grams).sum(axis=1)).ravel())
    scaled = sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ grams
    scaled.sort_indices()
    return scaled


def _telling(grams: sparse.csr_array) -> sparse.csr_array:
    """Keep of each row its rarest grams, so many that the others alone cannot make a cosine of `ALIKE`.

    A row that is alike shares one of these: they name few candidates where common grams would name every title.
    """
    kept = grams.copy()
    for start, stop in zip(grams.indptr[:-1], grams.indptr[1:], strict=True):
        rest = np.sqrt(np.cumsum(kept.data[start:stop][::-1] ** 2)[::-1])  # length of this gram and all commoner ones
        kept.data[start:stop][rest <= ALIKE] = 0
    kept.eliminate_zeros()
    return kept
