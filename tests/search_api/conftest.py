"""A small procurement world behind the real application: a store and a tantivy index in a folder of the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import httpx
import pytest
from fastapi import FastAPI

from search_api.app import create_app
from tests.notices import House
from tests.search_api.samples import NOTICES

BASE = "https://tenderwatch.example"
NOW = datetime(2026, 5, 21, 6, 40, tzinfo=UTC)


class Client:
    """Asks an application over ASGI, as a server would hand it requests, with addresses that clients would refuse."""

    def __init__(self, app: FastAPI, host: str = "127.0.0.1") -> None:
        self.app = app
        self.host = host

    def ask(
        self, method: str, address: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> httpx.Response:
        path, _, query = address.removeprefix(BASE).partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"tenderwatch.example")]
            + [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
            "client": (self.host, 50000),
            "server": ("127.0.0.1", 443),
        }
        sent: list[dict[str, Any]] = []

        pieces = [body[at : at + 50_000] for at in range(0, len(body), 50_000)] or [b""]

        async def receive() -> dict[str, Any]:
            if not pieces:
                await asyncio.Event().wait()  # as with a server, until the reader goes away
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))  # type: ignore[arg-type]
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=body)

    def get(self, address: str, **headers: str) -> httpx.Response:
        return self.ask("GET", address, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, address: str, fields: Mapping[str, str], **headers: str) -> httpx.Response:
        sent = {"content-type": "application/x-www-form-urlencoded", **headers}
        return self.ask("POST", address, sent, urlencode(fields).encode())

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
