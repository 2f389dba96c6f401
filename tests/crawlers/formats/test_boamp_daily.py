"""What a day's rows become, on invented rows."""

from __future__ import annotations

import csv
import tarfile
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest

from crawlers.formats import Refusal
from crawlers.formats.boamp_daily import read
from tenders.model import Notice
from tests.conftest import EXAMPLES

DAY = (EXAMPLES / "boamp-daily/day.csv").read_text().replace("<<<<<<< HEAD\n", "")
HEADER, FIRST, *_ = list(csv.reader(StringIO(DAY)))


AWARDS = "d08_09_decision_titulaireandRENSEIGNEMENT"


def day(*rows: dict[str, str]) -> list[Notice | Refusal]:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow([row.get(name, value) for name, value in zip(HEADER, FIRST, strict=True)])
    return list(read(text.getvalue().encode(), "a test"))


def one(**cells: str) -> Notice:
    (item,) = day(cells)
    assert isinstance(item, Notice), item
    return item


def test_the_end_of_display_is_never_a_deadline() -> None:
    notice = one()
    assert notice.deadline is None and str(notice.display_until) == "2021-04-02"


@pytest.mark.parametrize(
    ("nature", "status", "kind"),
    [
        ("appeloffre", "initial", "competition"),
        ("appeloffre", "rectificatif", "change"),
        ("rectificatif", "rectificatif", "change"),
        ("appeloffre", "annulation", "cancellation"),
        ("attribution", "initial", "result"),
        ("intentionconclure", "initial", "direct-award"),
        ("modification", "modification", "modification"),
        ("preinformation", "initial", "planning"),
        ("periodique", "initial", "planning"),
    ],
)
def test_nature_and_status_together_say_what_a_row_does(nature: str, status: str, kind: str) -> None:
    assert one(g01_02_03_nature=nature, g01_02_04_statut=status).kind == kind


def test_codes_of_departements_are_made_whole_and_unknown_ones_left_out() -> None:
    assert one(g04_07_dep_publication="['1', '20B', '971', '1', '00']").departments == ("01", "2B", "971")


def test_a_missing_column_leaves_its_facts_unknown() -> None:
    (notice,) = read((EXAMPLES / "boamp-daily/first-days.csv").read_bytes(), "")
    assert isinstance(notice, Notice)
    assert notice.display_until is None and notice.departments == () and notice.awards == ()


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({AWARDS: "[("}, "is no list"),
        ({AWARDS: "__import__('os').getcwd()"}, "is no list"),
        ({AWARDS: "[" + "-" * 90_000 + "1]"}, "is no list"),
        (
            {AWARDS: "[('2021-01-01', 'X', (True, 'EUR'), None)]"},
            "an award that is not",
        ),
        ({AWARDS: "[('2021-01-01', 'X', (1e999, 'EUR'), None)]"}, "no amount"),
        ({AWARDS: "[('01/02/2021', 'X', (1, 'EUR'), None)]"}, "no date"),
        ({AWARDS: "[('2021-01-01', 'X', (1, 'euros'), None)]"}, "no currency"),
        ({"g04_07_dep_publication": "{'75'}"}, "is no list"),
        ({"g04_01_date_publication": "2021-02-30"}, "no date"),
        ({"g04_061_criteres_sociaux": "peut-être"}, "unknown label"),
        ({"g01_02_01_famille": "autre"}, "unknown family"),
        ({"g01_02_04_statut": "final"}, "unknown status"),
        ({"g04_09_resume_objet": ""}, "no title"),
        ({"g04_09_resume_objet": "x" * 6_000}, "a title of 6,000 characters"),
        ({"d01_08_ville": "Val\0mont"}, "NUL"),
    ],
)
def test_a_bad_cell_refuses_its_row_and_the_next_row_is_read(cells: dict[str, str], reason: str) -> None:
    refusal, notice = day(cells, {"a00_cle_idweb": "21-990099"})
    assert isinstance(refusal, Refusal) and refusal.where == "21-990010" and reason in refusal.reason
    assert isinstance(notice, Notice) and notice.source_id == "21-990099"


def test_a_field_beyond_every_measure_costs_one_row() -> None:
    refusal, notice = day({"g04_09_resume_objet": "x" * 10_000_000}, {"a00_cle_idweb": "21-990099"})
    assert isinstance(refusal, Refusal) and refusal.where == "row 2"
    assert isinstance(notice, Notice)


def test_a_row_without_a_number_is_refused_by_its_place() -> None:
    (refusal,) = day({"a00_cle_idweb": "sans"})
    assert refusal == Refusal("row 2", "'sans' is no notice number, such as 21-85788")


@pytest.mark.real
def test_every_row_of_real_days_ends_as_a_notice_or_a_refusal(real_data: Path) -> None:
    wanted = ("2019_09_16", "2019_09_24", "2019_10_26", "2019_11_23", "2020_06_26", "2021_05_14")
    rows, notices, reasons = 0, 0, Counter[str]()
    with tarfile.open(real_data / "boamp-daily/csv.tar.xz") as archive:
        for member in archive:
            if any(name in member.name for name in wanted):
                body = archive.extractfile(member).read()  # type: ignore[union-attr]
                rows += sum(1 for _ in csv.reader(StringIO(body.decode(), newline=""))) - 1
                for item in read(body, member.name):
                    notices += isinstance(item, Notice)
                    reasons.update([item.reason] if isinstance(item, Refusal) else [])
    assert rows == notices + reasons.total() and rows > 1_500
    assert reasons == {"the mark of a merge conflict, not a notice": 48, "no title": 1}


def test_a_quote_that_never_ends_costs_its_row_not_the_rows_after_it() -> None:
    header, first, *_ = DAY.split("\n")
    rows = [first.replace("21-990010", f"21-99008{n}").replace("\"['21', '71']\"", "[]") for n in range(5)]
    rows[1] = rows[1].replace("RENOVATION", '"RENOVATION')
    found = list(read("\n".join([header, *rows]).encode(), "a test"))
    assert [item.source_id for item in found if isinstance(item, Notice)] == [f"21-99008{n}" for n in (0, 2, 3, 4)]
    (refusal,) = (item for item in found if isinstance(item, Refusal))
    assert refusal.where == "row 3" and "a quote too much?" in refusal.reason


def test_empty_lines_are_no_rows() -> None:
    header, first, *_ = DAY.split("\n")
    found = list(read(f"{header}\n\n{first}\n\n\n".encode(), "a test"))
    assert len(found) == 1 and isinstance(found[0], Notice)
