"""Folded texts -> sparse rows: words, pairs of words and pieces of words, hashed, weighed by TF-IDF.

All arrays at once, so that neither training nor service needs compiled code of ours. A row has two blocks, words (with
pairs of neighbours) and pieces (3 to 5 characters within a word and its borders), each of length one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

PIECES = (3, 4, 5)
_SPACE = 32
_PRIME = np.uint64(1099511628211)
_INVERSE = np.uint64(pow(1099511628211, -1, 2**64))

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]


def _mix(hashes: U64) -> U32:
    """Spread a 64-bit hash and keep its upper half (the finaliser of MurmurHash3)."""
    h = hashes ^ (hashes >> np.uint64(33))
    h *= np.uint64(0xFF51AFD7ED558CCD)
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xC4CEB9FE1A85EC53)
    h ^= h >> np.uint64(33)
    return (h >> np.uint64(32)).astype(np.uint32)


@dataclass(frozen=True, slots=True)
class Grams:
    """Every feature of some texts, repeated as it occurs: its text's number, its hash, whether it is a piece.

    `word` is the number of the word (counted over all texts) in which it stands, the first of a pair.
    """

    text: I64
    hash: U32
    piece: npt.NDArray[np.bool_]
    word: I64


def grams(texts: Sequence[str]) -> Grams:
    """Cut folded texts into words of two letters or more, pairs of neighbours, and pieces of words."""
    # A space before, between and after: a piece may begin and end with one, never hold one inside.
    joined = "".join(f" {text} " for text in texts)
    chars = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) + 2 for text in texts], dtype=np.int64)
    of = np.repeat(np.arange(len(texts)), lengths)
    space = chars == _SPACE
    number = np.cumsum(np.concatenate(([False], ~space[1:] & space[:-1]))) - 1  # of the word at or before a place
    starts = np.flatnonzero(~space & np.concatenate(([True], space[:-1])))
    ends = np.flatnonzero(space & np.concatenate(([False], ~space[:-1])))
    # The hash of a word is a polynomial, taken from running sums; its factor at the start is divided out.
    powers = np.cumprod(np.full(len(chars) + 1, _PRIME, dtype=np.uint64))
    inverses = np.cumprod(np.full(len(chars) + 1, _INVERSE, dtype=np.uint64))
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(chars * powers[:-1])))
    long = ends - starts > 1
    numbers = np.flatnonzero(long)
    starts, ends = starts[long], ends[long]
    words = (sums[ends] - sums[starts]) * inverses[starts]
    home = of[starts]
    beside = home[1:] == home[:-1]
    pairs = (words[:-1] * np.uint64(31) + words[1:] + np.uint64(5))[beside]
    parts = [(home, words, numbers), (home[:-1][beside], pairs, numbers[:-1][beside])]
    for size in PIECES:
        if len(chars) < size:
            continue
        count = len(chars) - size + 1
        whole = ~np.any([space[k : count + k] for k in range(1, size - 1)], axis=0)
        at = np.flatnonzero(whole)
        h = np.full(len(at), 77777, dtype=np.uint64)
        for k in range(size):
            h = (h ^ chars[at + k]) * _PRIME
        parts.append((of[at], h, number[at + 1]))
    sizes = [len(part[0]) for part in parts]
    return Grams(
        text=np.concatenate([p[0] for p in parts]).astype(np.int64),
        hash=_mix(np.concatenate([p[1] for p in parts])),
        piece=np.repeat(np.array([False, False] + [True] * (len(parts) - 2)), sizes),
        word=np.concatenate([p[2] for p in parts]).astype(np.int64),
    )


def count_distinct(keys: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], I64]:
    """Return the distinct values, sorted, and how often each occurs (several times faster than numpy's `unique`)."""
    ordered = np.sort(keys)
    changes = np.flatnonzero(np.concatenate((np.ones(min(1, len(ordered)), bool), ordered[1:] != ordered[:-1])))
    return ordered[changes], np.diff(np.append(changes, len(ordered)))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features that count: sorted hashes, whether each is a piece, its inverse document frequency."""

    hashes: U32
    piece: npt.NDArray[np.bool_]
    idf: F32

    def find(self, hashes: U32) -> tuple[I64, npt.NDArray[np.bool_]]:
        """Return the place of each hash, and whether it is there at all."""
        places = np.searchsorted(self.hashes, hashes)
        places[places == len(self.hashes)] = 0
        return places.astype(np.int64), self.hashes[places] == hashes

    def rows(self, found: Grams, count: int) -> sparse.csr_matrix:
        """Weigh the features of `count` texts: (1 + log tf) x idf, each block of a row of length one."""
        return self.weigh(found, *self.find(found.hash), count)

    def weigh(self, found: Grams, places: I64, known: npt.NDArray[np.bool_], count: int) -> sparse.csr_matrix:
        """Do what `rows` does with features that were looked up before."""
        size = len(self.hashes)
        keys, times = count_distinct(found.text[known] * size + places[known])
        text, column = np.divmod(keys, size)
        values = (1 + np.log(times)) * self.idf[column]
        block = text * 2 + self.piece[column]
        norms = np.sqrt(np.bincount(block, weights=values**2, minlength=2 * count))
        values = (values / norms[block]).astype(np.float32)
        starts = np.concatenate(([0], np.cumsum(np.bincount(text, minlength=count))))
        return sparse.csr_matrix((values, column.astype(np.int32), starts), shape=(count, size))
