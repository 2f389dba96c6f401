"""Training makes a model that has learned, keeps what is better and refuses what is worse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest
import spacy

from indexer.classifier import Subject
from indexer.cpv import artefact
from indexer.cpv.classify import judge
from indexer.cpv.learning.keeping import compare, keep, name_version
from indexer.cpv.learning.proving import prove
from indexer.cpv.learning.training import train
from indexer.cpv.pool import folds, training_rows
from tenders.model import Nature
from tests.indexer.cpv.learning.small import TRADES, corpus, model, prepared, titles


def test_the_model_has_learned_its_titles_and_what_is_like_them() -> None:
    verdicts = judge(model(), [Subject(title=title) for title, _ in titles()])
    right = [v.divisions[0].code == code[:2] for v, (_, code) in zip(verdicts, titles(), strict=True)]
    assert np.mean(right) > 0.95
    (roof, light) = judge(
        model(), [Subject(title="Réfection des tuiles du musée"), Subject(title="câblage et éclairage")]
    )
    assert roof.asserted and roof.asserted.code.startswith("45") and "tuiles" in roof.asserted.terms
    assert light.groups[0].code == "453"


def test_training_is_the_same_from_the_same_seed() -> None:
    kept = np.arange(len(corpus().pool))
    one, other = (train(prepared(), kept) for _ in range(2))
    assert np.array_equal(one.linear, other.linear)
    assert np.array_equal(one.nets[0].embeddings, other.nets[0].embeddings)
    assert not np.array_equal(one.nets[0].embeddings, one.nets[1].embeddings)


def test_nature_and_descriptors_are_evidence() -> None:
    plain, works, services = (
        judge(model(), [Subject(title="Marché de la mairie", nature=nature)])[0]
        for nature in (None, Nature.WORKS, Nature.SERVICES)
    )

    def of(verdict: object, code: str) -> float:
        return next((g.probability for g in verdict.divisions if g.code == code), 0.0)  # type: ignore[attr-defined]

    assert of(works, "45") > of(plain, "45") > of(services, "45")
    (filed,) = judge(model(), [Subject(title="Marché de la mairie", descriptors=("239",))])
    assert filed.divisions[0].code == "90" and filed.cpv[0].provenance == "descriptor"
    assert judge(model(), [Subject(title="Marché de la mairie", descriptors=("nonsense",))])[0] == plain


def test_each_fold_is_judged_by_a_model_that_never_saw_its_buyers() -> None:
    fold_of = folds(corpus().pool)
    tested = sorted(set(fold_of.tolist()))[:2]
    proof = prove(prepared(), tested)
    texts = sum((fold_of == number).sum() for number in tested)
    assert {view["texts"] for view in proof.report["views"].values()} == {texts}
    assert proof.blend.title[0] > 0 and proof.blend.deep > 0
    kept = training_rows(corpus().pool, fold_of, tested[0])
    assert not {corpus().pool[at].buyer for at in kept} & {
        row.buyer for row, number in zip(corpus().pool, fold_of.tolist(), strict=True) if number == tested[0]
    }


def _report(right: float, data: str = "folds 0 of 5") -> dict[str, object]:
    return {
        "format": 1,
        "version": "v",
        "data": data,
        "views": {"title": {"division": {"top1": right}}},
        "cost": {"texts_per_s": {}, "size_bytes": 0, "load_s": 0.0},
    }


def test_a_model_that_loses_is_refused(tmp_path: Path) -> None:
    assert keep(model(), _report(0.7), tmp_path) == ""
    place = tmp_path / artefact.COMPONENT
    written = (place / artefact.WEIGHTS).read_bytes()
    refusal = keep(replace(model(), version="worse"), _report(0.6), tmp_path)
    assert "60.00%" in refusal and "70.00%" in refusal
    assert (place / artefact.WEIGHTS).read_bytes() == written
    assert artefact.load(tmp_path).version == model().version
    assert keep(replace(model(), version="better"), _report(0.8), tmp_path) == ""
    assert artefact.load(tmp_path).version == "better"
    report = orjson.loads((place / "evaluation.json").read_bytes())
    assert report["cost"]["size_bytes"] == artefact.weigh(tmp_path) < 8_000_000
    assert spacy.load(tmp_path)("toiture et couverture")._.cpv


def test_figures_of_other_folds_are_not_compared() -> None:
    assert compare(_report(0.1), _report(0.9, "folds 0, 1 of 5")) == ""


def test_a_version_names_data_and_seed() -> None:
    one = name_version(corpus())
    assert one == name_version(corpus()) and len(one) == 12
    fewer = replace(corpus(), pool=corpus().pool[1:])
    assert len({one, name_version(corpus(), seed=1), name_version(fewer)}) == 3


def test_a_row_of_more_weight_teaches_more() -> None:
    base = corpus()
    wrong = replace(
        base.pool[0], title="tuiles du musée", description="", cpv_main=base.pool[-1].cpv_main, buyer="autre"
    )

    def roof(weight: float) -> float:
        from indexer.cpv.learning.prepared import prepare

        heavier = replace(base, pool=[wrong, *base.pool], weights=[weight])
        made = train(prepare(heavier), np.arange(len(heavier.pool)))
        (verdict,) = judge(made, [Subject(title="tuiles du musée")])
        return next((guess.probability for guess in verdict.divisions if guess.code == "45"), 0.0)

    assert roof(20.0) < roof(0.01)


@pytest.mark.parametrize("code", TRADES)
def test_every_trade_is_found_by_its_words(code: str) -> None:
    (verdict,) = judge(model(), [Subject(title=TRADES[code][0])])
    assert verdict.divisions[0].code == code[:2]
