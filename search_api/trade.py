"""Which CPV codes fit a trade: what the classifier says of it, what the official names say, and what stands near."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import log
from typing import Final, cast

from babel.numbers import format_percent

from indexer.classifier import ASSERTED, LIKELY, Guess, Verdict
from search_api.reference_api import codes_under
from tenders.codes import Cpv, find_cpv
from tenders.phrasing import LOCALES
from tenders.reference import cpv_labels, fold
from tenders.translations import N_, translator
from tenders.vocabulary import cpv_name, spoken

NAMED = 12  # codes found by their names
_BESIDE = 15  # neighbours of a kind
_WORDS = 12  # words of a text that are looked up
_COMMON = 300  # names with a word that says nothing about a trade, such as "pour"
_ENOUGH = 0.6  # of the best name's score
_WORD: Final = re.compile(r"\w+")
_VERY = 0.8  # from here on, "very likely"
_STEPS = (N_("not sure"), N_("possible"), N_("likely"), N_("very likely"))


@dataclass(frozen=True, slots=True)
class Choice:
    """A code to tick: its significant digits, its name, and for an estimated one how sure it is and by which words."""

    code: str
    name: str
    ticked: bool = False
    sure: str = ""
    terms: str = ""
    broader: tuple[Choice, ...] = ()
    narrower: tuple[Choice, ...] = ()
    beside: tuple[Choice, ...] = ()

    @property
    def has_neighbours(self) -> bool:
        """Whether any code stands near."""
        return bool(self.broader or self.narrower or self.beside)


@dataclass(frozen=True, slots=True)
class Choices:
    """All that is offered; a code stands once, where it is met first."""

    likely: tuple[Choice, ...] = ()
    finer: tuple[Choice, ...] = ()
    named: tuple[Choice, ...] = ()
    sure: bool = False

    @property
    def found(self) -> bool:
        """Whether there is anything to tick."""
        return bool(self.likely or self.finer or self.named)


def is_code(text: str) -> bool:
    """Whether a text is a code or its beginning, which needs no classifier."""
    return text.replace("-", "").replace(" ", "").isdigit()


def choose(text: str, verdict: Verdict | None, language: str) -> Choices:
    """Return the codes to choose from for a text; `verdict` is None for a code."""
    met: set[str] = set()
    guesses = _fresh(verdict.cpv, met) if verdict else []
    finer = _fresh(verdict.codes, met) if verdict and guesses else []
    likely_divisions = {one.code for one in verdict.divisions if one.probability >= LIKELY} if verdict else set()
    named = [code for code in find_named(text, language, likely_divisions) if code.prefix not in met]
    met |= {code.prefix for code in named}
    likely = tuple(_estimated(guess, language, met, ticked=guess.probability >= ASSERTED) for guess in guesses)
    return Choices(
        likely,
        tuple(_estimated(guess, language) for guess in finer),
        tuple(
            _choice(code, language, met if at == 0 and not likely else None, ticked=at == 0 and is_code(text))
            for at, code in enumerate(named)
        ),
        any(choice.ticked for choice in likely),
    )


def find_named(text: str, language: str, likely: Collection[str] = ()) -> list[Cpv]:
    """Return the codes that a code begins, or whose official names have the words of a text.

    Those of likely divisions come first, then those with the rarer words and the shorter names. A word that is no word
    of any name may be the beginning of one; a word of very many names, such as "pour", says nothing.
    """
    if is_code(text):
        return find_cpv(text, language, NAMED)
    index = _named_by(language)
    scores: Counter[Cpv] = Counter()
    for word in _stems(text)[:_WORDS]:
        codes = index.get(word, ())
        if len(codes) <= _COMMON:
            scores.update(dict.fromkeys(codes, round(1000 * log(_COMMON / len(codes) + 1)) if codes else 0))
    if not scores:
        return find_cpv(text, language, NAMED)
    enough = _ENOUGH * max(scores.values())
    found = [code for code, score in scores.items() if score >= enough]
    found.sort(key=lambda code: (code[:2] not in likely, -scores[code], len(_stems(code.label(language) or "")), code))
    return found[:NAMED]


@cache
def _named_by(language: str) -> Mapping[str, tuple[Cpv, ...]]:
    """Return the codes by each word of their names."""
    index: dict[str, list[Cpv]] = {}
    for code, label in cpv_labels(language).items():
        for word in _stems(label):
            index.setdefault(word, []).append(Cpv(code))
    return {word: tuple(codes) for word, codes in index.items()}


def _stems(text: str) -> list[str]:
    """Return the distinct words of a text, without accents or a plural's s or x."""
    words = (word for word in _WORD.findall(fold(text)) if len(word) > 2)
    return list(dict.fromkeys(word[:-1] if len(word) > 3 and word[-1] in "sx" else word for word in words))


def _fresh(guesses: Iterable[Guess], met: set[str]) -> list[Guess]:
    fresh = []
    for guess in guesses:
        code = Cpv.of(guess.code)
        if code.known and code.prefix not in met:
            met.add(code.prefix)
            fresh.append(guess)
    return fresh


def _estimated(guess: Guess, language: str, near: set[str] | None = None, *, ticked: bool = False) -> Choice:
    p = min(guess.probability, 0.99)  # nobody is that sure
    step = 3 if p >= _VERY else 2 if p >= ASSERTED else 1 if p >= LIKELY else 0
    percent = format_percent(p, locale=LOCALES[spoken(language)])
    return _choice(
        Cpv.of(guess.code),
        language,
        near,
        ticked=ticked,
        sure=f"{percent}, {translator(language).gettext(_STEPS[step])}",
        terms=", ".join(guess.terms),
    )


def _choice(
    code: Cpv,
    language: str,
    near: set[str] | None = None,
    *,
    ticked: bool = False,
    sure: str = "",
    terms: str = "",
) -> Choice:
    """Make a choice of a code, with its neighbours where the codes that were met are given; they are met then, too."""
    broader, narrower, beside = _neighbours(code, near) if near is not None else ((), (), ())
    return Choice(
        code.prefix,
        cpv_name(code.prefix, language),
        ticked,
        sure,
        terms,
        tuple(_choice(one, language) for one in broader),
        tuple(_choice(one, language) for one in narrower),
        tuple(_choice(one, language) for one in beside),
    )


def _neighbours(code: Cpv, met: set[str]) -> tuple[list[Cpv], list[Cpv], list[Cpv]]:
    parent = code.parent
    under = [cast("Cpv", one) for one in codes_under("cpv").get(code, [])]
    siblings = [cast("Cpv", one) for one in codes_under("cpv").get(parent, [])] if parent is not None else []

    def fresh(codes: list[Cpv]) -> list[Cpv]:
        found = [one for one in codes if one.prefix not in met][:_BESIDE]
        met.update(one.prefix for one in found)
        return found

    return fresh([parent] if parent is not None else []), fresh(under), fresh(siblings)
