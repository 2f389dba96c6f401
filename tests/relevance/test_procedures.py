"""Real procedures that a person read: what their notices made of each, held fast by ids alone.

``procedures.jsonl`` names the notices of a procedure in the order they speak with their days, whether it stands, was
awarded or cancelled in the end, until when it is shown, and which facts each notice changed. They were drawn at random
from the collected days of BOAMP, by the kinds of their notices, so that corrections and cancellations are many; one
whose cancellation and correction are of one day was left out, because nobody can tell which of them holds.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from crawlers.formats import FORMATS, Refusal
from indexer.merge import merge
from indexer.retelling import retell
from tenders.model import Notice

pytestmark = pytest.mark.real
CASES = [json.loads(line) for line in (Path(__file__).parent / "procedures.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def notices(real_data: Path) -> dict[str, Notice]:
    """Every notice of the days on which one of a case appeared, by key."""
    days = {day.replace("-", "_") for case in CASES for day in case["notices"].values()}
    found: dict[str, Notice] = {}
    with tarfile.open(real_data / "boamp-daily" / "csv.tar.xz") as archive:
        for member in archive:
            if member.isfile() and Path(member.name).name[:10] in days:
                body = archive.extractfile(member)
                assert body is not None
                for one in FORMATS["boamp-daily"].read(body.read(), member.name):
                    if not isinstance(one, Refusal):
                        found[one.key] = one
    return found


@pytest.mark.parametrize("case", CASES, ids=[next(iter(case["notices"])) for case in CASES])
def test_a_real_procedure_is_what_its_notices_make_of_it(case: dict[str, Any], notices: dict[str, Notice]) -> None:
    held = [notices[key] for key in case["notices"]]
    tender = merge(held)
    assert ("cancelled" if tender.cancelled else "awarded" if tender.awarded else "stands") == case["state"]
    until = tender.merged.display_until
    assert (until and until.isoformat()) == case["until"]
    told = retell(held[::-1])
    assert [one.notice for one in told] == list(case["notices"])
    assert {one.notice: sorted(one.changed) for one in told if one.changed} == case["changed"]
