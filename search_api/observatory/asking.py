"""What an address asks the observatory: a Query as its scope, or a territory and a period that are turned into one.

`territory` is `all`, `region-27`, `dept-21` or `epci-243300316` and stands in place of `dept`, `nuts` and `epci`;
`period` is `12m`, `all` or a year, in place of the days of publication; `compare` is a territory. What both would say
is refused: nobody could tell which of them counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime

from starlette.requests import Request

from indexer.observatory.scope import require_scope
from indexer.observatory.territories import places_of
from search_api.desk import TWICE, Desk, read_pairs
from tenders.errors import BadQuery
from tenders.query import Query
from tenders.query_url import from_pairs, to_url
from tenders.status import paris_day
from tenders.translations import N_

PATH = "/observatory"
LAST_YEAR = "12m"
OWN = ("territory", "period", "compare")
INSTEAD = {"territory": ("dept", "nuts", "epci"), "period": ("published_after", "published_before")}
_OF_A_LIST = ("sort", "size", "after")
_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Asked:
    """The scope, and the same scope of another territory where one that differs is to be compared."""

    scope: Query
    compared: Query | None = None
    compared_with: str = ""  # the territory's code


def read_asked(desk: Desk, request: Request, now: datetime, period: str, beside: frozenset[str] = frozenset()) -> Asked:
    """Read an address; `period` is the one it means where it says nothing of days, `beside` names that others read.

    Raises BadQuery for what cannot be read, for what no scope can be, and for names that contradict each other.
    """
    own: dict[str, str] = {}
    rest = []
    for name, value in read_pairs(request):
        if name in OWN:
            if name in own:
                raise BadQuery(TWICE, name=name, values={"name": name})
            own[name] = value.strip() if name == "period" else _spell(value.strip())
        elif name not in beside:
            rest.append((name, value))
    _refuse_contradictions(own, {name for name, value in rest if value.strip()})
    scope = from_pairs(rest)
    desk.sources.require(scope, desk.store, now)
    require_scope(scope)
    if own.get("territory"):
        scope = in_territory(scope, own["territory"], "territory")
    said = own.get("period") or ("" if scope.published_after or scope.published_before else period)
    if said:
        scope = in_period(scope, said, now)
    other = own.get("compare") or ""
    compared = in_territory(scope, other, "compare") if other else scope
    return Asked(scope) if compared == scope else Asked(scope, compared, other)


def _spell(territory: str) -> str:
    """Write a territory in the letters that ours have: ``dept-2A``, however it was typed."""
    kind, dash, code = territory.partition("-")
    return kind.lower() + dash + code.upper()


def _refuse_contradictions(own: dict[str, str], names: set[str]) -> None:
    for one, others in INSTEAD.items():
        both = [name for name in others if name in names]
        if own.get(one) and both:
            values = {"one": one, "other": both[0]}
            raise BadQuery(N_("%(one)s stands in place of %(other)s: give one of them"), name=both[0], values=values)
    for name in _OF_A_LIST:
        if name in names:
            of_a_list = N_("%(name)s is of a list, and figures have none: leave it out")
            raise BadQuery(of_a_list, name=name, values={"name": name})


def write_asked(scope: Query, now: datetime) -> str:
    """Write a scope in URL form, its days as the period that moves along with time where they are one's."""
    for period in (LAST_YEAR, "all"):
        if in_period(scope, period, now) == scope:
            bare = to_url(replace(scope, published_after=None, published_before=None))
            return f"{bare}&period={period}".removeprefix("&")
    return to_url(scope)


def write_scope(scope: Query) -> str:
    """Write a scope in URL form with its days, or that it has none: without either a page shows the last months."""
    form = to_url(scope)
    return form if scope.published_after or scope.published_before else f"{form}&period=all".removeprefix("&")


def in_territory(scope: Query, territory: str, name: str) -> Query:
    """Hold a scope to a territory in place of its own; raises BadQuery for an unknown one."""
    places = places_of(territory)
    if places is None:
        raise BadQuery(
            N_(
                "%(name)s=%(given)s: is no territory: write all, region- with a region's INSEE code (region-27), dept- "
                "with a département's (dept-21), or epci- with an EPCI's SIREN (epci-243300316); "
                "/observatory/territories finds them by name"
            ),
            name=name,
            values={"name": name, "given": territory[:60]},
        )
    return replace(scope, dept=places.dept, nuts=(), epci=places.epci)


def in_period(scope: Query, period: str, now: datetime) -> Query:
    """Hold a scope to a period in place of its own days of publication; raises BadQuery for an unknown one."""
    today = paris_day(now)
    if period == "all":
        return replace(scope, published_after=None, published_before=None)
    if period == LAST_YEAR:
        months = today.year * 12 + today.month - 12
        return replace(scope, published_after=date(months // 12, months % 12 + 1, 1), published_before=today)
    if not _YEAR.fullmatch(period):
        values = {"given": period[:60], "year": today.year}
        raise BadQuery(N_("period=%(given)s: write 12m, all or a year such as %(year)s"), name="period", values=values)
    return replace(scope, published_after=date(int(period), 1, 1), published_before=date(int(period), 12, 31))
