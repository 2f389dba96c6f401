"""The codes predicted for tenders: whose are due to be judged, by which classifier, and writing what it says.

Such a write is no notice's doing: `version` rises, so that the index follows; `arrival`, `noticed`, `seq` and
`revision` stay, so that nobody is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import Connection, select, update

from tenders import predictions
from tenders.model import Tender
from tenders.store.database import next_numbers
from tenders.store.schema import tenders
from tenders.store.tenders import in_chunks


def due_predictions(connection: Connection, classifier: str, limit: int) -> list[str]:
    """Return the ids of tenders that another classifier, or none yet, has judged; of each, the newest first."""
    found: list[str] = []
    others = select(tenders.c.classifier).where(tenders.c.classifier != classifier).distinct()  # null is no other
    for other in connection.execute(others).scalars().all():
        newest = select(tenders.c.id).where(tenders.c.classifier == other).order_by(tenders.c.seq.desc())
        found += connection.execute(newest.limit(limit - len(found))).scalars()
        if len(found) >= limit:
            break
    return found


def write_predictions(connection: Connection, judged: Sequence[Tender], *, at: datetime) -> int:
    """Write what was predicted for tenders that nobody has written since they were read; returns for how many.

    Where the buyer gave codes it is only noted that there is nothing to predict.
    """
    bodies: dict[str, str] = {}
    for chunk in in_chunks([tender.id for tender in judged]):
        standing = select(tenders.c.id, tenders.c.version, tenders.c.body).where(tenders.c.id.in_(chunk))
        bodies |= {f"{row.id} {row.version}": row.body for row in connection.execute(standing)}
    held = [(tender, bodies.get(f"{tender.id} {tender.version}")) for tender in judged]
    coded = [tender.id for tender, body in held if body is not None and tender.cpv_published]
    for chunk in in_chunks(coded):
        connection.execute(update(tenders).where(tenders.c.id.in_(chunk)).values(classifier=None))
    predicted = [(tender, body) for tender, body in held if body is not None and not tender.cpv_published]
    versions = next_numbers(connection, "version", len(predicted)) if predicted else ()
    for (tender, text), version in zip(predicted, versions, strict=True):
        body = orjson.loads(text)
        body.setdefault("cpv_noticed", body.get("cpv_predicted", []))
        body["cpv_predicted"] = predictions.to_json(tender.cpv_predicted)
        state = {
            "version": version,
            "updated": at,
            "classifier": tender.classifier,
            "body": orjson.dumps(body).decode(),
        }
        connection.execute(update(tenders).where(tenders.c.id == tender.id).values(state))
    return len(predicted)
