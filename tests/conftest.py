"""What all tests share: the folder of real notices, which is not part of the project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import drop_databases

REAL = "TENDERS_REAL_DATA"
EXAMPLES = Path(__file__).parent / "examples"
_missed: list[str] = []


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real notices named by TENDERS_REAL_DATA; without it the test is skipped and counted aloud."""
    folder = os.environ.get(REAL)
    if not folder or not Path(folder).is_dir():
        pytest.skip(f"needs real notices: set {REAL} to their folder")
    return Path(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if report.skipped and REAL in str(report.longrepr):
        _missed.append(item.nodeid)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _missed:
        terminalreporter.write_line(
            f"{len(_missed)} tests on real notices did not run: set {REAL} to the folder that holds them.", yellow=True
        )


@pytest.fixture(autouse=True, scope="session")
def _databases() -> Iterator[None]:
    yield
    drop_databases()
