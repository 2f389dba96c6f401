"""Mend words in which a source lost a letter: "r\\ufffdnovation" is "renovation", because that word is known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from indexer.cpv.features import Vocabulary, grams
from indexer.cpv.text import LOST

_LETTERS = ("e", "a", "i", "o", "u", "c", " ", "")  # what accented letters and apostrophes fold to, the commonest first
_MOST = 3  # lost letters of a word for which all choices are tried


def mend(texts: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """Fill in the lost letters of folded texts with the choice that makes the commonest known word, or with an e."""
    broken = {word for text in texts if LOST in text for word in text.split() if LOST in word}
    if not broken:
        return list(texts)
    mended = {word: _mend_word(word, vocabulary) for word in broken}
    return [
        " ".join(" ".join(mended.get(word, word) for word in text.split()).split()) if LOST in text else text
        for text in texts
    ]


def _mend_word(word: str, vocabulary: Vocabulary) -> str:
    plain = word.replace(LOST, "e")
    if word.count(LOST) > _MOST:
        return plain
    parts = word.split(LOST)
    choices = [
        "".join(part + letter for part, letter in zip(parts, (*letters, ""), strict=True)).split()
        for letters in product(_LETTERS, repeat=len(parts) - 1)
    ]
    words = sorted({part for choice in choices for part in choice if len(part) > 1})
    if not words:
        return plain
    found = grams(words)
    # The words themselves come first, one a text; what follows are pieces of them.
    places, known = vocabulary.find(found.hash[: len(words)])
    rarity = dict(zip(words, np.where(known, vocabulary.idf[places], np.inf).tolist(), strict=True))
    best = min(choices, key=lambda choice: max((rarity.get(part, 0.0) for part in choice), default=np.inf))
    worst = max((rarity.get(part, 0.0) for part in best), default=np.inf)
    return " ".join(best) if worst < np.inf else plain
