"""Answers that a reader may keep: what cannot be a moment is no reason to say that nothing changed, nor to fail."""

from __future__ import annotations

import pytest

from tests.search_api.conftest import Client


@pytest.mark.parametrize(
    "since",
    [
        "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 01 Jan 2024 99:00:00 +2400",
        "yesterday",
        ",",
        "",
    ],
)
def test_a_moment_that_cannot_be_read_is_as_none(client: Client, since: str) -> None:
    answer = client.get("/tenders.atom", If_Modified_Since=since)
    assert answer.status_code == 200


def test_a_moment_without_a_zone_is_one_of_greenwich(client: Client) -> None:
    assert client.get("/tenders.atom", If_Modified_Since="Fri, 01 Jan 2100 00:00:00 -0000").status_code == 304
