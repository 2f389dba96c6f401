"""The model that ships: its promises, its trades, its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import spacy

from indexer.classifier import Classifier, Subject, Verdict
from indexer.cpv import artefact
from indexer.cpv.measuring.evaluation import read_report
from indexer.cpv.pipeline import open_classifier
from indexer.cpv.pool import read_pool
from tenders.model import Nature
from tests.indexer.cpv.promises import HOSTILE, check_order, check_verdict, explained

TRADES = {
    "Réfection de la toiture de l'école": "45",
    "RENOVATION DE LA COUVERTURE ET ZINGUERIE DU GYMNASE": "45",
    "je pose des fenêtres": "45",
    "Nettoyage des locaux et de la vitrerie": "90",
    "Fourniture de denrées alimentaires pour la cuisine centrale": "15",
    "Mission de maîtrise d'œuvre pour la construction d'une crèche": "71",
    "Assurance dommages aux biens": "66",
    "Entretien des espaces verts": "77",
    "Transport scolaire": "60",
    "Fourniture de médicaments": "33",
    "Achat de véhicules utilitaires": "34",
    "Collecte des ordures ménagères": "90",
    "Maintenance des ascenseurs": "50",
    "Hébergement et infogérance du système d'information": "72",
    "Dachdeckerarbeiten an der Grundschule": "45",
    "Suministro de material informático": "30",
    "Usługi sprzątania budynków": "90",
    "Legal advisory services": "79",
}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return open_classifier()


@pytest.mark.parametrize("title", TRADES)
def test_a_trade_is_known_by_its_words(classifier: Classifier, title: str) -> None:
    (verdict,) = classifier.classify([Subject(title=title)])
    assert TRADES[title] in [guess.code for guess in verdict.divisions[:2]]
    assert verdict.cpv[0].terms


def test_most_trades_are_first_and_asserted(classifier: Classifier) -> None:
    verdicts = classifier.classify([Subject(title=title) for title in TRADES])
    first = [v.divisions[0].code == code for v, code in zip(verdicts, TRADES.values(), strict=True)]
    asserted = [v.asserted for v in verdicts]
    right = [bool(a and a.code.startswith(code)) for a, code in zip(asserted, TRADES.values(), strict=True)]
    assert sum(first) >= 0.85 * len(TRADES) and sum(right) >= 0.6 * len(TRADES)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_get_a_sound_verdict(classifier: Classifier, name: str) -> None:
    (verdict,) = classifier.classify([HOSTILE[name]])
    check_verdict(HOSTILE[name], verdict)


def test_texts_are_judged_the_same_alone_and_in_company(classifier: Classifier) -> None:
    short = [s for s in HOSTILE.values() if len(s.title) + len(s.description or "") < 100_000]
    check_order(classifier, [*short, *(Subject(title=title) for title in TRADES)])


def test_two_hundred_lots(classifier: Classifier) -> None:
    titles = list(TRADES)
    lots = [Subject(title=titles[n % len(titles)], description=f"Lot {n}") for n in range(200)]
    for lot, verdict in zip(lots, classifier.classify(lots), strict=True):
        check_verdict(lot, verdict)


def test_nature_and_descriptors_move_it(classifier: Classifier) -> None:
    plain = Subject(title="Chauffage de la mairie")
    asked: Sequence[Subject] = [replace(plain, nature=nature) for nature in Nature]
    divisions = {v.divisions[0].code for v in classifier.classify(asked)}
    assert len(divisions) > 1
    town = replace(plain, title="Marché de la mairie")
    bare, filed = classifier.classify([town, replace(town, descriptors=("239",))])

    def cleaning(verdict: Verdict) -> float:
        return next((guess.probability for guess in verdict.divisions if guess.code == "90"), 0.0)

    assert cleaning(filed) > 2 * cleaning(bare)


def test_it_is_small_and_safe() -> None:
    files = {path.name for path in artefact.SHIPPED.rglob("*") if path.is_file()}
    assert (
        sum(path.stat().st_size for path in artefact.SHIPPED.rglob("*") if path.name != "evaluation.json") <= 8_000_000
    )
    assert files >= {artefact.CONFIG, artefact.WEIGHTS, "evaluation.json", "config.cfg"}
    assert artefact.load().version == artefact.read_version()


def test_its_report_is_of_it_and_of_the_folds() -> None:
    report = read_report(artefact.home(artefact.SHIPPED))
    assert report["version"] == artefact.read_version()
    title = report["views"]["title and nature"]
    assert title["texts"] > 5000 and title["division"]["top1"] > 0.6 and title["calibration"]["error"] < 0.06


def test_any_spacy_user_can_load_it() -> None:
    doc = spacy.load(artefact.SHIPPED)("Réfection de la toiture")
    assert doc._.cpv[0].code.startswith("45") and doc._.cpv[0].terms


@pytest.mark.real
def test_explanations_are_true(classifier: Classifier, real_data: Path) -> None:
    rows = read_pool(real_data / "cpv" / "train_pool.jsonl.gz")[::28][:500]
    subjects = [Subject(title=row.title, description=row.description or None, language=row.lang) for row in rows]
    fallen, asked = explained(classifier, subjects)
    assert asked >= 500 and fallen >= 0.95 * asked
