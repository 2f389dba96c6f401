"""Hostile texts and true explanations: what every classifier promises, and that the checks see who breaks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from indexer.classifier import Classifier, Guess, Subject, Verdict
from tests.indexer.cpv.keywords import Keywords
from tests.indexer.cpv.promises import HOSTILE, check_order, check_verdict, explained, without

TITLES = [
    "Réfection de la toiture de l'école",
    "NETTOYAGE DES LOCAUX",
    "Fourniture de papier &amp; repas",
    "Assurance de l&#39;école",
    "Roof of the school",
    "Rien de tout cela",
]
SUBJECTS = [Subject(title=title) for title in TITLES]


@pytest.fixture(scope="module", params=[Keywords])
def classifier(request: pytest.FixtureRequest) -> Classifier:
    made: Classifier = request.param()
    return made


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_get_a_sound_verdict(classifier: Classifier, name: str) -> None:
    (verdict,) = classifier.classify([HOSTILE[name]])
    check_verdict(HOSTILE[name], verdict)


def test_hostile_texts_in_one_batch_do_not_spoil_each_other(classifier: Classifier) -> None:
    short = [subject for subject in HOSTILE.values() if len(subject.title) + len(subject.description or "") < 100_000]
    check_order(classifier, [*short, *SUBJECTS])


def test_two_hundred_lots_and_none(classifier: Classifier) -> None:
    lots = [replace(SUBJECTS[n % len(SUBJECTS)], description=f"Lot {n}") for n in range(200)]
    verdicts = classifier.classify(lots)
    assert len(verdicts) == 200
    for lot, verdict in zip(lots, verdicts, strict=True):
        check_verdict(lot, verdict)
    assert classifier.classify([]) == []


def test_explanations_are_true(classifier: Classifier) -> None:
    fallen, asked = explained(classifier, SUBJECTS)
    assert asked >= 5
    assert fallen >= 0.95 * asked


def test_without_takes_whole_words_only() -> None:
    subject = Subject(title="Toitures, toiture-terrasse : l&#39;Étanchéité de la\ntoiture", description="TOITURE")
    assert without(subject, ["toiture"]) == Subject(
        title="Toitures,  -terrasse : l'Étanchéité de la\n ", description=" "
    )
    assert without(subject, ["la toiture", "l'étanchéité"]).title == "Toitures, toiture-terrasse :   de  "
    assert without(subject, []) is subject


class Liar(Keywords):
    """Breaks one promise."""

    def __init__(self, change: dict[str, object]) -> None:
        super().__init__()
        self._change = change

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        return [replace(verdict, **self._change) for verdict in super().classify(subjects)]  # type: ignore[arg-type]


ROOF = Guess("45261", 0.9, terms=("toiture",))


@pytest.mark.parametrize(
    "change",
    [
        {"divisions": (Guess("45", 0.3), Guess("44", 0.5))},
        {"divisions": (Guess("45", 0.8), Guess("44", 0.7))},
        {"divisions": (Guess("45", 1.2),)},
        {"divisions": (Guess("99", 0.2),)},
        {"divisions": (Guess("450", 0.2),)},
        {"groups": (Guess("452", 0.2), Guess("452", 0.1))},
        {
            "codes": tuple(
                Guess(code, 0.1) for code in ("45100000", "45200000", "45300000", "45400000", "45500000", "45000000")
            )
        },
        {"asserted": Guess("45261", 0.4), "cpv": (Guess("45261", 0.4),)},
        {"asserted": ROOF, "cpv": (Guess("45", 0.95),)},
        {"cpv": (Guess("45261", 0.9, terms=("zinguerie",)),), "asserted": ROOF},
        {"asserted": None, "cpv": tuple(Guess(code, 0.2) for code in ("45", "44", "71", "50"))},
    ],
)
def test_the_check_sees_a_broken_promise(change: dict[str, object]) -> None:
    (verdict,) = Liar(change).classify([SUBJECTS[0]])
    with pytest.raises(AssertionError):
        check_verdict(SUBJECTS[0], verdict)


def test_the_check_sees_an_assertion_about_nothing() -> None:
    with pytest.raises(AssertionError):
        check_verdict(Subject(title=" ?"), Verdict(cpv=(Guess("45", 0.7),), asserted=Guess("45", 0.7)))


def test_the_check_sees_terms_that_do_not_matter() -> None:
    made_up = {"cpv": (Guess("45261", 0.9, terms=("réfection",)),), "codes": (Guess("45261", 0.9),)}
    assert explained(Liar(made_up), SUBJECTS[:1]) == (0, 1)
