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


def test_texts_come_compressed_to_whoever_takes_them_so_and_each_form_has_its_own_tag(client: Client) -> None:
    for path in ("/observatory?period=all", "/tenders.atom", "/api/v1/tenders", "/static/tenderwatch.css"):
        plain = client.get(path)
        assert "content-encoding" not in plain.headers
        for taken in ("gzip", "br, GZIP;q=0.5", "*"):
            packed = client.get(path, Accept_Encoding=taken)
            assert packed.headers["content-encoding"] == "gzip"
            assert packed.content == plain.content, "as the client unpacks it"
            assert int(packed.headers["content-length"]) < len(plain.content) // 2
            assert packed.headers["etag"] != plain.headers["etag"]
            assert "Accept-Encoding" in packed.headers["vary"] and "Accept-Encoding" in plain.headers["vary"]
        again = client.get(path, Accept_Encoding="gzip", If_None_Match=packed.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        for refused in ("", "br", "gzip;q=0", "gzip; q=0.000"):
            assert "content-encoding" not in client.get(path, Accept_Encoding=refused).headers


def test_what_is_packed_already_or_holds_a_form_of_its_own_stays_as_it_is(client: Client) -> None:
    for path in ("/observatory.xlsx", "/static/icon.svg", "/alerts/new?q=toiture", "/sitemap-pages.xml.gz"):
        answer = client.get(path, Accept_Encoding="gzip")
        assert answer.status_code == 200, path
        assert "content-encoding" not in answer.headers, path
