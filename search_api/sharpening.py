"""Other ways to put a search that would bring fewer tenders beside the point, or some that it misses.

Each is found in the most recent tenders that the search selects, and is then measured in the index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from indexer.analysis import fold, stem_all, words
from indexer.engine import SearchEngine
from search_api.looking_back import Volume, measure, recent
from tenders.codes import Cpv, Department, departments
from tenders.model import Tender
from tenders.query import Facet, Query
from tenders.query_text import reads

SAMPLE: Final = 60  # tenders looked into
_FEWEST: Final = 8  # tenders below which nothing is worked out of them
_LONGEST_WORD: Final = 40

Way = Literal["without", "code", "department", "published"]


@dataclass(frozen=True, slots=True)
class Variant:
    """Another search: how it was made, of what (a word, a code, a département), and what it would have brought."""

    way: Way
    value: str
    query: Query
    volume: Volume


def sharpen(
    engine: SearchEngine, query: Query, sample: Sequence[Tender], volume: Volume, now: datetime
) -> list[Variant]:
    """Return the variants that bring something else than the search does, each measured.

    `sample` is what the search brought last, `SAMPLE` tenders at most.
    """
    found = []
    for way, value, other in _ways(engine, query, sample, now):
        counted = measure(engine, other, now)
        if counted.total not in (0, volume.total):
            found.append(Variant(way, value, other, counted))
    return found


def _ways(
    engine: SearchEngine, query: Query, sample: Sequence[Tender], now: datetime
) -> Iterator[tuple[Way, str, Query]]:
    if len(sample) >= _FEWEST:
        if query.text is not None and (word := off_topic(query, sample)):
            other = replace(query, q=f"({query.q}) -{word}")
            if reads(other.q):  # else the search is as long as one may be
                yield "without", word, other
        if not query.cpv and not query.cpv_any and (code := shared_code(sample)):
            yield "code", code, replace(query, cpv_any=(code,))
    if query.dept and (near := _neighbour(engine, query, now)):
        yield "department", near, replace(query, dept=(*query.dept, near))
    if query.cpv_any and not query.cpv:
        yield "published", "", replace(query, cpv=query.cpv_any, cpv_any=())


def off_topic(query: Query, sample: Sequence[Tender]) -> str:
    """Return the word that tells the tenders beside the point from the others, "" where none does.

    Beside the point is what stands in another CPV division than most of the sample.
    """
    divisions = {tender.id: found for tender in sample if (found := _division(tender))}
    if not divisions:
        return ""
    main, held = Counter(divisions.values()).most_common(1)[0]
    if held == len(divisions) or held * 2 <= len(divisions):
        return ""  # all of one kind, or of none
    asked = set(stem_all(words(query.q), "fr"))
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    for tender in sample:
        seen = {word for word in words(tender.merged.title) if 5 <= len(word) <= _LONGEST_WORD and word.isalpha()}
        if tender.id in divisions:
            (inside if divisions[tender.id] == main else outside).update(seen)
    others = len(divisions) - held
    telling = {
        word: count / others - inside[word] / held
        for word, count in outside.items()
        if count >= 3 and inside[word] * 4 <= count and stem_all([word], "fr")[0] not in asked
    }
    folded = min(telling, key=lambda word: (-telling[word], -len(word), word), default="")
    return _as_written(folded, sample)


def _as_written(folded: str, sample: Sequence[Tender]) -> str:
    """Return a folded word as a title has it, with its accents, in small letters."""
    written = {word.lower() for tender in sample for word in _plain_words(tender.merged.title) if fold(word) == folded}
    return max(sorted(written), key=lambda word: sum(not c.isascii() for c in word), default=folded)


def _plain_words(title: str) -> list[str]:
    return "".join(c if c.isalpha() else " " for c in title).split()


def shared_code(sample: Sequence[Tender]) -> str:
    """Return the finest CPV code under which half of the sample stands, published or estimated; "" where none is."""
    under: Counter[str] = Counter()
    for tender in sample:
        under.update({step for code in _codes(tender) for step in code.lineage() if len(step) >= 3})
    half = [step for step, count in under.items() if count * 2 >= len(sample)]
    return max(half, key=lambda step: (len(step), under[step], step), default="")


def _codes(tender: Tender) -> tuple[Cpv, ...]:
    return tender.cpv_published or tuple(one.code for one in tender.cpv_predicted if one.asserted)


def _division(tender: Tender) -> str:
    codes = _codes(tender)
    return codes[0][:2] if codes else ""


def _neighbour(engine: SearchEngine, query: Query, now: datetime) -> str:
    """Return the département next to those asked (of the same NUTS-2 place) that has most of what is asked, or ""."""
    places = {nuts[:4] for code in query.dept if (nuts := Department(code).nuts)}
    near = {str(one) for one in departments() if one.nuts and one.nuts[:4] in places} - set(query.dept)
    asked = recent(query, now, 1)
    if not near or asked is None:
        return ""
    counts = engine.search(asked, now, facets=[Facet.DEPT]).facets.get(Facet.DEPT, {})
    return max(sorted(near & counts.keys()), key=lambda code: counts[code], default="")
