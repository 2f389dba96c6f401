"""The spaCy component ``cpv_classifier``: any pipeline, blank or not, gets ``doc._.cpv``.

    nlp = spacy.blank("fr")
    nlp.add_pipe("cpv_classifier")
    nlp("Réfection de la toiture de l'école")._.cpv[0].code  # "45261"

What is known beside the text goes into ``doc._.cpv_subject`` (an `indexer.classifier.Subject`, whose title and
description then stand for the text), codes of the buyer into ``doc._.cpv_official``: these win.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from indexer.classifier import Guess, Subject
from indexer.cpv import artefact
from indexer.cpv.classify import BATCH, Terms, judge
from indexer.cpv.model import CpvModel
from tenders.codes import Cpv

FACTORY = artefact.COMPONENT

for name, default in (("cpv", ()), ("cpv_verdict", None), ("cpv_subject", None), ("cpv_official", ())):
    if not Doc.has_extension(name):
        Doc.set_extension(name, default=default)


@Language.factory(
    FACTORY, default_config={"model": None, "terms": "shown", "codes": True}, assigns=["doc._.cpv", "doc._.cpv_verdict"]
)
def make_component(nlp: Language, name: str, model: str | None, terms: str, codes: bool) -> CpvClassifier:  # noqa: ARG001
    """Make the component; `model` is a folder, by default the model that ships with it.

    `terms` are looked for of the codes that are "shown", of those "asserted", or of "none"."""
    return CpvClassifier(name, Path(model) if model else None, terms=Terms(terms), codes=codes)


class CpvClassifier:
    """Sets ``doc._.cpv``, ranked codes with probability, depth, provenance and terms, and ``doc._.cpv_verdict``.

    The model is read at the first text, so that a pipeline that is loaded from disk reads its own only.
    """

    def __init__(
        self, name: str = FACTORY, folder: Path | None = None, *, terms: Terms = Terms.SHOWN, codes: bool = True
    ) -> None:
        self.name = name
        self.folder = folder
        self.terms = terms
        self.codes = codes
        self._model: CpvModel | None = None

    @property
    def judging(self) -> CpvModel:
        """The model; raises `tenders.errors.Refused` where there is none or it is damaged.

        Not called `model`: spaCy takes a component that has one for a component that it trains.
        """
        if self._model is None:
            self._model = artefact.load(self.folder)
        return self._model

    def use(self, model: CpvModel) -> None:
        """Judge with a model that is read already."""
        self._model = model

    def __call__(self, doc: Doc) -> Doc:
        """Judge one text."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = BATCH) -> Iterator[Doc]:
        """Judge texts in batches."""
        for docs in minibatch(stream, size=batch_size):  # type: ignore[no-untyped-call]
            verdicts = judge(self.judging, [_subject(doc) for doc in docs], terms=self.terms, codes=self.codes)
            for doc, verdict in zip(docs, verdicts, strict=True):
                doc._.cpv_verdict = verdict
                doc._.cpv = _official(doc) or verdict.cpv
                yield doc

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:  # noqa: ARG002
        """Write the model beside the pipeline's configuration."""
        artefact.save(self.judging, Path(path))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> CpvClassifier:  # noqa: ARG002
        """Read the model from where `to_disk` wrote it."""
        self._model = artefact.load(Path(path))
        return self


def _subject(doc: Doc) -> Subject:
    given: Any = doc._.cpv_subject
    if isinstance(given, Subject):
        return given
    title, _, rest = doc.text.partition("\n")
    return Subject(title=title, description=rest.strip() or None)


def _official(doc: Doc) -> tuple[Guess, ...]:
    return tuple(Guess(Cpv(code).prefix, 1.0, "official") for code in doc._.cpv_official)
