"""What a tender's record states and what it leaves open, as codes that engines count; the observatory's figures.

A tender is counted once, whatever it has of lots and notices. What is absurd (a deadline before the publication, fewer
than no offers) counts as not stated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import MAXYEAR, MINYEAR
from decimal import Decimal
from statistics import median_low
from typing import Final

from indexer.buyers import categories, stated_sirens
from indexer.linking.titles import read_title
from indexer.winning import is_local, seats, winners
from tenders.model import NoticeKind, Tender
from tenders.query import FLAGS
from tenders.status import paris_day

MOST: Final = 999  # days, offers, lots: more count as so many, which moves no median of sense
# The least amounts in euros of the classes that values are counted in: few and round, so that a class stays one when
# the legal thresholds between them are moved.
CLASSES: Final = (0, 25_000, 90_000, 250_000, 1_000_000, 5_000_000)
# Kinds that tell of a call for tenders: a correction stands for the call that it corrects.
CALLS: Final = frozenset({NoticeKind.COMPETITION, NoticeKind.CHANGE})


def month(tender: Tender) -> str | None:
    """The month of first publication, ``2021-04``."""
    published = tender.merged.published
    return None if published is None else published.isoformat()[:7]


def answer_days(tender: Tender) -> int | None:
    """Whole days from first publication to the deadline (Europe/Paris); the end of display is no deadline."""
    published, deadline = tender.merged.published, tender.merged.deadline
    if published is None or deadline is None or not MINYEAR < deadline.year < MAXYEAR:
        return None
    days = (paris_day(deadline) - published).days
    return min(days, MOST) if days >= 0 else None


def offers(tender: Tender) -> int | None:
    """How many offers a lot drew (BT-759): of several lots the lower median."""
    stated = [award.bids for award in tender.merged.awards if award.bids is not None and award.bids >= 0]
    return min(median_low(stated), MOST) if stated else None


def lots(tender: Tender) -> int | None:
    """How many lots the record lists or states, the greater."""
    merged = tender.merged
    if not merged.lots and merged.lot_count is None:
        return None
    return min(max(len(merged.lots), merged.lot_count or 0), MOST)


def value_class(cents: int | None) -> int | None:
    """The least amount in euros of the class that a value falls in."""
    return None if cents is None else max(least for least in CLASSES if least * 100 <= cents)


def class_bounds(least: int) -> tuple[Decimal, Decimal | None]:
    """The least and, where there is one, the greatest amount in euros of a class."""
    above = [other for other in CLASSES if other > least]
    return Decimal(least), Decimal(above[0]) - Decimal("0.01") if above else None


def is_relaunch(tender: Tender) -> bool:
    """Whether a title says that an earlier procedure is taken up again."""
    return any(read_title(notice.title).relaunch for notice in tender.notices)


def stated(tender: Tender, *, cents: int | None, places: Collection[str], buyers: bool) -> Iterator[str]:
    """The names of `tenders.query.STATED` of which the record says something.

    `cents` is its estimated value, `places` are its départements, `buyers` says whether a buyer is named.
    """
    merged = tender.merged
    held = {
        "call": any(notice.kind in CALLS for notice in tender.notices),
        "published": merged.published is not None,
        "answer": answer_days(tender) is not None,
        "nature": merged.nature is not None,
        "procedure": merged.procedure is not None,
        "cpv": bool(tender.cpv_published),
        "cpv_any": bool(tender.cpv_any),
        "dept": bool(places),
        "buyer": buyers,
        "buyer_type": merged.buyer.type is not None,
        "buyer_id": any(True for _ in stated_sirens(tender)),
        "buyer_category": any(True for _ in categories(tender)),
        "value": cents is not None,
        "award_value": any(award.value is not None and award.value.currency == "EUR" for award in merged.awards),
        "lots": lots(tender) is not None,
        "offers": offers(tender) is not None,
        "winner": any(True for _ in winners(tender)),
        "winner_dept": any(True for _ in seats(tender)),
        "local": is_local(tender, places) is not None,
        **{name: getattr(merged.strategic, name) is not None for name in FLAGS},
    }
    yield from (name for name, known in held.items() if known)
