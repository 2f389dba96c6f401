"""The stand-in behaves as the platform does: paging, ceilings, exports, ODSQL, quota, and every fault on demand."""

from __future__ import annotations

import csv
import gzip
import http.client
import io
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tenders.settings import load_settings
from tests.standins.boamp import BoampStandIn
from tests.standins.boamp_daily import real_days, records_of_day
from tests.standins.boamp_fields import FIELDS, Record, complete
from tests.standins.samples import samples

RECORDS = samples(120)
PATH = "/api/explore/v2.1/catalog/datasets/boamp"


@pytest.fixture
def stand_in() -> Iterator[BoampStandIn]:
    with BoampStandIn(RECORDS) as running:
        yield running


def _url(stand_in: BoampStandIn, path: str, **parameters: str | int | list[str]) -> str:
    query = urlencode(parameters, doseq=True)
    return f"{stand_in.base_url}{PATH}{path}" + (f"?{query}" if query else "")


def _get(stand_in: BoampStandIn, path: str = "/records", **parameters: str | int | list[str]) -> Any:
    with urlopen(_url(stand_in, path, **parameters), timeout=10) as response:
        return json.load(response)


def _refused(stand_in: BoampStandIn, path: str = "/records", **parameters: str | int) -> tuple[int, Any, Any]:
    with pytest.raises(HTTPError) as caught:
        urlopen(_url(stand_in, path, **parameters), timeout=10)
    with caught.value as error:
        return error.code, json.load(error), error.headers


def _ids(answer: Any) -> list[str]:
    return [record["idweb"] for record in answer["results"]]


def _where(stand_in: BoampStandIn, clause: str) -> set[str]:
    return set(_ids(_get(stand_in, where=clause, limit=100)))


def _small(**values: Any) -> Record:
    return complete({"idweb": "26-1", "dateparution": "2026-05-20"} | values)


def test_ten_records_come_where_no_limit_is_asked_and_the_total_is_told(stand_in: BoampStandIn) -> None:
    answer = _get(stand_in)
    assert answer["total_count"] == 120
    assert len(answer["results"]) == 10
    assert list(answer["results"][0]) == list(FIELDS)


