"""A classifier that has half of each large batch judged by a process beside: on two processors, in half the time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final, Self

from indexer.classifier import Classifier, Subject, Verdict

LEAST: Final = 400  # subjects: fewer are judged sooner than the other process has them


class Halved:
    """A `Classifier` of two processes; the second starts at the first large batch and ends with the block.

    Verdicts and their order are those of `open_`'s classifier, which each process opens for itself. Where only one
    processor may be used, or the second process is lost, this one does all.
    """

    def __init__(self, open_: Callable[[], Classifier]) -> None:
        self._open = open_
        self._own = open_()
        self._alone = len(os.sched_getaffinity(0)) < 2
        self._second: tuple[BaseProcess, Connection] | None = None

    @property
    def version(self) -> str:
        """See Classifier."""
        return self._own.version

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        """See Classifier."""
        if self._alone or len(subjects) < LEAST:
            return self._own.classify(subjects)
        half = len(subjects) // 2
        try:
            _, line = self._second = self._second or _start(self._open)
            line.send(subjects[half:])
            first = self._own.classify(subjects[:half])
            rest: list[Verdict] = line.recv()
            return first + rest
        except (EOFError, OSError):
            self._alone = True
            return self._own.classify(subjects)

    def __enter__(self) -> Self:
        """Hold the second process for a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the second process end: it does so when nobody can ask it any more."""
        if self._second is not None:
            process, line = self._second
            line.close()
            process.join()


def _start(open_: Callable[[], Classifier]) -> tuple[BaseProcess, Connection]:
    context = get_context("spawn")  # a fork would take the store's and the engine's threads for its own
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(theirs, open_), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _answer(line: Connection, open_: Callable[[], Classifier]) -> None:
    classifier = open_()
    while True:
        try:
            subjects = line.recv()
        except EOFError:  # also where the first process was killed
            return
        line.send(classifier.classify(subjects))
