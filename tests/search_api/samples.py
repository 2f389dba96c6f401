"""Invented notices: what a page, a line and a feed must be able to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

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
from tests.notices import notice


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


ROOF = notice(
    "26-100",
    "Réfection de la toiture et de la charpente de l'école des Tilleuls",
    url="https://boamp.example/avis/26-100",
    description="Dépose de la couverture en tuiles plates, remplacement de la charpente, isolation par l'extérieur et "
    "zinguerie. Les travaux se font en site occupé, pendant les congés d'été.\nUne visite est conseillée.",
    nature=Nature.WORKS,
    procedure=Procedure.ADAPTED,
    reference="2026-TVX-014",
    buyer=Buyer(
        name="Commune de Vallebrune",
        id="00000000000017",
        type="la",
        town="Vallebrune",
        postcode="21999",
        country="FR",
    ),
    co_buyers=(Buyer(name="Syndicat scolaire du Val"),),
    cpv=(Cpv("45261000"), Cpv("45261210")),
    places=(Nuts("FRC11"),),
    departments=(Department("21"),),
    published=date(2026, 5, 4),
    deadline=moment("2026-06-03T12:00:00+02:00"),
    value=Money(Decimal("412000.00")),
    lot_count=3,
    lots=(
        Lot(id="LOT-0001", title="Charpente bois", cpv=(Cpv("45261100"),), value=Money(Decimal(168000))),
        Lot(
            id="LOT-0002",
            title="Couverture en tuiles et zinguerie",
            description="Tuiles plates de terre cuite, gouttières en zinc.",
            cpv=(Cpv("45261210"),),
            value=Money(Decimal("196000.50")),
        ),
        Lot(id="LOT-0003", title="Désamiantage préalable"),
    ),
    documents=(
        Document(title="Règlement de la consultation", url="https://profil.example/dce/1", size=412_000),
        Document(title="Plans et relevés", url="https://profil.example/dce/2", size=12_400_000),
    ),
    strategic=Strategic(green=True, social=True, reserved=False),
    translations={"en": Translation(title="Roof and timber frame of the Tilleuls school")},
)
ROOF_MOVED = replace(
    ROOF,
    source_id="26-148",
    url="https://boamp.example/avis/26-148",
    kind=NoticeKind.CHANGE,
    supersedes=("26-100",),
    published=date(2026, 5, 19),
    deadline=moment("2026-06-17T12:00:00+02:00"),
    documents=(*ROOF.documents, Document(title="Diagnostic", url="https://profil.example/dce/3", size=900)),
)
HOSTILE_TITLE = "Fourniture de <b>câbles</b> & \"gaines\" 'R&D' </script><script>alert(1)</script> \x07\x1b[31m]]>"
HOSTILE = notice(
    "26-666",
    HOSTILE_TITLE,
    url="javascript:alert(1)",
    description="<img src=x onerror=alert(1)> & co \x00\x0b ]]> <!-- --> {{ 7*7 }} \ufffe",
    buyer=Buyer(name="Régie <i>de l'eau</i> & fils\x08", type="cga"),
    nature=Nature.SUPPLIES,
    published=date(2026, 5, 20),
    documents=(Document(title='"><script>alert(2)</script>', url="data:text/html,<script>alert(2)</script>"),),
    lots=(Lot(id="<1>", title="</td><script>alert(3)</script>"),),
)
STOPPED = notice("26-300", "Nettoyage des vitres du lycée", nature=Nature.SERVICES, published=date(2026, 5, 1))
STOP = notice(
    "26-301",
    "Annulation : nettoyage des vitres du lycée",
    kind=NoticeKind.CANCELLATION,
    supersedes=("26-300",),
    published=date(2026, 5, 10),
    deadline=None,
)
CALLED = notice(
    "26-400",
    "Maîtrise d'œuvre pour la médiathèque",
    published=date(2026, 3, 2),
    deadline=moment("2026-04-02T12:00:00+02:00"),
    value=Money(Decimal(95000)),
)
WON = notice(
    "401-2026",
    "Maîtrise d'œuvre pour la médiathèque",
    source="ted",
    kind=NoticeKind.RESULT,
    supersedes=("boamp:26-400",),
    published=date(2026, 5, 12),
    deadline=None,
    awards=(
        Award(
            suppliers=(Supplier(name="Atelier Quatre Vents", size="micro", place=Nuts("FRC13")),),
            value=Money(Decimal(88000)),
            bids=4,
            date=date(2026, 5, 11),
        ),
    ),
)
SHOWN = notice("26-500", "Entretien des espaces verts", deadline=None, display_until=date(2026, 5, 30), lot_count=6)
ENDLESS = notice("26-501", "Location de bennes à gravats", deadline=None, buyer=Buyer(name="Port de Salvian"))
PLAN = notice("26-600", "Programme de voirie 2027", kind=NoticeKind.PLANNING, deadline=None, nature=Nature.WORKS)
SOON = notice("26-700", "Dépannage de chaudières", deadline=moment("2026-05-22T17:00:00+02:00"), nature=Nature.SERVICES)
MANY = tuple(
    notice(
        f"26-9{number:03}",
        f"Achat de mobilier scolaire, tranche {number}",
        nature=Nature.SUPPLIES,
        departments=(Department("71" if number % 2 else "21"),),
        published=date(2026, 4, 1) + timedelta(days=number % 30),
        deadline=moment("2026-06-01T12:00:00+02:00") + timedelta(days=number),
        buyer=Buyer(name=f"Lycée n° {number % 7}", type="ra"),
        cpv=(Cpv("39160000"),),
        value=Money(Decimal(1000 * (1 + number % 9))) if number % 3 else None,
    )
    for number in range(137)
)
NOTICES: tuple[Notice, ...] = (
    ROOF,
    ROOF_MOVED,
    HOSTILE,
    STOPPED,
    STOP,
    CALLED,
    WON,
    SHOWN,
    ENDLESS,
    PLAN,
    SOON,
    *MANY,
)
