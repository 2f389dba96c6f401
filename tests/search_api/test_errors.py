"""A question that cannot be run is a 400 that says how to mend it, at once; a fault of ours tells nothing of us."""

from __future__ import annotations

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_api.app import create_app
from tenders.errors import StaleIndex, Unavailable
from tenders.query import Page, Query
from tenders.query_url import NAMES
from tests.notices import House
from tests.search_api.conftest import BASE, NOW, Client, Open

BAD = [
    ("cpv=99", "cpv", None, "CPV"),
    ("cpv=45261000-9", "cpv", None, "check digit"),
    ("cpv=batiment", "cpv", None, "digits"),
    ("cpv_any=4", "cpv_any", None, "digits"),
    ("nuts=ZZ9", "nuts", None, "NUTS"),
    ("dept=1", "dept", None, "01"),
    ("dept=20", "dept", None, "2A"),
    ("nature=travaux", "nature", None, "works"),
    ("procedure=mapa", "procedure", None, "adapted"),
    ("status=ouvert", "status", None, "open"),
    ("kind=avis", "kind", None, "competition"),
    ("buyer=%21%21", "buyer", None, "SIRET"),
    ("buyer_type=commune", "buyer_type", None, "la"),
    ("epci=999999999", "epci", None, "/observatory/territories"),
    ("buyer_category=commune", "buyer_category", None, "municipality"),
    ("source=nowhere", "source", None, "boamp, ted"),
    ("source=BOAMP%20!", "source", None, "source"),
    ("published_after=2024-02-31", "published_after", None, "YYYY-MM-DD"),
    ("deadline_before=31/12/2026", "deadline_before", None, "YYYY-MM-DD"),
    ("deadline_after=2026-06-02&deadline_before=2026-06-01", "deadline_after", None, "swap"),
    ("deadline_within=7", "deadline_within", None, "7d"),
    ("value_min=1e9", "value_min", None, "digits"),
    ("value_max=-5", "value_max", None, "digits"),
    ("value_unknown=maybe", "value_unknown", None, "keep"),
    ("green=true", "green", None, "yes"),
    ("lang=xx", "lang", None, "fr"),
    ("sort=price", "sort", None, "deadline"),
    ("size=0", "size", None, "100"),
    ("size=101", "size", None, "100"),
    ("size=5&size=6", "size", None, "once"),
    ("after=nothing", "after", None, "next"),
    ("page=2", "page", None, "names are q, cpv"),
    ("Q=a", "Q", None, "names are q, cpv"),
    ("q=(toiture", "q", 0, "closing"),
    ("q=toiture)", "q", 7, "never opened"),
    ("q=a+%22b", "q", 2, "quote"),
    ("q=OU+toit", "q", 0, "operator"),
    ("q=toit+-()", "q", 5, "operator"),
    ("q=" + "(" * 10_000, "q", None, "limit"),
    ("q=" + "(" * 400, "q", 20, "nested"),
    ("q=" + "+".join(["a"] * 500), "q", None, "limit"),
    ("q=" + "+".join(["a"] * 100), "q", None, "64"),
    ("q=" + "x" * 100_000, "q", None, "500"),
    ("&".join(["cpv=45"] * 5_000), None, None, "parameters"),
    ("q=%FF%FE", None, None, "UTF-8"),
    ("q=caf%E9", None, None, "UTF-8"),
]


@pytest.mark.parametrize(("form", "parameter", "position", "says"), BAD, ids=[form[:30] for form, *_ in BAD])
@pytest.mark.parametrize("path", ["/api/v1/tenders", "/tenders.atom", "/tenders.rss"])
def test_a_bad_parameter_is_a_400_that_says_how_to_mend_it(
    client: Client, path: str, form: str, parameter: str | None, position: int | None, says: str
) -> None:
    began = time.monotonic()
    answer = client.get(f"{path}?{form}")
    assert time.monotonic() - began < 1
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert problem["type"] == "urn:tenderwatch:problem:bad-parameter"
    assert says in problem["detail"]
    assert problem.get("parameter") == parameter
    assert problem.get("position") == position
    assert len(answer.content) < 2_000


