"""The searches behind figures: a scope held to one value more, or nothing where a Query cannot say that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from indexer.analysis import words
from tenders.errors import BadQuery
from tenders.query import Query
from tenders.translations import N_

_UNDER: Final = frozenset({"cpv", "cpv_any", "nuts"})  # names whose values select what begins with them


@dataclass(frozen=True, slots=True)
class Number:
    """How many tenders, and the search that lists them."""

    count: int
    query: Query


def require_scope(query: Query) -> None:
    """Raise BadQuery for a query that cannot be a scope: figures are themselves linked by `known` and `unknown`."""
    for name in ("known", "unknown"):
        if getattr(query, name):
            raise BadQuery(
                N_(
                    "%(name)s is how the observatory's figures are linked to their tenders: leave it out of the scope, "
                    "or ask /api/v1/tenders for the list"
                ),
                name=name,
                values={"name": name},
            )


def is_one_department(scope: Query) -> bool:
    """Whether all places of a scope are one département."""
    return len(scope.dept) == 1 and not scope.nuts


def hold_to(scope: Query, name: str, value: str) -> Query | None:
    """Hold a scope to one value of a name; None where its own values of that name leave it out or cut through it."""
    held = getattr(scope, name)
    if held and not any(_is_within(name, value, one) for one in held):
        return None
    said: dict[str, Any] = {name: (value,)}
    return replace(scope, **said)


def _is_within(name: str, value: str, held: str) -> bool:
    if name == "buyer":
        return words(value) == words(held)
    return value == held or (name in _UNDER and value.startswith(held))


def hold_to_flag(scope: Query, name: str, value: bool) -> Query | None:
    """Hold a scope to yes or no of a flag."""
    said: dict[str, Any] = {name: value}
    return replace(scope, **said) if getattr(scope, name) in (None, value) else None


def hold_to_days(scope: Query, first: date | None, last: date | None, name: str = "published") -> Query | None:
    """Hold a scope to days, both included, None for open."""
    after, before = f"{name}_after", f"{name}_before"
    firsts = [day for day in (getattr(scope, after), first) if day]
    lasts = [day for day in (getattr(scope, before), last) if day]
    first, last = max(firsts, default=None), min(lasts, default=None)
    if first and last and first > last:
        return None
    said: dict[str, Any] = {after: first, before: last}
    return replace(scope, **said)


def hold_to_value(scope: Query, least: Decimal, most: Decimal | None) -> Query | None:
    """Hold a scope to known amounts in euros."""
    least = max(least, scope.value_min or Decimal(0))
    lasts = [amount for amount in (most, scope.value_max) if amount is not None]
    most = min(lasts, default=None)
    if most is not None and most < least:
        return None
    return replace(scope, value_min=least, value_max=most, value_unknown="drop")


def year_before(scope: Query) -> Query | None:
    """Return a scope a year earlier; None where it has no first day of publication, so that no year is before it."""
    if scope.published_after is None:
        return None
    after, before = scope.published_after, scope.published_before
    last = _a_year_earlier(before) if before else None
    if last and before and after.day == 1 and before == month_days(before.isoformat()[:7])[1]:
        last = month_days(last.isoformat()[:7])[1]  # whole months stay whole, the Februaries of leap years too
    return replace(scope, published_after=_a_year_earlier(after), published_before=last)


def month_before(scope: Query, day: date) -> Query:
    """Hold a scope to the whole month before that of a day, in place of its own days of publication."""
    last = day.replace(day=1) - timedelta(days=1)
    return replace(scope, published_after=last.replace(day=1), published_before=last)


def _a_year_earlier(day: date) -> date:
    if day.year == date.min.year:
        return date.min
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def month_days(month: str) -> tuple[date, date]:
    """Return the first and the last day of a month, ``2021-04``."""
    first = date.fromisoformat(f"{month}-01")
    if (first.year, first.month) == (date.max.year, date.max.month):
        return first, date.max
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)
