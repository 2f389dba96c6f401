"""Subjects -> verdicts, a batch at a time: fold, mend, judge, decide, explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np

from indexer.classifier import Guess, Subject, Verdict
from indexer.cpv.explain import Question, explain, show
from indexer.cpv.judge import climb, decide
from indexer.cpv.lost import mend
from indexer.cpv.model import CpvModel, Seen
from indexer.cpv.text import views

BATCH = 512  # texts judged at once: enough for the arrays to pay, little enough for memory


class Terms(StrEnum):
    """Of which codes the terms are looked for: each costs as much as judging the text once more."""

    SHOWN = "shown"  # all that people are shown
    ASSERTED = "asserted"
    NONE = "none"


def judge(
    model: CpvModel, subjects: Sequence[Subject], *, terms: Terms = Terms.SHOWN, codes: bool = True
) -> list[Verdict]:
    """Judge subjects in their order; without `codes` no codes of eight digits are named.

    A text without letters gets the verdict of no text: nothing asserted, nothing suggested.
    """
    verdicts: list[Verdict] = []
    for start in range(0, len(subjects), BATCH):
        verdicts += _judge_batch(model, subjects[start : start + BATCH], terms, codes=codes)
    return verdicts


def _judge_batch(model: CpvModel, subjects: Sequence[Subject], terms: Terms, *, codes: bool) -> list[Verdict]:
    seen = look(model, subjects)
    branches = zip(climb(model, seen), seen.known.tolist(), strict=True)
    verdicts = [decide(b, codes=codes) if known else Verdict() for b, known in branches]
    verdicts = [_name_source(model, v, s) if s.descriptors else v for v, s in zip(verdicts, subjects, strict=True)]
    return verdicts if terms is Terms.NONE else _explain(model, seen, subjects, verdicts, terms)


def look(model: CpvModel, subjects: Sequence[Subject]) -> Seen:
    """Show subjects to a model: their views, mended, and what is known beside the text."""
    folded = [views(subject.title, subject.description) for subject in subjects]
    mended = iter(mend([view for of_one in folded for view in of_one], model.vocabulary))
    evidence = np.array([model.evidence(subject.nature, subject.descriptors) for subject in subjects])
    foreign = np.array([subject.language not in (None, "fr") for subject in subjects])
    return model.look([[next(mended) for _ in of_one] for of_one in folded], evidence, foreign)


def _name_source(model: CpvModel, verdict: Verdict, subject: Subject) -> Verdict:
    """Say of the codes in the division for which BOAMP's descriptors speak most that they come from these."""
    said = model.evidence(None, subject.descriptors)
    best = model.divisions[int(said.argmax())] if said.any() else None

    def name(guess: Guess) -> Guess:
        return replace(guess, provenance="descriptor") if guess.code[:2] == best else guess

    asserted = name(verdict.asserted) if verdict.asserted else None
    return replace(verdict, cpv=tuple(map(name, verdict.cpv)), asserted=asserted)


def _explain(
    model: CpvModel, seen: Seen, subjects: Sequence[Subject], verdicts: Sequence[Verdict], terms: Terms
) -> list[Verdict]:
    """Find the terms of the codes that people are shown, or of the asserted ones alone."""
    asked = [
        verdict.cpv if terms is Terms.SHOWN else verdict.cpv[:1] if verdict.asserted else () for verdict in verdicts
    ]
    questions = [Question(at, guess.code) for at, guesses in enumerate(asked) for guess in guesses]
    found = iter(explain(model, seen, questions))
    explained = []
    for subject, verdict, guesses in zip(subjects, verdicts, asked, strict=True):
        text = f"{subject.title} {subject.description or ''}" if guesses else ""
        named = tuple(replace(guess, terms=show(next(found), text)) for guess in guesses)
        asserted = named[0] if verdict.asserted and named else verdict.asserted
        explained.append(replace(verdict, cpv=(*named, *verdict.cpv[len(named) :]), asserted=asserted))
    return explained
