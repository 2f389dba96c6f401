"""A house of hostile notices, and how each output is read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from icalendar import Calendar, Component
from openpyxl.worksheet.worksheet import Worksheet

from search_api.app import create_app
from tests.notices import House
from tests.search_api.conftest import BASE, NOW, Client
from tests.search_api.outputs import hostile


@pytest.fixture(scope="package")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    house = House(tmp_path_factory.mktemp("attacked"))
    house.bring(*hostile.ALL)
    yield Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW))
    house.close()


def read_csv(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def read_sheets(body: bytes) -> tuple[Worksheet, Worksheet]:
    """The rows and what is said about them, formulas as such."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    return book.worksheets[0], book.worksheets[1]


def read_events(body: bytes) -> dict[str, dict[str, Any]]:
    """Each event's properties by UID: texts, moments in UTC, days, numbers."""
    events = ({name: _plain(event, name) for name in event} for event in Calendar.from_ical(body).walk("VEVENT"))
    return {event["UID"]: event for event in events}


def _plain(event: Component, name: str) -> Any:
    value = str(event[name]) if name == "URL" else event.decoded(name)
    return value.decode() if isinstance(value, bytes) else value
