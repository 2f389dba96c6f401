"""The collected real notices: every file answers, and what is refused has a known reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from crawlers.formats import FORMATS, Refusal
from crawlers.formats.atexo_page import AtexoPage, read_page
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
    winners = [who for notice in notices for award in notice.awards for who in award.suppliers]
    told = (len(winners), sum(who.size is not None for who in winners), sum(who.place is not None for who in winners))
    assert told == (125, 48, 123)


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


def test_captured_pages_of_atexo_portals_are_read(real_data: Path) -> None:
    captured = real_data / "platforms"
    lists = sorted([*captured.glob("atexo-maximilien-2025/*.html"), *captured.glob("atexo-mpe-2026-excerpts/*.html")])
    notices, reasons = outcomes("atexo-list", lists)
    assert len(lists) == 5 and len(notices) == 15 and not reasons
    assert sum(notice.url is not None for notice in notices) == 12  # the excerpts name no host
    assert all(notice.reference and notice.published and notice.deadline and notice.description for notice in notices)
    assert all(notice.buyer.name and notice.nature and notice.procedure for notice in notices)
    assert sum(notice.buyer.postcode is not None for notice in notices) == 7
    assert sum(notice.lot_count is not None for notice in notices) == 9
    assert sum(bool(notice.departments) for notice in notices) == 14  # the other place is Kenitra
    assert max(len(notice.departments) for notice in notices) == 108  # of 110 places; three are abroad
    assert not any(notice.title.endswith(("…", "...")) for notice in notices)

    pages, reasons = outcomes("atexo-detail", sorted(captured.glob("atexo-place-2020/*.html")))
    assert [page.key for page in pages] == ["place:f5j:624658", "place:x7c:623776"] and not reasons
    assert [(page.cpv, page.departments, page.lot_count) for page in pages] == [
        (("71335000",), ("44",), None),
        (("33191000",), ("59",), 33),
    ]
    assert [page.deadline and page.deadline.isoformat() for page in pages] == [
        "2020-09-15T12:00:00+02:00",
        "2020-09-17T12:00:00+02:00",
    ]


def test_captured_list_pages_tell_how_to_walk_on(real_data: Path) -> None:
    def page(name: str) -> AtexoPage:
        return read_page((real_data / "platforms" / name).read_bytes())

    first = page("atexo-maximilien-2025/maximilien_all.html")
    assert (first.total, first.pages, first.number, first.size, len(first.rows), first.missing) == (
        446,
        45,
        1,
        10,
        10,
        0,
    )
    assert first.next_target == "ctl0$CONTENU_PAGE$resultSearch$PagerTop$ctl2"
    assert (first.page_state or "").startswith("eJ")
    only = page("atexo-maximilien-2025/maximilien_debug.html")
    assert (only.total, only.pages, only.next_target, len(only.rows)) == (1, 1, None, 1)


def test_pages_that_are_neither_list_nor_consultation_are_refused(real_data: Path) -> None:
    others = sorted((real_data / "platforms/peers-sanitised-fixtures").glob("*.html"))
    for name in ("atexo-list", "atexo-detail"):
        notices, reasons = outcomes(name, others)
        assert not notices and reasons.total() == len(others) == 5
