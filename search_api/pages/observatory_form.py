"""What the form of the observatory's page lets choose: territory, period, category, and what to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from indexer.observatory.territories import find_territory, list_territories, name_territory
from search_api.observatory.asking import INSTEAD, LAST_YEAR, OWN, Asked, in_period
from tenders.codes import divisions
from tenders.plain import shorten
from tenders.query import Query
from tenders.query_url import to_pairs
from tenders.status import paris_day
from tenders.translations import translator
from tenders.vocabulary import cpv_name

_YEARS = 7  # years to choose from
_CODE = 52  # characters of a category in a list
_ALL = "all"
_INSTEAD = {**INSTEAD, "category": ("cpv_any",)}  # what each field of the form stands in place of


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to choose in the form."""

    value: str
    label: str
    chosen: bool


Groups = list[tuple[str, list[Choice]]]  # a group's name, "" for none


def settle(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the address that a form means: what was chosen in place of what it kept of the search.

    Without a script the form cannot know that a search's own places, days or categories are no longer asked.
    """
    chosen = {name for name, value in pairs if value.strip()}
    left = {name for field, names in _INSTEAD.items() if field in chosen for name in names}
    asked = [(name, value) for name, value in pairs if value.strip() or name not in (*OWN, "category")]
    return [
        ("cpv_any" if name == "category" else name, value)
        for name, value in asked
        if name not in left and (name, value) != ("category", _ALL)
    ]


def keep(scope: Query, choices: dict[str, Groups]) -> list[tuple[str, str]]:
    """Return what the form keeps of a search: what has no field, and what a field says as "of this search"."""
    said = {
        name
        for field, names in _INSTEAD.items()
        if not any(choice.chosen and not choice.value for _, choices_ in choices[field] for choice in choices_)
        for name in names
    }
    return [pair for pair in to_pairs(scope) if pair[0] not in said]


def choose(asked: Asked, now: datetime, language: str) -> dict[str, Groups]:
    """Return the choices of each field."""
    _ = translator(language).gettext
    scope = asked.scope
    here = find_territory(scope)
    places = list(_territories(scope, here or "", language))
    if here is None:
        places.insert(0, ("", [Choice("", _("The places of this search"), True)]))
    others = list(_territories(scope, asked.compared_with, language))
    others.insert(0, ("", [Choice("", _("nothing"), not asked.compared_with)]))
    return {
        "territory": places,
        "period": [("", _periods(scope, now, language))],
        "category": [("", _categories(scope, language))],
        "compare": others,
    }


def _territories(scope: Query, chosen: str, language: str) -> Iterator[tuple[str, list[Choice]]]:
    groups = [(translator(language).gettext(group) if group else "", names) for group, names in list_territories(scope)]
    if chosen and not any(chosen in names for _, names in groups):
        groups[0] = groups[0][0], (*groups[0][1], chosen)
    seen: set[str] = set()  # one that stands on top is not given again
    for group, names in groups:
        listed = [name for name in names if name not in seen]
        seen.update(listed)
        yield group, [Choice(name, name_territory(name, language), name == chosen) for name in listed]


def _periods(scope: Query, now: datetime, language: str) -> list[Choice]:
    _ = translator(language).gettext
    year = paris_day(now).year
    named = [(LAST_YEAR, _("Last 12 months")), *((str(year - n), str(year - n)) for n in range(_YEARS))]
    named.append(("all", _("All that we hold")))
    periods = [Choice(value, label, in_period(scope, value, now) == scope) for value, label in named]
    if any(choice.chosen for choice in periods):
        return periods
    return [Choice("", _("The days of this search"), True), *periods]


def _categories(scope: Query, language: str) -> list[Choice]:
    _ = translator(language).gettext
    held = scope.cpv_any
    several = [Choice("", _("The categories of this search"), True)] if len(held) > 1 else []
    codes = dict.fromkeys((*(code.prefix for code in divisions()), *(held if len(held) == 1 else ())))
    named = [Choice(code, shorten(cpv_name(code, language), _CODE), held == (code,)) for code in codes]
    return [*several, Choice(_ALL, _("All"), not held), *named]
