"""What people said of CPV codes, for the operator who judges it and for training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from tenders.model import Lot, Tender
from tenders.store.corrections import Correction
from tenders.store.tenders import find_tender, load_tenders


def write_correction(correction: Correction, tender: Tender | None) -> dict[str, Any]:
    """Write a correction with what it is about: the title of the tender and, for a lot's code, that of the lot."""
    lot = _lot(correction, tender)
    return {
        "id": correction.id,
        "tender": tender.id if tender else correction.tender_id,
        "title": tender.merged.title if tender else None,
        "lot": correction.lot,
        "lot_title": lot.title if lot else None,
        "shown": correction.shown,
        "official": correction.official,
        "proposed": list(correction.proposed),
        "by": correction.by,
        "marked": correction.marked.isoformat(),
        "times": correction.times,
        "state": correction.state,
    }


def standing_tenders(connection: Connection, corrections: Iterable[Correction]) -> dict[str, Tender]:
    """Return the tenders that corrections speak of, by the id that they name; one that was absorbed is its absorber."""
    named = {id_: find_tender(connection, id_) for id_ in {one.tender_id for one in corrections}}
    loaded = load_tenders(connection, {id_ for id_ in named.values() if id_ is not None})
    return {id_: loaded[found] for id_, found in named.items() if found in loaded}


def training_rows(corrections: Sequence[Correction], tenders: dict[str, Tender]) -> list[dict[str, Any]]:
    """Return what accepted corrections teach, one row a text, in the shape of the classified notices of training.

    The latest of those about one text holds. One that proposes nothing teaches nothing, nor does one of a tender or lot
    that is gone.
    """
    rows: dict[str, dict[str, Any]] = {}
    for one in corrections:
        tender = tenders.get(one.tender_id)
        lot = _lot(one, tender)
        if tender is None or not one.proposed or (one.lot is not None and lot is None):
            continue
        title, description = (lot.title, lot.description) if lot else (tender.merged.title, tender.merged.description)
        main, *further = one.proposed
        id_ = f"{tender.id}:{lot.id}" if lot else tender.id
        rows[id_] = {
            "id": id_,
            "lang": tender.merged.language,
            "title": title or tender.merged.title,
            "description": description,
            "cpv_main": main,
            "cpv_additional": further,
            "buyer": tender.merged.buyer.name,
            "source": "correction",
        }
    return list(rows.values())


def _lot(correction: Correction, tender: Tender | None) -> Lot | None:
    if tender is None or correction.lot is None:
        return None
    return next((lot for lot in tender.merged.lots if lot.id == correction.lot), None)
