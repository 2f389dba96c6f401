"""One query, four evaluators: the reference, tantivy, Elasticsearch and the matcher select the same tenders.

The second half shows that the comparison can fail: each operator and each filter, taken out of one evaluator, does
make it fail.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import pytest

import alerts.matcher
import indexer.elastic_engine
import indexer.tantivy_engine
from alerts.matcher import Matcher
from indexer import plan as plans
from indexer.document import read_document
from indexer.engine import SearchEngine, open_engine
from indexer.fields import FACETS
from indexer.merge import merge
from indexer.reference import selects, status
from tenders.errors import BadQuery
from tenders.model import Buyer, Tender
from tenders.query import FLAGS, Facet, Query
from tenders.query_text import Either, Every, Not, Phrase, Prefix, Word, parse_text
from tenders.query_url import from_url, to_url
from tests.indexer.random_tenders import NOW, random_notice, random_query, random_tender


@dataclass
class World:
    """Tenders, queries, what the reference says of every pair, and the engines that hold the tenders."""

    tenders: list[Tender]
    queries: list[Query]
    expected: list[frozenset[str]]
    engines: Mapping[str, SearchEngine]

    def pairs(self) -> int:
        return len(self.tenders) * len(self.queries)

    def check_engine(self, name: str) -> None:
        for query, expected in zip(self.queries, self.expected, strict=True):
            found = list(self.engines[name].stream(query, NOW))
            assert frozenset(found) == expected, f"{name} differs on {to_url(query)}"
            assert len(found) == len(expected), f"{name} gives a tender twice"

    def check_matcher(self) -> None:
        documents = [read_document(tender) for tender in self.tenders]
        found: list[set[str]] = [set() for _ in self.queries]
        searches = {str(number): query for number, query in enumerate(self.queries)}
        for search, index in Matcher(searches, NOW).match(documents):
            assert self.tenders[index].id not in found[int(search)], "a pair is given twice"
            found[int(search)].add(self.tenders[index].id)
        for query, ids, expected in zip(self.queries, found, self.expected, strict=True):
            assert ids == expected, f"the matcher differs on {to_url(query)}"


def make_world(engines: Mapping[str, SearchEngine], seed: int, tenders: int, queries: int) -> World:
    draw = random.Random(seed)
    drawn = [random_tender(draw, number) for number in range(1, tenders + 1)]
    asked = [random_query(draw) for _ in range(queries)]

    def fill(draft: SearchEngine) -> None:
        assert not draft.put(drawn)
        draft.commit(tenders)

    for engine in engines.values():
        engine.rebuild(fill)
    expected = [frozenset(tender.id for tender in drawn if selects(query, tender, NOW)) for query in asked]
    return World(drawn, asked, expected, engines)


@pytest.fixture(scope="module")
def engines(
    tmp_path_factory: pytest.TempPathFactory, elasticsearch_urls: Callable[[str], str]
) -> Mapping[str, SearchEngine]:
    return {
        "tantivy": open_engine(f"tantivy:{tmp_path_factory.mktemp('index')}"),
        "elasticsearch": open_engine(elasticsearch_urls("same-answer")),
    }


@pytest.fixture(scope="module")
def world(engines: Mapping[str, SearchEngine]) -> World:
    return make_world(engines, seed=1, tenders=250, queries=500)


each_engine = pytest.mark.parametrize("name", ["tantivy", "elasticsearch"])


def test_at_least_a_fifth_of_the_pairs_match(world: World) -> None:
    assert sum(map(len, world.expected)) >= world.pairs() / 5


@each_engine
def test_an_engine_selects_what_the_reference_does(world: World, name: str) -> None:
    world.check_engine(name)


def test_the_matcher_selects_what_the_reference_does(world: World) -> None:
    world.check_matcher()


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(10, 15))
def test_a_million_pairs_agree(tmp_path: Path, elasticsearch_url: str, seed: int) -> None:
    engines = {"tantivy": open_engine(f"tantivy:{tmp_path}"), "elasticsearch": open_engine(elasticsearch_url)}
    world = make_world(engines, seed, tenders=450, queries=450)
    assert sum(map(len, world.expected)) >= world.pairs() / 5
    for name in engines:
        world.check_engine(name)
    world.check_matcher()


@each_engine
def test_totals_facets_and_pages_are_exact(world: World, name: str) -> None:
    by_id = {tender.id: tender for tender in world.tenders}
    for query, expected in list(zip(world.queries, world.expected, strict=True))[:150]:
        page = world.engines[name].search(replace(query, size=100), NOW, facets=tuple(Facet))
        assert page.total == len(expected)
        for facet, field in {**FACETS, Facet.STATUS: None}.items():
            others = frozenset(
                t.id for t in world.tenders if selects(replace(query, **{facet.value: ()}), t, NOW)
            ) if getattr(query, facet.value, ()) else expected  # fmt: skip
            counted = Counter(
                value
                for id_ in others
                for value in ({str(v) for v in field.read(by_id[id_])} if field else {status(by_id[id_], NOW).value})
            )
            assert dict(page.facets[facet]) == counted, f"{facet} of {to_url(query)}"


@pytest.mark.parametrize("sort", ["relevance", "deadline", "-published", "-value", "-seq"])
@each_engine
def test_pages_give_each_tender_once_in_order(world: World, sort: str, name: str) -> None:
    for query, expected in zip(world.queries, world.expected, strict=True):
        if len(expected) < 150:
            continue
        asked = from_url(f"{to_url(query.saved())}&sort={sort}&size=40")
        seen: list[str] = []
        while True:
            page = world.engines[name].search(asked, NOW)
            assert page.total == len(expected)
            seen += [hit.id for hit in page.hits]
            if page.next is None:
                break
            asked = replace(asked, after=page.next)
        assert len(seen) == len(set(seen)) == len(expected)
        by_id = {tender.id: tender for tender in world.tenders}
        if sort == "deadline":
            moments = [by_id[id_].merged.deadline for id_ in seen]
            known = [moment for moment in moments if moment]
            assert known == sorted(known)
            assert moments[: len(known)] == known, "unknown deadlines come last"
        if sort == "-seq":
            assert [by_id[id_].seq for id_ in seen] == sorted((by_id[id_].seq for id_ in seen), reverse=True)
        break
    else:
        pytest.fail("no query selects enough tenders to page through")


def test_of_more_values_than_a_facet_shows_the_tied_last_ones_are_left_out(search_url: str) -> None:
    engine = open_engine(search_url)
    draw = random.Random(4)
    counts = {f"Acheteur {n}": 1 + (n < 150) + (n < 3) for n in range(250)}
    names = [name for name, count in counts.items() for _ in range(count)]
    tenders = []
    for number, name in enumerate(names, 1):
        drawn = replace(random_notice(draw, number), buyer=Buyer(name=name))
        tenders.append(replace(merge([drawn]), version=number, seq=number, revision=1))

    def fill(draft: SearchEngine) -> None:
        draft.put(tenders)
        draft.commit(len(tenders))

    engine.rebuild(fill)
    facet = engine.search(Query(), NOW, facets=tuple(Facet)).facets[Facet.BUYER]
    assert facet == {name: count for name, count in counts.items() if count > 1}
    assert list(facet.values()) == sorted(facet.values(), reverse=True)


def deepest(inner: str, levels: int) -> str:
    """A deep text: around each level an alternative with a negation, two conjunctions, or both."""
    text = inner
    for level in range(levels):
        text = (f"(-{text} OU bois)", f"({text} toiture OU amiante)", f"({text} | école travaux)")[level % 3]
    return text


def is_allowed(text: str) -> bool:
    try:
        return parse_text(text) is not None
    except BadQuery:
        return False


def test_the_deepest_text_of_the_grammar_is_answered_alike(world: World) -> None:
    found = 0
    deep = [levels for levels in range(1, 40) if is_allowed(deepest("éco*", levels))]
    assert deep[-1] >= 14
    for levels in deep[-3:]:
        query = from_url("q=" + quote(deepest("éco*", levels)))
        expected = frozenset(t.id for t in world.tenders if selects(query, t, NOW))
        found += len(expected)
        for name, engine in world.engines.items():
            assert frozenset(engine.stream(query, NOW)) == expected, f"{name} at {levels} levels"
            assert engine.search(query, NOW, facets=tuple(Facet)).total == len(expected)
    assert found


def test_the_url_form_gives_the_same_query_back() -> None:
    draw = random.Random(3)
    for _ in range(500):
        query = random_query(draw)
        assert to_url(from_url(to_url(query))) == to_url(query)


# Each leaf taken out of an evaluator: what stands in its place always holds, or only its first part counts.
def _taken_out(kind: type, leaf: plans.Leaf) -> plans.Leaf:
    def inside(part: plans.Leaf) -> plans.Leaf:
        return _taken_out(kind, part)

    if isinstance(leaf, kind):
        if isinstance(leaf, (plans.All, plans.Any)) and leaf.parts:
            return inside(leaf.parts[0])
        return plans.All()
    if isinstance(leaf, plans.No):
        return plans.No(inside(leaf.part))
    if isinstance(leaf, (plans.All, plans.Any)):
        return replace(leaf, parts=tuple(inside(part) for part in leaf.parts))
    return leaf


LEAVES = (plans.Term, plans.Run, plans.Beginning, plans.Span, plans.All, plans.Any, plans.No)
FILTERS = (
    "cpv cpv_any nuts dept epci buyer buyer_type buyer_category nature procedure status source kind "
    "published deadline deadline_within value winner winner_dept local relaunch known unknown"
).split() + list(FLAGS)
MUTANTS = [*LEAVES, *FILTERS]
EVALUATORS: dict[ModuleType, Callable[[World], None]] = {
    indexer.tantivy_engine: lambda world: world.check_engine("tantivy"),
    indexer.elastic_engine: lambda world: world.check_engine("elasticsearch"),
    alerts.matcher: World.check_matcher,
}


@pytest.mark.proof
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m if isinstance(m, str) else m.__name__)
@pytest.mark.parametrize("module", EVALUATORS, ids=lambda m: m.__name__)
def test_an_operator_taken_out_of_one_evaluator_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch, module: ModuleType, mutant: type | str
) -> None:
    def mutated(query: Query, now: object) -> plans.Plan:
        whole = plans.plan(query, now)
        if isinstance(mutant, str):
            return replace(whole, filters={k: v for k, v in whole.filters.items() if k != mutant})
        text = whole.text and _taken_out(mutant, whole.text)
        return replace(whole, text=text, filters={k: _taken_out(mutant, v) for k, v in whole.filters.items()})

    monkeypatch.setattr(module, "plan", mutated)
    with pytest.raises(AssertionError, match="differs"):
        EVALUATORS[module](world)


@pytest.mark.proof
@pytest.mark.parametrize("name", [f.name for f in fields(Query) if f.name not in ("sort", "size", "after")])
def test_a_parameter_taken_out_of_the_reference_is_noticed(world: World, name: str) -> None:
    plain = Query()
    differs = any(
        frozenset(t.id for t in world.tenders if selects(replace(query, **{name: getattr(plain, name)}), t, NOW))
        != expected
        for query, expected in zip(world.queries, world.expected, strict=True)
        if getattr(query, name) != getattr(plain, name)
    )
    assert differs


@pytest.mark.proof
@pytest.mark.parametrize("node", [Word, Phrase, Prefix, Every, Either, Not])
def test_a_text_operator_taken_out_of_the_reference_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch, node: type
) -> None:
    import indexer.reference as reference

    whole = reference._says

    def says(tender: Tender, asked: object, languages: tuple[str, ...]) -> bool:
        return True if isinstance(asked, node) else whole(tender, asked, languages)

    monkeypatch.setattr(reference, "_says", says)
    assert any(
        frozenset(t.id for t in world.tenders if selects(query, t, NOW)) != expected
        for query, expected in zip(world.queries, world.expected, strict=True)
    )
