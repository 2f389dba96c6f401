"""Real days in every evaluator: the same tenders, totals, facet counts, orders and page boundaries.

Thirty days here; all of them in the long proofs.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.matcher import Matcher
from indexer.build import build
from indexer.document import read_document
from indexer.engine import SearchEngine, open_engine
from indexer.reference import selects
from tenders.model import Tender
from tenders.query import Facet, Page, Query, Sort
from tenders.query_url import to_url
from tenders.store.tenders import load_tenders
from tests.indexer.random_tenders import random_query
from tests.notices import House, keep
from tests.real_days import read_days

pytestmark = pytest.mark.real
OPERATORS = frozenset(("OU", "OR", "ET", "AND", "SAUF", "NOT"))
ORDERS = (Sort.SEQ, Sort.DEADLINE, Sort.PUBLISHED, Sort.VALUE)


@dataclass
class Days:
    """Real days in a store and in both engines, and queries made of their words."""

    tenders: list[Tender]
    engines: dict[str, SearchEngine]
    now: datetime
    vocabulary: list[str]
    names: list[str]

    def query(self, draw: random.Random) -> Query:
        """A random query: the grammar's shapes, the days' own words, places and buyers."""
        query = random_query(draw, self.vocabulary)
        near = self.now.date()
        changes: dict = {"cpv": (), "cpv_any": (), "source": (), "lang": ()}
        if query.q and (len(query.q) > 450 or draw.random() < 0.5):
            changes["q"] = draw.choice(self.vocabulary)
        if query.buyer:
            changes["buyer"] = (draw.choice(self.names),)
        for name in ("published_after", "published_before", "deadline_after", "deadline_before"):
            if getattr(query, name):
                changes[name] = near + timedelta(days=draw.randint(-40, 40))
        for low, high in (("published_after", "published_before"), ("deadline_after", "deadline_before")):
            if changes.get(low) and changes.get(high) and changes[low] > changes[high]:
                changes[low], changes[high] = changes[high], changes[low]
        return replace(query, **changes)


def _make(data: Path, folder: Path, url: str, count: int | None) -> Days:
    notices = read_days(data, folder / "csv", count)
    house = House(folder)
    for start in range(0, len(notices), 5000):
        keep(house.store, notices[start : start + 5000], live=False)
    engines: dict[str, SearchEngine] = {"tantivy": house.engine, "elasticsearch": open_engine(url)}
    for engine in engines.values():
        build(house.store, engine)
    now = datetime.combine(max(n.published for n in notices if n.published), datetime.min.time(), UTC)
    now = now.replace(hour=9)
    ids = list(house.engine.stream(Query(), now))
    with house.store.reading() as connection:
        tenders = list(load_tenders(connection, ids).values())
    draw = random.Random(5)
    titles = " ".join(tender.merged.title for tender in draw.sample(tenders, 400))
    vocabulary = [word for word in re.findall(r"[\w'’-]+", titles) if word[0].isalpha() and word not in OPERATORS]
    names = [tender.merged.buyer.name or "x" for tender in draw.sample(tenders, 200)]
    house.close()
    return Days(tenders, engines, now, vocabulary, names)


@pytest.fixture(scope="module")
def days(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory, elasticsearch_urls: Callable[[str], str]
) -> Iterator[Days]:
    yield _make(real_data, tmp_path_factory.mktemp("days"), elasticsearch_urls("real-days"), 30)


@pytest.fixture(scope="module")
def all_days(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory, elasticsearch_urls: Callable[[str], str]
) -> Iterator[Days]:
    yield _make(real_data, tmp_path_factory.mktemp("days"), elasticsearch_urls("all-days"), None)


def check_pairs(days: Days, *, queries: int, sample: int) -> int:
    """Compare all four evaluators on each (query, tender) pair; returns how many pairs there were."""
    draw = random.Random(7)
    tenders = draw.sample(days.tenders, min(sample, len(days.tenders)))
    among = {tender.id for tender in tenders}
    asked = [days.query(draw) for _ in range(queries)]
    matched: list[set[str]] = [set() for _ in asked]
    documents = [read_document(tender) for tender in tenders]
    for search, index in Matcher({str(n): q for n, q in enumerate(asked)}, days.now).match(documents):
        matched[int(search)].add(tenders[index].id)
    for query, told in zip(asked, matched, strict=True):
        expected = {tender.id for tender in tenders if selects(query, tender, days.now)}
        assert told == expected, f"the matcher differs on {to_url(query)}"
        whole = [list(engine.stream(query, days.now)) for engine in days.engines.values()]
        assert whole[0] == whole[1], f"the engines differ on {to_url(query)}"
        assert among.intersection(whole[0]) == expected, f"the engines differ from the reference on {to_url(query)}"
    return len(tenders) * len(asked)


def check_pages(days: Days, searches: int) -> None:
    """Compare totals, facet counts, orders and page boundaries of both engines."""
    draw = random.Random(9)
    for number in range(searches):
        asked = replace(days.query(draw), sort=ORDERS[number % len(ORDERS)], size=draw.choice((5, 20, 100)))
        answers = [_walk(engine, asked, days.now) for engine in days.engines.values()]
        assert answers[0] == answers[1], f"pages differ on {to_url(asked)}"
        facets = [engine.search(asked, days.now, facets=tuple(Facet)) for engine in days.engines.values()]
        for facet in facets[0].facets:
            assert facets[0].facets[facet] == facets[1].facets[facet], f"{facet} differs on {to_url(asked)}"


def _walk(engine: SearchEngine, query: Query, now: datetime) -> list[tuple[int, list[str], bool]]:
    pages: list[tuple[int, list[str], bool]] = []
    for _ in range(4):
        page: Page = engine.search(query, now)
        pages.append((page.total, [hit.id for hit in page.hits], page.next is None))
        if page.next is None:
            break
        query = replace(query, after=page.next)
    return pages


def top_ten_overlap(days: Days, searches: int) -> float:
    """How many of the ten best by relevance both engines give, on the mean; ties aside."""
    draw = random.Random(11)
    shared = []
    while len(shared) < searches:
        query = Query(q=" ".join(draw.choices(days.vocabulary, k=draw.choice((1, 2)))), size=50)
        one, other = (engine.search(query, days.now).hits for engine in days.engines.values())
        if len(one) >= 10:
            last = [hits[9].score * (1 - 1e-6) for hits in (one, other)]
            able = [{hit.id for hit in hits if hit.score >= low} for hits, low in zip((one, other), last, strict=True)]
            shared.append(len({hit.id for hit in one[:10]} & able[1]))
    return sum(shared) / len(shared)


def test_thirty_real_days_select_the_same_in_every_evaluator(days: Days) -> None:
    assert len(days.tenders) > 5000
    assert check_pairs(days, queries=150, sample=400) == 60_000


def test_five_hundred_searches_give_the_same_pages_in_both_engines(days: Days) -> None:
    check_pages(days, 500)


def test_the_best_ten_are_nearly_the_same(days: Days) -> None:
    assert top_ten_overlap(days, 100) >= 9


@pytest.mark.proof
def test_all_real_days_select_the_same_in_every_evaluator(all_days: Days) -> None:
    assert check_pairs(all_days, queries=600, sample=2000) == 1_200_000
    check_pages(all_days, 500)
    print("top ten shared", top_ten_overlap(all_days, 300))
