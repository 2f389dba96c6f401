"""The classifier of the service: texts go through spaCy pipelines, one a language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from threadpoolctl import ThreadpoolController

from indexer.classifier import Subject, Verdict
from indexer.cpv import artefact
from indexer.cpv.classify import BATCH, Terms
from indexer.cpv.component import FACTORY, CpvClassifier
from indexer.cpv.language import LANGUAGES, UNKNOWN, detect


class Pipelines:
    """A `Classifier`: blank pipelines by language, made at the first text of each, around one model."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        terms: Terms = Terms.SHOWN,
        codes: bool = True,
        languages: Sequence[str] = LANGUAGES,
    ) -> None:
        self._model = artefact.load(folder)
        self._arithmetic = ThreadpoolController()
        self._languages = languages
        self._config = {"terms": terms.value, "codes": codes}
        self._pipelines: dict[str, Language] = {}

    @property
    def version(self) -> str:
        """The model's version."""
        return self._model.version

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        """Judge texts, in their order."""
        # Matrices this small are multiplied as fast by one thread: others would only wait, at as much processor time.
        with self._arithmetic.limit(limits=1, user_api="blas"):
            return self._classify(subjects)

    def _classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        by_language: defaultdict[str, list[int]] = defaultdict(list)
        told = [subject if subject.language else replace(subject, language=_detected(subject)) for subject in subjects]
        for at, subject in enumerate(told):
            said = subject.language or UNKNOWN
            by_language[said if said in self._languages else UNKNOWN].append(at)
        verdicts: list[Verdict] = [Verdict()] * len(subjects)
        for language, places in by_language.items():
            nlp = self._pipeline(language)
            docs = (_document(nlp, told[at]) for at in places)
            for at, doc in zip(places, nlp.pipe(docs, batch_size=BATCH), strict=True):
                verdicts[at] = doc._.cpv_verdict
        return verdicts

    def _pipeline(self, language: str) -> Language:
        if language not in self._pipelines:
            nlp = spacy.blank(language)
            component = nlp.add_pipe(FACTORY, config=self._config)
            assert isinstance(component, CpvClassifier)
            component.use(self._model)
            self._pipelines[language] = nlp
        return self._pipelines[language]


def _document(nlp: Language, subject: Subject) -> Doc:
    """Return a document without tokens: the component reads the subject, and a vocabulary would grow for ever."""
    doc = Doc(nlp.vocab)
    doc._.cpv_subject = subject
    return doc


def _detected(subject: Subject) -> str | None:
    found = detect(f"{subject.title} {subject.description or ''}")
    return None if found == UNKNOWN else found


def open_classifier(folder: Path | None = None, *, quick: bool = False) -> Pipelines:
    """Return the classifier of a model's folder, by default of the model that ships.

    A `quick` one finds terms of asserted codes only, unchecked, and names only divisions beside: what tenders keep. Its
    one pipeline is of no language, because the rules of French alone take two seconds to load, at every start.
    """
    return Pipelines(folder, terms=Terms.ASSERTED, codes=False, languages=()) if quick else Pipelines(folder)
