"""The classifier that ships, opened when it is first asked: no command waits for what it does not need."""

from __future__ import annotations

from indexer.classifier import Classifier, Late


def shipped_classifier() -> Classifier:
    """Return the classifier of the service; opening it takes about a second, its first question pays that."""

    def opened() -> Classifier:
        from indexer.cpv.pipeline import open_classifier

        return open_classifier(quick=True)

    def version() -> str:
        from indexer.cpv.artefact import read_version

        return read_version()

    return Late(opened, version)
