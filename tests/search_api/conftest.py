"""A small procurement world behind the real application: a store and a tantivy index in a folder of the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from search_api.app import create_app
from tests.notices import House
from tests.search_api.samples import NOTICES

BASE = "https://tenderwatch.example"
NOW = datetime(2026, 5, 21, 6, 40, tzinfo=UTC)


class Client:
    """Asks an application over ASGI, as a server would hand it requests."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(once())

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def search(self, form: str = "") -> dict[str, Any]:
        answer = self.get(f"/api/v1/tenders?{form}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    house.bring(*NOTICES)
    yield house
    house.close()


@pytest.fixture(scope="module")
def client(house: House) -> Client:
    return Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW))


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


Open = Callable[..., Client]


@pytest.fixture
def open_client() -> Open:
    def make(house: House, now: datetime = NOW) -> Client:
        return Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: now))

    return make
