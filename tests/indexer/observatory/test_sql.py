"""The figures of a filled store against SQL over that store: random notices in both engines, and real days."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from indexer.cpv import artefact
from indexer.cpv.pipeline import open_classifier
from indexer.engine import SearchEngine
from indexer.observatory.observe import observe
from tenders.codes import regions
from tenders.query_url import from_url
from tests.indexer.observatory.epci import EPCI
from tests.indexer.observatory.sql import recount_by_sql
from tests.indexer.observatory.test_observe import measures, numbers
from tests.indexer.random_tenders import NOW, random_notice
from tests.notices import House, keep
from tests.real_days import read_days

PLACES = "id in (select id from places where dept in ({}))"
CODES = "id in (select id from codes where code = '{}')"
EPCIS = "id in (select id from epcis where siren in ({}))"


def held_to_places(*departments: str) -> tuple[str, str]:
    """A territory as the two forms of a scope: a query, and a condition."""
    return "&".join(f"dept={d}" for d in departments), PLACES.format(", ".join(f"'{d}'" for d in departments))


def held_to_groupings(*sirens: str) -> tuple[str, str]:
    return "&".join(f"epci={siren}" for siren in sirens), EPCIS.format(", ".join(f"'{siren}'" for siren in sirens))


def scopes(draw: random.Random, days: tuple[str, ...], count: int) -> Iterator[tuple[str, str]]:
    """Scopes as a query and as a condition on what SQL made of the store."""
    yield "", "1"
    yield from map(held_to_groupings, EPCI)
    codes = [department for region in regions().values() for department in region.departments()]
    for _ in range(count - 1):
        parts = []
        place = draw.random()
        if place < 0.2:
            parts.append(held_to_groupings(*draw.sample(EPCI, 2)))
        elif place < 0.7:
            parts.append(held_to_places(*map(str, draw.sample(codes, draw.randint(1, 40)))))
        if draw.random() < 0.4:
            code = draw.choice(("45", "71", "79", "90", "30", "50"))
            parts.append((f"cpv_any={code}", CODES.format(code)))
        if draw.random() < 0.5:
            first, last = sorted(draw.sample(days, 2))
            said = f"published_after={first}&published_before={last}"
            parts.append((said, f"published between '{first}' and '{last}'"))
        if draw.random() < 0.3:
            nature = draw.choice(("works", "supplies", "services"))
            parts.append((f"nature={nature}", f"nature = '{nature}'"))
        yield "&".join(query for query, _ in parts), " and ".join(condition for _, condition in parts) or "1"


def check(engine: SearchEngine, database: Path, query: str, where: str, now: datetime) -> int:
    """Hold each number of a scope to SQL; returns how many were not zero."""
    counted = recount_by_sql(database, where, now)
    seen = observe(engine, from_url(query), now)
    found = 0
    for name, number in numbers(seen):
        if number is not None:
            assert number.count == counted.get(name, 0), f"{name} of {query}"
            found += number.count > 0
    for name, measure in measures(seen):
        assert measure == counted.get(name, 0), f"{name} of {query}"
    return found


def test_figures_of_a_store_are_those_of_sql(tmp_path: Path, search_url: str) -> None:
    draw = random.Random(21)
    house = House(tmp_path, search_url)
    house.bring(*(random_notice(draw, number) for number in range(1, 301)))
    days = tuple(f"2026-0{month}-1{month}" for month in range(1, 8))
    found = sum(
        check(house.engine, tmp_path / "tenders.db", query, where, NOW)
        for query, where in scopes(random.Random(22), days, 25)
    )
    house.close()
    assert found > 500


@pytest.mark.real
def test_figures_of_real_days_are_those_of_sql(real_data: Path, tmp_path: Path) -> None:
    notices = read_days(real_data, tmp_path / "csv", 20)
    house = House(tmp_path, classifier=open_classifier(artefact.SHIPPED))
    for start in range(0, len(notices), 5000):
        keep(house.store, notices[start : start + 5000], live=False)
    house.build()
    days = tuple(sorted({notice.published.isoformat() for notice in notices if notice.published}))
    now = datetime.fromisoformat(f"{days[-1]}T09:00:00+00:00")
    found = sum(
        check(house.engine, tmp_path / "tenders.db", query, where, now)
        for query, where in scopes(random.Random(23), days, 20)
    )
    house.close()
    assert found > 1000
