"""The collected real notices: every file answers, and what is refused has a known reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from crawlers.formats import FORMATS, Refusal
from tenders.canonical import dumps, loads
from tenders.model import Notice

pytestmark = pytest.mark.real


def outcomes(name: str, files: list[Path]) -> tuple[list[Notice], Counter[str]]:
    notices, reasons = [], Counter[str]()
    for path in files:
        for item in FORMATS[name].read(path.read_bytes(), path.name):
            if isinstance(item, Refusal):
                reasons[item.reason.split(":")[0]] += 1
            else:
                notices.append(item)
    return notices, reasons


def test_published_eforms_are_read_whole(real_data: Path) -> None:
    notices, reasons = outcomes("eforms", sorted((real_data / "eforms").rglob("*.xml")))
    assert len(notices) == 164
    assert reasons == {"'Notice' is no procurement notice of eForms": 4}  # another project's own test files
    assert all(notice.buyer.name and notice.buyer.country and notice.cpv for notice in notices)
    calls = [notice for notice in notices if notice.kind == "competition"]
    assert sum(notice.deadline is not None for notice in calls) / len(calls) > 0.8  # qualification systems have none
    assert all(loads(dumps(notice)) == notice for notice in notices)


def test_the_sdks_examples_are_read_and_its_broken_ones_refused(real_data: Path) -> None:
    valid, invalid = [], []
    for folder in ("eforms-sdk-examples", "eforms-sdk-examples-rdf-v1.10"):
        for path in sorted((real_data / folder).rglob("*.xml")):
            (invalid if path.name.startswith(("INVALID", "X0")) else valid).append(path)
    notices, reasons = outcomes("eforms", valid)
    assert len(notices) == len(valid) and not reasons
    _, broken = outcomes("eforms", invalid)
    assert broken["no title"] >= 10


def test_captured_answers_of_the_api_are_read(real_data: Path) -> None:
    captured = [
        real_data / "boamp-ods-nicolasmura/boamp-query.json",
        real_data / "mixed-tendersbay-testdata/source/fr/testdata/record_sample.json",
    ]
    notices, reasons = outcomes("boamp", captured)
    assert not reasons
    moments = [notice.deadline.isoformat() for notice in notices if notice.deadline]
    assert moments == [
        "2024-07-25T12:00:00+02:00",
        "2024-09-02T12:00:00+02:00",
        "2026-08-18T12:00:00+04:00",
        "2026-09-16T09:00:00+02:00",
    ]
    assert [len(notice.lots) for notice in notices] == [0, 0, 4, 2]