@pytest.mark.parametrize("path", ["/api/v1/cpv", "/api/v1/nuts"])
@pytest.mark.parametrize("form", ["limit=0", "limit=x", "limit=101", "lang=zz", "word=toit", "q=a&q=b"])
def test_a_look_up_refuses_what_it_does_not_know(client: Client, path: str, form: str) -> None:
    answer = client.get(f"{path}?{form}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == form.partition("=")[0]


@pytest.mark.parametrize("sort", ["relevance", "deadline", "-published", "-value", "-seq"])
@pytest.mark.parametrize("place", [0, 10**6, 2**62, 2**63 - 2])
def test_a_made_up_cursor_costs_nothing_and_breaks_nothing(client: Client, sort: str, place: int) -> None:
    path = client.search(f"q=mobilier&sort={sort}&size=5")["next"]
    head, _, cursor = path.rpartition("after=")
    fingerprint = urlsafe_b64decode(cursor + "==").decode().partition(".")[0]
    made_up = urlsafe_b64encode(f"{fingerprint}.{place}".encode()).decode().rstrip("=")
    answer = client.get(f"{head}after={made_up}")
    assert answer.status_code == 200
    assert answer.json()["total"] == 137
    if sort == "relevance" and place:
        assert (answer.json()["items"], answer.json()["next"]) == ([], None)


@pytest.mark.parametrize("form", ["deadline_before=9999-12-31", "published_before=9999-12-31", "deadline_within=9999d"])
@pytest.mark.parametrize("path", ["/api/v1/tenders", "/tenders.atom", "/tenders.rss", "/"])
def test_the_last_day_there_is_may_be_asked_for(client: Client, path: str, form: str) -> None:
    assert client.get(f"{path}?{form}").status_code == 200


def test_an_empty_value_as_forms_send_it_is_an_absent_one(client: Client) -> None:
    assert client.search("&".join(f"{name}=" for name in NAMES))["total"] == client.search()["total"]


def test_with_no_notice_at_all_a_source_may_be_asked_for_and_is_known_once_it_brings_one(
    empty: House, open_client: Open
) -> None:
    from tests.notices import notice

    client = open_client(empty)
    assert client.search("source=boamp")["total"] == 0
    empty.bring(notice())
    assert client.search("source=boamp")["total"] == 1
    assert client.get("/api/v1/tenders?source=bomp").status_code == 400
    empty.bring(notice("7", "Autre chose", source="ted"))
    assert client.get("/api/v1/tenders?source=bomp").status_code == 400


@pytest.mark.parametrize("path", ["/api/v1/tenders/unknown", "/api/v1/nothing", "/api/v1/cpv/99999999", "/api"])
def test_what_is_not_there_is_a_404_problem(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_wrong_method_is_a_405_problem(client: Client) -> None:
    answer = client.ask("DELETE", "/api/v1/tenders")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GET" in answer.headers["allow"]


class Broken:
    """An engine that fails as told; everything else is the real one's."""

    def __init__(self, house: House, problem: Exception) -> None:
        self.engine = house.engine
        self.problem = problem

    def search(self, query: Query, now: datetime, *, facets: bool = False) -> Page:
        raise self.problem

    def count(self) -> int:
        raise self.problem

    def __getattr__(self, name: str) -> object:
        return getattr(self.engine, name)


@pytest.mark.parametrize("problem", [Unavailable("the index in /srv/secret is locked"), StaleIndex("old /srv/secret")])
def test_what_cannot_answer_now_is_a_503_that_says_when_to_ask_again(house: House, problem: Unavailable) -> None:
    client = Client(create_app(house.store, Broken(house, problem), base_url=BASE, clock=lambda: NOW))  # type: ignore[arg-type]
    for path in ("/api/v1/tenders", "/tenders.atom", "/"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "secret" not in answer.text
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready"})
    assert client.get("/health/live").status_code == 200


def test_a_fault_of_ours_is_a_500_without_our_insides(house: House) -> None:
    broken = Broken(house, RuntimeError("password=hunter2 in /srv/secret"))
    client = Client(create_app(house.store, broken, base_url=BASE, clock=lambda: NOW))  # type: ignore[arg-type]
    for path in ("/api/v1/tenders", "/tenders.rss", "/"):
        answer = client.get(path)
        assert answer.status_code == 500
        assert "hunter2" not in answer.text and "Traceback" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/api/v1/tenders").headers["content-type"] == "application/problem+json"


@given(
    st.lists(
        st.tuples(st.sampled_from([*NAMES, "page", ""]), st.text(max_size=40) | st.sampled_from(["45", "2026-01-01"])),
        max_size=5,
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_input_makes_a_5xx(client: Client, pairs: list[tuple[str, str]]) -> None:
    form = "&".join(f"{quote(name)}={quote(value.encode('utf-8', 'replace'))}" for name, value in pairs)
    for path in ("/api/v1/tenders", "/tenders.atom", "/"):
        assert client.get(f"{path}?{form}").status_code in (200, 400)


@given(st.text(alphabet="aé œ'\"()|-*OURET\x00\u202e’😀", max_size=40))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_makes_a_5xx(client: Client, text: str) -> None:
    for path in ("/api/v1/tenders", "/"):
        answer = client.get(f"{path}?q={quote(text)}")
        assert answer.status_code in (200, 400)
        if answer.status_code == 400 and path != "/":
            assert answer.json().get("position", 0) <= len(text.strip())
