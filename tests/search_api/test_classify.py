"""``POST /api/v1/classify``: one text or many, caps that say what is allowed, and a loop that goes on meanwhile."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.classifier import Subject, Verdict
from search_api.app import create_app
from search_api.schemas import Classified
from tenders.errors import Refused
from tests.indexer.cpv.keywords import Keywords
from tests.notices import House
from tests.search_api.conftest import BASE, NOW, Client

PATH = "/api/v1/classify"


@pytest.fixture
def client(house: House) -> Client:
    return Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW, classifier=Keywords))


def ask(client: Client, asked: Any, form: str = "", **headers: str) -> httpx.Response:
    body = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    return client.ask("POST", PATH + form, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def test_one_object_is_answered_by_one_and_a_list_by_a_list_in_its_order(client: Client) -> None:
    answer = ask(client, {"id": "a", "title": "Réfection de la toiture", "nature": "works"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    one = answer.json()
    Classified.model_validate(one)
    assert one["asserted"]["code"] == "45261"
    assert one["asserted"]["label"] == "Travaux de charpente et de couverture et travaux connexes"
    assert one["cpv"][0]["terms"] == ["toiture"]
    many = ask(client, [{"title": "papier", "id": 2}, {"title": "toiture"}, {"title": ""}]).json()
    assert [(text["id"], [d["code"] for d in text["division"]]) for text in many] == [
        (2, ["30"]),
        (None, ["45"]),
        (None, []),
    ]
    assert ask(client, []).json() == []


def test_names_are_in_the_language_asked_for(client: Client) -> None:
    asked = {"title": "toiture"}
    for form, header, label in (
        ("", "en", "Construction work"),
        ("", "de", "Bauarbeiten"),
        ("?lang=fr", "en", "Travaux de construction"),
    ):
        assert ask(client, asked, form, Accept_Language=header).json()["division"][0]["label"] == label


@pytest.mark.parametrize(
    ("body", "status", "parameter", "says"),
    [
        (b"", 400, "body", "no JSON"),
        (b"{", 400, "body", "no JSON"),
        (b"\xff\xfe", 400, "body", "no JSON"),
        (b"[" * 100_000, 400, "body", "no JSON"),
        (b'"toiture"', 400, "body", "JSON object"),
        (b"null", 400, "body", "JSON object"),
        (b'[{"title": "a"}, 3]', 400, "body", "text 2: no JSON object"),
        (b"{}", 400, "title", "missing"),
        (b'[{"title": "a"}, {"title": 1}]', 400, "title", "text 2"),
        (b'{"title": "a", "nature": "travaux"}', 400, "nature", "works, supplies, services"),
        (b'{"title": "a", "id": []}', 400, "id", "text or number"),
        (b'{"title": "a", "descriptors": 4}', 400, "descriptors", "list of codes"),
        (json.dumps({"title": "a" * 2_001}).encode(), 413, "title", "2,000"),
        (json.dumps({"title": "a", "description": "b" * 20_001}).encode(), 413, "description", "20,000"),
        (json.dumps({"title": "a", "id": "b" * 201}).encode(), 413, "id", "200"),
        (json.dumps([{"title": "a"}] * 101).encode(), 413, "body", "100"),
        (b'{"title": "' + b"a" * 300_000 + b'"}', 413, "body", "262,144"),
    ],
)
def test_what_cannot_be_classified_is_a_problem_that_says_what_is_allowed(
    client: Client, body: bytes, status: int, parameter: str, says: str
) -> None:
    answer = ask(client, body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["parameter"]) == (status, parameter)
    assert says in problem["detail"]
    assert len(answer.content) < 1_000


def test_what_is_as_long_as_allowed_is_classified(client: Client) -> None:
    assert ask(client, {"title": "a" * 2_000, "description": "b" * 20_000, "id": "c" * 200}).status_code == 200
    assert len(ask(client, [{"title": "toiture"}] * 100).json()) == 100


def test_another_method_and_an_unknown_parameter_are_refused(client: Client) -> None:
    assert client.get(PATH).status_code == 405
    assert ask(client, {"title": "a"}, "?langue=fr").status_code == 400
    assert ask(client, {"title": "a"}, "?lang=zz").json()["parameter"] == "lang"


_NAMES = st.sampled_from(["id", "title", "description", "lang", "nature", "descriptors"])
_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(st.recursive(_VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner)))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_makes_a_5xx(client: Client, asked: Any) -> None:
    assert ask(client, asked).status_code in (200, 400, 413, 429)


def test_one_address_has_its_share_and_is_told_when_to_ask_again(house: House) -> None:
    app = create_app(house.store, house.engine, base_url=BASE, classifier=Keywords)
    first, second = Client(app), Client(app, "2001:db8::1")
    neighbour, other = Client(app, "2001:db8::2"), Client(app, "2001:db8:1::1")
    texts = [{"title": "papier"}] * 100
    assert [ask(first, texts).status_code for _ in range(7)] == [200] * 6 + [429]
    refused = ask(first, {"title": "papier"})
    assert refused.json()["title"] == "Asked too often"
    assert 0 < int(refused.headers["retry-after"]) <= 60
    for _ in range(6):
        assert ask(second, texts).status_code == 200
    assert ask(neighbour, texts).status_code == 429
    assert ask(other, texts).status_code == 200


class Slow:
    """A classifier that waits to be let go on."""

    version = "slow"

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def classify(self, subjects: Sequence[Subject]) -> list[Verdict]:
        self.begun.set()
        assert self.go_on.wait(30)
        return [Verdict() for _ in subjects]


def test_others_are_answered_while_texts_are_classified_and_the_queue_has_an_end(house: House) -> None:
    slow = Slow()
    app = create_app(house.store, house.engine, base_url=BASE, classifier=lambda: slow)

    async def crowd() -> tuple[list[int], list[int]]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as browser:
            waiting = [asyncio.create_task(browser.post(PATH, json={"title": "a"})) for _ in range(30)]
            while not slow.begun.is_set():
                await asyncio.sleep(0.01)
            meanwhile = [(await browser.get("/health/live")).status_code, (await browser.get("/")).status_code]
            slow.go_on.set()
            return meanwhile, sorted(answer.status_code for answer in await asyncio.gather(*waiting))

    meanwhile, answered = asyncio.run(crowd())
    assert meanwhile == [200, 200]
    assert answered == [200] * 21 + [503] * 9


def test_a_classifier_that_cannot_be_loaded_is_a_503_without_our_insides(house: House) -> None:
    def broken() -> Keywords:
        raise Refused("the model in /srv/secret is corrupt")

    client = Client(create_app(house.store, house.engine, base_url=BASE, classifier=broken))
    answer = ask(client, {"title": "a"})
    assert answer.status_code == 503 and "secret" not in answer.text
    assert client.get("/api/v1/tenders").status_code == 200
