"""Invented consultations for the stand-in of Atexo MPE, the same ones for the same seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

ORGS: Final = {
    "v4l": ("Commune de Vallebrune", "21999", "VALLEBRUNE"),
    "c0m": ("Communauté de communes des Trois Biefs", "71998", "BIEFVILLE"),
    "h7s": ("Centre hospitalier de Montrosey", "89997", "MONTROSEY"),
    "d2e": ("Département de l'Ouchère", "58996", "OUCHÈRES"),
    "lyc9": ("Lycée agricole des Hautes-Vignes", "25995", "VIGNEROLLES"),
}
PLACES: Final = (("21", "Côte-d'Or"), ("71", "Saône-et-Loire"), ("89", "Yonne"), ("58", "Nièvre"), ("25", "Doubs"))
WORKS: Final = {
    "Travaux": (
        ("Réfection de la toiture de {place}", "45261910"),
        ("Mise en accessibilité & ravalement de {place}", "45443000"),
        ("Voirie 2026 : accès à {place}", "45233140"),
        ("Remplacement des menuiseries extérieures de {place}", "45421100"),
    ),
    "Fournitures": (
        ("Fourniture de mobilier pour {place}", "39160000"),
        ('Achat de "consommables" d\'entretien pour {place}', "39830000"),
    ),
    "Services": (
        ("Maîtrise d'œuvre pour l'extension de {place}", "71221000"),
        ("Nettoyage des locaux de {place} <lot unique>", "90911200"),
    ),
}
PLACES_OF_WORK: Final = (
    "l'école Jules-Verne",
    "la mairie",
    "la médiathèque",
    "l'hôpital",
    "la salle des fêtes",
    "la gare",
)
PROCEDURES: Final = (
    ("MAPA", "Procédure adaptée"),
    ("AOO", "Appel d'offres ouvert"),
    ("SAD-A", "Système d'Acquisition Dynamique"),
    ("AOR", "Appel d'offres restreint"),
)


@dataclass(frozen=True)
class Consultation:
    """One consultation as the site knows it; `deadline` is Paris time. `list` is the menu entry that shows it."""

    id: str
    org: str
    title: str
    objet: str
    category: str
    procedure: tuple[str, str]
    published: date
    deadline: datetime
    reference: str | None
    cpv: str
    places: tuple[tuple[str, str], ...]
    lots: int | None = None
    boamp: str | None = None
    list: str = "AllCons"
    documents: tuple[tuple[str, str], ...] = field(
        default=(
            ("linkDownloadReglement", "Règlement de consultation - 550,89 Ko"),
            ("linkDownloadDce", "DCE - 9,38 Mo"),
        )
    )

    @property
    def key(self) -> str:
        return f"{self.org}:{self.id}"

    @property
    def buyer(self) -> str:
        name, postcode, town = ORGS[self.org]
        return f"{name} ({postcode} - {town})"


def consultations(count: int, seed: int = 1, today: date | None = None, list_: str = "AllCons") -> list[Consultation]:
    """Return invented consultations, by deadline; some lack lots or a reference, some titles are long."""
    draw = Random(f"{seed} {list_}")
    today = today or date.today()  # noqa: DTZ011 a day of a test
    first = {"AllCons": 900_000, "AvisInformation": 500_000, "AvisAttribution": 600_000}[list_]
    made = []
    for number in range(first, first + count):
        category = draw.choice(list(WORKS))
        words, cpv = draw.choice(WORKS[category])
        title = f"{words.format(place=draw.choice(PLACES_OF_WORK))} - {number}"
        long_tail = " et prestations associées, tranches ferme et optionnelles comprises" * 4
        made.append(
            Consultation(
                id=str(number),
                org=draw.choice(list(ORGS)),
                title=title,
                objet=title + (long_tail if draw.random() < 0.3 else ""),
                category=category,
                procedure=draw.choice(PROCEDURES),
                published=today - timedelta(days=draw.randint(0, 60)),
                deadline=datetime.combine(
                    today + timedelta(days=draw.randint(1, 330)), time(draw.choice((11, 12, 17)), 0)
                ),
                reference=None if draw.random() < 0.1 else f"26-{number % 1000:03d}",
                cpv=cpv,
                places=tuple(draw.sample(PLACES, draw.choice((1, 1, 1, 3)))),
                lots=draw.choice((None, None, 1, 4, 11)),
                list=list_,
            )
        )
    return sorted(made, key=lambda one: one.deadline)
