"""What all tests share: the folder of real notices, and the servers that are not part of the project.

A test that needs what is not there is skipped, and the end of the run says what was left out and how to get it; with
TENDERS_REQUIRE_COMPONENTS=1 a server that is missing is a failure.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests import elasticsearch_server, node_readers
from tests.databases import drop_databases
from tests.elasticsearch_server import ElasticsearchServer, running_server
from tests.indexes import take_away
from tests.node_readers import NodeReaders

REAL = "TENDERS_REAL_DATA"
REQUIRE = "TENDERS_REQUIRE_COMPONENTS"
EXAMPLES = Path(__file__).parent / "examples"
_missed: dict[str, list[str]] = {}


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real notices named by TENDERS_REAL_DATA; without it the test is skipped and counted aloud."""
    folder = os.environ.get(REAL)
    if not folder or not Path(folder).is_dir():
        pytest.skip(f"needs real notices: set {REAL} to the folder that holds them")
    return Path(folder)


def do_without(need: str) -> NoReturn:
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(f"{REQUIRE}=1, but this test {need}")
    pytest.skip(need)


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[ElasticsearchServer]:
    """A real Elasticsearch of our own, with users and TLS, which a test may kill and must start again."""
    if lacking := elasticsearch_server.missing():
        do_without(f"needs Elasticsearch: {lacking}")
    try:
        with running_server() as server:
            yield server
    except subprocess.CalledProcessError as problem:
        do_without(f"needs Elasticsearch: Maven could not fetch it ({problem})")


@pytest.fixture(scope="session")
def elasticsearch_urls(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """Give the TENDERS_SEARCH_URL of an index name; all that was asked for is removed at the end."""
    given = os.environ.get(elasticsearch_server.URL)
    server = None if given else request.getfixturevalue("elasticsearch")
    made: list[str] = []

    def url(name: str) -> str:
        found = str(urlunsplit(urlsplit(given)._replace(path=f"/{name}"))) if given else server.url(name)
        made.append(found)
        return found

    yield url
    for search_url in made:
        take_away(search_url)


@pytest.fixture(scope="session")
def readers(tmp_path_factory: pytest.TempPathFactory) -> NodeReaders:
    """Readers of feeds and calendars that node runs."""
    if lacking := node_readers.missing():
        do_without(f"needs readers in another language: {lacking}")
    found = NodeReaders(tmp_path_factory.mktemp("readers"))
    try:
        found.fetch()
    except subprocess.CalledProcessError as problem:
        do_without(f"needs readers in another language: npm could not fetch them ({problem})")
    return found


@pytest.fixture
def elasticsearch_url(elasticsearch_urls: Callable[[str], str]) -> str:
    """A TENDERS_SEARCH_URL of the test's own."""
    return elasticsearch_urls(f"test-{secrets.token_hex(4)}")


@pytest.fixture(params=["tantivy", "elasticsearch"])
def search_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A TENDERS_SEARCH_URL of the test's own, of each engine in turn."""
    if request.param == "tantivy":
        return f"tantivy:{tmp_path / 'index'}"
    url: str = request.getfixturevalue("elasticsearch_url")
    return url


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):  # also of a test that another process ran
        reason = report.longrepr[2].removeprefix("Skipped: ")
        _missed.setdefault(reason, []).append(report.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reason, tests in _missed.items():
        terminalreporter.write_line(f"left out {len(tests)} tests: {reason}", yellow=True)


@pytest.fixture(autouse=True, scope="session")
def _databases() -> Iterator[None]:
    yield
    drop_databases()
