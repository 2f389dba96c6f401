"""The ways out of an empty scope of the observatory: one thing left out at a time, and how many tenders that finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from indexer.engine import SearchEngine, count_selected
from search_api.observatory.asking import PATH, write_scope
from search_api.pages.filters import take_out
from search_api.pages.layout import Link
from tenders.phrasing import say_number
from tenders.query import STATED, Query
from tenders.query_words import describe
from tenders.translations import N_, translator
from tenders.vocabulary import STATED as NAMES
from tenders.vocabulary import spoken

_GROUPS: Final = (
    (N_("All days of publication"), ("published_after", "published_before")),
    (N_("All places"), ("dept", "nuts", "epci")),
    ("", ("deadline_after", "deadline_before")),
    ("", ("value_min", "value_max", "value_unknown")),
)
_GROUPED: Final = frozenset(name for _, names in _GROUPS for name in names)


@dataclass(frozen=True, slots=True)
class WayOut:
    """A wider scope: its page, what it is called, and what no tender of it states (why the scope finds nothing)."""

    address: str
    label: str
    silent: str = ""


def list_ways_out(engine: SearchEngine, scope: Query, now: datetime, link: Link, language: str) -> Iterator[WayOut]:
    """Give the wider scopes that find something; where none does, the widest."""
    _ = translator(language).gettext
    found = False
    for names, label in _list_parts(scope, language):
        wider = take_out(scope, *names)
        if count := count_selected(engine, wider, now):
            found = True
            silent = _find_silent(engine, wider, names, now, language)
            yield WayOut(link(PATH, write_scope(wider)), f"{label} ({say_number(count, language)})", silent)
    if not found and scope != Query():
        yield WayOut(link(PATH, write_scope(Query())), _("All that we hold"))


def _list_parts(scope: Query, language: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give what a scope is held to: names of the Query, and what leaving them out is called."""
    _ = translator(language).gettext
    alone = (("", (field.name,)) for field in fields(Query) if field.name not in _GROUPED)
    for called, names in (*_GROUPS, *alone):
        only: dict[str, Any] = {name: getattr(scope, name) for name in names}
        if Query(**only) != Query():
            said = _("Without: %(filter)s") % {"filter": describe(Query(**only), language)}
            yield names, _(called) if called else said


def _find_silent(engine: SearchEngine, wider: Query, names: tuple[str, ...], now: datetime, language: str) -> str:
    stated = "value" if "value_min" in names else names[0]
    if stated not in STATED or count_selected(engine, replace(wider, known=(stated,)), now):
        return ""
    return NAMES[spoken(language)][stated]
