"""What a classifier is asked and what it answers, whoever does it: CPV codes for a text whose buyer gave none.

Codes are significant digits without check digit, as `tenders.codes.Cpv.prefix` gives them: division ``45``, group
``452``, down to eight digits. Probabilities are calibrated: of what is given 0.8, four in five are right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from tenders.model import Nature

ASSERTED = 0.6  # a code is asserted from this probability on
LIKELY = 0.25  # a further division is named from this probability on
SUGGESTED = 3  # codes named where none is asserted


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is known of a notice or a lot: texts as published (HTML entities and lost characters included)."""

    title: str
    description: str | None = None
    language: str | None = None  # ISO 639-1; detected where absent
    nature: Nature | None = None
    descriptors: tuple[str, ...] = ()  # BOAMP's subject codes


@dataclass(frozen=True, slots=True)
class Guess:
    """A code, how probable it is, where it comes from (official, descriptor, model), the words of the text for it.

    `terms` are words and pairs of words as they stand in the text, the most telling first: without them the code is
    less probable.
    """

    code: str
    probability: float
    provenance: str = "model"
    terms: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """How many digits it says: 2 (division) to 8."""
        return len(self.code)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a text is about, the most probable first in every list.

    `cpv` is what people are shown, with terms: the asserted code and further likely divisions, or suggestions.
    `divisions`, `groups` and `codes` (eight digits) are the five best of their level, without terms.
    """

    cpv: tuple[Guess, ...] = ()
    divisions: tuple[Guess, ...] = ()
    groups: tuple[Guess, ...] = ()
    codes: tuple[Guess, ...] = ()
    asserted: Guess | None = None


class Classifier(Protocol):
    """Gives CPV codes. `version` names data, code and labels it was made of: another version may judge otherwise."""

    @property
    def version(self) -> str:
        """A short name without spaces, the same for the same model."""

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        """Judge texts, in their order; hostile or empty texts get a verdict without assertion, never an error."""


class Late:
    """A classifier that is opened when it is first asked: what has nothing to judge does not wait for it."""

    def __init__(self, open_: Callable[[], Classifier], version: Callable[[], str]) -> None:
        self._open = cache(open_)
        self._version = cache(version)

    @property
    def version(self) -> str:
        """See Classifier; it is known without opening."""
        return self._version()

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        """See Classifier."""
        return self._open().classify(subjects)
