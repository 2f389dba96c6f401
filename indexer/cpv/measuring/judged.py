"""Classified texts beside what a classifier said of them, as it would be asked in three situations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

import numpy as np

from indexer.classifier import Classifier, Guess, Subject, Verdict
from indexer.cpv.measuring.measures import Codes, Numbers
from indexer.cpv.pool import PoolRow
from tenders.codes import Cpv
from tenders.model import Nature

RANKS = 5
_BATCH = 512


class View(StrEnum):
    """How much of a notice the classifier is shown."""

    TITLE = "title"
    NATURE = "title and nature"  # the nature is simulated from the gold division, as published notices have it
    DESCRIPTION = "title and description"

    def subject(self, row: PoolRow) -> Subject:
        """Return what is shown of a row."""
        return Subject(
            title=row.title,
            description=row.description if self is View.DESCRIPTION and row.description else None,
            language=row.lang,
            nature=nature_of(row.cpv_main) if self is View.NATURE else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Arrays with a row a text: what the buyer said and what the classifier said, the most probable first.

    `divisions`, `groups`, `codes` and `sure` (the divisions' probabilities) are (texts, 5), `asserted` is (texts,);
    ``""`` and 0 where nothing was said.
    """

    gold: tuple[Cpv, ...]
    gold_divisions: tuple[frozenset[str], ...]  # of the main and the additional codes
    languages: tuple[str, ...]
    sources: tuple[str, ...]
    divisions: Codes
    sure: Numbers
    groups: Codes
    codes: Codes
    asserted: Codes


def nature_of(code: Cpv) -> Nature:
    """Return the nature that a division mostly goes with: 45 works, 50 and above services, else supplies."""
    division = code[:2]
    return Nature.WORKS if division == "45" else Nature.SERVICES if division >= "50" else Nature.SUPPLIES


def judge(classifier: Classifier, rows: Sequence[PoolRow], view: View) -> Judged:
    """Have a classifier judge the rows as this view shows them."""
    subjects = [view.subject(row) for row in rows]
    batches = (classifier.classify(subjects[at : at + _BATCH]) for at in range(0, len(rows), _BATCH))
    return compare(rows, list(chain.from_iterable(batches)))


def compare(rows: Sequence[PoolRow], verdicts: Sequence[Verdict]) -> Judged:
    """Put verdicts beside the rows they are about."""
    return Judged(
        gold=tuple(row.cpv_main for row in rows),
        gold_divisions=tuple(frozenset(code[:2] for code in (row.cpv_main, *row.cpv_additional)) for row in rows),
        languages=tuple(row.lang or "unknown" for row in rows),
        sources=tuple(row.source or "unknown" for row in rows),
        divisions=_table((verdict.divisions for verdict in verdicts), 2),
        sure=_sure(verdict.divisions for verdict in verdicts),
        groups=_table((verdict.groups for verdict in verdicts), 3),
        codes=_table((verdict.codes for verdict in verdicts), 8),
        asserted=np.array([verdict.asserted.code if verdict.asserted else "" for verdict in verdicts], dtype="U8"),
    )


def _table(guesses: Iterable[Sequence[Guess]], digits: int) -> Codes:
    cut = [[guess.code for guess in row[:RANKS]] for row in guesses]
    return np.array([row + [""] * (RANKS - len(row)) for row in cut], dtype=f"U{digits}").reshape(-1, RANKS)


def _sure(guesses: Iterable[Sequence[Guess]]) -> Numbers:
    cut = [[guess.probability for guess in row[:RANKS]] for row in guesses]
    return np.array([row + [0.0] * (RANKS - len(row)) for row in cut], dtype=float).reshape(-1, RANKS)
