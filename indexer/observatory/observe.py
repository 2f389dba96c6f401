"""Everything the observatory says of one scope, asked of the engine and remembered while its index stays as it is."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from indexer.engine import SearchEngine, count_selected
from indexer.observatory.beginning import find_beginning
from indexer.observatory.figures import (
    Breakdown,
    Clause,
    Counted,
    Line,
    Months,
    Spread,
    Values,
    break_down,
    count_clauses,
    count_local,
    count_months,
    count_relaunches,
    count_values,
    count_winners,
    list_lines,
    rank_buyers,
    spread,
)
from indexer.observatory.scope import Number, hold_to, hold_to_days, is_one_department, require_scope
from indexer.observatory.winners import Lots, SizedClass, WonLots, count_lots, count_won_lots, size_classes
from tenders.query import Facet, Query, Status
from tenders.query_url import to_url
from tenders.status import paris_day

RESULT_DAYS: Final = 180  # after the first publication, within which bids are in and an award usually announced
AGE: Final = timedelta(minutes=5)  # what is open changes by itself, with the clock
_REMEMBERED: Final = 300  # scopes: whoever asks for all of them must not fill our memory
_TRIES: Final = 3  # to have all answers from one commit; after that, of two is better than none
_COUNTED: Final = (
    Facet.MONTH,
    Facet.NATURE,
    Facet.PROCEDURE,
    Facet.CPV_ANY,
    Facet.DEPT,
    Facet.BUYER,
    Facet.BUYER_SAID,
    Facet.BUYER_TYPE,
    Facet.BUYER_CATEGORY,
    Facet.STATUS,
    Facet.SOURCE,
    Facet.ANSWER_DAYS,
    Facet.OFFERS,
    Facet.VALUE_CLASS,
    Facet.LOT_COUNT,
    Facet.WINNER,
    Facet.WINNER_DEPT,
    Facet.WINNER_VALUE,
    Facet.SIZED_LOTS,
    Facet.SME_LOTS,
    Facet.KNOWN,
    Facet.FLAG,
)
_OF_NATURE: Final = (Facet.MONTH, Facet.WINNER, Facet.SIZED_LOTS, Facet.SME_LOTS, Facet.KNOWN, Facet.FLAG)


@dataclass(frozen=True, slots=True)
class OfNature:
    """The tenders of one nature: their months, and who won them."""

    months: Months
    winners: Breakdown
    won_lots: WonLots
    local: Clause


@dataclass(frozen=True, slots=True)
class Observation:
    """The figures of a scope as of a moment."""

    scope: Query
    at: datetime
    since: date | None  # the first day that the index holds, None where it holds none or that was not asked
    total: Number
    calls: tuple[Number, Number]  # those of which a call was read; those known by their plan, award or less alone
    months: Months
    natures: Breakdown
    by_nature: Mapping[str, OfNature]
    procedures: Breakdown
    divisions: Breakdown
    estimated: Number  # of the divisions' tenders, those whose code is ours
    places: Breakdown
    buyers: Breakdown
    buyer_places: Mapping[str, int]  # by buyer, in how many départements its tenders lie, where the scope is wider
    buyer_ids: tuple[Number, Number]  # known, unknown
    buyer_categories: Breakdown
    buyer_types: Breakdown
    states: Breakdown
    answer: Spread
    lots: Spread  # a tender
    all_lots: Lots
    values: Values
    award_values: tuple[Number, Number]  # known, unknown
    offers: Spread
    winners: Breakdown  # by size
    won_lots: WonLots
    sized_classes: tuple[SizedClass, ...]
    local: Clause
    seats: Breakdown  # of winners, by département
    unannounced: (
        Number | None
    )  # closed, and published so long ago that a result should be known; None where the scope excludes them
    relaunches: Number | None
    clauses: tuple[Clause, ...]
    sources: Breakdown


def observe(engine: SearchEngine, scope: Query, now: datetime, since: date | None = None) -> Observation:
    """Work out every figure of a scope; of the months before `since`, the first day of the index, none is told.

    Raises BadQuery for what cannot be a scope, and what the engine raises.
    """
    require_scope(scope)
    scope = scope.saved()
    counted = replace(_count(engine, scope, now, _COUNTED), since=since)
    called = _count(engine, counted.known("call").query, now, (Facet.MONTH,))
    natures = break_down(counted, Facet.NATURE)
    divisions = _divisions(engine, counted, now)
    buyers = rank_buyers(counted)
    by_nature = {}
    for line in natures.lines:
        of_nature = replace(_count(engine, line.number.query, now, _OF_NATURE), since=since)
        by_nature[line.value] = OfNature(
            months=count_months(of_nature),
            winners=count_winners(of_nature),
            won_lots=count_won_lots(of_nature),
            local=count_local(of_nature),
        )
    return Observation(
        scope=scope,
        at=now,
        since=since,
        total=counted.whole,
        calls=(counted.known("call"), counted.unknown("call")),
        months=count_months(counted, called.facets[Facet.MONTH]),
        natures=natures,
        by_nature=by_nature,
        procedures=break_down(counted, Facet.PROCEDURE),
        divisions=divisions,
        estimated=_estimated(counted),
        places=break_down(counted, Facet.DEPT),
        buyers=buyers,
        buyer_places=_count_places(engine, scope, buyers, now),
        buyer_ids=(counted.known("buyer_id"), counted.unknown("buyer_id")),
        buyer_categories=break_down(counted, Facet.BUYER_CATEGORY),
        buyer_types=break_down(counted, Facet.BUYER_TYPE),
        states=break_down(counted, Facet.STATUS),
        answer=spread(counted, Facet.ANSWER_DAYS, "answer"),
        lots=spread(counted, Facet.LOT_COUNT, "lots"),
        all_lots=count_lots(counted),
        values=count_values(counted),
        award_values=(counted.known("award_value"), counted.unknown("award_value")),
        offers=spread(counted, Facet.OFFERS, "offers"),
        winners=count_winners(counted),
        won_lots=count_won_lots(counted),
        sized_classes=tuple(size_classes(counted)),
        local=count_local(counted),
        seats=break_down(counted, Facet.WINNER_DEPT),
        unannounced=_unannounced(engine, counted, now),
        relaunches=count_relaunches(counted),
        clauses=tuple(count_clauses(counted)),
        sources=break_down(counted, Facet.SOURCE),
    )


def _count(engine: SearchEngine, scope: Query, now: datetime, facets: tuple[Facet, ...]) -> Counted:
    page = engine.search(replace(scope, size=1), now, facets=facets)
    return Counted(scope, page.total, page.facets, paris_day(now))


def _total(engine: SearchEngine, query: Query, now: datetime) -> Number:
    return Number(count_selected(engine, query, now), query)


def _divisions(engine: SearchEngine, counted: Counted, now: datetime) -> Breakdown:
    """Divisions of the CPV, published or estimated; of a scope under longer codes, those codes themselves."""
    found = break_down(counted, Facet.CPV_ANY)
    narrower = [code for code in counted.scope.cpv_any if len(code) > 2]
    queries = {code: hold_to(counted.scope, Facet.CPV_ANY.value, code) for code in narrower}
    lines = [Line(code, _total(engine, query, now)) for code, query in queries.items() if query is not None]
    ordered = sorted((*found.lines, *lines), key=lambda line: (-line.number.count, line.value))
    return replace(found, lines=tuple(line for line in ordered if line.number.count))


def _count_places(engine: SearchEngine, scope: Query, buyers: Breakdown, now: datetime) -> dict[str, int]:
    """Count the départements of each buyer, which is known by its name: several bodies may have one."""
    if is_one_department(scope):
        return {}
    found = ((line.value, _count(engine, line.number.query, now, (Facet.DEPT,))) for line in buyers.lines)
    return {name: sum(1 for _ in list_lines(counted, Facet.DEPT)) for name, counted in found}


def _estimated(counted: Counted) -> Number:
    query = replace(counted.scope, known=("cpv_any",), unknown=("cpv",))
    return Number(counted.known("cpv_any").count - counted.known("cpv").count, query)


def _unannounced(engine: SearchEngine, counted: Counted, now: datetime) -> Number | None:
    held = hold_to(counted.scope, "status", Status.CLOSED.value)
    last = counted.today - timedelta(days=RESULT_DAYS)
    query = held and hold_to_days(held, None, last)
    return None if query is None else _total(engine, query, now)


@dataclass(slots=True)
class Observatory:
    """Observations of one index, each as of a moment at most five minutes ago."""

    engine: SearchEngine
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: dict[str, Observation] = field(default_factory=dict)
    _mark: int | None = None
    _begun: tuple[int | None, date | None] | None = None  # of which mark, the first day

    def begins(self, now: datetime) -> date | None:
        """Return the first day that the index holds, by :func:`find_beginning`; None where it holds none."""
        mark = self.engine.mark()
        with self._lock:
            if self._begun is not None and self._begun[0] == mark:
                return self._begun[1]
        begins = find_beginning(self.engine, now)
        with self._lock:
            self._begun = mark, begins
        return begins

    def holds(self, scope: Query, now: datetime) -> bool:
        """Whether the index holds all days of a scope, as far as its own beginning tells."""
        begins = self.begins(now)
        return bool(scope.published_after and begins and begins <= scope.published_after)

    def reaches(self, scope: Query, now: datetime) -> bool:
        """Whether the index holds any day of a scope."""
        begins = self.begins(now)
        return bool(begins and (scope.published_before is None or begins <= scope.published_before))

    def observe(self, scope: Query, now: datetime) -> Observation:
        """Return the figures of a scope; errors are those of :func:`observe`."""
        form = to_url(scope.saved())
        for _ in range(_TRIES):
            mark = self.engine.mark()
            held = self._recall(form, mark, now)
            if held is not None:
                return held
            seen = observe(self.engine, scope, now, self.begins(now))
            if self.engine.mark() == mark:  # all of its answers are of one commit
                with self._lock:
                    if self._mark == mark:
                        self._held[form] = seen
                break
        return seen

    def _recall(self, form: str, mark: int | None, now: datetime) -> Observation | None:
        with self._lock:
            if mark != self._mark or len(self._held) >= _REMEMBERED:
                self._held.clear()
                self._mark = mark
            held = self._held.get(form)
        fresh = held is not None and abs(now - held.at) <= AGE and paris_day(held.at) == paris_day(now)
        return held if fresh else None
