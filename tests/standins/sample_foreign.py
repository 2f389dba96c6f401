"""A few invented notices of buyers outside France, for the stand-alone eForms reader."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from random import Random
from typing import Final

from tests.standins.sample_facts import Facts, LotFacts, Organisation
from tests.standins.sample_plan import first_notice
from tests.standins.sample_trade import Kind

# language, country, buyer, town, postcode, NUTS, nature, CPV, title, description, hours from UTC in summer
_NOTICES: Final[tuple[tuple[str, str, str, str, str, str, Kind, str, str, str, int], ...]] = (
    (
        "DEU",
        "DEU",
        "Stadt Lindenbrück",
        "Lindenbrück",
        "99998",
        "DEG0L",
        "works",
        "45261210",
        "Dachsanierung der Grundschule",
        "Abbruch der Altdeckung, Dämmung und Neueindeckung mit Ziegeln, Klempnerarbeiten.",
        2,
    ),
    (
        "NLD",
        "NLD",
        "Gemeente Waterhoek",
        "Waterhoek",
        "9999 ZZ",
        "NL326",
        "services",
        "90919200",
        "Schoonmaakdiensten gemeentelijke gebouwen",
        "Dagelijks schoonmaakonderhoud, glasbewassing en social return.",
        2,
    ),
    (
        "NLD",
        "BEL",
        "Stad Kerkvoorde",
        "Kerkvoorde",
        "9998",
        "BE234",
        "supplies",
        "34144900",
        "Aankoop van elektrische bestelwagens",
        "Raamovereenkomst voor de levering van elektrische bestelwagens.",
        2,
    ),
    (
        "FRA",
        "BEL",
        "Commune de Bellerive-sur-Semois",
        "Bellerive-sur-Semois",
        "6998",
        "BE345",
        "services",
        "71200000",
        "Mission d'architecture pour la rénovation de l'école communale",
        "Études et suivi de chantier, performance énergétique.",
        2,
    ),
    (
        "ITA",
        "ITA",
        "Comune di Roccachiara",
        "Roccachiara",
        "00998",
        "ITC11",
        "services",
        "55524000",
        "Servizio di refezione scolastica",
        "Preparazione e consegna dei pasti con prodotti biologici.",
        2,
    ),
    (
        "POR",
        "PRT",
        "Município de Vila Clara do Mar",
        "Vila Clara do Mar",
        "9998-001",
        "PT170",
        "services",
        "72267000",
        "Manutenção de software de gestão municipal",
        "Manutenção corretiva e evolutiva durante três anos.",
        1,
    ),
)


def foreign_facts(seed: int, today: date) -> list[Facts]:
    """Return one open call of each foreign buyer, with two lots where the number is even."""
    random = Random(seed)
    found = []
    for number, row in enumerate(_NOTICES):
        language, country, name, town, postcode, nuts, nature, cpv, title, about, hours = row
        published = today - timedelta(days=number)
        base = first_notice(random, number, "EFORMS", "call", published)
        closing = datetime.combine(published + timedelta(days=33), time(12), timezone(timedelta(hours=hours)))
        lots = tuple(LotFacts(n, f"{title} ({n})", cpv, 90_000 * n) for n in (1, 2)) if number % 2 == 0 else ()
        buyer = Organisation(
            name=name,
            id=f"000-{number:05d}",
            town=town,
            postcode=postcode,
            department="",
            nuts=nuts,
            type="la",
            country=country,
        )
        notice = str(uuid.UUID(int=random.getrandbits(128), version=4))
        found.append(
            replace(
                base,
                title=title,
                about=about,
                nature=nature,
                buyer=buyer,
                departments=(),
                deadline=closing,
                display_until=closing.date(),
                stamp="offset",
                cpv=(cpv,),
                lots=lots,
                language=language,
                notice=notice,
                procedure="OUVERT",
            )
        )
    return found
