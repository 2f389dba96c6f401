"""The samples of the pages' tests as of today, and what real days bring that spoils a layout."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from tenders.codes import Cpv, Department
from tenders.model import Buyer, Document, Lot, Money, Nature, Notice, NoticeKind, Strategic
from tests.notices import notice
from tests.search_api.samples import NOTICES, moment

_DAY = date(2026, 5, 21)  # of which the samples speak
UGLY_TITLE = (
    "MARCHE PUBLIC DE TRAVAUX RELATIF A LA RESTRUCTURATION, A L'EXTENSION ET A LA MISE AUX NORMES D'ACCESSIBILITE DU "
    "GROUPE SCOLAIRE INTERCOMMUNAL ET DE SES ABORDS Y COMPRIS LA DEMOLITION DES PREFABRIQUES N°2021-0045/B_LOTS1A60"
)
UGLY = notice(
    "26-800",
    UGLY_TITLE,
    nature=Nature.WORKS,
    buyer=Buyer(
        name="SYNDICAT MIXTE D'AMENAGEMENT ET DE GESTION DES EQUIPEMENTS SCOLAIRES ET PERISCOLAIRES DU HAUT-VAL"
    ),
    co_buyers=tuple(Buyer(name=f"Commune de Rochemaure-le-Vieux n° {number}") for number in range(17)),
    departments=tuple(map(Department, ("21", "71", "89", "39", "25", "70", "58", "90", "01", "69", "42"))),
    cpv=tuple(Cpv(code) for code in ("45214210", "45111100", "45261000", "45421000", "45310000", "45330000")),
    lot_count=60,
    lots=tuple(
        Lot(
            id=f"LOT-{number:04}",
            title=f"{UGLY_TITLE[:150]} LOT {number}" if number % 7 == 0 else f"Corps d'état n° {number}",
            description="VOIR LE CCTP_LOT_" + "X" * 90 if number == 3 else None,
            value=Money(Decimal(10_000_000_000)) if number == 5 else None,
            deadline=moment("2026-06-12T12:00:00+02:00") if number == 9 else None,
        )
        for number in range(1, 61)
    ),
    documents=tuple(
        Document(title=f"DCE_{'ANNEXE_' * 9}{number}.zip", url=f"https://profil.example/{'a' * 120}/{number}")
        for number in range(12)
    ),
    strategic=Strategic(green=True, social=False, reserved=True, innovation=False, sme=True, framework=True),
    deadline=moment("2026-06-20T12:00:00+02:00"),
)
BARE = notice("26-801", "2026-045", deadline=None, buyer=Buyer())
PLAIN = notice(
    "26-802", "Élagage", nature=Nature.SERVICES, departments=(Department("2A"),), value=Money(Decimal(1)),
    published=date(2026, 5, 20),
)  # fmt: skip
MOVED_TWICE = tuple(
    notice(
        f"26-81{turn}", f"Élagage des allées{' (rectificatif)' if turn else ''}",
        kind=NoticeKind.CHANGE if turn else NoticeKind.COMPETITION, supersedes=("26-810",) if turn else (),
        published=date(2026, 5, 4 + turn * 5), deadline=moment(f"2026-06-{10 + turn * 5}T12:00:00+02:00"),
        lots=tuple(Lot(id=str(number), title=f"Secteur {number}") for number in range(1, 3 + turn)),
    )
    for turn in range(3)
)  # fmt: skip


def shift(one: Notice, days: timedelta) -> Notice:
    """Return a notice as it would have been published so many days later."""

    def later(at: datetime | None) -> datetime | None:
        return at and at + days

    return replace(
        one,
        published=one.published and one.published + days,
        display_until=one.display_until and one.display_until + days,
        deadline=later(one.deadline),
        lots=tuple(replace(lot, deadline=later(lot.deadline)) for lot in one.lots),
        awards=tuple(replace(award, date=award.date and award.date + days) for award in one.awards),
    )


def notices_of_today(today: date) -> list[Notice]:
    """Return every notice of the world, as of a day."""
    return [shift(one, today - _DAY) for one in (*NOTICES, UGLY, BARE, PLAIN, *MOVED_TWICE)]
