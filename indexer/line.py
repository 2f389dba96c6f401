"""A tender as one JSON object: the same line in the API, on the command line and in exports."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from tenders import canonical, predictions
from tenders.model import Tender
from tenders.status import closing, status

# What one notice is called, and not the tender.
_OF_A_NOTICE = ("source", "source_id", "kind", "supersedes")


def tender_line(tender: Tender, now: datetime) -> dict[str, Any]:
    """Return id, numbers, the status as of `now`, the merged fields, where each came from, and the notices' keys.

    `cpv` are the buyer's codes alone; `cpv_predicted` are ours, and `classifier` is the version of what predicted them.
    """
    merged = {name: value for name, value in canonical.to_json(tender.merged).items() if name not in _OF_A_NOTICE}
    return {
        "id": tender.id,
        "seq": tender.seq,
        "version": tender.version,
        "revision": tender.revision,
        "status": status(tender, now).value,
        "no_deadline_known": closing(tender) is None,
        **merged,
        "cpv_predicted": predictions.to_json(tender.cpv_predicted),
        "classifier": tender.classifier,
        "sources": sorted({notice.source for notice in tender.notices}),
        "kinds": sorted({notice.kind.value for notice in tender.notices}),
        "provenance": dict(tender.provenance),
        "contradictions": [asdict(one) for one in tender.contradictions],
        "notices": [notice.key for notice in tender.notices],
    }
