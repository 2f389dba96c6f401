"""The classifier as the service asks it: loaded at the first question, a turn at a time, off the loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from anyio import CapacityLimiter, to_thread

from indexer.classifier import Classifier, Subject, Verdict
from tenders.errors import TendersError, Unavailable

_MOST_WAITING = 20  # questions; more would wait longer than a reader does


def open_shipped() -> Classifier:
    """Load the classifier that ships with the service; it takes up to a second."""
    from indexer.cpv.pipeline import open_classifier

    return open_classifier()


class Judge:
    """Asks one classifier from many requests; `opened` gives it, and is asked until it does."""

    def __init__(self, opened: Callable[[], Classifier]) -> None:
        self._opened = cache(opened)
        self._asked = 0
        self._turns = CapacityLimiter(1)  # classifying is the processor's work: two at once would take twice as long

    async def judge(self, subjects: Sequence[Subject]) -> list[Verdict]:
        """Judge texts, in their order. Raises Unavailable where too many wait already, or nothing can be loaded."""
        if self._asked > _MOST_WAITING:
            raise Unavailable("too many texts wait for the classifier")
        self._asked += 1
        try:
            return await to_thread.run_sync(self._judge, subjects, limiter=self._turns)
        finally:
            self._asked -= 1

    def _judge(self, subjects: Sequence[Subject]) -> list[Verdict]:
        try:
            classifier = self._opened()
        except TendersError as problem:  # only an operator can mend it; everything else goes on
            raise Unavailable(f"the classifier cannot be opened: {problem}") from problem
        return classifier.classify(subjects)
