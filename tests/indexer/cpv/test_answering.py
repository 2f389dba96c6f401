"""What ``tenders classify`` makes of lines: any bytes in, a line out for each, in their order, as they come."""

from __future__ import annotations

import io
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.cpv.answering import answer_files
from indexer.cpv.lines import LONGEST_LINE
from tests.indexer.cpv.keywords import Keywords


def run(path: Path, body: bytes, classifier: Keywords | None = None) -> tuple[list[dict[str, Any]], bool]:
    file = path / "in"
    file.write_bytes(body)
    out = io.BytesIO()
    read = answer_files([str(file)], classifier or Keywords(), out, pytest.fail)
    return [json.loads(line) for line in out.getvalue().splitlines()], read


def one(path: Path, line: bytes) -> dict[str, Any]:
    [answered], _ = run(path, line)
    return answered


def test_an_object_gets_codes_words_levels_and_what_is_asserted_under_its_own_id(tmp_path: Path) -> None:
    lines, read = run(
        tmp_path, b'{"id": "a-1", "title": "R\xc3\xa9fection de la toiture", "description": "zinguerie"}\n'
    )
    assert read
    [line] = lines
    assert list(line) == ["id", "cpv", "division", "group", "codes", "asserted"]
    assert line["id"] == "a-1"
    assert line["cpv"] == [{"code": "45261", "p": 0.83, "terms": ["toiture", "zinguerie"]}]
    assert line["division"] == [{"code": "45", "p": 0.83}]
    assert line["group"] == [{"code": "452", "p": 0.83}]
    assert [code["code"] for code in line["codes"]] == ["45261210", "45261300"]
    assert line["asserted"] == {"code": "45261", "p": 0.83}


def test_a_plain_text_is_a_title_whose_id_is_its_line_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    lines, read = run(tmp_path, '\ufefftoiture\r\n\r\n[Lot 1] nettoyage\n"papier"\n2026 mobilier'.encode())
    assert read
    assert [line["id"] for line in lines] == [1, 3, 4, 5]
    assert [line["division"][0]["code"] for line in lines] == ["45", "90", "30", "39"]


def test_lines_are_numbered_through_all_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("toiture\npapier\n")
    out = io.BytesIO()
    assert answer_files([str(tmp_path / "a"), str(tmp_path / "b")], Keywords(), out, pytest.fail)
    assert [json.loads(line)["id"] for line in out.getvalue().splitlines()] == [1, 2, 3, 4]


def test_a_file_that_cannot_be_read_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("toiture\n")
    said: list[str] = []
    out = io.BytesIO()
    names = [str(tmp_path / "missing"), str(tmp_path), str(tmp_path / "b")]
    assert not answer_files(names, Keywords(), out, said.append)
    assert len(said) == 2 and "missing: No such file" in said[0]
    assert len(out.getvalue().splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "own", "says"),
    [
        (b'{"id": "x"', 1, "no JSON object"),
        (b'{"id": "x"} {"id": "y"}', 1, "no JSON object"),
        (b"[1, 2]", 1, "no JSON object"),
        (b'["toiture"]', 1, "no JSON object"),
        (b"42", 1, "no JSON object"),
        (b"null", 1, "no JSON object"),
        (b'{"a":' * 100_000, 1, "no JSON object"),
        (b'{"id": "x"}', "x", "title is missing"),
        (b'{"id": "x", "title": null}', "x", "title is missing"),
        (b'{"id": "x", "title": ["toiture"]}', "x", "title is no text"),
        (b'{"id": 7, "title": "a", "description": 3}', 7, "description is no text"),
        (b'{"id": 7, "title": "a", "lang": ["fr"]}', 7, "lang is no text"),
        (b'{"id": 7, "title": "a", "nature": "travaux"}', 7, "works, supplies, services"),
        (b'{"id": 7, "title": "a", "nature": 1}', 7, "nature is no text"),
        (b'{"id": 7, "title": "a", "descriptors": "74"}', 7, "list of codes"),
        (b'{"id": 7, "title": "a", "descriptors": [{"a": 1}]}', 7, "list of codes"),
        (b'{"id": {"a": 1}, "title": "a"}', 1, "id is no text or number"),
        (b'{"id": true, "title": "a"}', 1, "id is no text or number"),
    ],
)
def test_a_line_that_cannot_be_read_has_an_error_and_the_rest_goes_on(
    tmp_path: Path, line: bytes, own: object, says: str
) -> None:
    lines, read = run(tmp_path, line + b"\ntoiture\n")
    assert not read
    assert list(lines[0]) == ["id", "error"]
    assert lines[0]["id"] == own and says in lines[0]["error"] and len(lines[0]["error"]) < 300
    assert lines[1]["division"][0]["code"] == "45"


