"""The door to Elasticsearch: which addresses are taken, whom it lets in, and that it never shows a secret."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.engine import open_engine
from search_api.app import create_app
from tenders.errors import BadSettings, EngineRefused
from tenders.query_url import from_url
from tests.elasticsearch_server import ElasticsearchServer, running_server
from tests.notices import NOON, House, notice
from tests.search_api.conftest import Client

ALL = from_url("")


def engine_at(url: str) -> Callable[[], object]:
    return lambda: open_engine(url).search(ALL, NOON)


def test_a_wrong_password_is_refused_and_never_shown(
    elasticsearch: ElasticsearchServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "elastic_transport")
    url = elasticsearch.url("locked", secret="hunter2-is-wrong")
    house = House(tmp_path, url)
    with pytest.raises(EngineRefused, match="does not let us in") as problem:
        house.engine.search(ALL, NOON)
    client = Client(create_app(house.store, house.engine, base_url="https://tw.example"))
    answer = client.get("/api/v1/tenders")
    assert answer.status_code == 503
    printed = "".join(
        (*capfd.readouterr(), caplog.text, str(problem.value), repr(problem.value.__cause__), answer.text)
    )
    assert "hunter2" not in printed
    assert "does not let us in" in printed
    house.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(elasticsearch: ElasticsearchServer) -> None:
    with pytest.raises(EngineRefused, match="ca=FILE"):
        engine_at(elasticsearch.url("locked").partition("?")[0])()


def test_loopback_needs_no_user_and_no_tls(tmp_path: Path) -> None:
    with running_server(secure=False, heap="512m") as server:
        assert server.url("plain").startswith("http://127.0.0.1:")
        house = House(tmp_path, server.url("plain"))
        house.bring(*(notice(f"26-{n}", title=f"Toiture du bâtiment {n}") for n in range(3)))
        assert len(list(house.engine.stream(ALL, NOON))) == 3
        house.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://elastic:hunter2@search.example:9200/tenders", "https://"),
        ("https://elastic:hunter2@search.example:9200/", "name of the index"),
        ("https://elastic:hunter2@search.example:9200/Tenders", "name of the index"),
        ("https://elastic:hunter2@search.example:9200/tenders?verify=no", "verify is not one of its options"),
        ("https://elastic:hunter2@search.example:port/tenders", "no address"),
        ("https://elastic:hunter2@search.example/tenders?ca=/no/such/file", "/no/such/file"),
        ("elastic://elastic:hunter2@search.example/tenders", "tantivy:PATH"),
        ("tantivy:", "tantivy:PATH"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_its_secret(url: str, said: str) -> None:
    with pytest.raises(BadSettings, match=said) as problem:
        open_engine(url).mark()
    assert "hunter2" not in str(problem.value)
