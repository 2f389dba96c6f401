"""The figures of who won: lots by the size of their winners, and sizes by class of value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from indexer.observatory.figures import Counted
from indexer.observatory.scope import Number, hold_to, hold_to_value
from indexer.stated import CLASSES, class_bounds
from tenders.query import Facet, Query


@dataclass(frozen=True, slots=True)
class Lots:
    """So many lots, and the tenders that they are of: a search lists these. Of one tender 999 lots count at most."""

    count: int
    tenders: Number


@dataclass(frozen=True, slots=True)
class WonLots:
    """Lots in which a winner's size is stated, and of them those won by an SME; None where the scope has none."""

    sized: Lots
    sme: Lots | None


@dataclass(frozen=True, slots=True)
class SizedClass:
    """Of a class of value the tenders in which a winner's size is stated, and those that a small or medium one won."""

    least: int  # the least amount of the class in euros
    known: Number
    sme: Number


def count_lots(counted: Counted) -> Lots:
    """How many lots the tenders have, of those that state it."""
    return _lots(counted, Facet.LOT_COUNT, replace(counted.scope, known=("lots",)))


def count_won_lots(counted: Counted) -> WonLots:
    """Lots by the size of their winners: the tenders behind them are those of the same size."""
    smes = hold_to(counted.scope, "winner", "sme")
    return WonLots(
        _lots(counted, Facet.SIZED_LOTS, replace(counted.scope, known=("winner",))),
        _lots(counted, Facet.SME_LOTS, smes) if smes is not None else None,
    )


def _lots(counted: Counted, facet: Facet, query: Query) -> Lots:
    counts = {int(value): tenders for value, tenders in counted.facets[facet].items()}
    lots = sum(value * tenders for value, tenders in counts.items())
    return Lots(lots, Number(sum(counts.values()), query))


def size_classes(counted: Counted) -> Iterator[SizedClass]:
    """The winners' sizes by class of value: a share of amounts would be decided by one absurd amount."""
    counts = counted.facets[Facet.WINNER_VALUE]
    for least in CLASSES:
        query = hold_to_value(counted.scope, *class_bounds(least))
        smes = query and hold_to(query, "winner", "sme")
        known = counts.get(f"known:{least}", 0)
        if query is not None and smes is not None and known:
            known_query = replace(query, known=("winner",))
            yield SizedClass(least, Number(known, known_query), Number(counts.get(f"sme:{least}", 0), smes))