@pytest.mark.parametrize(
    "line",
    [
        b'{"title": ""}',
        b'{"id": "x", "title": "   "}',
        b'{"id": "x", "title": "\\u0000\\u0007\\ufffe"}',
        b"\x00\x01\x02",
        b"\xff\xfe\xfd",
        "😀😀 ‮‏".encode(),
        b"[" * 100_000,
        b'{"title": "x", "lang": "tlh", "unheard-of": {"of": []}}',
        b'{"title": "x", "lang": "", "nature": "", "description": null, "descriptors": null}',
    ],
)
def test_a_text_that_says_nothing_gets_an_answer_without_assertion(tmp_path: Path, line: bytes) -> None:
    answered = one(tmp_path, line)
    assert answered["asserted"] is None and answered["cpv"] == []


@pytest.mark.parametrize("title", [b"a" * 1_000_000, b"toiture " * 125_000, "é\u0301".encode() * 300_000])
def test_a_megabyte_of_title_or_description_is_answered(tmp_path: Path, title: bytes) -> None:
    lines, read = run(tmp_path, title + b'\n{"id": 2, "title": "x", "description": "' + title + b'"}\n')
    assert read and [line["id"] for line in lines] == [1, 2]


def test_a_line_without_end_cannot_fill_memory(tmp_path: Path) -> None:
    lines, read = run(tmp_path, b"a" * (LONGEST_LINE + 5) + b"\ntoiture\n" + b"b" * (LONGEST_LINE + 5))
    assert not read
    assert [("error" in line, line["id"]) for line in lines] == [(True, 1), (False, 2), (True, 3)]


def test_a_byte_that_is_no_utf_8_is_a_lost_character(tmp_path: Path) -> None:
    assert one(tmp_path, b'{"title": "toiture de l\xe9cole"}')["division"][0]["code"] == "45"


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b'{"title": "toiture"}', b"{", b"[", b'{"id": 1}'])))
@settings(max_examples=200, deadline=None)
def test_every_line_of_any_bytes_has_its_answer(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    body = b"\n".join(lines)
    answered, _ = run(tmp_path_factory.mktemp("any"), body)
    assert len(answered) == sum(1 for line in body.split(b"\n") if line.strip())


def test_a_file_is_classified_some_hundreds_at_a_time_in_its_order(tmp_path: Path) -> None:
    classifier = Keywords()
    lines, _ = run(tmp_path, b"".join(b"toiture numero %d\n" % n for n in range(20_000)), classifier)
    assert [line["id"] for line in lines] == list(range(1, 20_001))
    assert len(classifier.asked) < 80 and max(map(len, classifier.asked)) <= 512


def test_who_types_a_line_is_answered_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    inward, typed = os.pipe()
    shown, outward = os.pipe()

    def work() -> None:
        with os.fdopen(outward, "wb") as out, os.fdopen(inward) as standard_input:
            monkeypatch.setattr("sys.stdin", standard_input)
            answer_files(["-"], Keywords(), out, pytest.fail)

    thread = threading.Thread(target=work)
    thread.start()
    with os.fdopen(shown, "rb") as screen:
        for word, division in ((b"toiture", "45"), (b"papier", "30")):
            os.write(typed, word[:3])
            os.write(typed, word[3:] + b"\n")
            assert json.loads(screen.readline())["division"][0]["code"] == division
        os.close(typed)
        assert screen.read() == b""
    thread.join()
