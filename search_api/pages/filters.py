"""The filters beside a list: what a query has chosen, what else there is and how much of it, and the rest to choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from tenders.codes import departments, divisions
from tenders.labels import headed
from tenders.model import Nature
from tenders.phrasing import say_number
from tenders.plain import shorten
from tenders.query import FLAGS, Facet, Query, Status, Within
from tenders.query_url import MANY, to_pairs
from tenders.query_words import describe, span
from tenders.translations import N_, translator
from tenders.vocabulary import cpv_name, department_name

Counts = Mapping[Facet, Mapping[str, int]]
_NAME = 60  # characters of a category in a list
_SHOWN = 6  # values of a facet that stand open, beside the chosen ones
_SPANS = ("7d", "15d", "30d")
_TRI = {"green": N_("Green"), "social": N_("Social"), "reserved": N_("Reserved"), "innovation": N_("Innovation")}
_COUNTED = (
    Facet.DEPT,
    Facet.NATURE,
    Facet.PROCEDURE,
    Facet.BUYER_TYPE,
    Facet.BUYER_CATEGORY,
    Facet.STATUS,
    Facet.SOURCE,
)
_VALUES = ("value_min", "value_max", "value_unknown")
_PAGE = ("sort", "size", "after", "q")
_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Query)}


@dataclass(frozen=True, slots=True)
class Option:
    """A value to tick; `count` is how many tenders it would find, as people write it."""

    value: str
    label: str
    count: str | None
    checked: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """The choices of one parameter; `more` are further values, for a list to choose from."""

    name: str
    legend: str
    options: tuple[Option, ...]
    kind: str = "checkbox"
    more: tuple[tuple[str, str], ...] = ()
    more_label: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """All filters of a page, and what the form carries along unseen."""

    groups: tuple[Filter, ...]
    flags: tuple[tuple[str, str, str], ...]  # name, label, "" or yes or no
    value_min: str
    value_max: str
    published_only: bool
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the query without it."""

    label: str
    without: Query


def cpv_parameter(query: Query) -> str:
    """Return the parameter by which people choose codes: published or estimated, unless they ask for published only."""
    return "cpv" if query.cpv and not query.cpv_any else "cpv_any"


def counted_facets(query: Query) -> tuple[Facet, ...]:
    """Return the facets whose counts the filters show."""
    return (*_COUNTED, Facet(cpv_parameter(query)))


def show_filters(query: Query, counts: Counts, language: str) -> Filters:
    """Return the filters of a query with the counts of its facets, none where it was not run."""
    groups = [
        _places(query, counts, language),
        _deadlines(query, language),
        _codes(query, counts, language),
        _plain(query, counts, Facet.NATURE, N_("Nature"), language, list(Nature)),
        _plain(query, counts, Facet.PROCEDURE, N_("Procedure"), language),
        _plain(query, counts, Facet.BUYER_TYPE, N_("Type of buyer"), language),
        _plain(query, counts, Facet.BUYER_CATEGORY, N_("Buyer by its SIREN"), language),
        _plain(query, counts, Facet.STATUS, N_("State"), language, list(Status)),
        _plain(query, counts, Facet.SOURCE, N_("Source"), language, least=2),
    ]
    kept = tuple(group for group in groups if group.options or group.more)
    seen = {group.name for group in kept} | set(_TRI) | set(_VALUES) | {"q", "after"}
    _ = translator(language).gettext
    return Filters(
        groups=kept,
        flags=tuple((name, _(label), _flag(query, name)) for name, label in _TRI.items()),
        value_min="" if query.value_min is None else f"{query.value_min:f}",
        value_max="" if query.value_max is None else f"{query.value_max:f}",
        published_only=query.value_unknown == "drop",
        hidden=tuple(pair for pair in to_pairs(query) if pair[0] not in seen),
    )


def show_chips(query: Query, language: str) -> list[Chip]:
    """Return a chip for each filter that is on, in the order of their names."""
    chips = []
    for name, default in _DEFAULTS.items():
        value = getattr(query, name)
        if value == default or name in _PAGE or name in _VALUES:
            continue
        for one in value if name in MANY else (value,):
            only: dict[str, Any] = {name: (one,) if name in MANY else one}
            chips.append(_chip(Query(**only), take_out(query, name, only=one), language))
    values: dict[str, Any] = {name: getattr(query, name) for name in _VALUES}
    if Query(**values) != Query():
        chips.append(_chip(Query(**values), take_out(query, *_VALUES), language))
    return chips


