"""What to do where nothing is found: the query widened by one step, with what that finds; and how rare it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from indexer.engine import SearchEngine, count_selected
from search_api.looking_back import count_between
from search_api.pages.filters import take_out
from tenders.codes import Department
from tenders.query import Query
from tenders.query_text import OPERATORS, Either, Every, Node, Not, Phrase, Prefix, Word, reads
from tenders.query_words import describe, plain, say_node, topic
from tenders.status import paris_day
from tenders.translations import translator
from tenders.vocabulary import nuts_name

MOST = 5  # steps that are offered
_TRIED = 12  # that are counted
_PATIENCE = timedelta(seconds=0.3)  # for all of them: the reader waits for the page
_YEAR = timedelta(days=365)
_WEEKS = 12
_NOT_FILTERS = ("q", "lang", "sort", "size", "after", "value_unknown", "status")


@dataclass(frozen=True, slots=True)
class Step:
    """A query one step wider: what it asks, what was left out, and how many tenders it finds."""

    query: Query
    label: str
    without: str
    count: int


def widen(
    engine: SearchEngine, query: Query, now: datetime, language: str, patience: timedelta = _PATIENCE
) -> list[Step]:
    """Return the steps that find something, in the order of how near they are; those counted when patience ends."""
    found: list[Step] = []
    tried: set[Query] = set()
    end = monotonic() + patience.total_seconds()
    for wider, label, without in _steps(query, language):
        if len(tried) >= _TRIED or monotonic() >= end:
            break
        if wider in tried or wider == query:
            continue
        tried.add(wider)
        count = count_selected(engine, wider, now)
        if count:
            found.append(Step(wider, label, without, count))
        if len(found) == MOST:
            break
    return found


def count_lately(engine: SearchEngine, query: Query, now: datetime, span: timedelta) -> int:
    """Count the tenders first published within a span that a query would have selected, whatever became of them."""
    today = paris_day(now)
    return count_between(engine, query, today - span, today, now)


def say_rate(engine: SearchEngine, query: Query, now: datetime, language: str) -> str:
    """Say how often a query finds something new: ``environ 3 nouveaux par semaine``."""
    count, say = count_lately(engine, query, now, timedelta(weeks=_WEEKS)), translator(language)
    if count >= _WEEKS:
        week = round(count / _WEEKS)
        return say.ngettext("about %(num)d new a week", "about %(num)d new a week", week) % {"num": week}
    if not count:
        return ""
    return say.ngettext("%(num)d new in 12 weeks", "%(num)d new in 12 weeks", count) % {"num": count}


def say_rarity(engine: SearchEngine, query: Query, now: datetime, language: str) -> str:
    """Say how rare what a query looks for is: how many tenders of the last twelve months answered it."""
    count, say = count_lately(engine, query, now, _YEAR), translator(language)
    if not count:
        return say.gettext("No tender of the last 12 months answered this search.")
    told = say.ngettext(
        "%(num)d tender of the last 12 months answered this search.",
        "%(num)d tenders of the last 12 months answered this search.",
        count,
    )
    return told % {"num": count}


def _steps(query: Query, language: str) -> Iterator[tuple[Query, str, str]]:
    """Give (wider query, what it is called, what it leaves out)."""
    _ = translator(language).gettext
    for text, without in _texts(query.text, language):
        if reads(text):  # written with parentheses, it may be past the caps of what was typed
            yield replace(query, q=text, after=None), topic(Query(q=text), language), without
    regions = tuple(dict.fromkeys(nuts[:4] for code in query.dept if (nuts := Department(code).nuts)))
    if regions and not query.nuts:
        names = ", ".join(nuts_name(code, language) for code in regions)
        yield replace(query, dept=(), nuts=regions, after=None), names, _("the whole region")
    for field in fields(Query):
        only: dict[str, Any] = {field.name: getattr(query, field.name)}
        if only[field.name] != field.default and field.name not in _NOT_FILTERS:
            label = _("Without the filter “%(filter)s”") % {"filter": describe(Query(**only), language)}
            yield take_out(query, field.name), label, ""
    words = list(dict.fromkeys(_wanted(query.text)))[:_TRIED]
    either = " OR ".join(words)
    if len(words) > 1 and reads(either):
        yield replace(query, q=either, after=None), topic(Query(q=either), language), ""
    if query.status:
        yield replace(query, status=(), after=None), _("Whatever their state, awarded and closed too"), ""


def _texts(node: Node | None, language: str) -> Iterator[tuple[str, str]]:
    """Give texts one step wider: a phrase as words, then one part left out at a time."""
    _ = translator(language).gettext
    parts = node.parts if isinstance(node, Every) else (node,) if node is not None else ()
    for place, part in enumerate(parts):
        if isinstance(part, Phrase) and " " in part.text:
            wider = (*parts[:place], *map(Word, plain(part.text).split()), *parts[place + 1 :])
            yield write_text(wider), _("without the exact phrase")
    if len(parts) > 1:
        for place, part in enumerate(parts):
            if isinstance(part, Not):
                left = _("including “%(word)s”") % {"word": say_node(part.part, language)}
            else:
                left = _("without “%(word)s”") % {"word": say_node(part, language)}
            yield write_text((*parts[:place], *parts[place + 1 :])), left


def _wanted(node: Node | None) -> Iterator[str]:
    """Give the words of a text, but those that must not stand."""
    if isinstance(node, Every | Either):
        for part in node.parts:
            yield from _wanted(part)
    elif isinstance(node, Word | Prefix):
        yield write_text((node,))
    elif isinstance(node, Phrase):
        yield from (word for word in plain(node.text).split() if word not in OPERATORS)


def write_text(parts: tuple[Node, ...]) -> str:
    """Write parts that must all hold as a person would type them."""
    return " ".join(_write(part) for part in parts)


def _write(node: Node) -> str:
    if isinstance(node, Word):
        return node.text.lower() if node.text in OPERATORS else node.text  # a word of a phrase may look like one
    if isinstance(node, Prefix):
        return f"{node.text}*"
    if isinstance(node, Phrase):
        return f'"{node.text}"'
    if isinstance(node, Not):
        return f"{'NOT ' if isinstance(node.part, Not) else '-'}{_write(node.part)}"
    inside = (" " if isinstance(node, Every) else " OR ").join(_write(part) for part in node.parts)
    return f"({inside})"
