"""Territories that have a name here: France, its regions and départements; what people call the places of a scope."""

from __future__ import annotations

from dataclasses import replace

from tenders.codes import departments, regions
from tenders.query import Query
from tenders.query_words import describe, place, topic
from tenders.translations import translator
from tenders.vocabulary import department_name

EVERYWHERE = "all"


def territories() -> dict[str, tuple[str, ...]]:
    """Return the départements of each territory that has a name here: France, its regions, its départements."""
    ordered = sorted(regions().values(), key=lambda region: region.name)
    named = {f"region-{region.code}": tuple(map(str, region.departments())) for region in ordered}
    return {EVERYWHERE: (), **named, **{f"dept-{code}": (str(code),) for code in departments()}}


def name_territory(territory: str, language: str) -> str:
    """Return what people call a territory."""
    kind, _, code = territory.partition("-")
    if kind == "region":
        return regions()[code].name.replace("'", "’")
    return f"{department_name(code)} ({code})" if kind == "dept" else translator(language).gettext("Everywhere")


def find_territory(scope: Query) -> str | None:
    """Return the territory that a scope is held to, None where its places are none of ours."""
    if scope.nuts:
        return None
    held = frozenset(scope.dept)
    return next((name for name, places in territories().items() if frozenset(places) == held), None)


def name_place(scope: Query, language: str) -> str:
    """Return what people call the places of a scope, a territory or not."""
    territory = find_territory(scope)
    if territory is not None:
        return name_territory(territory, language)
    return describe(Query(dept=scope.dept, nuts=scope.nuts), language)


def title_scope(scope: Query, language: str) -> str:
    """Say a scope in a few words, its topic and its places: ``toiture, Bourgogne-Franche-Comté``; "" for everything."""
    territory = find_territory(scope)
    rest = replace(scope, dept=(), nuts=())
    named = territory is not None and territory.startswith("region-")
    where = name_territory(territory, language) if territory and named else place(scope, language)
    return ", ".join(filter(None, (topic(rest, language) if rest != Query() else "", where)))
