"""A Query made plain for machines: words analysed, days turned to instants, status to facts.

Engines and the matcher only need to know these few leaves. `PLAN.text` may score, `PLAN.filters` only select; each
filter stands under the name of its parameter, so that a facet can be counted without its own. `PLAN.current` is what
may still be bid for or is new: a supplier wants it above a better match that closed two years ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from indexer.analysis import stem_all, words
from indexer.fields import CODE_LENGTH, TEXTS, milliseconds
from tenders.query import FLAGS, Query, Status
from tenders.query_text import Either, Every, Node, Not, Phrase, Prefix
from tenders.status import end_of_day, paris_day, start_of_day


@dataclass(frozen=True, slots=True)
class Term:
    """An exact token of a code field or of a token stream (``title_stem``, ``title_word``)."""

    field: str
    token: str


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens that follow one another within one value of a stem stream."""

    field: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beginning:
    """A token of a word stream that begins so."""

    field: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Span:
    """A number within bounds, both included, None for open; a tender without the number is outside."""

    field: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class All:
    """All parts hold; without parts, every tender does."""

    parts: tuple[Leaf, ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class No:
    """The part does not hold."""

    part: Leaf


Leaf = Term | Run | Beginning | Span | All | Any | No


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tender must satisfy at one moment."""

    text: Leaf | None
    filters: Mapping[str, Leaf]
    current: Leaf  # what an order by relevance favours; it never selects

    def without(self, name: str | None) -> tuple[Leaf, ...]:
        """Return the filters but the one of that name."""
        return tuple(leaf for key, leaf in self.filters.items() if key != name)

    @property
    def whole(self) -> Leaf:
        """All of it as one condition."""
        return All(((self.text,) if self.text is not None else ()) + self.without(None))


def _any(parts: Iterable[Leaf]) -> Leaf:
    distinct = tuple(dict.fromkeys(parts))
    return distinct[0] if len(distinct) == 1 else Any(distinct)


def _word(tokens: list[str], languages: tuple[str, ...]) -> Leaf:
    token = tokens[0]
    stems = dict.fromkeys(stem_all([token], language)[0] for language in languages)
    return _any(
        leaf
        for field in TEXTS
        for leaf in (*(Term(f"{field.name}_stem", stem) for stem in stems), Term(f"{field.name}_word", token))
    )


def _phrase(tokens: list[str], languages: tuple[str, ...]) -> Leaf:
    runs = dict.fromkeys(tuple(stem_all(tokens, language)) for language in languages)
    if len(tokens) == 1:
        return _any(Term(f"{field.name}_stem", run[0]) for field in TEXTS for run in runs)
    return _any(Run(f"{field.name}_stem", run) for field in TEXTS for run in runs)


def _prefix(tokens: list[str]) -> Leaf:
    *before, last = tokens
    parts = [_any(Term(f"{field.name}_word", token) for field in TEXTS) for token in before]
    parts.append(_any(Beginning(f"{field.name}_word", last) for field in TEXTS))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def plan_text(node: Node, languages: tuple[str, ...]) -> Leaf:
    """Analyse a text tree; a word that gives several tokens becomes a phrase, one that gives none always holds."""
    if isinstance(node, Every):
        return All(tuple(plan_text(part, languages) for part in node.parts))
    if isinstance(node, Either):
        return _any(plan_text(part, languages) for part in node.parts)
    if isinstance(node, Not):
        return No(plan_text(node.part, languages))
    tokens = words(node.text)
    if not tokens:
        return All()
    if isinstance(node, Prefix):
        return _prefix(tokens)
    if isinstance(node, Phrase) or len(tokens) > 1:
        return _phrase(tokens, languages)
    return _word(tokens, languages)


# What a current tender scores beside its words: as much as one mention of a middling word in a description. A factor on
# the words' own score would have them evaluated twice.
CURRENT_BONUS = 5.0
_CLOSED = ("call", "planned")
_PLAIN = (
    "epci",
    "buyer_type",
    "buyer_category",
    "nature",
    "procedure",
    "source",
    "kind",
    "winner",
    "winner_dept",
    "known",
)  # whose values are terms as they are


def _status(status: str, now: int) -> Leaf:
    past = Span("closing", None, now - 1)
    if status == Status.CLOSED:
        return All((Any(tuple(Term("stage", stage) for stage in _CLOSED)), past))
    if status == Status.OPEN:
        return All((Term("stage", "call"), No(past)))
    if status == Status.PLANNED:
        return All((Term("stage", "planned"), No(past)))
    return Term("stage", status)


def _value(query: Query) -> Leaf | None:
    low = None if query.value_min is None else int(query.value_min * 100)
    high = None if query.value_max is None else int(query.value_max * 100)
    if low is None and high is None and query.value_unknown == "keep":
        return None
    within = Span("value", low, high)
    return within if query.value_unknown == "drop" else Any((within, No(Span("value"))))


def _stated(query: Query) -> Iterator[tuple[str, Leaf]]:
    """What a record must state, or must leave open."""
    if query.unknown:
        yield "unknown", _any(No(Term("known", name)) for name in query.unknown)
    for name in (*FLAGS, "local", "relaunch"):
        wanted = getattr(query, name)
        if wanted is not None:
            yield name, Term("flag", f"{name}:{'yes' if wanted else 'no'}")


def _current(now: datetime) -> Leaf:
    """Counted to the day, so that it does not change the order while somebody turns pages."""
    return Span("current_until", milliseconds(start_of_day(paris_day(now))))


def plan(query: Query, now: datetime) -> Plan:
    """Make a Query plain, as of `now` (any zone; counted to the second)."""
    now = now.replace(microsecond=0)
    filters: dict[str, Leaf] = {}
    at = milliseconds(now)
    codes = {"cpv": query.cpv, "cpv_any": query.cpv_any, "nuts": query.nuts, "dept": query.dept, "buyer": query.buyer}
    codes |= {name: getattr(query, name) for name in _PLAIN}
    for name, values in codes.items():
        if values:
            tokens = [" ".join(words(value)) if name == "buyer" else value for value in values]
            filters[name] = _any(Term(name, token[:CODE_LENGTH]) for token in tokens)
    if query.status:
        filters["status"] = _any(_status(status, at) for status in query.status)
    if query.published_after or query.published_before:
        low, high = query.published_after, query.published_before
        filters["published"] = Span("published", low.toordinal() if low else None, high.toordinal() if high else None)
    if query.deadline_after or query.deadline_before:
        filters["deadline"] = Span(
            "deadline",
            milliseconds(start_of_day(query.deadline_after)) if query.deadline_after else None,
            milliseconds(end_of_day(query.deadline_before)) if query.deadline_before else None,
        )
    if query.deadline_within:
        filters["deadline_within"] = Span("deadline", at, milliseconds(now + query.deadline_within.span))
    value = _value(query)
    if value is not None:
        filters["value"] = value
    filters |= _stated(query)
    return Plan(None if query.text is None else plan_text(query.text, query.languages), filters, _current(now))
