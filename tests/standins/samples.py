"""Invented notices of French public buyers, from a seed: the same arguments give the same bytes.

Every form that BOAMP has (EFORMS, FNSimple, MAPA, DSP, DIVERS, the older blocks) and every act (call, planning, award,
correction, cancellation, modification, direct award). Buyers, towns and companies are invented; no persons. Dates lie
around `today`, so that most calls are open on that day and some close within three days.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Final

from tests.standins.boamp_fields import Record, complete
from tests.standins.sample_daily import daily_csv_of
from tests.standins.sample_eforms import eforms_xml
from tests.standins.sample_facts import Facts
from tests.standins.sample_foreign import foreign_facts
from tests.standins.sample_plan import invent
from tests.standins.sample_records import record

TODAY: Final = date(2026, 5, 21)


def sample_facts(count: int = 320, seed: int = 1, today: date = TODAY) -> list[Facts]:
    """Return what the samples say, in the order of `samples`: what a reader of them should find."""
    return invent(count, seed, today)


def samples(count: int = 320, seed: int = 1, today: date = TODAY, *, broken: bool = False) -> list[Record]:
    """Return `count` records of the API v2.1, in the order of their publication; `broken` adds some at the end."""
    records = [record(facts) for facts in sample_facts(count, seed, today)]
    return records + broken_records(today) if broken else records


def daily_csv(count: int = 320, seed: int = 1, today: date = TODAY) -> bytes:
    """Return the same notices as one daily CSV."""
    return daily_csv_of(sample_facts(count, seed, today))


def eforms_files(seed: int = 1, today: date = TODAY) -> dict[str, bytes]:
    """Return stand-alone eForms XML by file name: French notices of each type, German, Dutch and others."""
    wanted = dict.fromkeys(("call", "change", "cancel", "planning", "award", "modification", "direct-award"))
    french = {facts.act: facts for facts in sample_facts(120, seed, today) if facts.form == "EFORMS"}
    notices = [french[act] for act in wanted if act in french] + foreign_facts(seed, today)
    files = {}
    for number, facts in enumerate(notices, 300_001):
        name = f"{number:08d}-{facts.published.year}"
        files[f"{name}.xml"] = eforms_xml(facts, name)
    return files


def broken_records(today: date = TODAY) -> list[Record]:
    """Return records that a reader must refuse with a reason, each wrong in its own way."""
    good = record(invent(3, 7, today)[0])
    huge = {"MAPA": {"organisme": {}, "initial": {"description": {"objet": "x" * 10_000_000}}}}
    deep = '{"MAPA":' + '{"initial":' * 100_000 + "{}" + "}" * 100_001
    wrongs: list[Record] = [
        {"donnees": '{"MAPA": {"organisme": {"acheteurPublic": "Commune de Villec'},
        {"donnees": json.dumps({"FORMULAIRE_2031": {"organisme": {}}})},
        {"nature": "NATURE_INCONNUE"},
        {"objet": "", "gestion": "{}", "donnees": json.dumps({"MAPA": {"organisme": {}, "initial": {}}})},
        {"dateparution": "2026-02-31"},
        {"objet": "x" * 10_000_000, "donnees": json.dumps(huge)},
        {"donnees": deep},
        {"etat": "PEUT-ETRE"},
    ]
    return [
        complete(
            good
            | {"idweb": f"{today.year % 100:02d}-9{number:04d}", "id": f"{today.year % 100:02d}_9{number:04d}"}
            | wrong
        )
        for number, wrong in enumerate(wrongs, 1)
    ]
