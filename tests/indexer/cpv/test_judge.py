"""From probabilities to what is said."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.classifier import ASSERTED, Subject
from indexer.cpv.classify import Terms, judge, look
from indexer.cpv.explain import Question, chances, show
from indexer.cpv.judge import Branches, climb, decide, name_codes
from tests.indexer.cpv.learning.small import model, titles


def test_the_deepest_sure_code_is_asserted() -> None:
    verdict = decide(Branches({"45": 0.9, "452": 0.7, "4526": 0.65, "45261": 0.59, "90": 0.1}, {}))
    assert verdict.asserted and (verdict.asserted.code, verdict.asserted.probability) == ("4526", 0.65)
    assert verdict.cpv == (verdict.asserted,)


def test_further_likely_divisions_are_named_but_not_asserted() -> None:
    verdict = decide(Branches({"45": 0.62, "71": 0.3, "452": 0.4}, {}))
    assert [guess.code for guess in verdict.cpv] == ["45", "71"]
    assert verdict.asserted and verdict.asserted.code == "45"


def test_unsure_texts_get_three_suggestions() -> None:
    verdict = decide(Branches({"45": 0.4, "71": 0.3, "50": 0.2, "90": 0.1}, {}))
    assert verdict.asserted is None
    assert [guess.code for guess in verdict.cpv] == ["45", "71", "50"]


def test_five_codes_hold_as_much_as_five_can() -> None:
    ends = {"45": 0.1, "452": 0.2, "45261": 0.3, "4526121": 0.05, "4531": 0.15, "71": 0.1, "9091": 0.06, "33": 0.04}
    chosen = name_codes(Branches({}, ends))
    assert [guess.code for guess in chosen] == ["45261210", "45310000", "71000000", "90910000", "33000000"]
    assert chosen[0].probability == pytest.approx(0.65)


def test_probabilities_under_a_code_add_up() -> None:
    seen = look(model(), [Subject(title=title) for title, _ in titles()[::7]])
    divisions = model().divide(seen)
    assert np.allclose(divisions.sum(axis=1), 1, atol=1e-4)
    for branches, row in zip(climb(model(), seen), divisions.tolist(), strict=True):
        assert sum(branches.ends.values()) <= 1 + 1e-4
        for code, odd in branches.under.items():
            assert odd <= branches.under.get(code[:-1], row[model().divisions.index(code[:2])]) + 1e-5


def test_following_the_tree_down_and_up_agree() -> None:
    subjects = [Subject(title=title) for title, _ in titles()[::7]]
    seen = look(model(), subjects)
    for at, branches in enumerate(climb(model(), seen)):
        for code, odd in sorted(branches.under.items(), key=lambda item: -item[1])[:5]:
            assert chances(model(), seen, [Question(at, code)])[0] == pytest.approx(odd, rel=1e-3)


def test_a_text_without_letters_is_not_judged() -> None:
    for title in ("", "2021-045", "\x00", "\U0001f3d7"):
        (verdict,) = judge(model(), [Subject(title=title)])
        assert (verdict.cpv, verdict.asserted, verdict.divisions) == ((), None, ())


def test_terms_stand_as_published() -> None:
    title = "RÉFECTION des Tuiles &amp; de l&#39;Étanchéité"
    assert show(("refection", "tuiles", "etancheite", "absent"), title) == (
        "réfection",
        "Tuiles",
        "Étanchéité",
        "absent",
    )


def test_without_its_terms_a_code_is_less_probable() -> None:
    subjects = [Subject(title=title) for title, _ in titles()]
    named = 0
    for subject, verdict in zip(subjects, judge(model(), subjects), strict=True):
        for guess in verdict.cpv[:1]:
            words = [word for word in subject.title.split() if not any(term in word for term in guess.terms)]
            (bare,) = judge(model(), [Subject(title=" ".join(words))], terms=Terms.NONE)
            seen = look(model(), [Subject(title=" ".join(words))])
            left = chances(model(), seen, [Question(0, guess.code)])[0] if bare.divisions else 0.0
            assert not guess.terms or left < guess.probability
            named += bool(guess.terms)
    assert named >= 0.9 * len(subjects)


def test_what_is_asserted_is_sure() -> None:
    for verdict in judge(model(), [Subject(title=title) for title, _ in titles()]):
        assert verdict.asserted is None or verdict.asserted.probability >= ASSERTED
        assert [g.probability for g in verdict.codes] == sorted((g.probability for g in verdict.codes), reverse=True)
