"""What every classifier promises, whatever it is made of, as checks that a test calls."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

import pytest

from indexer.analysis import words
from indexer.classifier import ASSERTED, LIKELY, SUGGESTED, Classifier, Guess, Subject, Verdict
from tenders.model import Nature
from tenders.reference import cpv_prefixes

_ROOF = "Réfection de la toiture de l'école"
_MANY = " ".join(f"mot{n}" for n in range(120_000))

HOSTILE = {
    "empty": Subject(title=""),
    "blank": Subject(title=" \t\n\u00a0\u2003", description="\r\n"),
    "1 MB of one word": Subject(title="toiture " * 131_072),
    "1 MB of many words": Subject(title="Toiture", description=_MANY, language="fr"),
    "1 MB without a space": Subject(title="a" * 1_048_576),
    "1 MB of markup": Subject(title="Toiture", description="<div>" * 209_716),
    "entities in entities": Subject(
        title="&amp;" * 1_000 + "&" + "amp;" * 10_000 + "eacute; &#xD800; &#0; &#99999999999;"
    ),
    "control characters": Subject(title="".join(map(chr, range(32))) + "toi\x00ture\x7f\x85\u202e\u2066\ufeff"),
    "lone surrogates": Subject(title="toiture \ud800 \udfff", description="\udc80"),
    "lost characters": Subject(title="r\ufffdfection de la toiture de l'\ufffdcole", language="fr"),
    "emoji": Subject(title="🏗️🏠👷🏽‍♀️ 🇫🇷", description="🔥" * 5_000),
    "accents without end": Subject(title="toiture" + "\u0301" * 50_000),
    "numbers": Subject(title="2026-001 12.500,00 € 45261000-4"),
    "punctuation": Subject(title="?!;:…«»—/\\|[]{}()*&^%$#@" * 100),
    "mixed languages": Subject(title="Toiture roof Dach tetto techo крыша στέγη 屋根 سقف", language="fr"),
    "another language than it says": Subject(title="Dachdeckerarbeiten an der Grundschule", language="fr"),
    "unknown language": Subject(title=_ROOF, language="xx"),
    "no language": Subject(title=_ROOF, language=""),
    "a language of three letters": Subject(title=_ROOF, language="fra"),
    "letters of no alphabet we know": Subject(title="ⵜⴰⵣⵇⵇⴰ ᐃᓪᓗ ကမ္ဘာ"),
    "unknown descriptors": Subject(title=_ROOF, descriptors=("", "toiture", "999999", "-1", "\x00") * 100),
    "everything at once": Subject(title=_ROOF, description=_ROOF * 3, language="fr", nature=Nature.WORKS),
    "a text that commands": Subject(title="{{ 7*7 }} %s %n ${x} '; DROP TABLE cpv; -- </script>"),
}


def check_verdict(subject: Subject, verdict: Verdict) -> None:
    """Fail unless a verdict is well formed: codes of CPV 2008, probabilities in order, terms out of the text."""
    for guesses, digits in ((verdict.divisions, 2), (verdict.groups, 3), (verdict.codes, 8)):
        assert len(guesses) <= 5
        assert all(len(guess.code) == digits for guess in guesses)
    for guesses in (verdict.cpv, verdict.divisions, verdict.groups, verdict.codes):
        codes, probabilities = [guess.code for guess in guesses], [guess.probability for guess in guesses]
        assert all(code[:2] + code[2:].rstrip("0") in cpv_prefixes() for code in codes)
        assert len(set(codes)) == len(codes)
        assert all(0 <= probability <= 1 for probability in probabilities)
    for guesses in (verdict.divisions, verdict.groups, verdict.codes):
        assert [guess.probability for guess in guesses] == sorted((g.probability for g in guesses), reverse=True)
    assert sum(guess.probability for guess in verdict.divisions) <= 1 + 1e-6
    if verdict.asserted is None:
        assert len(verdict.cpv) <= SUGGESTED
    else:
        assert verdict.asserted.probability >= ASSERTED
        assert verdict.cpv[0].code == verdict.asserted.code
        assert all(guess.probability >= LIKELY for guess in verdict.cpv)
    text = set(words(plain(subject)))
    for guess in verdict.cpv:
        assert all(set(words(term)) <= text for term in guess.terms), guess
    if not text:
        assert verdict.asserted is None


def plain(subject: Subject) -> str:
    """Return what a reader sees of a subject's texts."""
    return html.unescape(html.unescape(f"{subject.title} {subject.description or ''}"))


def check_order(classifier: Classifier, subjects: Sequence[Subject]) -> None:
    """Fail unless a text is judged the same alone, in company and in another order."""
    together = classifier.classify(subjects)
    backwards = classifier.classify(subjects[::-1])[::-1]
    for subject, one, other in zip(subjects, together, backwards, strict=True):
        (alone,) = classifier.classify([subject])
        for verdict in (other, alone):
            assert [g.code for g in verdict.divisions] == [g.code for g in one.divisions], subject
            assert [g.probability for g in verdict.divisions] == pytest.approx(
                [g.probability for g in one.divisions], abs=1e-4
            )


def explained(classifier: Classifier, subjects: Sequence[Subject]) -> tuple[int, int]:
    """Return of how many explained codes the probability falls without their terms, and how many were explained.

    Every code shown with terms counts; one that is not even named any more has fallen.
    """
    asked = [
        (guess, shorter)
        for subject, verdict in zip(subjects, classifier.classify(subjects), strict=True)
        for guess in verdict.cpv
        if guess.terms and (shorter := without(subject, guess.terms)) != subject
    ]
    after = classifier.classify([shorter for _, shorter in asked])
    fallen = sum(
        _probability(guess, verdict) < guess.probability for (guess, _), verdict in zip(asked, after, strict=True)
    )
    return fallen, len(asked)


def without(subject: Subject, terms: Sequence[str]) -> Subject:
    """Return a subject without these terms, wherever they stand as whole words."""
    patterns = [r"[\W_]+".join(map(re.escape, re.findall(r"[^\W_]+", term))) for term in terms]
    longest_first = sorted(filter(None, patterns), key=len, reverse=True)
    if not longest_first:
        return subject
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(longest_first)})(?![^\W_])", re.IGNORECASE)

    def cut(text: str) -> str:
        return pattern.sub(" ", html.unescape(html.unescape(text)))

    return Subject(
        title=cut(subject.title),
        description=None if subject.description is None else cut(subject.description),
        language=subject.language,
        nature=subject.nature,
        descriptors=subject.descriptors,
    )


def _probability(guess: Guess, verdict: Verdict) -> float:
    named = (*verdict.cpv, *verdict.divisions, *verdict.groups, *verdict.codes)
    return max((other.probability for other in named if other.code == guess.code), default=0.0)
