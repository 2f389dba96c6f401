"""Who won a tender, as far as its record states it: sizes and seats of winners, as codes and numbers to count."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from indexer.lots import lot_key
from indexer.outcome import has_winner
from tenders.codes import ABROAD, Nuts
from tenders.model import Supplier, Tender

SMALL: Final = frozenset({"micro", "small", "medium", "sme"})  # sizes of BT-165


def winners(tender: Tender) -> Iterator[str]:
    """``sme`` where a winner is stated to be one, ``large`` where one is stated not to be; both may hold."""
    sizes = {supplier.size for supplier in _suppliers(tender) if supplier.size}
    if sizes & SMALL:
        yield "sme"
    if "large" in sizes:
        yield "large"


def winners_by_value(tender: Tender, least: int | None) -> Iterator[str]:
    """``sme:90000`` for each of the winners' sizes and the class of the tender's value, ``known:90000`` for any."""
    sizes = tuple(winners(tender))
    if sizes and least is not None:
        yield from (f"{size}:{least}" for size in ("known", *sizes))


def sized_lots(tender: Tender) -> int:
    """In how many lots a winner's size is stated; an award of the whole is one lot."""
    return _count_lots(tender, SMALL | {"large"})


def sme_lots(tender: Tender) -> int:
    """In how many lots a winner is stated to be a small or medium enterprise."""
    return _count_lots(tender, SMALL)


def _count_lots(tender: Tender, sizes: Collection[str]) -> int:
    won = (award for award in tender.merged.awards if any(one.size in sizes for one in award.suppliers))
    return len({None if award.lot is None else lot_key(award.lot) for award in won})


def seats(tender: Tender) -> Iterator[str]:
    """The départements where winners sit, ``99`` for abroad."""
    for supplier in _suppliers(tender):
        seat = _seat(supplier.place)
        if seat:
            yield seat


def is_local(tender: Tender, work: Collection[str]) -> bool | None:
    """Whether a winner sits in a département where the work is done, which `work` lists.

    None where that is not told: no winner there, and not every winner's seat or no département of the work is stated.
    An award that names no winner states no seat, but for a lot that nobody won.
    Who sits abroad is local nowhere: which country, a département does not say.
    """
    found = {_seat(supplier.place) for supplier in _suppliers(tender)}
    found |= {None for award in tender.merged.awards if has_winner(award) and not award.suppliers}
    here = found & set(work)
    if here - {ABROAD}:
        return True
    return False if work and found and None not in found and not here else None


def _seat(place: Nuts | None) -> str | None:
    if place is None or not place.startswith("FR"):
        return place and ABROAD
    departments = place.departments()
    return departments[0] if len(departments) == 1 else None


def _suppliers(tender: Tender) -> Iterator[Supplier]:
    return (supplier for award in tender.merged.awards for supplier in award.suppliers)
