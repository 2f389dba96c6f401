"""What the form of the observatory's page lets choose: territory, period, category, and what to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from indexer.observatory.territories import find_territory, list_territories, name_territory
from search_api.observatory.asking import LAST_YEAR, Asked, in_period
from tenders.codes import divisions
from tenders.phrasing import paris_day
from tenders.plain import shorten
from tenders.query import Query
from tenders.translations import translator
from tenders.vocabulary import cpv_name

_YEARS = 7  # years to choose from
_CODE = 52  # characters of a category in a list


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to choose in the form."""

    value: str
    label: str
    chosen: bool


Groups = list[tuple[str, list[Choice]]]  # a group's name, "" for none


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
        "cpv_any": [("", _categories(scope, language))],
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
    chosen = scope.cpv_any
    codes = [Choice("", translator(language).gettext("All"), not chosen)]
    every = [code.prefix for code in divisions()]
    every += [code for code in chosen[:1] if code not in every or len(chosen) > 1]
    return codes + [
        Choice(code, shorten(cpv_name(code, language), _CODE), code in chosen[:1]) for code in dict.fromkeys(every)
    ]
