"""The observatory's charts: pictures of their own, with labels that have room and words that say them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

from tests.notices import House, notice
from tests.search_api.conftest import Client, Open
from tests.search_api.pages.test_observatory import open_page


def test_charts_are_pictures_of_their_own(client: Client) -> None:
    for name in ("months", "places", "buyers"):
        answer = client.get(f"/observatory/{name}.svg?period=all")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert ElementTree.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"
        assert "<style" not in answer.text, "our own policy would leave it black"
        assert re.search('fill="#(1f5fa8|7aa9d6)"', answer.text)
    assert client.get("/observatory/nonsense.svg").status_code == 404


def test_where_it_is_narrow_labels_of_months_are_left_out(empty: House, open_client: Open) -> None:
    days = [date(2021, 6, 1) + timedelta(days=30 * n) for n in range(60)]
    empty.bring(*(notice(f"26-{n}", f"Site {n}", reference=f"R{n}", published=day) for n, day in enumerate(days)))
    client = open_client(empty)
    for form in ("period=2026", "published_after=2024-10-01", "published_after=2021-06-01"):
        page = open_page(client, f"/en/observatory?{form}")
        [chart] = page.xpath("//section[@aria-labelledby='months']//*[local-name()='svg']")
        base = int(chart.get("height")) - 4
        labels = [text.get("class") for text in chart.xpath("./*[local-name()='text']") if int(text.get("y")) == base]
        assert 5 <= len(labels) <= 12
        pattern = [None, "sparse"] if len(labels) == 5 else [None, "alternate", "sparse", "alternate"]
        assert labels == (pattern * 6)[: len(labels)], form


def test_of_many_months_the_last_are_said_and_how_many_there_are(empty: House, open_client: Open) -> None:
    days = [date(2025, 1, 1) + timedelta(days=28 * n) for n in range(18)]
    empty.bring(*(notice(f"26-{n}", f"Site {n}", reference=f"R{n}", published=day) for n, day in enumerate(days)))
    page = open_page(open_client(empty), "/en/observatory?published_after=2025-01-01")
    [said] = page.xpath("//section[@aria-labelledby='months']//*[local-name()='svg']/@aria-label")
    assert said.startswith("Tenders by month, the last 12 of ")
    assert said.count(",") == 12 and "May 2026" in said.rpartition(",")[2]
