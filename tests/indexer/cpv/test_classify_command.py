"""``tenders classify`` as a process, with the model that ships: pipes, exit statuses, and no store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("indexer.cpv.pipeline", reason="needs the model that ships")

COMMAND = [sys.executable, "-m", "tenders", "classify"]


def classify(path: Path, body: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    # A home that is not there and settings that cannot be used: whoever opened the store would fail.
    said = {"TENDERS_HOME": str(path / "nowhere"), "TENDERS_DATABASE_URL": "nonsense:", "TENDERS_SECRET": "short"}
    environment = {**os.environ, **said}
    return subprocess.run([*COMMAND, *arguments], input=body, capture_output=True, env=environment, check=False)


def test_lines_in_lines_out_and_no_store_is_touched(tmp_path: Path) -> None:
    titles = [
        "Réfection de la toiture de l'école",
        '{"id": "b", "title": "Nettoyage des locaux", "nature": "services"}',
    ]
    done = classify(tmp_path, "\n".join(titles).encode())
    assert (done.returncode, done.stderr) == (0, b"")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == [1, "b"]
    for line in lines:
        assert list(line) == ["id", "cpv", "division", "group", "codes", "asserted"]
        for level, digits in (("division", 2), ("group", 3), ("codes", 8)):
            assert all(len(code["code"]) == digits and 0 <= code["p"] <= 1 for code in line[level])
            assert len(line[level]) <= 5
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_said_in_its_line_and_by_the_exit_status(tmp_path: Path) -> None:
    done = classify(tmp_path, b'{"id": 1\n\xff\x00\xfe\n{"id": 3, "title": "a", "nature": "travaux"}\n')
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["error" in line for line in lines] == [True, False, True]
    done = classify(tmp_path, b"", str(tmp_path / "missing"))
    assert done.returncode == 1 and b"No such file" in done.stderr and b"Traceback" not in done.stderr


def test_a_reader_who_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    file = tmp_path / "many"
    file.write_bytes(b"toiture\n" * 5_000)
    process = subprocess.Popen([*COMMAND, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    assert json.loads(process.stdout.readline())["id"] == 1
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 1
    process.stderr.close()


def test_who_types_is_answered_at_once() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        for number in (1, 2):
            process.stdin.write(b"toiture\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(60) == 0
