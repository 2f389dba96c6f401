"""A predicted CPV code as JSON, and in words that nobody takes for the buyer's own code, French and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tenders.codes import Cpv
from tenders.model import PredictedCpv
from tenders.vocabulary import cpv_name, spoken

_TERMS: Final = 3  # words that a line names
_NAMES: Final = {"fr": ("CPV estimé, {}", "\u00a0: "), "en": ("Estimated CPV, {}", ": ")}


def to_json(predicted: Iterable[PredictedCpv]) -> list[dict[str, Any]]:
    """Write predicted codes; `code` has eight digits, trailing zeros say how deep it goes, as in the buyer's."""
    return [
        {
            "code": guess.code,
            "probability": guess.probability,
            "terms": guess.terms,
            "asserted": guess.asserted,
            "lot": guess.lot,
        }
        for guess in predicted
    ]


def from_json(predicted: Iterable[Mapping[str, Any]]) -> tuple[PredictedCpv, ...]:
    """Read back what :func:`to_json` wrote."""
    return tuple(
        PredictedCpv(
            code=Cpv(guess["code"]),
            probability=guess["probability"],
            terms=tuple(guess["terms"]),
            asserted=guess["asserted"],
            lot=guess["lot"],
        )
        for guess in predicted
    )


def best_asserted(predicted: Sequence[PredictedCpv]) -> PredictedCpv | None:
    """Return the code that a line shows: the most probable asserted of the whole, else of a lot."""
    asserted = (guess for guess in predicted if guess.asserted)
    return max(asserted, key=lambda guess: (guess.lot is None, guess.probability), default=None)


def say_probability(guess: PredictedCpv) -> str:
    """Say how sure we are, ``83 %``; never 100."""
    return f"{min(99, round(guess.probability * 100))}\u00a0%"


def say_estimated(guess: PredictedCpv, language: str) -> str:
    """Name a predicted code as one, ``CPV estimé, 83 %``."""
    return _NAMES[spoken(language)][0].format(say_probability(guess))


def say_code(guess: PredictedCpv, language: str) -> str:
    """Say the code as deep as it goes, with its label: ``45261 Travaux de charpente et de couverture``."""
    return cpv_name(guess.code.prefix, language)


def say_why(guess: PredictedCpv, language: str, most: int = 200) -> str:
    """Say the words that speak for a code, and the code: ``toiture, zinguerie (45261 Travaux de charpente ...)``.

    `most` are the characters of the code with its label.
    """
    code = say_code(guess, language)
    code = code if len(code) <= most else code[: most - 1].rstrip(" ,;:.-") + "…"
    return f"{', '.join(guess.terms[:_TERMS])} ({code})" if guess.terms else code


def say_estimate(guess: PredictedCpv, language: str, most: int = 200) -> str:
    """Say all of it in a line: ``CPV estimé, 83 % : toiture, zinguerie (45261 Travaux de charpente ...)``."""
    return f"{say_estimated(guess, language)}{_NAMES[spoken(language)][1]}{say_why(guess, language, most)}"
