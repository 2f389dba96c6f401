"""Territories by their names: regions, départements, and EPCI by their own or by a commune's name or postcode."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from indexer.observatory.territories import name_territory
from tenders import reference
from tenders.bodies import groupings, groupings_of_commune
from tenders.body_names import spell
from tenders.codes import departments, regions

_LONGEST = 100  # characters of a question that are looked at
MOST = 50  # EPCI that are given


@dataclass(frozen=True, slots=True)
class Found:
    """A territory; an EPCI has its départements, and the commune by which it was found where it was."""

    territory: str
    name: str
    departments: tuple[str, ...] = ()
    commune: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: wide territories, EPCI, and how many more EPCI there would be."""

    regions: tuple[Found, ...]
    departments: tuple[Found, ...]
    groupings: tuple[Found, ...] = ()
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.regions or self.departments or self.groupings)


def list_wide(language: str) -> Finding:
    """Return the regions by name and the départements by number."""
    named = sorted((name_territory(f"region-{code}", language), f"region-{code}") for code in regions())
    return Finding(
        tuple(Found(territory, name) for name, territory in named),
        tuple(Found(f"dept-{code}", name_territory(f"dept-{code}", language)) for code in departments()),
    )


def find_territories(text: str, language: str) -> Finding:
    """Return the territories in whose names each word begins one, whole names first; without words nothing is found."""
    asked = spell(text[:_LONGEST])
    if not asked:
        return Finding((), ())
    wide = list_wide(language)
    found = _find_groupings(asked)
    return Finding(
        tuple(one for one in wide.regions if _holds(_fold(one.name), asked)),
        tuple(one for one in wide.departments if _holds(_fold(one.name), asked)),
        tuple(found[:MOST]),
        max(0, len(found) - MOST),
    )


def _find_groupings(asked: list[str]) -> list[Found]:
    """Those of the whole name, with a commune of the whole name or postcode, of the words, with a commune of them.

    Of several communes the most populous counts first.
    """
    whole = _fold(" ".join(asked))
    ranked: dict[str, tuple[int, int, str]] = {}  # rank, population below zero, commune
    for siren, name in _names().items():
        if _holds(name, asked):
            ranked[siren] = (0 if name == whole else 2, 0, "")
    for code, name in _communes().items():
        if _holds(name, asked):
            row = reference.communes()[code]
            rank = 1 if whole == _fold(row.name) or whole.strip() in row.postcodes else 3
            offered = (rank, -(row.population or 0), row.name.replace("'", "’"))
            for siren in groupings_of_commune(code):
                ranked[siren] = min(ranked.get(siren, offered), offered)
    every = groupings()
    ordered = sorted(ranked, key=lambda siren: (*ranked[siren][:2], every[siren].name))
    return [Found(f"epci-{siren}", every[siren].name, every[siren].departments, ranked[siren][2]) for siren in ordered]


def _fold(name: str) -> str:
    """Return the words of a name with a space before each: `` bordeaux metropole``."""
    return "".join(f" {word}" for word in spell(name))


def _holds(name: str, asked: list[str]) -> bool:
    return all(f" {word}" in name for word in asked)


@cache
def _names() -> dict[str, str]:
    return {siren: _fold(one.name) for siren, one in groupings().items()}


@cache
def _communes() -> dict[str, str]:
    """The postcodes and the name of each commune by its code, ready to be looked through."""
    return {code: _fold(" ".join((*row.postcodes, row.name))) for code, row in reference.communes().items()}
