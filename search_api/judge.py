"""The classifier as the service asks it: loaded at the first question, a turn at a time, off the loop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from anyio import CapacityLimiter, to_thread

from indexer.classifier import Classifier, Subject, Verdict
from tenders.errors import Unavailable

_MOST_WAITING = 20  # questions; more would wait longer than a reader does


def open_shipped() -> Classifier:
    """Load the classifier that ships with the service; it takes up to a second."""
    from indexer.cpv.pipeline import open_classifier  # type: ignore[import-not-found]

    return open_classifier()  # type: ignore[no-any-return]


class Judge:
    """Asks one classifier from many requests; `opened` gives it, and is asked once."""

    def __init__(self, opened: Callable[[], Classifier]) -> None:
        self._opened = opened
        self._classifier: Classifier | None = None
        self._loading = threading.Lock()
        self._asked = 0
        self._turns = CapacityLimiter(1)  # classifying is the processor's work: two at once would take twice as long

    async def judge(self, subjects: Sequence[Subject]) -> list[Verdict]:
        """Judge texts, in their order. Raises Unavailable where too many wait already."""
        if self._asked > _MOST_WAITING:
            raise Unavailable("too many texts wait for the classifier")
        self._asked += 1
        try:
            return await to_thread.run_sync(self._judge, subjects, limiter=self._turns)
        finally:
            self._asked -= 1

    def _judge(self, subjects: Sequence[Subject]) -> list[Verdict]:
        with self._loading:
            if self._classifier is None:
                self._classifier = self._opened()
        return self._classifier.classify(subjects)
