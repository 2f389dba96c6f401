"""Predicted codes as JSON and in words."""

from __future__ import annotations

import orjson
import pytest

from tenders.codes import Cpv
from tenders.model import PredictedCpv
from tenders.predictions import best_asserted, from_json, say_estimate, say_probability, to_json

ROOF = PredictedCpv(code=Cpv("45261000"), probability=0.8312, terms=("toiture", "zinguerie", "tuiles", "faîtage"))


def test_what_is_written_is_read_back() -> None:
    predicted = (ROOF, PredictedCpv(code=Cpv("39000000"), probability=0.4, asserted=False, lot="LOT-2"))
    assert from_json(orjson.loads(orjson.dumps(to_json(predicted)))) == predicted


def test_an_estimate_is_said_as_one_with_its_words_and_as_deep_as_it_goes() -> None:
    assert say_estimate(ROOF, "fr", 18) == (
        "CPV estimé, 83\u00a0%\u00a0: toiture, zinguerie, tuiles (45261 Travaux de…)"
    )
    assert say_estimate(ROOF, "en").startswith("Estimated CPV, 83\u00a0%: toiture, zinguerie, tuiles (45261 ")
    bare = PredictedCpv(code=Cpv("45000000"), probability=0.61)
    assert say_estimate(bare, "fr") == "CPV estimé, 61\u00a0%\u00a0: 45 Travaux de construction"


@pytest.mark.parametrize(("probability", "said"), [(0.9999, "99\u00a0%"), (1.0, "99\u00a0%"), (0.004, "0\u00a0%")])
def test_nothing_is_ever_sure(probability: float, said: str) -> None:
    assert say_probability(PredictedCpv(code=ROOF.code, probability=probability)) == said


def test_a_line_shows_what_is_asserted_of_the_whole_else_of_a_lot() -> None:
    whole = PredictedCpv(code=Cpv("45000000"), probability=0.61)
    lot = PredictedCpv(code=Cpv("44000000"), probability=0.95, lot="1")
    possible = PredictedCpv(code=Cpv("30000000"), probability=0.99, asserted=False)
    assert best_asserted((possible, lot, whole, ROOF)) == ROOF
    assert best_asserted((possible, lot)) == lot
    assert best_asserted((possible,)) is None
