"""A small classifier for tests, as honest as a real one: a table of words and the codes that they speak for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexer.analysis import words
from indexer.classifier import ASSERTED, LIKELY, SUGGESTED, Guess, Subject, Verdict

TRADES = {
    "toiture": ("45261", 0.83),
    "zinguerie": ("45261", 0.83),
    "roof": ("45261", 0.83),
    "peinture": ("4544", 0.91),
    "voirie": ("45", 0.64),
    "papier": ("30197", 0.72),
    "mobilier": ("39", 0.41),
    "nettoyage": ("909", 0.3),
}


class Keywords:
    """Judges by single words of title and description; `asked` are the subjects it was given, batch by batch."""

    def __init__(self, table: Mapping[str, tuple[str, float]] | None = None, version: str = "words-1") -> None:
        self.table = TRADES if table is None else table
        self.version = version
        self.asked: list[list[Subject]] = []

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        self.asked.append(list(subjects))
        return [self._judge(subject) for subject in subjects]

    def _judge(self, subject: Subject) -> Verdict:
        found: dict[tuple[str, float], list[str]] = {}
        for word in dict.fromkeys(words(f"{subject.title} {subject.description or ''}")):
            if word in self.table:
                found.setdefault(self.table[word], []).append(word)
        ranked = sorted(found, key=lambda code: (-code[1], code))
        guesses = [Guess(code, sure, "model", tuple(found[code, sure])) for code, sure in ranked]
        asserted = next((guess for guess in guesses if guess.probability >= ASSERTED), None)
        shown = [guess for guess in guesses if guess.probability >= LIKELY] if asserted else guesses[:SUGGESTED]
        return Verdict(cpv=tuple(shown), asserted=asserted)
