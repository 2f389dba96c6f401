"""The canonical JSON of a notice: one spelling of each fact, every key present, so that equal notices hash equal.

Absent is null, lists are ``[]``, dates ISO 8601, date-times keep the source's own offset, amounts are decimal strings
with at least two places, the strategic flags are ``"yes"``, ``"no"`` or null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import orjson

from tenders.codes import Cpv, Department, Nuts
from tenders.model import (
    Award,
    Buyer,
    Document,
    Lot,
    Money,
    Nature,
    Notice,
    NoticeKind,
    Procedure,
    Strategic,
    Supplier,
    Translation,
)

Json = dict[str, Any]
FLAGS = tuple(Strategic.__slots__)
_NO_PLACE: Final = b',"place":null}'  # cannot stand in a text, whose quotes are escaped


def amount_text(amount: Decimal) -> str:
    """Write an amount as a plain decimal with at least two places: ``120000.00``."""
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent > -2:
        amount = amount.quantize(Decimal("0.01"))
    return f"{amount:f}"


def _money(value: Money | None) -> Json | None:
    return None if value is None else {"amount": amount_text(value.amount), "currency": value.currency}


def _buyer(buyer: Buyer) -> Json:
    return {
        "name": buyer.name,
        "id": buyer.id,
        "type": buyer.type,
        "town": buyer.town,
        "postcode": buyer.postcode,
        "country": buyer.country,
    }


def _lot(lot: Lot) -> Json:
    return {
        "id": lot.id,
        "title": lot.title,
        "description": lot.description,
        "cpv": lot.cpv,
        "places": lot.places,
        "value": _money(lot.value),
        "deadline": lot.deadline and lot.deadline.isoformat(),
    }


def _supplier(supplier: Supplier) -> Json:
    return {"name": supplier.name, "id": supplier.id, "size": supplier.size, "place": supplier.place}


def _award(award: Award) -> Json:
    return {
        "lot": award.lot,
        "suppliers": [_supplier(supplier) for supplier in award.suppliers],
        "value": _money(award.value),
        "bids": award.bids,
        "date": award.date and award.date.isoformat(),
    }


def _flags(strategic: Strategic) -> dict[str, str | None]:
    words = {True: "yes", False: "no", None: None}
    return {name: words[getattr(strategic, name)] for name in FLAGS}


def to_json(notice: Notice) -> Json:
    """Return the canonical JSON object of a notice, keys in their written order."""
    return {
        "source": notice.source,
        "source_id": notice.source_id,
        "url": notice.url,
        "kind": notice.kind,
        "language": notice.language,
        "title": notice.title,
        "description": notice.description,
        "nature": notice.nature,
        "procedure": notice.procedure,
        "procedure_id": notice.procedure_id,
        "reference": notice.reference,
        "supersedes": notice.supersedes,
        "buyer": _buyer(notice.buyer),
        "co_buyers": [_buyer(b) for b in notice.co_buyers],
        "cpv": notice.cpv,
        "descriptors": notice.descriptors,
        "places": notice.places,
        "departments": notice.departments,
        "family": notice.family,
        "published": notice.published and notice.published.isoformat(),
        "display_until": notice.display_until and notice.display_until.isoformat(),
        "deadline": notice.deadline and notice.deadline.isoformat(),
        "value": _money(notice.value),
        "lot_count": notice.lot_count,
        "lots": [_lot(lot) for lot in notice.lots],
        "awards": [_award(award) for award in notice.awards],
        "documents": [{"title": d.title, "url": d.url, "size": d.size} for d in notice.documents],
        "links": dict(notice.links),
        "strategic": _flags(notice.strategic),
        "translations": {
            lang: {"title": t.title, "description": t.description} for lang, t in notice.translations.items()
        },
    }


def dumps(notice: Notice) -> bytes:
    """Write the canonical JSON of a notice as one line of UTF-8."""
    return orjson.dumps(to_json(notice), option=orjson.OPT_PASSTHROUGH_DATACLASS)


def digest(canonical: bytes) -> str:
    """Return the hash by which two readings of a notice are the same revision.

    A supplier's place that is not stated is no part of it: what was stored before suppliers had places has no such key.
    """
    return sha256(canonical.replace(_NO_PLACE, b"}")).hexdigest()[:32]


def _read_money(value: Mapping[str, str] | None) -> Money | None:
    return Money(Decimal(value["amount"]), value["currency"]) if value else None


def _read_date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _read_moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _read_lot(lot: Json) -> Lot:
    return Lot(
        id=lot["id"],
        title=lot["title"],
        description=lot["description"],
        cpv=tuple(map(Cpv, lot["cpv"])),
        places=tuple(map(Nuts, lot["places"])),
        value=_read_money(lot["value"]),
        deadline=_read_moment(lot["deadline"]),
    )


def _read_supplier(supplier: Json) -> Supplier:
    place = supplier.get("place")  # what was written before suppliers had places has none
    return Supplier(name=supplier["name"], id=supplier["id"], size=supplier["size"], place=place and Nuts(place))


def _read_award(award: Json) -> Award:
    return Award(
        lot=award["lot"],
        suppliers=tuple(map(_read_supplier, award["suppliers"])),
        value=_read_money(award["value"]),
        bids=award["bids"],
        date=_read_date(award["date"]),
    )


def from_json(data: Json) -> Notice:
    """Read back what :func:`to_json` wrote; it trusts its codes."""
    truth = {"yes": True, "no": False, None: None}
    return Notice(
        source=data["source"],
        source_id=data["source_id"],
        url=data["url"],
        kind=NoticeKind(data["kind"]),
        language=data["language"],
        title=data["title"],
        description=data["description"],
        nature=Nature(data["nature"]) if data["nature"] else None,
        procedure=Procedure(data["procedure"]) if data["procedure"] else None,
        procedure_id=data["procedure_id"],
        reference=data["reference"],
        supersedes=tuple(data["supersedes"]),
        buyer=Buyer(**data["buyer"]),
        co_buyers=tuple(Buyer(**b) for b in data["co_buyers"]),
        cpv=tuple(map(Cpv, data["cpv"])),
        descriptors=tuple(data["descriptors"]),
        places=tuple(map(Nuts, data["places"])),
        departments=tuple(map(Department, data["departments"])),
        family=data["family"],
        published=_read_date(data["published"]),
        display_until=_read_date(data["display_until"]),
        deadline=_read_moment(data["deadline"]),
        value=_read_money(data["value"]),
        lot_count=data["lot_count"],
        lots=tuple(map(_read_lot, data["lots"])),
        awards=tuple(map(_read_award, data["awards"])),
        documents=tuple(Document(**d) for d in data["documents"]),
        links=data["links"],
        strategic=Strategic(**{name: truth[data["strategic"][name]] for name in FLAGS}),
        translations={lang: Translation(**t) for lang, t in data["translations"].items()},
    )


def loads(line: bytes | str) -> Notice:
    """Read one line of canonical JSON."""
    return from_json(orjson.loads(line))
