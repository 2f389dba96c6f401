"""The examples of the API's description, made by the very functions that write live answers. All names are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import orjson

from indexer.classifier import Guess, Verdict
from indexer.marks import read_wanted
from search_api.lines import write_facets, write_history, write_line, write_named, write_query, write_whole
from tenders.codes import Cpv, Department, Nuts
from tenders.model import Buyer, Lot, Money, Nature, Notice, NoticeKind, Procedure, Strategic, Tender
from tenders.query import Facet, Query
from tenders.store.tenders import Revision

_NOW = datetime(2026, 5, 21, 6, 40, tzinfo=UTC)
_ADDRESS = "https://tenderwatch.example/tenders/6f1d2c3b4a596877"
_CALL = Notice(
    source="boamp",
    source_id="26-47580",
    url="https://boamp.example/avis/26-47580",
    kind=NoticeKind.COMPETITION,
    language="fr",
    title="Réfection de la toiture de l’école des Tilleuls",
    description="Dépose et remplacement de la couverture en tuiles, isolation, zinguerie.",
    nature=Nature.WORKS,
    procedure=Procedure.ADAPTED,
    reference="2026-TVX-014",
    buyer=Buyer(name="Commune de Valombre", type="la", town="Valombre", postcode="21999", country="FR"),
    cpv=(Cpv("45261000"),),
    places=(Nuts("FRC11"),),
    departments=(Department("21"),),
    published=date(2026, 5, 4),
    deadline=datetime.fromisoformat("2026-06-03T12:00:00+02:00"),
    value=Money(Decimal("120000.00")),
    lot_count=2,
    lots=(
        Lot(id="LOT-0001", title="Couverture", cpv=(Cpv("45261210"),), value=Money(Decimal("90000.00"))),
        Lot(id="LOT-0002", title="Zinguerie", cpv=(Cpv("45261000"),), value=Money(Decimal("30000.00"))),
    ),
    strategic=Strategic(green=True, social=False),
)
_CORRECTION = replace(
    _CALL,
    source_id="26-48914",
    url="https://boamp.example/avis/26-48914",
    kind=NoticeKind.CHANGE,
    supersedes=("26-47580",),
    published=date(2026, 5, 19),
    deadline=datetime.fromisoformat("2026-06-17T12:00:00+02:00"),
)
_TENDER = Tender(
    id="6f1d2c3b4a596877",
    notices=(_CALL, _CORRECTION),
    merged=replace(_CALL, deadline=_CORRECTION.deadline),
    cancelled=False,
    awarded=False,
    planned=False,
    provenance={"title": "boamp:26-47580", "deadline": "boamp:26-48914"},
    version=912,
    seq=731,
    revision=2,
)


_AT = datetime(2026, 5, 19, 8, 12, tzinfo=UTC)
_MOVED = {"deadline": ["2026-06-03T12:00:00+02:00", "2026-06-17T12:00:00+02:00"]}
_HISTORY = [Revision(2, 731, _CORRECTION.key, _AT, _MOVED), Revision(1, 655, _CALL.key, _AT, {})]


def _plain(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value))


def _make_page() -> Any:
    query = Query(q="toiture", dept=("21",))
    return _plain(
        {
            "total": 41,
            "items": [write_line(_TENDER, _NOW, _ADDRESS, read_wanted(query))],
            "next": "/api/v1/tenders?q=toiture&dept=21&after=M2YxYzBhNzIuNDI",
            "facets": write_facets({Facet.STATUS: {"open": 30, "closed": 11}, Facet.CPV: {"45": 41}}, "fr"),
            "query": write_query(query, "/api/v1/tenders?q=toiture&dept=21"),
        }
    )


def _make_whole() -> Any:
    merges = [
        SimpleNamespace(key=_CALL.key, rule="first", evidence="", merged_at=_AT),
        SimpleNamespace(
            key=_CORRECTION.key,
            rule="declared",
            evidence=f'{{"with": "{_CALL.key}", "id": "{_CALL.key}"}}',
            merged_at=_AT,
        ),
    ]
    return _plain(write_whole(_TENDER, _NOW, _ADDRESS, cast("Any", merges), _HISTORY))


def _make_classified() -> Any:
    roof = Guess("45261", 0.83, terms=("toiture", "zinguerie"))
    verdict = Verdict(
        cpv=(roof,),
        divisions=(Guess("45", 0.97), Guess("44", 0.02)),
        groups=(Guess("452", 0.95), Guess("454", 0.02)),
        codes=(Guess("45261210", 0.41), Guess("45261000", 0.3)),
        asserted=roof,
    )
    return {"id": "26-47580", **write_named(verdict, "fr")}


TO_CLASSIFY = {"id": "26-47580", "title": _CALL.title, "description": _CALL.description, "nature": "works"}
CLASSIFIED = _make_classified()
PAGE = _make_page()
WHOLE = _make_whole()
HISTORY = _plain(write_history(_TENDER, _HISTORY))
