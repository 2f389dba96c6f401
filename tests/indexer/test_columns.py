"""A tender as a row: the columns by name, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.columns import COLUMNS, harmless, make_row, write_csv
from indexer.merge import merge
from tenders.codes import Cpv, Department
from tenders.model import Buyer, Lot, Money, Nature, PredictedCpv
from tests.indexer.random_tenders import NOW
from tests.notices import notice

TENDER = merge(
    [
        notice(
            "26-1",
            "Toiture\r\nde l'école",
            nature=Nature.WORKS,
            buyer=Buyer(name="Commune de Vallebrune", id="00000000000017", town="Vallebrune"),
            cpv=(Cpv("45261000"),),
            departments=(Department("21"), Department("2A")),
            lots=(Lot(id="1", cpv=(Cpv("45261100"),)), Lot(id="2")),
            value=Money(Decimal("1E+5")),
            reference="007",
        )
    ]
)


def test_each_column_gives_its_own_kind_of_value() -> None:
    row = dict(zip([column.name for column in COLUMNS], make_row(TENDER, NOW, "https://x.example/t"), strict=True))
    assert row["title"] == "Toiture de l'école"
    assert (row["published"], row["deadline"]) == (date(2026, 5, 20), datetime.fromisoformat("2026-06-17T12:00+02:00"))
    assert (row["value_amount"], row["value_currency"], row["lot_count"]) == (Decimal(100_000), "EUR", 2)
    assert (row["cpv"], row["departments"], row["reference"]) == ("45261000 45261100", "21 2A", "007")
    assert (row["status"], row["notices"], row["cpv_estimated"]) == ("open", "boamp:26-1", None)
    [written] = csv.DictReader(io.StringIO("".join(write_csv([row.values()])), newline=""))
    assert (written["value_amount"], written["deadline"]) == ("100000", "2026-06-17T12:00:00+02:00")


def test_an_estimated_code_stands_apart_and_only_where_the_buyer_gave_none() -> None:
    guess = PredictedCpv(code=Cpv("45260000"), probability=0.834)
    names = [column.name for column in COLUMNS]
    for cpv, estimated in (((), ("45260000", 0.83)), ((Cpv("30190000"),), (None, None))):
        tender = merge([notice("1", "Toiture", cpv=cpv)])
        tender = replace(tender, cpv_predicted=(guess,))
        row = dict(zip(names, make_row(tender, NOW, ""), strict=True))
        assert (row["cpv_estimated"], row["cpv_probability"]) == estimated


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("＝1", "'＝1"),
        ("\t=1", "'\t=1"),
        ("a;=1", "a;'=1"),
        ("a; -1;@b", "a; '-1;'@b"),
        ("Lot 2 - voirie", "Lot 2 - voirie"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_a_quote_stands_before_what_would_be_run(text: str, cell: str) -> None:
    assert harmless(text) == cell


@given(st.text(max_size=40))
def test_what_is_harmless_stays_so_and_keeps_its_words(text: str) -> None:
    once = harmless(text)
    assert harmless(once) == once
    assert once.replace("'", "") == text.replace("'", "")
