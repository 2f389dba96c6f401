"""What stands around a tender: its buyer's other tenders, and open ones like it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from indexer.analysis import words
from indexer.engine import SearchEngine, count_selected
from tenders.model import Tender
from tenders.query import Query, Sort, Status
from tenders.status import paris_day
from tenders.store.database import Store
from tenders.store.tenders import load_tenders

_LIKE = 4  # tenders like it that are shown
_WORDS = 8  # of its title that are looked for
_TITLE = 500  # characters that are read for them
_LETTERS = 4  # of a word that says something
_LONGEST_NAME = 300  # characters of a buyer that may be asked for
_TWO_YEARS = timedelta(days=730)
_OPEN = (Status.OPEN.value,)


@dataclass(frozen=True, slots=True)
class OfBuyer:
    """A buyer's tenders: the query that finds them, how many were published in two years, and how many are open."""

    query: Query
    lately: int
    open: int


def ask_buyer(engine: SearchEngine, tender: Tender, now: datetime) -> OfBuyer | None:
    """Count a buyer's tenders; None for one that cannot be asked for."""
    buyer = tender.merged.buyer
    asked = buyer.id or buyer.name or ""
    if not any(map(str.isalnum, asked)) or len(asked) > _LONGEST_NAME:
        return None
    query = Query(buyer=(asked,))
    lately = replace(query, published_after=paris_day(now) - _TWO_YEARS)
    open_now = count_selected(engine, replace(query, status=_OPEN), now)
    return OfBuyer(query, count_selected(engine, lately, now), open_now)


def like(tender: Tender) -> Query | None:
    """Return the query of what is like a tender: of its kind, in its place; None where it has no code."""
    codes = tender.cpv_any
    if not codes:
        return None
    merged = tender.merged
    departments = list(
        dict.fromkeys((*merged.departments, *(d for place in merged.places for d in place.departments())))
    )
    kind = codes[0].prefix[:3] if len(codes[0].prefix) > 2 else codes[0].prefix
    return Query(cpv_any=(kind,), dept=tuple(departments) if len(departments) <= _LIKE else ())


def find_like(engine: SearchEngine, store: Store, tender: Tender, now: datetime) -> list[Tender]:
    """Return a few open tenders like one, the likest titles first."""
    kind = like(tender)
    if kind is None:
        return []
    known = [word for word in words(tender.merged.title[:_TITLE]) if len(word) >= _LETTERS and word.isalpha()]
    text = " OR ".join(dict.fromkeys(known[:_WORDS]))
    query = replace(kind, q=text, status=_OPEN, sort=Sort.RELEVANCE if text else Sort.DEADLINE, size=_LIKE + 1)
    ids: dict[str, None] = {}
    # Those near that share words, then those of the whole country, then those near of the same kind alone.
    for asked in dict.fromkeys((query, replace(query, dept=()), replace(query, q="", sort=Sort.DEADLINE))):
        if len(ids) <= _LIKE:
            ids |= dict.fromkeys(hit.id for hit in engine.search(asked, now).hits)
    chosen = [id_ for id_ in ids if id_ != tender.id][:_LIKE]
    with store.reading() as connection:
        found: Mapping[str, Tender] = load_tenders(connection, chosen)
    return [found[id_] for id_ in chosen if id_ in found]
