"""A small classifier for tests, as honest as a real one: a table of words and the codes that they speak for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from indexer.analysis import words
from indexer.classifier import ASSERTED, LIKELY, SUGGESTED, Guess, Subject, Verdict

_SHOWN = 5  # digits of a code that is shown; those of the table may have more

TRADES: Mapping[str, tuple[str, float]] = {
    "toiture": ("45261210", 0.83),
    "zinguerie": ("45261300", 0.83),
    "roof": ("45261", 0.83),
    "peinture": ("4544", 0.91),
    "voirie": ("45", 0.64),
    "papier": ("30197", 0.72),
    "assurance": ("6651", 0.95),
    "repas": ("5552", 0.7),
    "mobilier": ("39", 0.41),
    "nettoyage": ("909", 0.3),
}


class Keywords:
    """Judges by single words of title and description; `asked` are the subjects it was given, batch by batch."""

    def __init__(self, table: Mapping[str, tuple[str, float]] = TRADES, version: str = "words-1") -> None:
        self.table = table
        self.version = version
        self.asked: list[list[Subject]] = []

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        self.asked.append(list(subjects))
        return [self._judge(subject) for subject in subjects]

    def _judge(self, subject: Subject) -> Verdict:
        said = words(f"{subject.title} {subject.description or ''}")
        known = {word: self.table[word] for word in said if word in self.table}
        exact = [Guess(code, sure) for code, sure in sorted(known.values(), key=lambda one: (-one[1], one[0]))]
        guesses = [
            replace(guess, terms=tuple(word for word in known if known[word][0][:_SHOWN] == guess.code))
            for guess in _cut(exact, _SHOWN)
        ]
        asserted = next((guess for guess in guesses if guess.probability >= ASSERTED), None)
        shown = [guess for guess in guesses if guess.probability >= LIKELY] if asserted else guesses[:SUGGESTED]
        full = [replace(guess, code=guess.code.ljust(8, "0")) for guess in exact]
        divisions = _cut(full, 2)[:5]
        total = max(1.0, sum(guess.probability for guess in divisions))
        return Verdict(
            cpv=tuple(shown),
            divisions=tuple(Guess(guess.code, guess.probability / total) for guess in divisions),
            groups=_cut(full, 3)[:5],
            codes=_cut(full, 8)[:5],
            asserted=asserted,
        )


def _cut(guesses: Sequence[Guess], digits: int) -> tuple[Guess, ...]:
    """Return codes of at most so many digits, each as sure as the first guess that says it."""
    best: dict[str, Guess] = {}
    for guess in guesses:
        best.setdefault(guess.code[:digits], Guess(guess.code[:digits], guess.probability))
    return tuple(best.values())
