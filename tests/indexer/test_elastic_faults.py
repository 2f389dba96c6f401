"""Elasticsearch down, slow, busy, half-hearted, locked, or robbed of its index: nothing is lost, and we say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from indexer import elastic_door, elastic_engine, elastic_index
from indexer.build import build
from indexer.engine import open_engine
from indexer.filling import rebuild
from search_api.app import create_app
from tenders.errors import (
    BadQuery,
    EngineBroken,
    EngineRefused,
    MissingIndex,
    StaleIndex,
    TendersError,
    Unavailable,
)
from tenders.query_url import from_url
from tenders.store.quarantine import quarantine_reasons
from tests.elasticsearch_server import ElasticsearchServer
from tests.indexes import left_behind, take_away
from tests.notices import NOON, House, keep, notice
from tests.search_api.conftest import Client
from tests.standins.faulty_proxy import Fault, FaultyProxy, faulty_proxy

ALL = from_url("")


def calls(first: int, last: int) -> Iterator[Any]:
    return (notice(f"26-{n}", title=f"Toiture du bâtiment {n}") for n in range(first, last))


@pytest.fixture
def proxy(elasticsearch_url: str) -> Iterator[FaultyProxy]:
    with faulty_proxy(elasticsearch_url) as made:
        yield made


@pytest.fixture
def house(tmp_path: Path, proxy: FaultyProxy, elasticsearch_url: str) -> Iterator[House]:
    """A house that reaches its index through the proxy, with twenty tenders in it."""
    made = House(tmp_path, proxy.url(urlsplit(elasticsearch_url).path.strip("/")))
    made.bring(*calls(0, 20))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic_index, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(elastic_index, "_LONGEST_WAIT", 0.05)


def ids(house: House) -> list[str]:
    return list(house.engine.stream(ALL, NOON))


# A server that is down, slow or busy.


def test_a_server_killed_and_started_again_has_lost_nothing(tmp_path: Path, elasticsearch: ElasticsearchServer) -> None:
    house = House(tmp_path, elasticsearch.url("killed"))
    house.bring(*calls(0, 20))
    client = Client(create_app(house.store, house.engine, base_url="https://tw.example"))
    assert client.get("/api/v1/tenders").json()["total"] == 20
    elasticsearch.kill()
    try:
        answer = client.get("/api/v1/tenders")
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
        keep(house.store, calls(20, 30))
        with pytest.raises(Unavailable, match="cannot be reached"):
            build(house.store, house.engine)
    finally:
        elasticsearch.start()
    assert client.get("/api/v1/tenders").json()["total"] == 20
    assert build(house.store, house.engine).indexed == 10
    assert client.get("/api/v1/tenders").json()["total"] == 30
    house.close()


def test_a_slow_server_is_given_up_in_time_and_asked_again(
    house: House, proxy: FaultyProxy, elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic_door, "ASK_SECONDS", 0.5)
    engine = open_engine(proxy.url(urlsplit(elasticsearch_url).path.strip("/")))
    proxy.faults.append(Fault("_search", seconds=2))
    began = datetime.now(UTC)
    with pytest.raises(Unavailable, match="in time"):
        engine.search(ALL, NOON)
    assert (datetime.now(UTC) - began).total_seconds() < 1.9
    assert engine.search(ALL, NOON).total == 20


def test_an_answer_in_part_is_no_answer(house: House, monkeypatch: pytest.MonkeyPatch, proxy: FaultyProxy) -> None:
    whole = elastic_engine.ElasticEngine._ask

    def in_part(self: Any, act: Any, **said: Any) -> Any:
        found = whole(self, act, **said)
        return {**found, "timed_out": True} if "timed_out" in found else found

    monkeypatch.setattr(elastic_engine.ElasticEngine, "_ask", in_part)
    with pytest.raises(Unavailable, match="in part"):
        house.engine.search(ALL, NOON)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_a_503_with_a_time_to_ask_again(house: House, proxy: FaultyProxy, status: int) -> None:
    client = Client(create_app(house.store, house.engine, base_url="https://tw.example"))
    proxy.faults.append(Fault("_search", status=status))
    answer = client.get("/api/v1/tenders")
    assert (answer.status_code, answer.json()["status"]) == (503, 503)
    assert int(answer.headers["retry-after"]) > 0
    assert client.get("/api/v1/tenders").json()["total"] == 20


def test_a_cut_connection_is_not_ready(house: House, proxy: FaultyProxy) -> None:
    proxy.faults.append(Fault("_search", times=5, cut=True))
    with pytest.raises(Unavailable, match="cannot be reached"):
        house.engine.search(ALL, NOON)
    proxy.faults.clear()
    assert house.engine.search(ALL, NOON).total == 20


@pytest.mark.parametrize("status", [429, 503])
def test_a_bulk_that_was_too_much_is_sent_again(house: House, proxy: FaultyProxy, status: int) -> None:
    proxy.faults.append(Fault("_bulk", times=3, status=status))
    house.bring(*calls(20, 40))
    assert len(ids(house)) == 40


def test_of_a_bulk_that_failed_in_part_only_the_rest_is_sent_again(house: House, proxy: FaultyProxy) -> None:
    proxy.items = 0
    proxy.faults.append(Fault("_bulk", times=2, half=True))
    house.bring(*calls(20, 60))
    assert len(ids(house)) == 60
    assert proxy.items == 40 + 20 + 10


def test_a_server_that_stays_busy_loses_nothing_and_recovers(house: House, proxy: FaultyProxy) -> None:
    proxy.faults.append(Fault("_bulk", times=1000, half=True))
    keep(house.store, calls(20, 300))
    with pytest.raises(Unavailable, match="takes no more now"):
        build(house.store, house.engine)
    mark = house.engine.mark()
    assert mark == 20
    proxy.faults.clear()
    assert build(house.store, house.engine).indexed == 280
    assert len(ids(house)) == len(set(ids(house))) == 300


def test_a_crash_between_writing_and_the_mark_doubles_nothing(house: House, proxy: FaultyProxy) -> None:
    keep(house.store, calls(20, 40))
    proxy.faults.append(Fault("_mapping", cut=True, times=5))
    with pytest.raises(Unavailable):
        build(house.store, house.engine)
    proxy.faults.clear()
    assert house.engine.mark() == 20
    build(house.store, house.engine)
    assert (len(ids(house)), house.engine.mark()) == (40, 40)


def test_a_document_refused_for_good_is_put_aside_and_the_rest_goes_on(house: House, proxy: FaultyProxy) -> None:
    keep(house.store, calls(20, 40))
    bad = "0" * 16
    proxy.faults.append(Fault("_bulk", times=50, refuse=frozenset({bad})))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "indexer.merge.tender_id", lambda first: bad if first.source_id == "26-30" else f"t{first.key}"[:16]
        )
        assert build(house.store, house.engine).indexed == 20
    assert len(ids(house)) == 39
    with house.store.reading() as connection:
        assert quarantine_reasons(connection) == [("index", "document_parsing_exception: no such value", 1)]
    assert build(house.store, house.engine).indexed == 0
    assert rebuild(house.store, house.engine) == 39


def test_an_older_version_never_replaces_a_newer_one(house: House) -> None:
    from tenders.store.tenders import load_tenders

    (id_, *_) = ids(house)
    with house.store.reading() as connection:
        old = load_tenders(connection, [id_])[id_]
    newer, older = (replace(old.notices[0], title=title) for title in ("Nouveau titre", "Ancien titre"))
    house.engine.put([replace(old, version=1000, notices=(newer,))])
    assert house.engine.put([replace(old, version=999, notices=(older,))]) == {}
    house.engine.drop({id_: 998})
    house.engine.commit(1000)
    assert len(ids(house)) == 20
    assert house.engine.search(from_url("q=nouveau"), NOON).total == 1
    assert house.engine.search(from_url("q=ancien"), NOON).total == 0


def test_an_answer_that_is_lost_when_the_new_index_takes_its_place_does_not_cost_it(
    house: House, proxy: FaultyProxy, elasticsearch_url: str
) -> None:
    proxy.faults.append(Fault("_aliases", lost=True))
    assert rebuild(house.store, house.engine) == 20
    assert len(ids(house)) == 20
    assert len(left_behind(elasticsearch_url)) == 1


def test_alerts_go_on_while_the_engine_answers_nonsense(house: House, proxy: FaultyProxy, tmp_path: Path) -> None:
    from alerts.ledger import match_time
    from tenders.__main__ import tick
    from tenders.settings import Settings
    from tenders.store.subscriptions import subscribe
    from tenders.subscription import Rhythm

    form = from_url("q=toiture&deadline_within=90d")
    told = subscribe(house.store, "a@example.org", form, Rhythm.INSTANT, at=NOON, confirmed=True)
    keep(house.store, calls(20, 22))
    proxy.faults.append(Fault("", times=100, status=500))
    assert match_time(house.store, house.engine, told, NOON) == 0
    url = f"http://127.0.0.1:{proxy.port}/x"
    every = from_url("q=toiture")
    subscribe(house.store, "b@example.org", every, Rhythm.INSTANT, at=NOON, confirmed=True)
    keep(house.store, calls(22, 24))
    tick(
        Settings(
            home=tmp_path,
            database_url=house.store.engine.url.render_as_string(hide_password=False),
            search_url=url,
            mail_url=f"maildir:{tmp_path / 'mail'}",
            secret="s" * 32,
        )
    )()
    (mail,) = (tmp_path / "mail" / "new").iterdir()
    assert b"b@example.org" in mail.read_bytes()


def test_an_index_that_knows_more_than_its_store_asks_for_a_rebuild(house: House) -> None:
    house.engine.commit(500)  # the store was restored from a copy of yesterday
    with pytest.raises(StaleIndex, match="--rebuild"):
        build(house.store, house.engine)
    assert build(house.store, house.engine, anew=True).indexed == 20
    assert house.engine.mark() == 20


def test_a_long_walk_whose_state_falls_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic_engine, "_STREAM", 5)
    walk = house.engine.stream(ALL, NOON)
    next(walk)
    rebuild(house.store, house.engine)
    with pytest.raises(Unavailable):
        list(walk)


# An index that was taken away.


def test_a_write_to_an_index_that_is_gone_makes_none_without_a_mapping(house: House, elasticsearch_url: str) -> None:
    take_away(elasticsearch_url)
    keep(house.store, calls(20, 21))
    from tenders.store.tenders import load_tenders, written_since

    with house.store.reading() as connection:
        tenders = load_tenders(connection, [row.id for row in written_since(connection, 0, 5)])
    with pytest.raises(MissingIndex):
        house.engine.put(tenders.values())
    assert house.engine.mark() is None
    assert build(house.store, house.engine).indexed == 21
    assert len(ids(house)) == 21


def test_a_walk_over_pages_sees_one_state_and_goes_on_when_that_is_gone(house: House) -> None:
    asked = replace(ALL, size=5)
    first = house.engine.search(asked, NOON)
    second = house.engine.search(replace(asked, after=first.next), NOON)
    house.bring(*calls(20, 25))
    third = house.engine.search(replace(asked, after=second.next), NOON)
    assert third.total == 20, "the state of the second page"
    rebuild(house.store, house.engine)  # takes the state away with its index
    fourth = house.engine.search(replace(asked, after=third.next), NOON)
    assert fourth.total == 25
    seen = [hit.id for page in (first, second, third, fourth) for hit in page.hits]
    assert len(seen) == len(set(seen)) == 20


# A server that does not let us in, or is not what we think.


def test_an_api_key_is_what_the_server_is_shown_and_a_wrong_one_is_refused(
    elasticsearch: ElasticsearchServer, proxy: FaultyProxy
) -> None:
    key = "aHVudGVyMjpub3QgYSByZWFsIGtleQ=="
    open_url = f"http://127.0.0.1:{proxy.port}/keyed?api_key={key}"
    with pytest.raises(EngineRefused, match="does not let us in") as problem:
        open_engine(open_url).mark()
    assert proxy.authorization == f"ApiKey {key}"
    ca = elasticsearch.url("keyed").partition("?")[2]
    with pytest.raises(EngineRefused):
        open_engine(f"https://127.0.0.1:{elasticsearch.port}/keyed?{ca}&api_key={key}").mark()
    assert key not in str(problem.value)


def test_what_is_not_elasticsearch_is_said_to_be_broken(house: House, proxy: FaultyProxy) -> None:
    proxy.faults.append(Fault("_search", times=2, status=418))
    with pytest.raises(EngineBroken, match="418"):
        house.engine.search(ALL, NOON)


def test_a_cursor_of_the_other_engine_is_a_bad_query(house: House, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = House(tmp_path / "other")
    other.bring(*calls(0, 20))
    for sort in ("relevance", "-seq", "deadline"):
        asked = from_url(f"q=toiture&sort={sort}&size=5")
        for giver, taker in ((house, other), (other, house)):
            cursor = giver.engine.search(asked, NOON).next
            with pytest.raises(BadQuery, match="cursor"):
                taker.engine.search(replace(asked, after=cursor), NOON)
    other.close()


def test_no_error_but_ours_leaves_the_door(house: House, proxy: FaultyProxy) -> None:
    for status in (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504):
        for path, act in (
            ("_search", lambda: house.engine.search(ALL, NOON)),
            ("_pit", lambda: ids(house)),
            ("_count", house.engine.count),
            ("_mapping", house.engine.mark),
            ("_bulk", lambda: house.engine.drop({"x": 99})),
            ("_refresh", lambda: house.engine.commit(20)),
            ("_alias", lambda: house.engine.rebuild(lambda draft: None)),
            ("_settings", lambda: house.engine.rebuild(lambda draft: None)),
            ("_flush", lambda: house.engine.rebuild(lambda draft: None)),
            ("_aliases", lambda: house.engine.rebuild(lambda draft: None)),
        ):
            proxy.faults.append(Fault(path, times=20, status=status))
            try:
                act()
            except TendersError:
                pass
            else:
                assert (path, status) in {("_mapping", 404), ("_bulk", 404)}, (path, status)
            proxy.faults.clear()
