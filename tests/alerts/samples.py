"""Invented tenders, subscriptions and digests for the mails' tests and previews: no real organisation, no person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from alerts.model import Digest, Line, MatchKind, Reason
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
    PredictedCpv,
    Procedure,
    Strategic,
    Supplier,
    Tender,
)
from tenders.query_url import from_url
from tenders.status import PARIS
from tenders.store.coverage import Coverage
from tenders.subscription import Rhythm, Subscription

BASE = "https://tenderwatch.example"
SECRET = "an invented secret for the tests only, long enough"
SENDER = "Tenderwatch <alertes@tenderwatch.example>"
NOW = datetime(2026, 5, 21, 7, 30, tzinfo=PARIS)
QUERY = from_url('q=menuiserie OU escalier OU "bois massif" -amiante&dept=21&dept=71&status=open')


def paris(month: int, day: int, hour: int = 12, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


def subscription(**changed: Any) -> Subscription:
    standing = Subscription(
        id="k3J_x-9QvTq0aBcD",
        email="menuisier@exemple.example",
        query=QUERY,
        rhythm=Rhythm.DAILY,
        language="fr",
        name="Menuiserie bois 21 et 71",
        state="active",
        began=17,
        created=datetime(2026, 3, 2, 9, 15, tzinfo=UTC),
        confirmed=datetime(2026, 3, 2, 9, 20, tzinfo=UTC),
    )
    return replace(standing, **changed)


def tender(number: int = 1, /, **facts: Any) -> Tender:
    """A tender of one BOAMP notice; `facts` are those of the notice, and cancelled, awarded, planned, cpv_predicted."""
    states = {name: facts.pop(name, False) for name in ("cancelled", "awarded", "planned")}
    plain: dict[str, Any] = {
        "source": "boamp",
        "source_id": f"26-{47000 + number}",
        "kind": NoticeKind.COMPETITION,
        "title": f"Travaux de menuiserie, opération {number}",
        "language": "fr",
        "published": date(2026, 5, 20),
    }
    notices, predicted = facts.pop("notices", None), facts.pop("cpv_predicted", ())
    merged = Notice(**(plain | facts))
    return Tender(
        id=f"{number:016x}",
        notices=notices or (merged,),
        merged=merged,
        provenance={"title": merged.key},
        cpv_predicted=predicted,
        version=number,
        seq=number,
        revision=1,
        **states,
    )


def line(kind: MatchKind, of: Tender, *why: Reason, **more: Any) -> Line:
    return Line(kind=kind, tender=of, why=why, changes=more.pop("changes", {}), **more)


def digest(*lines: Line, **changed: Any) -> Digest:
    counts = {kind: sum(each.kind is kind for each in lines) for kind in MatchKind}
    whole = Digest(
        delivery_id="7f3a9c0d1e2b4a5f",
        subscription=subscription(),
        lines=lines,
        now=NOW,
        counts={kind: count for kind, count in counts.items() if count},
    )
    return replace(whole, **changed)


def rich_digest(**changed: Any) -> Digest:
    """All five blocks, with what is hard to show: long and upper-case titles, no deadline, no amount, many lots."""
    lines = (*_new_lines(), *_changed_lines(), *_ended_lines(), *_ending_lines())
    return digest(*lines, checked=_coverage(), notices_read=387, **changed)


def _coverage() -> Coverage:
    return Coverage(sources=12, fresh=11, late=(("marches-du-maconnais", paris(5, 20, 21, 10)),))


def _new_lines() -> list[Line]:
    library = tender(
        1,
        title="Agencement sur mesure de la médiathèque en bois massif",
        buyer=Buyer(name="Communauté de communes des Trois-Rivières", town="Semur-la-Forêt"),
        departments=(Department("21"),),
        deadline=paris(6, 4, 11),
        value=Money(Decimal(48000)),
        lot_count=0,
        nature=Nature.SUPPLIES,
        procedure=Procedure.ADAPTED,
        cpv_predicted=(PredictedCpv(code=Cpv("39150000"), probability=0.83, terms=("médiathèque", "agencement")),),
    )
    school = tender(
        2,
        title="REFECTION COMPLETE DES MENUISERIES EXTERIEURES, DES ESCALIERS ET DES GARDE-CORPS DU GROUPE SCOLAIRE DES "
        "ACACIAS, Y COMPRIS DEPOSE, PEINTURE ET REPRISE DES APPUIS, EN SITE OCCUPE, TRANCHE FERME ET DEUX TRANCHES "
        "OPTIONNELLES",
        buyer=Buyer(name="COMMUNE DE SAINT-GENGOUX-LES-BOIS", town="SAINT-GENGOUX-LES-BOIS"),
        departments=(Department("71"),),
        deadline=paris(5, 23, 17),
        nature=Nature.WORKS,
        procedure=Procedure.OPEN,
        cpv=(Cpv("45421000"),),
        lots=tuple(
            Lot(id=f"LOT-{n:04}", title=title)
            for n, title in enumerate(
                ("Installation de chantier", "Menuiseries extérieures bois", "Escaliers et garde-corps"), 1
            )
        ),
        lot_count=9,
        strategic=Strategic(reserved=True),
    )
    homes = tender(
        3,
        title="Menuiseries intérieures de l’extension de la résidence des Tilleuls",
        buyer=Buyer(name="Résidence autonomie des Tilleuls", town="Beaulieu-sur-Vouge"),
        departments=(Department("21"),),
        display_until=date(2026, 6, 19),
        nature=Nature.WORKS,
        cpv=(Cpv("45421000"),),
        value=Money(Decimal("187500.50")),
    )
    unknown = tender(
        4,
        title="Fourniture de panneaux et de bois massif pour les ateliers municipaux",
        buyer=Buyer(name="Ville de Longchamp-la-Vallée"),
        places=(Nuts("FRC11"),),
        nature=Nature.SUPPLIES,
    )
    boamp, ted = library.merged, replace(library.merged, source="ted", source_id="310111-2026")
    library = replace(library, notices=(boamp, ted))
    return [
        line(MatchKind.NEW, unknown, Reason("q", "bois massif", "title"), Reason("dept", "21", "21")),
        line(MatchKind.NEW, homes, Reason("q", "Menuiseries", "title"), Reason("dept", "21", "21")),
        line(MatchKind.NEW, library, Reason("q", "bois massif", "title"), Reason("dept", "21", "21")),
        line(
            MatchKind.NEW,
            school,
            Reason("q", "MENUISERIES", "title"),
            Reason("q", "Escaliers", "lot"),
            Reason("dept", "71", "71"),
        ),
    ]


def _changed_lines() -> list[Line]:
    hospital = tender(
        5,
        title="Restauration des menuiseries bois de l’ancien hôtel-Dieu",
        buyer=Buyer(name="Centre hospitalier du Val d’Ouche", town="Montigny-sur-Ouche"),
        departments=(Department("21"),),
        deadline=paris(6, 17),
        nature=Nature.WORKS,
        procedure=Procedure.ADAPTED,
        value=Money(Decimal(412000)),
        cpv=(Cpv("45421000"),),
        lots=(Lot(id="1", title="Menuiseries"), Lot(id="6", title="Volets bois")),
        lot_count=6,
        documents=(Document(title="Cahier technique, lot 2", url="https://profil.example/doc/2"),),
    )
    stairs = tender(
        6,
        title="Escaliers et garde-corps bois de la résidence étudiante Jouvence",
        buyer=Buyer(name="Service logement des universités de Bourgogne", town="Dijon"),
        departments=(Department("21"),),
        deadline=paris(6, 19, 16),
        value=Money(Decimal(150000)),
        lot_count=2,
        nature=Nature.WORKS,
        cpv=(Cpv("45422100"),),
    )
    moved: dict[str, tuple[object, object]] = {
        "deadline": ("2026-06-03T12:00:00+02:00", "2026-06-17T12:00:00+02:00"),
        "lots": (["1"], ["1", "6"]),
        "documents": ([], ["https://profil.example/doc/2", "https://profil.example/doc/3"]),
    }
    return [
        line(MatchKind.CHANGED, hospital, changes=moved, notice="boamp:26-47005"),
        line(MatchKind.CHANGED, stairs, changes={"value": ("133000.00 EUR", "150000.00 EUR")}),
    ]


def _ended_lines() -> list[Line]:
    conservatory = tender(
        7,
        title="Réfection des escaliers bois du conservatoire",
        buyer=Buyer(name="Commune de Longchamp-la-Vallée"),
        departments=(Department("21"),),
        deadline=paris(6, 12),
        value=Money(Decimal(58000)),
        lot_count=0,
        nature=Nature.WORKS,
        cancelled=True,
    )
    hall = tender(
        8,
        title="Menuiseries de la halle des sports",
        buyer=Buyer(name="Syndicat intercommunal du Vingeanne-Vert"),
        departments=(Department("21"),),
        deadline=paris(4, 30),
        nature=Nature.WORKS,
        awarded=True,
        awards=(Award(lot="1", suppliers=(Supplier(name="Menuiseries du Haut-Val"),)),),
    )
    return [
        line(MatchKind.CANCELLED, conservatory, changes={"cancelled": (False, True)}, notice=conservatory.merged.key),
        line(MatchKind.LEFT, hall, changes={"awarded": (False, True), "awards": ([], ["1|Menuiseries du Haut-Val"])}),
    ]


def _ending_lines() -> list[Line]:
    doors = tender(
        9,
        title="Fourniture et pose de portes coupe-feu en bois massif dans trois résidences",
        buyer=Buyer(name="Office de l’habitat de la Saône verte", town="Mâcon-le-Neuf"),
        departments=(Department("71"),),
        deadline=paris(5, 24, 16),
    )
    windows = tender(
        10,
        title="Remplacement des menuiseries extérieures du groupe scolaire des Acacias",
        buyer=Buyer(name="Ville de Beaulieu-sur-Vouge"),
        departments=(Department("21"),),
        deadline=paris(5, 22),
    )
    today = tender(11, title="Escalier hélicoïdal de la tour de guet", deadline=paris(5, 21, 18))
    return [line(MatchKind.ENDING, each) for each in (doors, windows, today)]


def fifty(title: str = "", **facts: Any) -> Digest:
    """A digest of 50 full rows."""
    lines = []
    for number in range(1, 51):
        long = f"{title or 'Remplacement des menuiseries extérieures et des occultations du groupe scolaire'} {number}"
        of = tender(
            number,
            **(
                {
                    "title": long,
                    "buyer": Buyer(name="Communauté d’agglomération du Val-de-Saône-Vert", town="Semur-la-Forêt"),
                    "departments": (Department("21"),),
                    "deadline": paris(6, 1 + number % 28, 12),
                    "value": Money(Decimal(100000 + number)),
                    "lot_count": 4,
                    "lots": (Lot(id="LOT-0002", title="Menuiseries extérieures en bois et occultations"),),
                    "nature": Nature.WORKS,
                    "procedure": Procedure.ADAPTED,
                    "cpv": (Cpv("45421000"),),
                }
                | facts
            ),
        )
        why = (Reason("q", "Menuiseries", "lot"), Reason("cpv", "4542", "45421"), Reason("dept", "21", "21"))
        lines.append(line(MatchKind.NEW, of, *why))
    return digest(*lines, checked=_coverage(), notices_read=387)
