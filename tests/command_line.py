"""Type commands in the test's own process: quick, and a debugger can follow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tenders.__main__ import main

Run = Callable[..., tuple[int, str, str]]  # words after `tenders` -> status, stdout, stderr


def typed(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return what types commands in a house."""
    monkeypatch.setenv("TENDERS_HOME", str(home))
    monkeypatch.setattr("tenders.logs.configure_logs", lambda: None)  # they would go to this test's stderr for ever

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["tenders", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return run
