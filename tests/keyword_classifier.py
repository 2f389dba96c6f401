"""A classifier that knows a dozen words: small, honest, and the same at every run."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.classifier import ASSERTED, LIKELY, SUGGESTED, Guess, Subject, Verdict
from tenders.model import Nature
from tenders.reference import fold

# word -> code of eight digits, and how much it says for it
_WORDS = {
    "fenetres": ("45421130", 3.0),
    "menuiserie": ("45421000", 3.0),
    "couverture": ("45261210", 2.0),
    "toiture": ("45261210", 4.0),
    "zinguerie": ("45261300", 2.0),
    "nettoyage": ("90911200", 3.0),
    "vitres": ("90911300", 2.0),
    "papier": ("30197600", 3.0),
    "travaux": ("45000000", 0.5),
    "chose": ("39000000", 0.4),
}
_NOTHING = 1.0  # what the possibility weighs that it is none of these


class KeywordClassifier:
    """Weighs the words of the table; a work is no service."""

    version = "keywords"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        self.batches.append(len(subjects))
        return [_judge(subject) for subject in subjects]


def _judge(subject: Subject) -> Verdict:
    weights: dict[str, float] = {}
    terms: dict[str, list[str]] = {}
    for word in re.findall(r"\w+", fold(f"{subject.title[:5000]} {(subject.description or '')[:5000]}")):
        if word in _WORDS:
            code, weight = _WORDS[word]
            if subject.nature is Nature.WORKS and not code.startswith("45"):
                weight /= 10
            weights[code] = weights.get(code, 0) + weight
            terms.setdefault(code, []).append(word)
    if not weights:
        return Verdict()
    total = sum(weights.values()) + _NOTHING

    def level(digits: int) -> list[Guess]:
        sums: dict[str, float] = {}
        said: dict[str, list[str]] = {}
        for code, weight in weights.items():
            sums[code[:digits]] = sums.get(code[:digits], 0) + weight
            said.setdefault(code[:digits], []).extend(terms[code])
        guesses = [Guess(c, w / total, terms=tuple(dict.fromkeys(said[c]))) for c, w in sums.items()]
        return sorted(guesses, key=lambda guess: (-guess.probability, guess.code))[:5]

    ladder = [level(digits)[0] for digits in (8, 5, 3, 2)]
    asserted = next((g for g in ladder if g.probability >= ASSERTED and g.code[-1] != "0"), None)
    further = [g for g in level(2) if g.probability >= LIKELY and not (asserted and asserted.code.startswith(g.code))]
    shown = (asserted, *further) if asserted else tuple(level(2)[:SUGGESTED])
    bare = [[Guess(g.code, g.probability) for g in level(digits)] for digits in (2, 3, 8)]
    return Verdict(shown, *map(tuple, bare), asserted and Guess(asserted.code, asserted.probability))