def take_out(query: Query, *names: str, only: str | None = None) -> Query:
    """Return a query without some filters, or without `only` one value of theirs; its first page."""
    left: dict[str, Any] = {
        name: tuple(value for value in getattr(query, name) if value != only) if name in MANY and only else default
        for name, default in _DEFAULTS.items()
        if name in names
    }
    return replace(query, after=None, **left)


def _chip(only: Query, without: Query, language: str) -> Chip:
    label = describe(only, language)
    return Chip(label[:1].upper() + label[1:], without)


def _flag(query: Query, name: str) -> str:
    assert name in FLAGS
    wanted = getattr(query, name)
    return "" if wanted is None else "yes" if wanted else "no"


def _options(
    facet: Facet, chosen: Iterable[str], counts: Counts, values: Iterable[str], language: str
) -> tuple[Option, ...]:
    counted, ticked = counts.get(facet), set(chosen)
    return tuple(
        Option(
            value,
            _name(facet, value, language),
            None if counted is None else say_number(counted.get(value, 0), language),
            value in ticked,
        )
        for value in values
    )


def _name(facet: Facet, value: str, language: str) -> str:
    if facet is Facet.DEPT:
        return f"{department_name(value)} ({value})"
    if facet in (Facet.CPV, Facet.CPV_ANY):
        return shorten(cpv_name(value, language), _NAME)
    return headed(facet.value, value, language)


def _plain(
    query: Query, counts: Counts, facet: Facet, legend: str, language: str, values: Iterable[str] = (), least: int = 1
) -> Filter:
    """Return a filter of few values: those given, else those that are found, with the chosen ones."""
    counted, chosen = counts.get(facet) or {}, getattr(query, facet.value)
    if not chosen and len(counted) < least:
        return Filter(facet.value, "", ())
    found = [str(value) for value in values] or [*list(counted)[: _SHOWN + 2]]
    found += [value for value in chosen if value not in found]
    title = translator(language).gettext(legend)
    return Filter(facet.value, title, _options(facet, chosen, counts, found, language))


def _places(query: Query, counts: Counts, language: str) -> Filter:
    counted = counts.get(Facet.DEPT) or {}
    every = [str(code) for code in departments()]
    shown = _open_values(query.dept, counted)
    more = tuple((code, f"{code} {department_name(code)}{_in_brackets(counted, code, language)}") for code in every)
    _ = translator(language).gettext
    return Filter(
        "dept",
        _("Place of performance"),
        _options(Facet.DEPT, query.dept, counts, shown, language),
        more=tuple(pair for pair in more if pair[0] not in shown),
        more_label=_("Another département"),
    )


def _codes(query: Query, counts: Counts, language: str) -> Filter:
    name = cpv_parameter(query)
    facet = Facet(name)
    counted = counts.get(facet) or {}
    every = [code.prefix for code in divisions()]
    shown = _open_values(getattr(query, name), counted)
    named = ((code, shorten(cpv_name(code, language), _NAME)) for code in every)
    more = tuple((code, f"{label}{_in_brackets(counted, code, language)}") for code, label in named)
    _ = translator(language).gettext
    chosen = tuple(value for value in getattr(query, name) if value not in counted and len(value) > 2)
    options = _options(facet, getattr(query, name), counts, shown, language)
    return Filter(
        name,
        _("Category (CPV)"),
        # Only divisions are counted: of a deeper code nothing is claimed.
        tuple(replace(option, count=None) if option.value in chosen else option for option in options),
        more=tuple(pair for pair in more if pair[0] not in shown),
        more_label=_("Another category"),
    )


def _open_values(chosen: Iterable[str], counted: Mapping[str, int]) -> list[str]:
    """Return the chosen values, then the most frequent others."""
    first = sorted(chosen)
    return first + [value for value in counted if value not in first][:_SHOWN]


def _in_brackets(counted: Mapping[str, int], value: str, language: str) -> str:
    return f" ({say_number(counted[value], language)})" if value in counted else ""


def _deadlines(query: Query, language: str) -> Filter:
    _ = translator(language).gettext
    chosen = str(query.deadline_within or "")
    values = [*_SPANS, *([chosen] if chosen and chosen not in _SPANS else [])]
    options = [Option("", _("Any deadline"), None, not chosen)]
    for value in values:
        within = Within(int(value[:-1]), value[-1])
        options.append(Option(value, _("Within %(span)s") % {"span": span(within, language)}, None, value == chosen))
    return Filter("deadline_within", _("Deadline"), tuple(options), kind="radio")
