"""`/tenders.csv` and `/tenders.xlsx`: every row, typed, in a documented order, under a name that is safe."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from itertools import chain

import pytest
from limits import RateLimitItemPerHour

from indexer.columns import COLUMNS
from search_api.allowance import ROWS
from search_api.app import create_app
from search_api.outputs import exports
from tenders.translations import translator
from tests.notices import House, notice
from tests.search_api.conftest import BASE, NOW, Client, Open
from tests.search_api.outputs.conftest import read_csv, read_sheets

NAMES = [column.name for column in COLUMNS]


def test_csv_is_rfc_4180_with_a_mark_for_excel_and_the_same_names_in_every_language(client: Client) -> None:
    answer = client.get("/tenders.csv?q=charpente")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbfid,status,title,buyer_name,")
    assert answer.content.endswith(b"\r\n") and answer.content.count(b"\n") == answer.content.count(b"\r\n") == 2
    assert answer.headers["x-total-count"] == "1"
    english = client.get("/tenders.csv?q=charpente", Accept_Language="en")
    assert english.content == answer.content
    [row] = read_csv(answer.content)
    [line] = client.search("q=charpente")["items"]
    assert list(row) == NAMES
    assert (row["id"], row["page"], row["url"]) == (line["id"], line["page"], line["url"])
    assert (row["deadline"], row["published"]) == ("2026-06-17T12:00:00+02:00", "2026-05-04")
    assert (row["value_amount"], row["value_currency"]) == ("412000.00", "EUR")
    assert (row["status"], row["nature"], row["departments"], row["lot_count"]) == ("open", "works", "21", "3")
    assert row["cpv"] == "45261000 45261210 45261100"
    assert row["notices"] == "boamp:26-100 boamp:26-148"


def test_every_row_comes_in_one_file_in_the_order_asked_for(client: Client) -> None:
    rows = read_csv(client.get("/tenders.csv").content)
    assert len(rows) == len({row["id"] for row in rows}) == client.search()["total"] > 100
    for form in (
        "q=mobilier&sort=deadline",
        "nature=supplies&sort=-value",
        "sort=-published",
        "q=mobilier&sort=relevance",
    ):
        ids: list[str] = []
        path: str | None = f"/api/v1/tenders?{form}&size=100"
        while path:
            page = client.get(path).json()
            ids, path = ids + [line["id"] for line in page["items"]], page["next"]
        assert [row["id"] for row in read_csv(client.get(f"/tenders.csv?{form}").content)] == ids


def test_a_workbook_has_typed_cells_and_names_in_the_readers_language(client: Client) -> None:
    answer = client.get("/tenders.xlsx?q=charpente")
    sheet, told = read_sheets(answer.content)
    header, row = sheet.iter_rows()
    assert [cell.value for cell in header] == [translator("fr").gettext(column.title) for column in COLUMNS]
    cells = dict(zip(NAMES, row, strict=True))
    assert {name: cells[name].data_type for name in ("title", "url", "page", "id", "buyer_id")} == {
        "title": "s",
        "url": "s",
        "page": "s",
        "id": "s",
        "buyer_id": "s",
    }
    assert (cells["value_amount"].value, cells["value_amount"].data_type) == (412000, "n")
    assert cells["value_amount"].number_format == "#,##0.00"
    assert (cells["deadline"].value, cells["deadline"].is_date) == (datetime.combine(date(2026, 6, 17), time(12)), True)
    assert cells["deadline"].number_format == "yyyy-mm-dd hh:mm"
    assert (cells["published"].value, cells["published"].is_date) == (datetime.combine(date(2026, 5, 4), time()), True)
    assert (cells["status"].value, cells["nature"].value) == ("Ouvert", "Travaux")
    assert (cells["buyer_id"].value, cells["departments"].value) == ("00000000000017", "21"), "no digit is lost"
    assert (cells["lot_count"].value, cells["cpv_probability"].value) == (3, None)
    assert not any(cell.hyperlink for cell in row)
    facts = dict(told.values)
    assert "charpente" in facts["Recherche"]
    assert facts["Adresse"] == f"{BASE}/?q=charpente"
    english, about = read_sheets(client.get("/tenders.xlsx?q=charpente", Accept_Language="en").content)
    assert [cell.value for cell in english[1]] == [column.title for column in COLUMNS]
    assert about["A1"].value == "What was searched"


def test_the_workbook_of_nothing_is_a_workbook(client: Client) -> None:
    sheet, _ = read_sheets(client.get("/tenders.xlsx?q=rienquirende").content)
    assert sheet.max_row == 1
    assert read_csv(client.get("/tenders.csv?q=rienquirende").content) == []


def test_a_cut_workbook_says_what_is_missing_and_where_all_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SHEET_ROWS", 10)
    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW))
    answer = client.get("/tenders.xlsx?nature=supplies&sort=deadline")
    sheet, told = read_sheets(answer.content)
    assert sheet.max_row == 11
    facts = dict(told.values)
    total = client.search("nature=supplies")["total"]
    assert (facts["Marchés trouvés"], facts["Marchés dans ce classeur"]) == (str(total), "10")
    assert facts["Tous, en CSV"] == f"{BASE}/tenders.csv?nature=supplies&sort=deadline"
    assert answer.headers["x-total-count"] == str(total)


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("q=charpente+%22d%27école%22", r"tenderwatch-[a-z0-9-]*charpente[a-z0-9-]*-2026-05-21\.csv"),
        ("", r"tenderwatch-tous-les-marches-2026-05-21\.csv"),
        ("q=%22%2F..%2F..%3B+filename%3Dx.exe%22", r"tenderwatch-[a-z0-9-]+-2026-05-21\.csv"),
        ("q=" + "a" * 500, r"tenderwatch-[a-z0-9-]{1,60}-2026-05-21\.csv"),
    ],
)
def test_the_name_of_a_file_is_of_plain_letters(client: Client, form: str, name: str) -> None:
    said = client.get(f"/tenders.csv?{form}").headers["content-disposition"]
    assert re.fullmatch(f'attachment; filename="{name}"', said), said


@pytest.mark.parametrize("path", ["/tenders.csv", "/tenders.xlsx"])
def test_what_cannot_be_exported_is_said_before_a_byte_is_sent(client: Client, path: str) -> None:
    for form, says in (("size=5", "whole"), ("after=x", "whole"), ("q=(a", "closing"), ("colour=red", "names are q")):
        answer = client.get(f"{path}?{form}")
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert says in answer.json()["detail"]
    assert client.ask("HEAD", path).content == b""
    assert client.ask("HEAD", path).headers["x-total-count"]


def test_a_reader_who_exports_without_end_is_told_to_wait(
    house: House, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_LEAST", ROWS.amount // 3)
    client = open_client(house)
    answers = [client.get(path) for path in ("/tenders.csv?q=charpente", "/tenders.xlsx?q=charpente") * 2]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    other = Client(client.app, host="192.0.2.7")
    assert other.get("/tenders.csv?q=charpente").status_code == 200
    assert client.get("/tenders.atom").status_code == 200, "feeds are not counted"


def test_a_row_of_a_workbook_counts_as_five(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_LEAST", 1)
    monkeypatch.setattr(exports, "SHEET_ROWS", 4)
    monkeypatch.setattr(exports, "ROWS", RateLimitItemPerHour(2 * 5 * 4))
    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW))
    assert [client.get("/tenders.xlsx").status_code for _ in range(3)] == [200, 200, 429]


def test_a_day_that_spreadsheets_disagree_on_is_a_text(empty: House, open_client: Open) -> None:
    empty.bring(notice("1", "Vieux", published=date(1900, 1, 1)), notice("2", "Neuf", published=date(9999, 12, 31)))
    sheet, _ = read_sheets(open_client(empty).get("/tenders.xlsx").content)
    shown = {cell.data_type for cell in chain(*sheet.iter_rows(min_row=2)) if "1900" in str(cell.value)}
    assert shown == {"s"}
