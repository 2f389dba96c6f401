"""The figures for programs and spreadsheets: each is the total of the search at its address."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from search_api.observatory.api import EXAMPLE
from search_api.schemas import ObservationShape
from tests.notices import House
from tests.search_api.conftest import NOW, Client, Open

SCOPES = (
    "",
    "dept=21",
    "nature=works&published_after=2026-01-01",
    "q=toiture",
    "territory=region-27&period=2026",
    "cpv=03",
    "territory=epci-243300316",
    "buyer_category=region",
)


def ask(client: Client, form: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/observatory?{form}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    ObservationShape.model_validate(found)
    return found


@pytest.mark.parametrize("form", SCOPES)
def test_each_number_is_the_total_of_the_search_at_its_address(client: Client, form: str) -> None:
    found = ask(client, form)
    items = [item for figure in found["figures"] for item in figure["items"]]
    assert len(items) > 30
    for item in items:
        assert client.get(item["url"]).json()["total"] == item["tenders"], item
    assert found["total"] == client.get(found["query"]["url"]).json()["total"]


def test_without_a_territory_or_period_every_tender_counts(client: Client) -> None:
    assert ask(client, "")["total"] == client.search()["total"]
    assert ask(client, "")["year_before"] is None


def test_a_territory_and_a_period_are_departments_and_days(client: Client) -> None:
    query = ask(client, "territory=region-27&period=12m")["query"]
    assert set(query["dept"]) == {"21", "25", "39", "58", "70", "71", "89", "90"}
    assert (query["published_after"], query["published_before"]) == ("2025-06-01", "2026-05-21")
    year = ask(client, "period=2025&territory=all")
    assert (year["query"]["published_after"], year["query"]["published_before"]) == ("2025-01-01", "2025-12-31")
    assert "dept" not in year["query"]
    before = client.get(year["year_before"]).json()["query"]
    assert (before["published_after"], before["published_before"]) == ("2024-01-01", "2024-12-31")


def test_a_territory_may_be_who_buys(client: Client) -> None:
    query = ask(client, "territory=epci-243300316")["query"]
    assert query["epci"] == ["243300316"]
    assert not {"dept", "nuts"} & query.keys()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("known=value", "leave it out of the scope"),
        ("unknown=lots", "leave it out of the scope"),
        ("territory=region-99", "is no territory"),
        ("territory=epci-213300395", "/observatory/territories"),
        ("epci=213300395", "243300316"),
        ("period=last", "write 12m"),
        ("period=2025&period=2024", "given twice"),
        ("territory=dept-21&dept=33", "territory stands in place of dept"),
        ("territory=dept-33&epci=243300316", "territory stands in place of epci"),
        ("period=2020&published_after=2019-01-01", "period stands in place of published_after"),
        ("sort=deadline", "leave it out"),
        ("size=5", "leave it out"),
        ("source=nowhere", "is not one of"),
        ("places=21", "unknown parameter"),
    ],
)
def test_what_is_no_scope_is_a_400_that_says_why(client: Client, form: str, said: str) -> None:
    for path in ("/api/v1/observatory", "/en/observatory.csv"):
        answer = client.get(f"{path}?{form}")
        assert answer.status_code == 400
        assert said in answer.text


def test_the_example_has_the_shape_described() -> None:
    ObservationShape.model_validate(EXAMPLE)


def test_an_empty_store_has_figures_of_nothing(empty: House, open_client: Open) -> None:
    found = ask(open_client(empty), "")
    assert {item["tenders"] for figure in found["figures"] for item in figure["items"]} == {0}


def test_what_did_not_change_is_not_sent_again(client: Client) -> None:
    for path in (
        "/api/v1/observatory?dept=21",
        "/observatory.csv",
        "/observatory.xlsx",
        "/observatory",
        "/observatory/months.svg",
    ):
        tag = client.get(path).headers["etag"]
        assert client.get(path, If_None_Match=tag).status_code == 304, path


def test_the_table_has_the_numbers_of_the_api_with_day_and_query(client: Client) -> None:
    answer = client.get("/en/observatory.csv?dept=21&period=all")
    assert answer.headers["content-disposition"].endswith(f'-{date(2026, 5, 21)}.csv"')
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    about = [row["label"] for row in rows if row["figure"] == "about"]
    assert any("Côte-d’Or" in line for line in about)
    assert any(line.startswith("Made on: Thursday 21") for line in about)
    told = {(row["figure"], row["value"], row["measure"]): int(row["tenders"]) for row in rows if row["tenders"]}
    figures = ask(client, "dept=21")["figures"]
    assert told == {
        (figure["figure"], item["value"], "" if item["measure"] is None else str(item["measure"])): item["tenders"]
        for figure in figures
        for item in figure["items"]
    }
    for row in rows:
        if row["address"]:
            assert client.search(row["address"].partition("?")[2])["total"] == int(row["tenders"])


def test_a_territory_to_compare_is_in_every_form(client: Client) -> None:
    alone, form = ask(client, "territory=dept-21&period=2026"), "territory=dept-21&period=2026&compare=dept-71"
    found, other = ask(client, form), ask(client, "territory=dept-71&period=2026")
    assert found["figures"] == alone["figures"]
    assert alone["compared"] is None
    assert found["compared"] == {name: other[name] for name in ("query", "total", "figures")}
    rows = list(csv.DictReader(StringIO(client.get(f"/en/observatory.csv?{form}").content.decode("utf-8-sig"))))
    totals = [(row["territory"], int(row["tenders"])) for row in rows if row["figure"] == "total"]
    assert totals == [("Côte-d’Or (21)", alone["total"]), ("Saône-et-Loire (71)", other["total"])]
    assert sum(row["label"].startswith("Address: ") for row in rows) == 2
    book = load_workbook(BytesIO(client.get(f"/en/observatory.xlsx?{form}").content))
    assert {row[-1] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)} == {at for at, _ in totals}


@pytest.mark.parametrize("same", ["dept-21", "DEPT-21"])
def test_a_territory_is_not_compared_with_itself_and_may_be_typed_in_any_letters(client: Client, same: str) -> None:
    assert ask(client, f"territory={same}&compare=dept-21") == ask(client, "dept=21")
    assert ask(client, "territory=Dept-2a")["query"]["dept"] == ["2A"]


def test_what_counts_without_a_period_is_said_where_it_differs(client: Client) -> None:
    said = client.get("/openapi.json").json()["paths"]["/api/v1/observatory"]["get"]
    assert "Without `period` and days of publication every tender counts" in said["description"]
    assert "compare" in {parameter["name"] for parameter in said["parameters"]}


def test_the_workbook_has_numbers_as_numbers(client: Client) -> None:
    book = load_workbook(BytesIO(client.get("/fr/observatory.xlsx?dept=21&period=all").content))
    sheet, about = book.worksheets
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert all(type(row[3]) is int for row in rows)
    assert rows[0][0] == "Marchés"
    assert [cell.value for cell in sheet[1]][2] == "Libellé"
    assert about["B2"].value.endswith("/fr/observatory?dept=21&period=all")
    assert NOW.year == 2026
