"""Invented notices as a daily CSV of BOAMP (``YYYY_MM_DD_csv_boamp_extrait_quot.csv``): the columns most days have."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from tests.standins.sample_facts import Facts
from tests.standins.sample_records import summary

COLUMNS: Final = (
    "a00_cle_idweb",
    "g04_01_date_publication",
    "g04_03_date_fin_diffusion",
    "g04_07_dep_publication",
    "g04_09_resume_objet",
    "g01_02_01_famille",
    "g01_02_02_perimetre",
    "g01_02_03_nature",
    "g01_02_04_statut",
    "d01_01_denomination",
    "d01_07_cp",
    "d01_08_ville",
    "d08_09_decision_titulaireandRENSEIGNEMENT",
    "g04_052_descripteurs_libelles",
    "g04_051_descripteurs_codes",
    "g04_061_criteres_sociaux",
    "g04_062_criteres_environnementaux",
)
_PERIMETERS: Final = {"JOUE": "directive24", "DSP": "dsp"}
_ACTS: Final = {
    "call": ("appeloffre", "initial"),
    "planning": ("preinformation", "initial"),
    "award": ("attribution", "initial"),
    "change": ("rectificatif", "rectificatif"),
    "cancel": ("appeloffre", "annulation"),
    "modification": ("modification", "modification"),
    "direct-award": ("intentionconclure", "initial"),
}


def _row(facts: Facts) -> list[str]:
    nature, status = _ACTS[facts.act]
    if facts.act == "change" and facts.form == "EFORMS":
        nature = "appeloffre"  # both ways of saying "correction" occur
    titles = {lot.number: lot.title for lot in facts.lots}
    won = [(w.day.isoformat(), w.supplier.name, (w.value, "EUR"), titles.get(w.lot or 0)) for w in facts.won]
    return [
        facts.idweb,
        facts.published.isoformat(),
        facts.display_until.isoformat(),
        repr([{"2A": "20A", "2B": "20B"}.get(code, code.lstrip("0")) for code in facts.departments]),
        summary(facts)[:200],
        facts.family.lower(),
        _PERIMETERS.get(facts.family, "cmp2006"),
        nature,
        status,
        facts.buyer.name,
        facts.buyer.postcode,
        facts.buyer.town,
        repr(won) if facts.won else "",
        repr([name for _, name in facts.descriptors]),
        repr([int(code) for code, _ in facts.descriptors]),
        "oui" if facts.social else "non",
        "oui" if facts.green else "non",
    ]


def daily_csv_of(notices: Iterable[Facts]) -> bytes:
    """Return the notices as one daily file, UTF-8, a row each after the header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(facts) for facts in notices)
    return out.getvalue().encode()
