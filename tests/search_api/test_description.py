"""Look-ups, sources, health, and the description of it all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from search_api.app import create_app
from search_api.outputs.table import OUTPUTS
from search_api.schemas import CodeList, SourceList, WholeCode
from tenders.labels import name_of
from tenders.model import Nature, NoticeKind, Procedure
from tenders.query import Status
from tenders.query_url import BUYER_TYPES, NAMES
from tenders.store.database import open_store
from tenders.store.sources import Described, begin_run, describe_sources, end_run
from tests.notices import House, keep, notice
from tests.search_api.conftest import BASE, NOW, Client, Open


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("/api/v1/cpv?q=45261210", ["45261210"]),
        ("/api/v1/cpv?q=4526121&limit=2", ["45261210", "45261211"]),
        ("/api/v1/cpv?q=travaux+couvert&lang=fr&limit=2", ["45260000", "45261000"]),
        ("/api/v1/cpv?q=roof-covering+work&lang=en&limit=1", ["45261210"]),
        ("/api/v1/cpv?q=rienquirende", []),
        ("/api/v1/nuts?q=bourgogne&limit=2", ["FRC", "FRC1"]),
        ("/api/v1/nuts?q=FRC11", ["FRC11"]),
    ],
)
def test_codes_are_found_by_their_beginning_and_by_the_words_of_their_name(
    client: Client, path: str, codes: list[str]
) -> None:
    found = CodeList.model_validate(client.get(path).json()).items
    assert [item.code for item in found][: len(codes) or None] == codes


def test_without_a_question_the_top_of_the_tree_is_given(client: Client) -> None:
    divisions = client.get("/api/v1/cpv?limit=100").json()["items"]
    assert len(divisions) == 45
    assert all(item["code"].endswith("000000") and item["parent"] is None for item in divisions)
    assert {"FR", "BE"} <= {item["code"] for item in client.get("/api/v1/nuts?limit=100").json()["items"]}


def test_a_code_tells_its_name_its_parent_and_its_children(client: Client) -> None:
    for asked in ("4526121", "45261210", "45261210-9"):
        whole = WholeCode.model_validate(client.get(f"/api/v1/cpv/{asked}?lang=fr").json())
        assert (whole.code, whole.label, whole.parent) == ("45261210", "Travaux de couverture", "45261200")
        assert whole.check_digit == "9"
        assert [child.code for child in whole.children][:2] == ["45261211", "45261212"]
    region = client.get("/api/v1/nuts/FRC1").json()
    assert (region["parent"], [child["code"] for child in region["children"]]) == (
        "FRC",
        ["FRC11", "FRC12", "FRC13", "FRC14"],
    )
    assert client.get("/api/v1/cpv/45?lang=en").json()["label"] == "Construction work"
    assert client.get("/api/v1/cpv/45", Accept_Language="de").json()["label"] == "Bauarbeiten"
    for wrong in ("45261210-1", "99", "x"):
        assert client.get(f"/api/v1/cpv/{wrong}").status_code == 404


def test_sources_tell_how_fresh_they_are(empty: House, open_client: Open) -> None:
    client = open_client(empty)
    assert client.get("/api/v1/sources").json() == {"items": []}
    with empty.store.writing() as connection:
        about = Described(
            name="boamp",
            title="BOAMP",
            homepage="https://boamp.example",
            licence="open",
            late_hours=30,
            silent_hours=80,
            weekday=100,
        )
        describe_sources(connection, [about])
    [source] = SourceList.model_validate(client.get("/api/v1/sources").json()).items
    assert (source.name, source.state.value, source.last_success) == ("boamp", "never", None)
    with empty.store.writing() as connection:
        end_run(connection, begin_run(connection, "boamp", NOW - timedelta(hours=2)), NOW - timedelta(hours=1))
    [source] = SourceList.model_validate(client.get("/api/v1/sources").json()).items
    assert source.last_success == NOW - timedelta(hours=1)
    assert source.runs[0].state.value == "done"


def test_ready_says_how_far_the_index_is_behind_the_store(empty: House, open_client: Open) -> None:
    client = open_client(empty)
    empty.bring(notice())
    assert client.get("/health/ready").json() == {"status": "ready", "tenders": 1, "behind": 0}
    assert client.get("/health/live").json() == {"status": "alive"}
    keep(empty.store, [notice("2", "Autre")])
    assert client.get("/health/ready").status_code == 200


def test_a_store_that_is_gone_is_not_ready_and_the_process_still_lives(tmp_path: Any) -> None:
    house = House(tmp_path)
    house.bring(notice())
    store = open_store(f"sqlite:///{tmp_path / 'tenders.db'}", str(tmp_path / "raw"))
    client = Client(create_app(store, house.engine, base_url=BASE, clock=lambda: NOW))
    assert client.get("/health/ready").status_code == 200
    store.close()
    for file in tmp_path.glob("tenders.db*"):
        file.unlink()
    assert client.get("/health/ready").status_code == 503
    assert client.get("/api/v1/tenders").status_code == 503
    assert client.get("/health/live").status_code == 200
    house.close()


def _operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for operation in methods.values():
            yield path, operation


def test_the_description_has_an_example_for_every_parameter_and_every_answer(client: Client) -> None:
    description = client.get("/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    seen = set()
    for path, operation in _operations(description):
        seen.add(path)
        assert operation["summary"]
        names = [(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", [])]
        assert len(names) == len(set(names))
        for parameter in operation.get("parameters", []):
            assert parameter["description"] and ("example" in parameter or parameter["examples"]), (path, parameter)
        for status, answer in operation["responses"].items():
            assert status in ("200", "301", "304", "400", "404", "413", "429", "500", "503"), (path, status)
            for media in answer.get("content", {}).values():
                assert "example" in media, (path, status)
    assert {
        "/api/v1/tenders",
        "/api/v1/tenders/{tender_id}",
        "/api/v1/cpv",
        "/api/v1/cpv/{code}",
        "/api/v1/classify",
    } <= seen
    assert {"/api/v1/nuts", "/api/v1/nuts/{code}", "/api/v1/sources", *(output.path for output in OUTPUTS)} <= seen


def test_every_name_of_a_query_is_described_and_its_example_can_be_asked(client: Client) -> None:
    description = client.get("/openapi.json").json()
    whole = {output.path for output in OUTPUTS if not output.paged}
    for path in ("/api/v1/tenders", *(output.path for output in OUTPUTS)):
        described = {p["name"]: p for p in description["paths"][path]["get"]["parameters"] if p["in"] == "query"}
        assert list(described) == [name for name in NAMES if path not in whole or name not in ("size", "after")]
        for name, parameter in described.items():
            if name == "after":
                continue
            examples = parameter["example"] if isinstance(parameter["example"], list) else [parameter["example"]]
            for example in examples:
                answer = client.ask("GET", f"{path}?{name}={str(example).replace(' ', '+')}")
                assert answer.status_code == 200, answer.text


def test_the_examples_of_answers_have_the_shape_described(client: Client) -> None:
    from search_api.examples import CLASSIFIED, PAGE, TO_CLASSIFY, WHOLE
    from search_api.schemas import Classified, ResultPage, ToClassify, WholeTender

    Classified.model_validate(CLASSIFIED)
    ToClassify.model_validate(TO_CLASSIFY)
    ResultPage.model_validate(PAGE)
    WholeTender.model_validate(WHOLE)


def test_every_code_that_a_facet_may_count_has_a_name_in_both_languages() -> None:
    coded = {"status": Status, "nature": Nature, "procedure": Procedure, "kind": NoticeKind, "buyer_type": BUYER_TYPES}
    for name, values in coded.items():
        for value in values:
            for language in ("fr", "en"):
                assert name_of(name, str(value), language)
        assert name_of(name, "unheard-of", "fr") == "unheard-of"


def test_the_composition_root_may_add_routes_which_come_first(house: House) -> None:
    router = APIRouter()

    @router.get("/confirm/{token}")
    def confirm(token: str) -> PlainTextResponse:
        return PlainTextResponse(token, headers={"Referrer-Policy": "same-origin"})

    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW, routers=[router]))
    answer = client.get("/confirm/abc")
    assert (answer.text, answer.headers["referrer-policy"]) == ("abc", "same-origin")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_links_begin_with_the_public_address_and_its_path(house: House) -> None:
    client = Client(create_app(house.store, house.engine, base_url="https://example.org/veille/", clock=lambda: NOW))
    page = client.search("size=1")
    assert page["next"].startswith("/veille/api/v1/tenders?size=1&after=")
    assert page["items"][0]["page"].startswith("https://example.org/veille/tenders/")
