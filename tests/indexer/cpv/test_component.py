"""The component in anybody's spaCy pipeline, on disk and back, and the service's own pipelines."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from indexer.classifier import Subject
from indexer.cpv import artefact
from indexer.cpv.classify import judge
from indexer.cpv.component import CpvClassifier
from indexer.cpv.language import LANGUAGES, UNKNOWN, detect
from indexer.cpv.pipeline import open_classifier
from tenders.model import Nature
from tests.indexer.cpv.learning.small import model, titles


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("model")
    artefact.save(model(), made)
    return made


@pytest.mark.parametrize("language", [*LANGUAGES, UNKNOWN])
def test_any_language_takes_it(folder: Path, language: str) -> None:
    nlp = spacy.blank(language)
    nlp.add_pipe("cpv_classifier", config={"model": str(folder)})
    doc = nlp("toiture et couverture en tuiles")
    best = doc._.cpv[0]
    assert best.code.startswith("45") and best.depth == len(best.code) and best.provenance == "model"
    assert doc._.cpv_verdict.asserted == best and "toiture" in best.terms


def test_batches_say_what_single_texts_say(folder: Path) -> None:
    nlp = spacy.blank("fr")
    nlp.add_pipe("cpv_classifier", config={"model": str(folder)})
    texts = [title for title, _ in titles()]
    together = [doc._.cpv for doc in nlp.pipe(texts, batch_size=7)]
    for one, other in zip(together, (nlp(text)._.cpv for text in texts), strict=True):
        assert [(g.code, g.terms) for g in one] == [(g.code, g.terms) for g in other]
        assert [g.probability for g in one] == pytest.approx([g.probability for g in other], abs=2e-4)


def test_a_pipeline_on_disk_carries_its_model(folder: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("fr")
    nlp.add_pipe("cpv_classifier", config={"model": str(folder)})
    expected = nlp("nettoyage et vitrerie du gymnase")._.cpv
    nlp.to_disk(tmp_path)
    assert (tmp_path / "cpv_classifier" / artefact.WEIGHTS).exists()
    back = spacy.load(tmp_path)
    assert [g.code for g in back("nettoyage et vitrerie du gymnase")._.cpv] == [g.code for g in expected]


def test_a_damaged_model_is_one_clear_line(folder: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("fr")
    nlp.add_pipe("cpv_classifier", config={"model": str(tmp_path / "nowhere")})
    with pytest.raises(Exception, match="holds no CPV model") as refused:
        nlp("toiture")
    assert "\n" not in str(refused.value)
    assert folder.exists()


def test_title_and_description_are_the_first_line_and_the_rest(folder: Path) -> None:
    nlp = spacy.blank("fr")
    nlp.add_pipe("cpv_classifier", config={"model": str(folder)})
    text = "Marché de la mairie\nRéfection de la toiture et de la zinguerie"
    title, _, description = text.partition("\n")
    assert nlp(text)._.cpv == judge(artefact.load(folder), [Subject(title=title, description=description)])[0].cpv


def test_what_is_known_beside_the_text_counts(folder: Path) -> None:
    nlp = spacy.blank("fr")
    component = nlp.add_pipe("cpv_classifier", config={"model": str(folder)})
    assert isinstance(component, CpvClassifier)
    doc = nlp.make_doc("anything")
    doc._.cpv_subject = Subject(title="Marché de la mairie", nature=Nature.WORKS)
    assert component(doc)._.cpv_verdict.divisions[0].code == "45"


def test_codes_of_the_buyer_win(folder: Path) -> None:
    nlp = spacy.blank("fr")
    component = nlp.add_pipe("cpv_classifier", config={"model": str(folder)})
    doc = nlp.make_doc("toiture")
    doc._.cpv_official = ("33600000",)
    assert [(g.code, g.probability, g.provenance) for g in component(doc)._.cpv] == [("336", 1.0, "official")]  # type: ignore[operator]
    assert doc._.cpv_verdict.divisions[0].code == "45"


def test_the_service_judges_mixed_languages_in_order(folder: Path) -> None:
    subjects = [
        Subject(title=title, language=("fr", "de", None, "tlh")[at % 4]) for at, (title, _) in enumerate(titles())
    ]
    assert open_classifier(folder).classify(subjects) == judge(artefact.load(folder), subjects)
    assert open_classifier(folder).classify([]) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Dachdeckerarbeiten an der Grundschule", "de"),
        ("Travaux de réfection de la toiture", "fr"),
        ("Suministro de equipos informáticos", "es"),
        ("Usługi sprzątania budynków", "pl"),
        ("2021-045", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_the_language_is_found(text: str, language: str) -> None:
    assert detect(text) == language
