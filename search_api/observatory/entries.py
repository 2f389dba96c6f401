"""An observation as lines of a table: figure, value, how many tenders, and what lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.observatory.figures import Breakdown, Clause, Months, Spread
from indexer.observatory.observe import Observation, OfNature
from indexer.observatory.scope import Number
from indexer.observatory.winners import Lots
from tenders.query import Query

BREAKDOWNS = (
    "natures",
    "procedures",
    "divisions",
    "places",
    "buyers",
    "buyer_categories",
    "buyer_types",
    "states",
    "winners",
    "seats",
    "sources",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One number. `measure` is a median, a quartile or a number of lots; `tenders` says what it rests on."""

    figure: str
    value: str
    tenders: int
    query: Query
    measure: int | None = None
    unfinished: bool = False


def list_entries(seen: Observation) -> Iterator[Entry]:
    """Give every number of an observation."""
    yield from _one("total", "", seen.total)
    yield from _one("calls", "known", seen.calls[0])
    yield from _one("calls", "unknown", seen.calls[1])
    yield from _months("months", seen.months)
    for month in seen.months.months:
        if month.called is not None:
            yield Entry("months.call", month.month, month.called.count, month.called.query, unfinished=month.unfinished)
    for name in BREAKDOWNS:
        yield from _breakdown(name, getattr(seen, name))
    for nature, found in seen.by_nature.items():
        yield from _months(f"months.{nature}", found.months)
        yield from _breakdown(f"winners.{nature}", found.winners)
        yield from _won(f".{nature}", found)
    yield from _one("buyer_ids", "known", seen.buyer_ids[0])
    yield from _one("buyer_ids", "unknown", seen.buyer_ids[1])
    yield from _won("", seen)
    for one in seen.sized_classes:
        yield from _one("sized_values", str(one.least), one.known)
        yield from _one("sme_values", str(one.least), one.sme)
    yield from _one("estimated", "", seen.estimated)
    yield from _spread("answer", seen.answer)
    yield from _spread("offers", seen.offers)
    yield from _spread("lots", seen.lots)
    yield from _lots("lots", seen.all_lots)
    for line in seen.values.classes:
        yield from _one("values", line.value, line.number)
    yield from _one("values", "known", seen.values.known)
    yield from _one("values", "unknown", seen.values.unknown)
    yield from _one("award_values", "known", seen.award_values[0])
    yield from _one("award_values", "unknown", seen.award_values[1])
    yield from _one("unannounced", "", seen.unannounced)
    yield from _one("relaunches", "", seen.relaunches)
    for clause in seen.clauses:
        yield from _clause(f"clauses.{clause.name}", clause)


def _won(part: str, found: Observation | OfNature) -> Iterator[Entry]:
    yield from _clause(f"local{part}", found.local)
    yield from _lots(f"sized_lots{part}", found.won_lots.sized)
    if found.won_lots.sme is not None:
        yield from _lots(f"sme_lots{part}", found.won_lots.sme)


def _clause(figure: str, clause: Clause) -> Iterator[Entry]:
    for state in ("yes", "no", "unknown"):
        yield from _one(figure, state, getattr(clause, state))


def _lots(figure: str, lots: Lots) -> Iterator[Entry]:
    yield Entry(figure, "sum", lots.tenders.count, lots.tenders.query, lots.count)


def _one(figure: str, value: str, number: Number | None) -> Iterator[Entry]:
    if number is not None:
        yield Entry(figure, value, number.count, number.query)


def _months(figure: str, months: Months) -> Iterator[Entry]:
    yield from _one(figure, "earlier", months.earlier)
    for month in months.months:
        yield Entry(figure, month.month, month.number.count, month.number.query, unfinished=month.unfinished)
    yield from _one(figure, "later", months.later)
    yield from _one(figure, "unknown", months.unknown)


def _breakdown(figure: str, found: Breakdown) -> Iterator[Entry]:
    for line in found.lines:
        yield Entry(figure, line.value, line.number.count, line.number.query)
    if found.unknown is not None:
        yield from _one(figure, "known", found.known)
        yield from _one(figure, "unknown", found.unknown)


def _spread(figure: str, found: Spread) -> Iterator[Entry]:
    for name in ("low", "median", "high"):
        measure = getattr(found, name)
        if measure is not None:
            yield Entry(figure, name, found.known.count, found.known.query, measure)
    yield from _one(figure, "known", found.known)
    yield from _one(figure, "unknown", found.unknown)
