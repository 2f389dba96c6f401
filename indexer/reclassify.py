"""Let the classifier of today judge what another one judged: in the background, in batches, telling nobody.

A batch is judged outside the store's writing lock; a tender that a notice writes meanwhile is left as that wrote it.
What is done is done batch by batch: after a crash, run it again.
"""

from __future__ import annotations

from datetime import UTC, datetime

from indexer.classifier import Classifier
from indexer.filling import Progress, say_nothing
from indexer.judging import judge
from tenders.store.database import Store
from tenders.store.predictions import due_predictions, write_predictions
from tenders.store.tenders import load_tenders

BATCH = 500  # tenders a transaction


def reclassify(store: Store, classifier: Classifier, progress: Progress = say_nothing, most: int | None = None) -> int:
    """Judge tenders whose codes another classifier predicted, or none did yet; returns how many were written.

    The index follows by the next build. At most `most` tenders are looked at, all where it is None.
    """
    written = looked = 0
    while most is None or looked < most:
        with store.reading() as connection:
            limit = BATCH if most is None else min(BATCH, most - looked)
            due = load_tenders(connection, due_predictions(connection, classifier.version, limit))
        if not due:
            break
        judged = judge(list(due.values()), classifier)
        with store.writing() as connection:
            done = write_predictions(connection, judged, at=datetime.now(UTC))
        looked += len(due)
        written += done
        progress("reclassified", done)
    return written
