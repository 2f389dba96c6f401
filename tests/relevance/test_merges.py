"""Pairs of real notices that were read one by one: what linking makes of them.

A file holds a pair a line by the keys of the notices, `a` the later, and the verdict: same, different or unsure.
``merges.jsonl`` are 300 pairs that an early linking merged, and 300 near misses; ``read_later.jsonl`` were drawn when
the rules had been mended by those: `drawn` says whether a pair was merged then (300 at random, and more of some
rules), a follow-up that stood alone beside what it may follow, or two look-alikes. The counts are those reached; a
change of the rules may only lower them.
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

HERE = Path(__file__).parent
READ = {
    name: [orjson.loads(line) for line in (HERE / name).read_bytes().splitlines()]
    for name in ("merges.jsonl", "read_later.jsonl")
}
WRONG = {"merges.jsonl": 0, "read_later.jsonl": 3}
MISSED = {"merges.jsonl": 20, "read_later.jsonl": 92}


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
    told = [facts[key] for pairs in READ.values() for pair in pairs for key in (pair["a"], pair["b"])]
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
    wrong, missed = {}, {}
    for name, pairs in READ.items():
        one = {(pair["a"], pair["b"]): pair["verdict"] for pair in pairs if stands[pair["a"]] == stands[pair["b"]]}
        two = {(pair["a"], pair["b"]): pair["verdict"] for pair in pairs if stands[pair["a"]] != stands[pair["b"]]}
        wrong[name] = [pair for pair, verdict in one.items() if verdict == "different"]
        missed[name] = [pair for pair, verdict in two.items() if verdict == "same"]
    for name in READ:
        assert len(wrong[name]) <= WRONG[name], f"merged, but two procedures: {wrong}"
        assert len(missed[name]) <= MISSED[name], f"one procedure, but apart: {missed}"
