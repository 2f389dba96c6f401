"""Whose texts a classifier is asked about, and what a tender keeps of its verdicts."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.classifier import Guess, Late, Subject, Verdict
from indexer.judging import judge
from indexer.merge import merge
from tenders.codes import Cpv
from tenders.model import Lot, Nature, PredictedCpv, Tender
from tests.indexer.cpv.keywords import Keywords
from tests.notices import notice


def tender(title: str = "Réfection de la toiture", **said: Any) -> Tender:
    return merge([notice("26-1", title, **said)])


def predicted(one: Tender) -> list[tuple[str, float, bool, str | None]]:
    return [(guess.code.prefix, guess.probability, guess.asserted, guess.lot) for guess in one.cpv_predicted]


def test_a_tender_is_judged_by_all_that_is_known_of_it() -> None:
    classifier = Keywords()
    one = tender(description="Zinguerie comprise", nature=Nature.WORKS, descriptors=("74", "118"), language="fr")
    (judged,) = judge([one], classifier)
    assert classifier.asked == [
        [
            Subject(
                title="Réfection de la toiture",
                description="Zinguerie comprise",
                language="fr",
                nature=Nature.WORKS,
                descriptors=("74", "118"),
            )
        ]
    ]
    assert judged.cpv_predicted == (
        PredictedCpv(code=Cpv("45261000"), probability=0.83, terms=("toiture", "zinguerie"), asserted=True, lot=None),
    )
    assert judged.classifier == "words-1"


@pytest.mark.parametrize(
    "coded",
    [{"cpv": (Cpv("30197000"),)}, {"lots": (Lot(id="1", title="Toiture"), Lot(id="2", cpv=(Cpv("45261000"),)))}],
)
def test_a_code_of_the_buyer_anywhere_leaves_nothing_to_predict(coded: dict[str, Any]) -> None:
    def never() -> Keywords:
        raise AssertionError("opened for nothing")

    (judged,) = judge([tender(**coded)], Late(never, lambda: "1"))
    assert (judged.cpv_predicted, judged.classifier) == ((), None)


def test_a_lot_with_a_text_of_its_own_is_judged_apart() -> None:
    lots = (
        Lot(id="LOT-1", title="Peinture", description="Peinture des murs"),
        Lot(id="LOT-2", title="RÉFECTION DE LA TOITURE", description="Chantier en site occupé"),  # as the whole
        Lot(id="LOT-3", description="Fourniture de papier"),
        Lot(id="LOT-4"),
    )
    classifier = Keywords()
    one = tender(description="Chantier en site occupé", lots=lots, descriptors=("74",), nature=Nature.WORKS)
    (judged,) = judge([one], classifier)
    assert predicted(judged) == [
        ("45261", 0.83, True, None),
        ("4544", 0.91, True, "LOT-1"),
        ("30197", 0.72, True, "LOT-3"),
    ]
    assert [subject.title for subject in classifier.asked[0][1:]] == ["Peinture", "Fourniture de papier"]
    assert all(s.nature is Nature.WORKS and not s.descriptors and s.language == "fr" for s in classifier.asked[0][1:])
    assert [code.prefix for code in judged.cpv_any] == ["45261", "4544", "30197"]


@pytest.mark.parametrize("title", ["Lot 1", "LOT N°2", "Lot unique", "Lot n° 3 b", "-", "Tranche ferme", "lot no 12"])
def test_a_lot_that_says_only_its_number_is_not_judged(title: str) -> None:
    classifier = Keywords()
    judge([tender(lots=(Lot(id="1", title=title), Lot(id="2", title=f"{title} : peinture")))], classifier)
    assert [subject.title for subject in classifier.asked[0][1:]] == [f"{title} : peinture"]


def test_what_is_not_asserted_is_kept_as_a_suggestion() -> None:
    (judged,) = judge([tender("Mobilier et nettoyage")], Keywords())
    assert predicted(judged) == [("39", 0.41, False, None), ("909", 0.3, False, None)]
    assert judged.cpv_any == ()


def test_several_codes_are_asserted_where_several_are_sure() -> None:
    (judged,) = judge([tender("Peinture, toiture et mobilier")], Keywords())
    assert predicted(judged) == [("4544", 0.91, True, None), ("45261", 0.83, True, None), ("39", 0.41, False, None)]


def test_the_words_of_the_shown_guess_are_kept_and_nothing_is_said_twice() -> None:
    class Terse(Keywords):
        def classify(self, subjects: Any) -> list[Verdict]:
            said = Guess("45261", 0.83, "model", ("toiture",))
            return [Verdict(cpv=(said,), asserted=Guess("45261", 0.83)) for _ in subjects]

    (judged,) = judge([tender()], Terse())
    assert [(guess.code.prefix, guess.terms) for guess in judged.cpv_predicted] == [("45261", ("toiture",))]


def test_equal_texts_are_asked_once_and_all_in_one_go() -> None:
    classifier = Keywords()
    many = [merge([notice(f"26-{n}", f"Peinture, tranche {n % 3}")]) for n in range(30)]
    judged = judge(many, classifier)
    assert [len(batch) for batch in classifier.asked] == [3]
    assert [t.id for t in judged] == [t.id for t in many]
    assert {predicted(one)[0] for one in judged} == {("4544", 0.91, True, None)}


def test_without_a_classifier_nothing_is_predicted() -> None:
    (judged,) = judge([tender()], None)
    assert (judged.cpv_predicted, judged.classifier) == ((), None)


def test_a_late_classifier_is_opened_once() -> None:
    opened: list[Keywords] = []

    def open_one() -> Keywords:
        opened.append(Keywords())
        return opened[-1]

    late = Late(open_one, lambda: "words-1")
    assert late.version == "words-1" and not opened
    judge([tender()], late)
    assert len(opened) == 1
