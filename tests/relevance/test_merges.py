"""Pairs of real notices that were read one by one, 300 that linking merged and 300 near misses: what it makes of them.

``merges.jsonl`` holds a pair a line by the keys of the notices, `a` the later, and the verdict: same, different or
unsure. The counts are those reached; a change of the rules may only lower them.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import orjson
import pytest

from crawlers.formats import FORMATS
from indexer.linking.facts import Facts, read_facts
from indexer.linking.grouping import group
from tenders.model import Notice
from tests.indexer.linking.shelf import Shelf

PAIRS = [orjson.loads(line) for line in Path(__file__).with_name("merges.jsonl").read_bytes().splitlines()]
WRONG = 0
MISSED = 20


def read_days(data: Path) -> dict[str, Facts]:
    """Read every notice of the daily files as linking sees it, by its key."""
    facts: dict[str, Facts] = {}
    with tarfile.open(data / "boamp-daily" / "csv.tar.xz") as archive:
        for member in archive:
            day = archive.extractfile(member) if member.name.endswith(".csv") else None
            if day is not None:
                name = Path(member.name).name
                read = FORMATS["boamp-daily"].read(day.read(), name)
                facts |= {one.key: read_facts(one) for one in read if isinstance(one, Notice)}
    return facts


def keep_concerned(facts: dict[str, Facts]) -> dict[int, Facts]:
    """Keep the notices that may meet one of a pair: its buyer's, and those of its place."""
    told = [facts[key] for pair in PAIRS for key in (pair["a"], pair["b"])]
    buyers, places = {one.buyer for one in told}, {one.postcode for one in told} - {""}
    kept = (one for one in facts.values() if one.buyer in buyers or one.postcode in places)
    return dict(enumerate(kept))


@pytest.mark.real
@pytest.mark.timeout(900)
def test_pairs_that_were_read_are_merged_as_they_were_judged(real_data: Path) -> None:
    facts = keep_concerned(read_days(real_data))
    shelf = Shelf(facts)
    groups = group(facts, [link for id_ in facts for link in shelf.links(id_)])
    stands = {facts[id_].key: number for number, one in enumerate(groups) for id_ in one.notices}
    merged = {(pair["a"], pair["b"]): stands[pair["a"]] == stands[pair["b"]] for pair in PAIRS}
    verdicts = {(pair["a"], pair["b"]): pair["verdict"] for pair in PAIRS}
    wrong = [pair for pair, one in merged.items() if one and verdicts[pair] == "different"]
    missed = [pair for pair, one in merged.items() if not one and verdicts[pair] == "same"]
    assert len(wrong) <= WRONG, f"merged, but two procedures: {wrong}"
    assert len(missed) <= MISSED, f"one procedure, but apart: {missed}"
