"""Territories that have a name here: France, its regions, départements and EPCI; what people call a scope's places.

`all`, `region-27` and `dept-21` are where the work is done; `epci-243300316` is who buys: an EPCI or its communes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from tenders.bodies import groupings, name_epci
from tenders.codes import departments, regions
from tenders.query import Query
from tenders.query_words import describe, place, topic
from tenders.translations import N_, translator
from tenders.vocabulary import department_name

EVERYWHERE = "all"
FIRST = ("region-27", "epci-243300316")  # Bourgogne-Franche-Comté and Bordeaux Métropole


@cache
def _wide() -> dict[str, Query]:
    """France, its regions and its départements."""
    ordered = sorted(regions().values(), key=lambda region: region.name)
    named = {f"region-{region.code}": Query(dept=tuple(map(str, region.departments()))) for region in ordered}
    return {EVERYWHERE: Query(), **named, **{f"dept-{code}": Query(dept=(str(code),)) for code in departments()}}


def places_of(territory: str) -> Query | None:
    """Return the places that a territory is, None where none has this name."""
    kind, _, code = territory.partition("-")
    if kind == "epci" and code in groupings():
        return Query(epci=(code,))
    return _wide().get(territory)


def list_territories(scope: Query) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the territories to choose from, in groups with their names (messages): all wide ones, the scope's EPCI."""
    wide = list(_wide())
    yield "", (EVERYWHERE, *FIRST)
    yield N_("Regions"), tuple(name for name in wide if name.startswith("region-") and name not in FIRST)
    yield N_("Départements"), tuple(name for name in wide if name.startswith("dept-"))
    held = {department for siren in scope.epci for department in groupings()[siren].departments} or set(scope.dept)
    near = sorted((one.name, siren) for siren, one in groupings().items() if held.intersection(one.departments))
    if near:
        yield N_("Metropolises and communities of communes here"), tuple(f"epci-{siren}" for _, siren in near)


def name_territory(territory: str, language: str) -> str:
    """Return what people call a territory."""
    kind, _, code = territory.partition("-")
    if kind == "epci":
        return name_epci(code)
    if kind == "region":
        return regions()[code].name.replace("'", "’")
    return f"{department_name(code)} ({code})" if kind == "dept" else translator(language).gettext("Everywhere")


def find_territory(scope: Query) -> str | None:
    """Return the territory that a scope is held to, None where its places are none of ours."""
    if scope.epci and not scope.dept and not scope.nuts and len(scope.epci) == 1:
        return f"epci-{scope.epci[0]}"
    if scope.nuts or scope.epci:
        return None
    held = frozenset(scope.dept)
    return next((name for name, places in _wide().items() if frozenset(places.dept) == held), None)


def name_place(scope: Query, language: str) -> str:
    """Return what people call the places of a scope, a territory or not."""
    territory = find_territory(scope)
    if territory is not None:
        return name_territory(territory, language)
    return describe(Query(dept=scope.dept, nuts=scope.nuts, epci=scope.epci), language)


def name_scope(scope: Query, language: str) -> str:
    """Return what a heading calls a scope, whatever its days: ``toiture, Côte-d’Or (21)``."""
    rest = replace(scope, dept=(), nuts=(), epci=(), published_after=None, published_before=None)
    if rest == Query():
        return name_place(scope, language)
    where = "" if find_territory(scope) == EVERYWHERE else name_place(scope, language)
    return ", ".join(filter(None, (topic(rest, language), where)))


def title_scope(scope: Query, language: str) -> str:
    """Say a scope in a few words, its topic and its places: ``toiture, Bourgogne-Franche-Comté``; "" for everything."""
    territory = find_territory(scope)
    rest = replace(scope, dept=(), nuts=(), epci=())
    named = territory is not None and territory.startswith("region-")
    where = name_territory(territory, language) if territory and named else place(scope, language)
    return ", ".join(filter(None, (topic(rest, language) if rest != Query() else "", where)))
