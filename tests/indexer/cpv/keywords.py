"""A small honest classifier: words of a title, each for a code with a probability, whatever the language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexer.analysis import words
from indexer.classifier import ASSERTED, SUGGESTED, Guess, Subject, Verdict

ROOFS: Mapping[str, tuple[str, float]] = {
    "toiture": ("45261000", 0.9),
    "ecole": ("45214200", 0.3),
    "nettoyage": ("90910000", 0.8),
    "repas": ("55520000", 0.7),
    "papier": ("30197600", 0.65),
    "assurance": ("66510000", 0.95),
    "roof": ("45261000", 0.85),
}


class Keywords:
    """Satisfies `indexer.classifier.Classifier`."""

    version = "keywords-1"

    def __init__(self, table: Mapping[str, tuple[str, float]] = ROOFS) -> None:
        self._table = table

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        return [self._judge(subject) for subject in subjects]

    def _judge(self, subject: Subject) -> Verdict:
        told = words(f"{subject.title} {subject.description or ''}")
        best: dict[str, Guess] = {}
        for term in dict.fromkeys(told):
            if term in self._table:
                code, probability = self._table[term]
                best.setdefault(code, Guess(code, probability, terms=(term,)))
        codes = tuple(sorted(best.values(), key=lambda guess: (-guess.probability, guess.code)))[:5]
        best_code = codes[0] if codes and codes[0].probability >= ASSERTED else None
        asserted = best_code and Guess(best_code.code.rstrip("0"), best_code.probability, terms=best_code.terms)
        total = max(1.0, sum(guess.probability for guess in _cut(codes, 2)))
        return Verdict(
            cpv=(asserted,) if asserted else codes[:SUGGESTED],
            divisions=tuple(Guess(guess.code, guess.probability / total) for guess in _cut(codes, 2)),
            groups=_cut(codes, 3),
            codes=codes,
            asserted=asserted,
        )


def _cut(codes: Sequence[Guess], digits: int) -> tuple[Guess, ...]:
    cut: dict[str, Guess] = {}
    for guess in codes:
        cut.setdefault(guess.code[:digits], Guess(guess.code[:digits], guess.probability))
    return tuple(cut.values())
