"""Every format reads its invented samples to the canonical JSON that lies beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from crawlers.formats import FORMATS, Refusal
from tenders.canonical import dumps, loads
from tests.conftest import EXAMPLES

MARK = ".expected.jsonl"
SAMPLES = sorted(path for path in EXAMPLES.glob("*/*") if path.is_file() and not path.name.endswith(MARK))


def outcome(path: Path) -> list[dict[str, Any]]:
    found = []
    for item in FORMATS[path.parent.name].read(path.read_bytes(), path.name):
        found.append(
            {"where": item.where, "reason": item.reason} if isinstance(item, Refusal) else orjson.loads(dumps(item))
        )
    return found


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_reads_to_what_stands_beside_it(path: Path) -> None:
    beside = path.with_name(path.name + MARK)
    expected = [json.loads(line) for line in beside.read_text().splitlines()]
    assert outcome(path) == expected


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_sample_that_yields_a_notice(name: str) -> None:
    read = [item for path in SAMPLES if path.parent.name == name for item in outcome(path)]
    assert any("source_id" in item for item in read)


def test_every_expectation_belongs_to_a_sample() -> None:
    expected = {path.name.removesuffix(MARK) for path in EXAMPLES.glob(f"*/*{MARK}")}
    assert expected == {path.name for path in SAMPLES}


def test_no_contact_person_mail_or_telephone_of_a_sample_is_kept() -> None:
    written = b"".join(path.read_bytes() for path in SAMPLES).decode(errors="replace")
    assert "non repris" in written and "achats@ville.example" in written
    kept = "".join(json.dumps(item, ensure_ascii=False) for path in SAMPLES for item in outcome(path))
    assert "non repris" not in kept and "@" not in kept and "Service achats" not in kept


def test_what_is_read_survives_its_canonical_json() -> None:
    notices = [
        item
        for path in SAMPLES
        for item in FORMATS[path.parent.name].read(path.read_bytes(), path.name)
        if not isinstance(item, Refusal)
    ]
    assert len(notices) >= 15
    assert all(loads(dumps(notice)) == notice for notice in notices)
