"""Random tenders and queries from the whole grammar, drawn from one small world so that they meet often."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from indexer.merge import merge
from tenders.codes import Cpv, Department, Nuts
from tenders.model import (
    Award,
    Buyer,
    Lot,
    Money,
    Nature,
    Notice,
    NoticeKind,
    PredictedCpv,
    Procedure,
    Strategic,
    Supplier,
    Tender,
    Translation,
)
from tenders.query import BUYER_CATEGORIES, FLAGS, STATED, WINNERS, Query, Status, Within

NOW = datetime(2026, 5, 21, 8, 40, tzinfo=UTC)
WORDS = (
    "toiture couverture école écoles ÉCOLE ecole travaux TRAVAUX travail menuiserie menuiseries bois massif amiante "
    "l'eau électricité ELECTRICITE électrique gros-œuvre gros oeuvre d'isolation réfection pour de la voirie lot 2 "
    "2021-045 roof roofs roofing Straße straßen Dach aujourd'hui œuvre MAÎTRISE maîtrise d'œuvre n°4 m² R&D "
    "Saint-Étienne relance infructueux δρόμος αγα πόλη"
).split()
PREFIXES = ("trav", "menuis", "électr", "éco", "ro", "2021", "gros", "l'élec", "aujourd'h")
CPV = tuple(map(Cpv, ("45261000", "45261210", "45000000", "30190000", "30000000", "71200000", "03000000")))
NUTS = tuple(map(Nuts, ("FRC11", "FRC1", "FRC", "FR", "BE32", "DE212", "FRI12", "FRY10")))
SEATS = (*map(Nuts, ("FRC11", "FRC11", "FRC13", "FRC1", "FR", "FRY10", "DE212", "BE", "FR813")), None)
DEPTS = tuple(map(Department, ("21", "71", "01", "2A", "971")))
BUYERS = (
    "Commune de Vallebrune",
    "COMMUNE DE VALLEBRUNE",
    "Syndicat des eaux du Val",
    "Lycée l'Étang",
    "Stadt Ohnwald",
    "Ville de DIJON",
    "Bordeaux Métropole",
    "Commune de Saint-Denis",
)
# A commune, an EPCI, a département, a hospital, a region; a number of no body, and one whose digit is wrong.
SIRETS = ("21210231300012", "243300316", "222100018", "26750045200011", "200053726", "552032534", "21210231900012")
POSTCODES = ("21000", "33076", "97400", None)
COUNTRIES = ("FR", "FR", "RE", None, "DE")
EPCI = ("243300316", "242100410", "249740119")
AWARDED = (None, "1", "LOT-0001", "Lot n° 1", "02", "LOT-0002")  # lots: two, as sources write them
TYPES = ("la", "ra", "body-pl", None)
SOURCES = ("boamp", "ted", "ebourgogne")
DAYS = tuple(date(2026, 5, 21) + timedelta(days=n) for n in (-40, -7, -1, 0, 1, 6, 7, 30))
LANGUAGES = ("fr", "fr", "fr", "en", "de", "cs", "el", None)


def _maybe(draw: random.Random, values: tuple, chance: float = 0.5) -> object:
    return draw.choice(values) if draw.random() < chance else None


def _text(draw: random.Random, most: int) -> str:
    return draw.choice((" ", " ", " ", ", ", " - ", " / ")).join(draw.choices(WORDS, k=draw.randint(1, most)))


def _moment(draw: random.Random) -> datetime:
    zone = draw.choice((UTC, datetime.fromisoformat("2026-01-01T00:00+02:00").tzinfo))
    hour, minute = draw.choice(((0, 0), (8, 40), (12, 0), (21, 59), (22, 0), (23, 59)))
    day = draw.choice(DAYS)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def _award(draw: random.Random, lot: str | None) -> Award:
    sizes = draw.choices(("micro", "medium", "sme", "large", None), k=draw.randint(0, 2))
    return Award(
        lot=lot,
        suppliers=tuple(
            Supplier(name=f"Entreprise {n}", size=size, place=draw.choice(SEATS)) for n, size in enumerate(sizes)
        ),
        value=_maybe(draw, (Money(Decimal(1000)), Money(Decimal(1000), "CHF")), 0.3),
        bids=draw.choice((None, 0, 1, 3, 1200)),
    )


def _buyer(draw: random.Random, named: float) -> Buyer:
    return Buyer(
        name=_maybe(draw, BUYERS, named),
        id=_maybe(draw, SIRETS, 0.4),
        type=draw.choice(TYPES),
        postcode=draw.choice(POSTCODES),
        country=draw.choice(COUNTRIES),
    )


def random_notice(draw: random.Random, number: int) -> Notice:
    places = tuple(draw.sample(NUTS, draw.choice((0, 0, 1, 2))))
    return Notice(
        source=draw.choice(SOURCES),
        source_id=str(number),
        kind=draw.choice((*NoticeKind, NoticeKind.COMPETITION, NoticeKind.COMPETITION, NoticeKind.CHANGE)),
        title=_text(draw, 6),
        language=draw.choice(LANGUAGES),
        description=_text(draw, 12) if draw.random() < 0.75 else None,
        nature=_maybe(draw, tuple(Nature)),
        procedure=_maybe(draw, tuple(Procedure)),
        reference=_maybe(draw, ("2021-045", "MAPA 4", "L'EAU-2")),
        buyer=_buyer(draw, 0.9),
        co_buyers=(_buyer(draw, 1),) if draw.random() < 0.1 else (),
        cpv=tuple(draw.sample(CPV, draw.choice((0, 1, 2)))),
        places=places,
        departments=tuple(draw.sample(DEPTS, draw.choice((0, 1, 1, 2)))),
        published=_maybe(draw, DAYS, 0.9),
        display_until=_maybe(draw, DAYS),
        deadline=_moment(draw) if draw.random() < 0.5 else None,
        value=Money(
            Decimal(draw.choice(("0", "89999.99", "90000", "90000.005", "5000000"))), draw.choice(("EUR", "EUR", "SEK"))
        )
        if draw.random() < 0.6
        else None,
        lots=tuple(
            Lot(
                id=f"LOT-{n}",
                title=_text(draw, 3),
                description=_maybe(draw, ("bois massif", None)),
                cpv=draw.choice(((draw.choice(CPV),), ())),
            )
            for n in range(draw.choice((0, 0, 1, 2)))
        ),
        lot_count=_maybe(draw, (1, 2, 4), 0.3),
        awards=tuple(_award(draw, draw.choice(AWARDED)) for _ in range(draw.choice((0, 1, 2)))),
        strategic=Strategic(**{name: draw.choice((True, False, None)) for name in FLAGS}),
        translations={"en": Translation(title=_text(draw, 3))} if draw.random() < 0.1 else {},
    )


def random_tender(draw: random.Random, number: int) -> Tender:
    """A tender; what is predicted for it stays even where the buyer gave codes, and must then count for nothing."""
    notices = [random_notice(draw, number * 10 + n) for n in range(draw.choice((1, 1, 2, 3)))]
    tender = merge(notices)
    lots = (None, None, *(lot.id for lot in tender.merged.lots))
    predicted = tuple(
        PredictedCpv(code=draw.choice(CPV), probability=0.7, asserted=draw.random() < 0.7, lot=draw.choice(lots))
        for _ in range(draw.choice((0, 1, 1, 2)))
    )
    return replace(tender, cpv_predicted=predicted, version=number, seq=number, revision=1)


def _term(draw: random.Random, known: Sequence[str]) -> str:
    kind = draw.random()
    if kind < 0.6:
        return draw.choice(known)
    if kind < 0.8:
        return '"' + " ".join(draw.choices(known, k=draw.randint(1, 3))) + '"'
    return (draw.choice(PREFIXES) if known is WORDS else draw.choice(known)[: draw.randint(2, 6)]) + "*"


def random_text(draw: random.Random, known: Sequence[str] = WORDS, depth: int = 0) -> str:
    """A text of the whole grammar, made of known words."""
    kind = draw.random()
    if depth > 3 or kind < 0.4:
        return _term(draw, known)
    parts = [random_text(draw, known, depth + 1) for _ in range(draw.randint(2, 3))]
    if kind < 0.65:
        return "(" + draw.choice((" OU ", " OR ", " | ")).join(parts) + ")"
    if kind < 0.8:
        return "(" + draw.choice((" ", " ET ", " AND ")).join(parts) + ")"
    if kind < 0.9:
        return f"{parts[0]} -{_term(draw, known)}"
    return f"({draw.choice(('SAUF', 'NOT'))} {parts[0]})"


def _some(draw: random.Random, values: tuple, chance: float) -> tuple:
    return tuple(dict.fromkeys(draw.choices(values, k=draw.randint(1, 3)))) if draw.random() < chance else ()


def random_query(draw: random.Random, known: Sequence[str] = WORDS) -> Query:
    c = draw.choice((0.03, 0.06, 0.11))
    low, high = sorted(draw.choices(DAYS, k=2))
    soon, late = sorted(draw.choices(DAYS, k=2))
    return Query(
        q=random_text(draw, known) if draw.random() < 0.7 else "",
        cpv=_some(draw, tuple(code.prefix for code in CPV), c),
        cpv_any=_some(draw, ("45", "4526", "30"), c),
        nuts=_some(draw, (*NUTS, "DE", "FRI"), c),
        dept=_some(draw, DEPTS, c),
        epci=_some(draw, EPCI, c / 3),
        buyer=_some(draw, (*BUYERS, *SIRETS), c),
        buyer_type=_some(draw, TYPES[:3], c),
        buyer_category=_some(draw, BUYER_CATEGORIES[:6], c / 3),
        nature=_some(draw, tuple(map(str, Nature)), c),
        procedure=_some(draw, tuple(map(str, Procedure)), c),
        status=_some(draw, tuple(map(str, Status)), c * 3),
        source=_some(draw, SOURCES, c),
        kind=_some(draw, tuple(map(str, NoticeKind)), c),
        published_after=low if draw.random() < c else None,
        published_before=high if draw.random() < c else None,
        deadline_after=soon if draw.random() < c else None,
        deadline_before=late if draw.random() < c else None,
        deadline_within=draw.choice((Within(1, "d"), Within(7, "d"), Within(48, "h"))) if draw.random() < c else None,
        value_min=draw.choice((Decimal(0), Decimal("89999.99"), Decimal(90000))) if draw.random() < c else None,
        value_max=draw.choice((Decimal(90000), Decimal(6000000))) if draw.random() < c else None,
        value_unknown=draw.choice(("keep", "keep", "drop")) if draw.random() < 0.3 else "keep",
        winner=_some(draw, WINNERS, c),
        winner_dept=_some(draw, ("21", "71", "99"), c),
        local=draw.choice((True, False)) if draw.random() < c / 3 else None,
        relaunch=draw.choice((True, False)) if draw.random() < c / 3 else None,
        known=_some(draw, STATED, c),
        unknown=_some(draw, STATED, c),
        lang=_some(draw, ("fr", "en", "de", "el"), 0.2),
        **{name: draw.choice((True, False)) for name in FLAGS if draw.random() < c / 3},
    )