def test_pages_follow_each_other_without_gap_or_overlap(stand_in: BoampStandIn) -> None:
    pages = [_ids(_get(stand_in, limit=50, offset=at, order_by="dateparution desc, idweb desc")) for at in (0, 50, 100)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert sorted(idweb for page in pages for idweb in page) == sorted(record["idweb"] for record in RECORDS)


def test_more_than_a_hundred_at_once_are_refused(stand_in: BoampStandIn) -> None:
    status, body, _ = _refused(stand_in, limit=101)
    assert status == 400
    assert body["error_code"] == "InvalidRESTParameterError"
    assert "101 was found but -1 <= limit <= 100 is expected" in body["message"]


@pytest.mark.parametrize("parameters", [{"limit": "ten"}, {"offset": -1}, {"timezone": "Europe/Atlantis"}])
def test_a_parameter_that_makes_no_sense_is_refused(stand_in: BoampStandIn, parameters: dict[str, str]) -> None:
    assert _refused(stand_in, **parameters)[0] == 400


@pytest.mark.parametrize(
    ("offset", "limit", "status"), [(9_900, 99, 200), (9_900, 100, 400), (9_999, 1, 400), (50_000, 10, 400)]
)
def test_records_end_below_ten_thousand(stand_in: BoampStandIn, offset: int, limit: int, status: int) -> None:
    if status == 200:
        assert _get(stand_in, offset=offset, limit=limit)["results"] == []
        return
    code, body, _ = _refused(stand_in, offset=offset, limit=limit)
    assert code == 400
    assert set(body) == {"message", "error_code"}
    assert body["error_code"] == "InvalidRESTParameterError"
    assert f"{offset + limit} was found" in body["message"]


def test_an_export_has_no_ceiling_from_the_start() -> None:
    with BoampStandIn([_small(idweb=f"26-{number}") for number in range(10_500)]) as stand_in:
        assert len(_get(stand_in, "/exports/json", select="idweb")) == 10_500


def test_an_export_with_an_offset_hides_the_ceilings_error_in_a_stream_that_began_with_200() -> None:
    with BoampStandIn([_small(idweb=f"26-{number}") for number in range(10_500)]) as stand_in:
        with urlopen(_url(stand_in, "/exports/json", offset=1), timeout=10) as response:
            assert response.status == 200
            body = response.read().decode()
        assert "10500 was found but < 10000 is expected. (error_code: InvalidRESTParameterError)" in body
        with pytest.raises(json.JSONDecodeError):
            json.loads(body)
        assert len(_get(stand_in, "/exports/json", offset=10, limit=20)) == 20


def test_the_three_exports_hold_the_same_records(stand_in: BoampStandIn) -> None:
    asked = {"where": "famille='MAPA'", "order_by": "idweb"}
    whole = _get(stand_in, "/exports/json", **asked)
    with urlopen(_url(stand_in, "/exports/jsonl", **asked), timeout=10) as response:
        lines = [json.loads(line) for line in response]
    with urlopen(_url(stand_in, "/exports/csv", **asked), timeout=10) as response:
        text = response.read().decode()
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert text[0] == "\ufeff"
    assert whole == lines
    assert [row["idweb"] for row in rows] == [record["idweb"] for record in whole]
    assert rows[0]["descripteur_code"] == ",".join(whole[0]["descripteur_code"])
    with urlopen(_url(stand_in, "/exports/jsonl", compressed="true", **asked), timeout=10) as response:
        assert len(gzip.decompress(response.read()).splitlines()) == len(whole)


def test_only_selected_fields_are_shown(stand_in: BoampStandIn) -> None:
    first = _get(stand_in, select="idweb, objet as titre")["results"][0]
    assert list(first) == ["idweb", "titre"]


def test_moments_are_shown_in_the_zone_asked_for() -> None:
    with BoampStandIn([_small(datelimitereponse="2026-06-12T10:00:00+00:00")]) as stand_in:
        assert _get(stand_in)["results"][0]["datelimitereponse"] == "2026-06-12T10:00:00+00:00"
        shown = _get(stand_in, timezone="Europe/Paris")["results"][0]["datelimitereponse"]
        assert shown == "2026-06-12T12:00:00+02:00"


def test_nulls_come_last_in_either_order(stand_in: BoampStandIn) -> None:
    for way in ("asc", "desc"):
        records = _get(stand_in, "/exports/json", order_by=f"datelimitereponse {way}")
        known = [record["datelimitereponse"] is not None for record in records]
        assert known == sorted(known, reverse=True)
        moments = [record["datelimitereponse"] for record in records if record["datelimitereponse"]]
        assert moments == sorted(moments, reverse=way == "desc")


def test_facets_narrow_the_result_also_from_the_top_of_a_hierarchy(stand_in: BoampStandIn) -> None:
    families = {record["famille"] for record in _get(stand_in, "/exports/json", refine="famille:MAPA")}
    assert families == {"MAPA"}
    assert _get(stand_in, refine="type_marche_facette:Services")["total_count"] > 10
    assert _get(stand_in, refine='nature_categorise_libelle:"Avis de marché"')["total_count"] > 50
    assert (
        0
        < _get(stand_in, refine="dateparution:2026/05")["total_count"]
        <= _get(stand_in, refine="dateparution:2026")["total_count"]
    )
    both = _get(stand_in, refine=["famille:MAPA", "nature:ATTRIBUTION"])["total_count"]
    without = _get(stand_in, refine="famille:MAPA", exclude="nature:ATTRIBUTION")["total_count"]
    assert both + without == _get(stand_in, refine="famille:MAPA")["total_count"]
    assert _refused(stand_in, refine="objet:x")[0] == 400


@pytest.mark.parametrize(
    ("name", "clause"),
    [
        ("where", "dateparution >="),
        ("where", "dateparution >= date'2024-02-31'"),
        ("where", "dateparution >= date'demain'"),
        ("where", "publication = '2026'"),
        ("where", "idweb = '1' or"),
        ("where", "(idweb = '1'"),
        ("where", "idweb = '1')"),
        ("where", "idweb ~ '1'"),
        ("where", "idweb = 'open"),
        ("where", "idweb == '1'"),
        ("where", "objet > date'2026-01-01'"),
        ("where", "invalid_function(objet) = '1'"),
        ("where", "within_distance(objet, 1km)"),
        ("where", "search(nothing, 'x')"),
        ("where", "idweb not '1'"),
        ("order_by", "publication desc"),
        ("order_by", "idweb downwards"),
        ("select", "publication"),
        ("select", "count(*)"),
        ("group_by", "famille"),
    ],
)
def test_a_clause_that_cannot_be_read_is_a_400_that_names_it(stand_in: BoampStandIn, name: str, clause: str) -> None:
    status, body, _ = _refused(stand_in, **{name: clause})
    assert status == 400
    assert set(body) == {"message", "error_code"}
    assert body["error_code"] == "ODSQLError"
    assert body["message"].startswith("ODSQL query is malformed: ")
    assert body["message"].endswith(f"Clause(s) containing the error(s): {name}.")


def test_several_where_parameters_hold_together(stand_in: BoampStandIn) -> None:
    answer = _get(stand_in, where=["famille='MAPA'", "nature='ATTRIBUTION'"])
    assert set(_ids(answer)) == _where(stand_in, "famille='MAPA' and nature='ATTRIBUTION'") != set()


def test_the_schema_tells_fields_types_and_lists(stand_in: BoampStandIn) -> None:
    schema = _get(stand_in, "")
    fields = {field["name"]: field for field in schema["fields"]}
    assert schema["dataset_id"] == "boamp"
    assert schema["metas"]["default"]["records_count"] == 120
    assert fields["datelimitereponse"]["type"] == "datetime"
    assert "multivalued" in fields["code_departement"]["annotations"]


def test_what_does_not_exist_is_a_404_and_only_get_is_answered(stand_in: BoampStandIn) -> None:
    assert _refused(stand_in, "/nothing")[0] == 404
    with pytest.raises(HTTPError) as caught:
        urlopen(f"{stand_in.base_url}/api/explore/v2.1/catalog/datasets/other/records", timeout=10)
    caught.value.close()
    assert caught.value.code == 404
    with pytest.raises(HTTPError) as caught:
        urlopen(_url(stand_in, "/records"), data=b"{}", timeout=10)
    caught.value.close()
    assert caught.value.code == 405


def test_robots_txt_is_served_and_costs_no_quota(stand_in: BoampStandIn) -> None:
    stand_in.fail("error", times=None)
    with urlopen(f"{stand_in.base_url}/robots.txt", timeout=10) as response:
        assert response.read().startswith(b"User-agent: *")
    assert stand_in.used == 0
    assert [asked.path for asked in stand_in.requests] == ["/robots.txt"]


def test_the_quota_is_told_in_headers_and_refuses_once_used_up() -> None:
    with BoampStandIn(RECORDS, quota=2) as stand_in:
        left = []
        for _ in range(2):
            with urlopen(_url(stand_in, "/records"), timeout=10) as response:
                left.append(response.headers["X-RateLimit-Remaining"])
                assert response.headers["X-RateLimit-Limit"] == "2"
                assert int(response.headers["X-RateLimit-Reset"]) > time.time()
        assert left == ["1", "0"]
        status, body, headers = _refused(stand_in)
        assert status == 429
        assert body["errorcode"] == 10002
        assert body["call_limit"] == 2
        assert body["limit_time_unit"] == "day"
        assert body["reset_time"].endswith("T00:00:00Z")
        assert headers["X-RateLimit-Remaining"] == "0"
        stand_in.new_day()
        assert _get(stand_in)["total_count"] == 120


def test_a_record_added_while_it_runs_is_served_and_takes_the_place_of_its_elder(stand_in: BoampStandIn) -> None:
    assert _where(stand_in, "idweb='26-99999'") == set()
    stand_in.add(_small(idweb="26-99999", objet="Premier"))
    stand_in.add(_small(idweb="26-99999", objet="Corrigé"))
    (found,) = _get(stand_in, where="idweb='26-99999'")["results"]
    assert found["objet"] == "Corrigé"
    stand_in.records = []
    assert _get(stand_in)["total_count"] == 0


def test_a_busy_platform_says_when_to_come_back(stand_in: BoampStandIn) -> None:
    stand_in.fail("busy", times=2, seconds=3)
    for _ in range(2):
        status, body, headers = _refused(stand_in)
        assert (status, body["errorcode"], headers["Retry-After"]) == (429, 10002, "3")
    assert _get(stand_in)["total_count"] == 120


def test_a_server_error_is_a_500(stand_in: BoampStandIn) -> None:
    stand_in.fail("error")
    assert _refused(stand_in)[0] == 500
    assert _get(stand_in)["total_count"] == 120


def test_a_page_of_html_comes_with_status_200(stand_in: BoampStandIn) -> None:
    stand_in.fail("html")
    with urlopen(_url(stand_in, "/records"), timeout=10) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/html")
        assert b"<html" in response.read()


@pytest.mark.parametrize("path", ["/records", "/exports/json"])
def test_a_cut_body_ends_before_what_was_announced(stand_in: BoampStandIn, path: str) -> None:
    stand_in.fail("cut")
    with pytest.raises(http.client.IncompleteRead), urlopen(_url(stand_in, path), timeout=10) as response:
        response.read()
    assert _get(stand_in)["total_count"] == 120


def test_a_slow_answer_comes_late_and_whole(stand_in: BoampStandIn) -> None:
    stand_in.fail("slow", seconds=0.3)
    began = time.monotonic()
    assert _get(stand_in)["total_count"] == 120
    assert time.monotonic() - began >= 0.3


def test_faults_by_probability_repeat_with_their_seed_and_end_when_healed(stand_in: BoampStandIn) -> None:
    def statuses() -> list[int]:
        stand_in.requests.clear()
        stand_in.fail("error", times=None, probability=0.4, seed=5)
        for _ in range(20):
            try:
                _get(stand_in, limit=1)
            except HTTPError as error:
                error.close()
        stand_in.heal()
        return [asked.status for asked in stand_in.requests]

    first = statuses()
    assert set(first) == {200, 500}
    assert statuses() == first
    assert _get(stand_in)["total_count"] == 120


def test_what_was_asked_is_kept_with_times_and_how_many_were_in_the_house(stand_in: BoampStandIn) -> None:
    for _ in range(3):
        _get(stand_in, limit=1, where="famille='MAPA'")
    assert [asked.parameters["where"] for asked in stand_in.requests] == [["famille='MAPA'"]] * 3
    assert all(asked.status == 200 and asked.fault is None for asked in stand_in.requests)
    assert all(asked.ended is not None and asked.ended >= asked.started for asked in stand_in.requests)
    assert stand_in.busiest == 1
    stand_in.fail("slow", times=2, seconds=0.3)
    threads = [threading.Thread(target=_get, args=(stand_in,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stand_in.busiest == 2


def test_it_runs_as_a_module_and_prints_its_address() -> None:
    command = [sys.executable, "-m", "tests.standins.boamp", "--samples", "30", "--port", "0", "--today", "2026-05-21"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            with urlopen(f"{address}{PATH}/records", timeout=10) as response:
                assert json.load(response)["total_count"] == 30
        finally:
            process.terminate()


@pytest.mark.real
def test_a_real_day_is_served_with_all_its_notices() -> None:
    folder = load_settings().real_data
    days = real_days(folder) if folder else iter(())
    body = next((body for _, body in days if len(body) > 50_000), None)
    if body is None:
        pytest.skip("no daily files under TENDERS_REAL_DATA: a real day is not tried")
    records = records_of_day(body)
    assert len(records) > 50
    with BoampStandIn(records) as stand_in:
        exported = _get(stand_in, "/exports/json")
    assert [record["idweb"] for record in exported] == [record["idweb"] for record in records]
    assert all(date.fromisoformat(record["dateparution"]) for record in exported)
    assert all(len(json.loads(record["donnees"])) >= 1 for record in exported)
