"""Ask a classifier for the codes of tenders whose buyer gave none: of the whole, and of lots with texts of their own.

A buyer's code anywhere, on the notice or on a lot, leaves nothing to predict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.analysis import words
from indexer.classifier import ASSERTED, Classifier, Subject, Verdict
from tenders.codes import Cpv
from tenders.model import PredictedCpv, Tender

_NUMBERING = frozenset(
    words("lot lots unique no numéro ferme tranche partie part phase single")
)  # "Lot n° 2", "Lot unique"
_PLACES = 4  # decimals of a probability that are kept


def judge(tenders: Sequence[Tender], classifier: Classifier | None) -> list[Tender]:
    """Return tenders with the codes predicted for them, all their texts judged in one go.

    Without a classifier nothing is predicted, and a later one is due. One that nothing is asked of is never opened.
    """
    asked = [list(_subjects(tender)) for tender in tenders]
    distinct = list(dict.fromkeys(subject for subjects in asked for _, subject in subjects))
    if classifier is None or not distinct:
        return [replace(tender, cpv_predicted=(), classifier=None) for tender in tenders]
    verdicts = dict(zip(distinct, classifier.classify(distinct), strict=True))
    return [
        replace(
            tender,
            cpv_predicted=tuple(p for lot, subject in subjects for p in _predicted(verdicts[subject], lot)),
            classifier=classifier.version if subjects else None,
        )
        for tender, subjects in zip(tenders, asked, strict=True)
    ]


def _subjects(tender: Tender) -> Iterator[tuple[str | None, Subject]]:
    """Give what is to be judged, by the lot's id, None for the whole."""
    if tender.cpv_published:
        return
    merged = tender.merged
    yield (
        None,
        Subject(
            title=merged.title,
            description=merged.description,
            language=merged.language,
            nature=merged.nature,
            descriptors=merged.descriptors,
        ),
    )
    said = {tuple(words(text)) for text in (merged.title, merged.description) if text}
    for lot in merged.lots:
        own = [
            text for text in (lot.title, lot.description) if text and _tells(text) and tuple(words(text)) not in said
        ]
        if own:  # the descriptors are those of the whole: on each lot they would blur what sets it apart
            title = lot.title or own[0]
            description = lot.description if lot.description != title else None
            yield (
                lot.id,
                Subject(title=title, description=description, language=merged.language, nature=merged.nature),
            )


def _tells(text: str) -> bool:
    """Whether a lot's text says more than which one it is."""
    return any(len(word) > 1 and word.isalpha() and word not in _NUMBERING for word in words(text))


def _predicted(verdict: Verdict, lot: str | None) -> Iterator[PredictedCpv]:
    """Give what a verdict asserts, the most certain first, then what it suggests."""
    first = verdict.asserted
    by_code = {guess.code: guess for guess in (first, *verdict.cpv) if guess is not None}
    for guess in by_code.values():
        yield PredictedCpv(
            code=Cpv.of(guess.code),
            probability=round(guess.probability, _PLACES),
            terms=guess.terms,
            asserted=first is not None and (guess.code == first.code or guess.probability >= ASSERTED),
            lot=lot,
        )
