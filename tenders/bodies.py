"""Public bodies of France by their SIREN: what a buyer's number says of it, and the groupings of communes (EPCI).

Importing this module reads no file: the tables of :mod:`tenders.reference` load at the first question. They hold the
communes and groupings of today, whatever the day of a notice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from tenders import reference
from tenders.codes import FRANCE
from tenders.errors import Refused

_DIGITS: Final = re.compile(r"[0-9]{9}(?:[0-9]{5})?")
_NOTHING: Final = "000000000"

# What the first digits of a public body's SIREN follow: INSEE's legal categories. Only those are here that no real
# buyer's name contradicts (infra/decisions/0015-public-bodies.md has the counts): 13, 18, 20 and 28 are of many kinds.
_BY_DIGITS: Final = {
    "11": "state",
    "17": "state",
    "19": "education",
    "21": "municipality",
    "22": "department",
    "23": "region",
    "24": "grouping",
    "25": "grouping",
    "26": "health",
    "27": "housing",
}
# Regions and départements made since 2015, whose numbers follow no category.
_RENEWED: Final = {
    "200052264": "region",  # Grand Est
    "200052678": "region",  # Guyane
    "200053403": "region",  # Normandie
    "200053726": "region",  # Bourgogne-Franche-Comté
    "200053742": "region",  # Hauts-de-France
    "200053759": "region",  # Nouvelle-Aquitaine
    "200053767": "region",  # Auvergne-Rhône-Alpes
    "200053791": "region",  # Occitanie
    "200055507": "region",  # Martinique
    "200076958": "region",  # Corse
    "200094332": "department",  # Alsace
}

_TYPES: Final = {
    "CC": "Communauté de communes",
    "CA": "Communauté d’agglomération",
    "CU": "Communauté urbaine",
    "EPT": "Établissement public territorial",
}
_WHOLE: Final = re.compile(r"\b(Communauté|Métropole|Agglo\w*)\b")  # in a name that is said without its type
_QUOTED: Final = re.compile(r'"([^"]+)"')
_OF: Final = re.compile(r"(?:de|du|des|d['’])\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Epci:
    """A grouping of communes with taxes of its own (EPCI), or a territory of the Grand Paris."""

    siren: str
    type: str  # CC, CA, CU, METRO, MET69, EPT
    name: str  # as people say it
    departments: tuple[str, ...]
    members: tuple[str, ...]  # INSEE codes of its communes

    @classmethod
    def parse(cls, text: str) -> str:
        """Read the SIREN of an EPCI; raises Refused for any other."""
        if text not in reference.epci():
            raise Refused(
                "is the SIREN of no EPCI that we know: write 9 digits such as 243300316 (Bordeaux Métropole); "
                "/observatory/territories finds them by name or by commune"
            )
        return text


def read_siren(id_: str | None, country: str | None) -> str | None:
    """Return the SIREN that a buyer's number states, as a SIREN or a SIRET, None for what is no such number.

    Other countries have numbers of 9 digits too: where no country is stated, only one of 14 digits counts.
    """
    if not id_ or (country or "FR") not in FRANCE:
        return None
    return _siren(id_, country is None)


@lru_cache(maxsize=10_000)
def _siren(id_: str, long: bool) -> str | None:
    from stdnum.fr import siren  # here, so that importing the words stays light

    digits = re.sub(r"[\s.]", "", id_)
    if not _DIGITS.fullmatch(digits) or (long and len(digits) == 9):
        return None
    return digits[:9] if digits[:9] != _NOTHING and siren.is_valid(digits[:9]) else None


def categorise(siren: str) -> str | None:
    """Return the one of `tenders.query.BUYER_CATEGORIES` that a SIREN tells, None where it tells none."""
    if siren in reference.epci():
        return "intermunicipal"
    if siren in _communes():
        return "municipality"
    return _RENEWED.get(siren) or _BY_DIGITS.get(siren[:2])


def groupings_of(siren: str) -> tuple[str, ...]:
    """Return the SIRENs of the EPCI that a body is, or is a member commune of."""
    if siren in reference.epci():
        return (siren,)
    code = _communes().get(siren)
    return () if code is None else groupings_of_commune(code)


def groupings_of_commune(code: str) -> tuple[str, ...]:
    """Return the SIRENs of the EPCI that a commune is a member of, by its INSEE code; two in the Grand Paris."""
    return _memberships().get(code, ())


@cache
def groupings() -> dict[str, Epci]:
    """Return every EPCI by SIREN."""
    communes = reference.communes()
    return {
        siren: Epci(
            siren,
            row.type,
            _write_name(row.type, row.name),
            tuple(sorted({communes[code].department for code in row.members})),
            row.members,
        )
        for siren, row in reference.epci().items()
    }


def name_epci(siren: str) -> str:
    """Return what people call an EPCI; its number where we do not know it."""
    known = groupings().get(siren)
    return siren if known is None else known.name


def _write_name(type_: str, name: str) -> str:
    bare = name[1:-1] if name[0] == name[-1] == '"' else name
    parts = _QUOTED.sub("«\u00a0\\1\u00a0»", bare.replace("'", "’")).split(" - ")
    said = ("-" if len(parts) == 2 and not any("-" in part for part in parts) else " – ").join(parts)
    if type_ not in _TYPES or (_WHOLE.search(said) and not _OF.match(said)):
        return said
    return f"{_TYPES[type_]} {said}"


@cache
def _communes() -> dict[str, str]:
    """The INSEE code of each commune by its SIREN."""
    return {row.siren: code for code, row in reference.communes().items() if row.siren}


@cache
def _memberships() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for siren, row in reference.epci().items():
        for code in row.members:
            found[code] = (*found.get(code, ()), siren)
    return found
