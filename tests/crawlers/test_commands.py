"""The commands of the crawlers' room, as they are typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from tests.conftest import EXAMPLES
from tests.crawlers.house import TODAY, CrawlHouse
from tests.standins.samples import daily_csv


def run(*arguments: str, home: Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TENDERS_")} | {"TENDERS_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "tenders", *arguments], env=environment, input=given, capture_output=True, timeout=60
    )


def test_parse_prints_canonical_lines_and_its_problems_by_file_place_and_reason(tmp_path: Path) -> None:
    day, page = tmp_path / "day.csv", tmp_path / "page.csv"
    day.write_bytes(daily_csv(3) + b"broken row\n")
    page.write_bytes(b"<html></html>")
    done = run("parse", "boamp-daily", str(day), str(page), str(tmp_path / "nowhere"), home=tmp_path / "var")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["source"] for line in lines] == ["boamp"] * 3
    problems = done.stderr.decode().splitlines()
    assert len(problems) == 3
    assert problems[0].startswith(f"{day}: row 5: ")
    assert problems[1].startswith(f"{page}: ")
    assert problems[2].endswith("No such file or directory")
    assert not (tmp_path / "var").exists()  # no store was touched


def test_parse_reads_standard_input_and_names_another_source(tmp_path: Path) -> None:
    done = run("parse", "boamp-daily", "--source", "archive", "-", home=tmp_path, given=daily_csv(2))
    assert done.returncode == 0
    assert {json.loads(line)["source"] for line in done.stdout.splitlines()} == {"archive"}


def test_parse_refuses_a_file_that_holds_no_notice_and_names_the_file_of_an_unknown_label(tmp_path: Path) -> None:
    answer, day = tmp_path / "answer.json", tmp_path / "day.csv"
    answer.write_text('{"total_count": 0, "results": []}')
    header, _, row = daily_csv(1).decode().partition("\n")
    day.write_text(f"{header.strip()},g99_new\n{row.strip()},x\n")
    empty = run("parse", "boamp", str(answer), home=tmp_path)
    assert empty.returncode == 1 and empty.stdout == b""
    assert empty.stderr.decode() == f"{answer}: it holds no notice\n"
    noisy = run("parse", "boamp-daily", str(day), home=tmp_path)
    assert noisy.returncode == 0 and len(noisy.stdout.splitlines()) == 1
    (said,) = noisy.stderr.decode().splitlines()
    assert said.startswith(f"{day}: ") and "'g99_new'" in said


def test_a_list_page_that_says_there_is_no_result_is_noted_and_is_no_failure(tmp_path: Path) -> None:
    page = EXAMPLES / "atexo-list/nothing.html"
    done = run("parse", "atexo-list", str(page), home=tmp_path)
    assert done.returncode == 0 and done.stdout == b""
    assert done.stderr.decode() == f"{page}: the page says that there is no result\n"
    other = run("parse", "atexo-list", str(page), "-", home=tmp_path, given=b"<html><title>Maintenance</title></html>")
    assert other.returncode == 1 and other.stdout == b""
    assert other.stderr.decode().splitlines()[1:] == ["-: no list of consultations: a page named 'Maintenance'"]


def test_a_list_and_a_page_of_one_portal_are_imported_as_one_notice(tmp_path: Path) -> None:
    pages = [str(EXAMPLES / "atexo-list/cards.html"), str(EXAMPLES / "atexo-list/cards-page-2.html")]
    done = run("import", "atexo-list", "--json", *pages, home=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"read": 12, "new": 8, "revised": 0, "unchanged": 1, "quarantined": 3}
    assert "no title" in done.stderr.decode()
    done = run("import", "atexo-detail", "--json", str(EXAMPLES / "atexo-detail/page-2026.html"), home=tmp_path)
    assert json.loads(done.stdout) == {"read": 1, "new": 0, "revised": 1, "unchanged": 0, "quarantined": 0}
    done = run("import", "atexo-list", "--json", "--source", "vallee", pages[1], home=tmp_path)
    assert json.loads(done.stdout)["new"] == 2  # the same ids on another portal are other notices


def test_parse_loads_nothing_that_is_slow_to_start(tmp_path: Path) -> None:
    code = (
        "import sys; from tenders.__main__ import app; app(['parse', 'boamp-daily', '-'], standalone_mode=False); "
        "slow = {'scrapy', 'sqlalchemy', 'alembic', 'fastapi', 'tantivy', 'spacy', 'pydantic_settings', 'structlog'}; "
        "print(*(set(sys.modules) & slow))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=daily_csv(1), capture_output=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.splitlines()[1] == b""


def test_wrong_use_is_status_2_and_says_what_there_is(tmp_path: Path) -> None:
    for arguments, said in (
        (("parse", "pdf", "x"), "boamp-daily"),
        (("import", "pdf", "x"), "boamp-daily"),
        (("import", "boamp"), "FILE"),
        (("crawl", "nowhere"), "boamp"),
        (("crawl", "boamp", "--since", "2026-02-31"), "2026-02-31"),
        (("crawl", "boamp", "--since", "2026-05-02", "--until", "2026-05-01"), "after the last day"),
        (("crawl", "boamp", "--since", "2999-01-01"), "after the last day"),
        (("crawl",), "SOURCE"),
    ):
        done = run(*arguments, home=tmp_path)
        assert done.returncode == 2, arguments
        assert said in done.stderr.decode(), arguments


def test_import_prints_counts_that_add_up_and_reasons_on_stderr(tmp_path: Path) -> None:
    day = tmp_path / "day.csv"
    day.write_bytes(daily_csv(20) + b"broken row\n")
    done = run("import", "boamp-daily", "--json", str(day), home=tmp_path / "var")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"read": 21, "new": 20, "revised": 0, "unchanged": 0, "quarantined": 1}
    assert b"quarantined 1 times: " in done.stderr
    done = run("import", "boamp-daily", str(day), str(tmp_path / "nowhere"), home=tmp_path / "var")
    assert done.returncode == 1
    assert done.stdout.decode().strip() == "21 read = 0 new + 0 revised + 20 unchanged + 1 quarantined"


def test_sources_tells_how_fresh_they_are(house: CrawlHouse) -> None:
    before = json.loads(house.tenders("sources", "--json").stdout)
    assert [(line["name"], line["state"], line["runs"]) for line in before] == [("boamp", "never", [])]
    house.crawl()
    [line] = json.loads(house.tenders("sources", "--json").stdout)
    assert (line["state"], line["cursor"], line["again_at"]) == ("fresh", TODAY.isoformat(), None)
    assert line["runs"][0]["new"] == 750
    titles, row = house.tenders("sources").stdout.decode().splitlines()
    assert titles.startswith("source\tstate\t")
    assert row.split("\t")[:2] == ["boamp", "fresh"]
    assert row.split("\t")[4] == TODAY.isoformat()


def test_crawl_says_in_one_line_what_a_run_brought(house: CrawlHouse) -> None:
    done = house.tenders("crawl", "boamp", "--since", (TODAY - timedelta(days=1)).isoformat())
    assert done.stdout.decode() == (
        "boamp: done, 4 requests, 300 read = 300 new + 0 revised + 0 unchanged + 0 quarantined\n"
    )
