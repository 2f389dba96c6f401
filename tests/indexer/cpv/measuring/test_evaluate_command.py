"""``tenders cpv evaluate`` as it is typed, and what it says of files that are no classified texts."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tenders.__main__ import main

Run = Callable[..., tuple[int, str, str]]
ROOF = {"title": "Toiture", "lang": "fr", "kind": "decp", "cpv_main": "45261000"}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("TENDERS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tenders.logs.configure_logs", lambda: None)  # they would go to this test's stderr for ever

    def typed(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["tenders", "cpv", "evaluate", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return typed


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"%PDF-1.7\n", "not a JSON object"),
        (gzip.compress(orjson.dumps(ROOF), mtime=0)[:20], "cannot be read"),
        (b'{"titel": "Toiture", "cpv": "45"}\n', "no title"),
        (b'{"title": "Toiture"}\n', "cpv_main is no CPV 2008 code"),
    ],
)
def test_a_file_without_classified_texts_is_one_clear_line(run: Run, tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_bytes(content)
    status, out, err = run(str(path), "--json")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("tenders: ") and why in err


def test_a_choice_that_leaves_nothing_says_what_there_is(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_bytes(orjson.dumps(ROOF) + b"\n{}\n")
    status, _, err = run(str(path), "--language", "de")
    assert status == 1
    assert "the languages are fr, the kinds decp" in err


def test_choosing_texts_needs_a_file(run: Run) -> None:
    status, _, err = run("--kind", "decp")
    assert status == 2
    assert "name the FILE" in err
