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
    choices = {word: _choices(word) for word in broken}
    rarity = _rarity(sorted({part for of_one in choices.values() for choice in of_one for part in choice}), vocabulary)
    mended = {word: _commonest(of_one, rarity) or word.replace(LOST, "e") for word, of_one in choices.items()}
    return [
        " ".join(" ".join(mended.get(word, word) for word in text.split()).split()) if LOST in text else text
        for text in texts
    ]


def _choices(word: str) -> list[list[str]]:
    """Return the words that a broken one may be, one or, where an apostrophe was lost, several."""
    if word.count(LOST) > _MOST:
        return []
    parts = word.split(LOST)
    return [
        "".join(part + letter for part, letter in zip(parts, (*letters, ""), strict=True)).split()
        for letters in product(_LETTERS, repeat=len(parts) - 1)
    ]


def _rarity(words: Sequence[str], vocabulary: Vocabulary) -> dict[str, float]:
    """Return how rare each word is, infinitely where the vocabulary does not have it; single letters count nothing."""
    long = [word for word in words if len(word) > 1]
    if not long:
        return dict.fromkeys(words, 0.0)
    # The words themselves come first, one a text; what follows are pieces of them.
    places, known = vocabulary.find(grams(long).hash[: len(long)])
    found = np.where(known, vocabulary.idf[places], np.inf).tolist()
    return dict.fromkeys(words, 0.0) | dict(zip(long, found, strict=True))


def _commonest(choices: Sequence[Sequence[str]], rarity: dict[str, float]) -> str:
    """Return the choice whose rarest word is commonest, "" where none is known."""
    rated = [(max((rarity[part] for part in choice), default=np.inf), at) for at, choice in enumerate(choices)]
    rarest, at = min(rated, default=(np.inf, 0))
    return " ".join(choices[at]) if rarest < np.inf else ""
