"""Features made by arrays are those that a plain loop finds."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import log, sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.cpv.features import PIECES, Vocabulary, count_distinct, grams

TEXTS = st.lists(st.text("abcé ω", max_size=30).map(lambda text: " ".join(text.split())), max_size=6)


def names(text: str) -> Counter[tuple[str, str]]:
    """Every feature of a text, said in words."""
    words = text.split()
    long = [word for word in words if len(word) > 1]
    found = Counter(("word", word) for word in long)
    found.update(("pair", f"{one} {other}") for one, other in pairwise(long))
    for word in words:
        found.update(("piece", f" {word} "[at : at + size]) for size in PIECES for at in range(len(word) + 3 - size))
    return found


@given(TEXTS)
def test_features_are_those_of_a_plain_loop(texts: list[str]) -> None:
    found = grams(texts)
    known: dict[tuple[str, str], int] = {}
    for number, text in enumerate(texts):
        mine = found.text == number
        counted = Counter(zip(found.hash[mine].tolist(), found.piece[mine].tolist(), strict=True))
        expected = names(text)
        assert sorted(counted.values()) == sorted(expected.values())
        assert sum(counted[key] for key in counted if key[1]) == sum(
            n for (kind, _), n in expected.items() if kind == "piece"
        )
        alone = {name: grams([name[1]]) for name in expected if name[0] == "word"}
        for name, one in alone.items():
            assert known.setdefault(name, int(one.hash[0])) in {hashed for hashed, piece in counted if not piece}


@given(TEXTS)
def test_each_feature_knows_its_word(texts: list[str]) -> None:
    found = grams(texts)
    words = [word for text in texts for word in text.split()]
    assert all(0 <= at < len(words) for at in found.word.tolist())
    for at, hashed in zip(found.word[found.piece].tolist(), found.hash[found.piece].tolist(), strict=True):
        assert hashed in grams([words[at]]).hash


@given(TEXTS)
def test_rows_are_weighed_as_said(texts: list[str]) -> None:
    found = grams(texts)
    hashes, first = np.unique(found.hash, return_index=True)
    idf = np.linspace(1, 3, len(hashes), dtype=np.float32)
    rows = Vocabulary(hashes, found.piece[first], idf).rows(found, len(texts))
    assert rows.shape == (len(texts), len(hashes))
    for number in range(len(texts)):
        counted = Counter(found.hash[found.text == number].tolist())
        places = {hashed: int(np.searchsorted(hashes, hashed)) for hashed in counted}
        plain = {places[h]: (1 + log(n)) * float(idf[places[h]]) for h, n in counted.items()}
        pieces = found.piece[first]
        for block in (False, True):
            inside = {at: value for at, value in plain.items() if bool(pieces[at]) is block}
            length = sqrt(sum(value**2 for value in inside.values()))
            for at, value in inside.items():
                assert abs(rows[number, at] - value / length) < 1e-5


def test_what_the_vocabulary_does_not_know_is_left_out() -> None:
    vocabulary = Vocabulary(np.array([7], np.uint32), np.array([False]), np.ones(1, np.float32))
    assert vocabulary.rows(grams(["toiture", ""]), 2).nnz == 0


def test_counting_distinct_values() -> None:
    values, counts = count_distinct(np.array([3, 1, 3, 3, 2]))
    assert (values.tolist(), counts.tolist()) == ([1, 2, 3], [1, 1, 3])
    assert count_distinct(np.zeros(0, np.int64))[0].size == 0
