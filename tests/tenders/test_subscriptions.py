"""Subscriptions begin, are confirmed, end; and outlive a change of the query language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import update
from typer.testing import CliRunner

import tenders.store
from alerts.commands import app
from tenders.errors import Refused
from tenders.links import read_confirm
from tenders.query_url import from_url
from tenders.settings import load_settings
from tenders.store.database import Store, open_store
from tenders.store.forgetting import erase
from tenders.store.schema import subscriptions
from tenders.store.subscriptions import (
    active_subscriptions,
    confirm,
    load_subscription,
    subscribe,
    subscriptions_of,
    unsubscribe,
)
from tenders.subscription import ALL_NEWS, RHYTHMS, Kind, Rhythm
from tests.command_line import typed
from tests.databases import database_url
from tests.notices import NOON


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(database_url(tmp_path / "tenders.db"), str(tmp_path / "raw"))
    yield opened
    opened.close()


def begin(store: Store, email: str = "a@example.org", form: str = "q=toiture", *, confirmed: bool = False) -> str:
    return subscribe(store, email, from_url(form), Rhythm.DAILY, at=NOON, confirmed=confirmed).id


def active(store: Store) -> list[str]:
    with store.reading() as connection:
        return [s.id for s in active_subscriptions(connection)]


def test_nothing_is_active_before_it_is_confirmed_nor_after_it_has_ended(store: Store) -> None:
    id_ = begin(store)
    assert active(store) == []
    assert confirm(store, id_, NOON) == load_subscription(store, id_)
    assert active(store) == [id_]
    for _ in range(2):
        ended = unsubscribe(store, id_, NOON + timedelta(days=1))
        assert ended is not None
        assert ended.state == "ended"
    assert active(store) == []
    again = confirm(store, id_, NOON)
    assert again is not None
    assert again.state == "ended", "an old confirmation link does not bring it back"


def test_the_same_alert_again_is_the_standing_one(store: Store) -> None:
    first = begin(store, confirmed=True)
    assert begin(store, "A@EXAMPLE.ORG".lower(), "q=toiture&sort=deadline") == first
    assert begin(store, form="q=bois") != first
    unsubscribe(store, first, NOON)
    assert begin(store) != first


def test_unknown_ids_are_none(store: Store) -> None:
    assert load_subscription(store, "x") is confirm(store, "x", NOON) is unsubscribe(store, "x", NOON) is None


@pytest.mark.parametrize(
    "email", ["", "a", "a@", "a b@example.org", "é@example.org", "a@example.org\r\nBcc: b@example.org"]
)
def test_a_wrong_address_is_refused(store: Store, email: str) -> None:
    with pytest.raises(Refused, match=r"address|ASCII"):
        begin(store, email)


def test_a_query_that_no_longer_reads_stops_no_other_and_can_still_be_ended(store: Store) -> None:
    broken, well = begin(store, confirmed=True), begin(store, "b@example.org", confirmed=True)
    with store.writing() as connection:
        connection.execute(update(subscriptions).where(subscriptions.c.id == broken).values(query="colour=red"))
    assert active(store) == [well]
    assert load_subscription(store, broken) is not None
    assert unsubscribe(store, broken, NOON) is not None


def test_asking_again_confirms_by_a_link_that_is_fresh_and_json_stands_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENDERS_HOME", str(tmp_path))
    monkeypatch.setenv("TENDERS_SECRET", "s" * 32)
    settings = load_settings()
    store = open_store(settings.database, settings.raw)
    long_ago = datetime.now(UTC) - timedelta(days=10)
    begun = subscribe(store, "a@example.org", from_url("q=toiture"), Rhythm.DAILY, at=long_ago)
    done = CliRunner().invoke(app, ["subscribe", "a@example.org", "--query", "q=toiture", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["id"] == begun.id
    token = re.search(r"/alerts/confirm/(\S+)$", done.stderr, re.MULTILINE)
    assert token is not None
    assert read_confirm(token[1], "s" * 32, datetime.now(UTC)) == begun.id
    store.close()


def test_a_name_that_no_table_holds_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="200"):
        subscribe(store, "a@example.org", from_url("q=toiture"), Rhythm.DAILY, at=NOON, name="n" * 201)


def test_subscriptions_of_an_older_release_go_on_with_all_they_were_told(tmp_path: Path) -> None:
    url = database_url(tmp_path / "tenders.db")
    older = open_store(url, str(tmp_path / "raw"))
    id_ = begin(older, "Marie@Example.org", confirmed=True)
    with older.engine.connect().execution_options(writing=True) as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", str(Path(tenders.store.__path__[0]) / "migrations"))
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
    older.close()
    store = open_store(url, str(tmp_path / "raw"))
    with store.reading() as connection:
        [found] = subscriptions_of(connection, "marie@example.org")
    assert (found.id, found.state, found.news, found.links) == (id_, "active", ALL_NEWS, 0)
    store.close()


def test_reports_come_with_their_release_and_go_with_it(tmp_path: Path) -> None:
    url = database_url(tmp_path / "tenders.db")
    newer = open_store(url, str(tmp_path / "raw"))
    scope = from_url("dept=21&published_after=2026-01-01&size=3")
    report = subscribe(newer, "a@example.org", scope, Rhythm.MONTHLY, at=NOON, kind=Kind.REPORT, confirmed=True)
    assert (report.query, report.news) == (from_url("dept=21"), frozenset()), "each mail tells a month of its own"
    alert = begin(newer, "a@example.org", confirmed=True)
    with newer.reading() as connection:
        assert [one.id for one in active_subscriptions(connection)] == [alert]
        assert active_subscriptions(connection, Kind.REPORT) == [report]
    with newer.engine.connect().execution_options(writing=True) as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", str(Path(tenders.store.__path__[0]) / "migrations"))
        config.attributes["connection"] = connection
        command.downgrade(config, "0006")
        rhythms = connection.exec_driver_sql("SELECT rhythm FROM subscriptions").scalars().all()
    assert set(rhythms) <= {"instant", "daily", "weekly"}, "an older release knows no other"
    newer.close()
    again = open_store(url, str(tmp_path / "raw"))
    with again.reading() as connection:
        assert [(one.id, one.kind) for one in active_subscriptions(connection)] == [(alert, Kind.ALERT)]
        assert active_subscriptions(connection, Kind.REPORT) == []
    again.close()


@pytest.mark.parametrize(
    ("kind", "rhythm"), [(Kind.ALERT, Rhythm.MONTHLY), *((Kind.REPORT, one) for one in RHYTHMS[Kind.ALERT])]
)
def test_a_rhythm_of_another_kind_is_refused(store: Store, kind: Kind, rhythm: Rhythm) -> None:
    with pytest.raises(Refused, match="no rhythm"):
        subscribe(store, "a@example.org", from_url("q=a"), rhythm, at=NOON, kind=kind)


def test_a_name_is_one_line(store: Store) -> None:
    named = subscribe(
        store, "a@example.org", from_url("q=a"), Rhythm.DAILY, at=NOON, name=" Toits\r\nBcc: b@example.org\t\x00 "
    )
    assert named.name == "Toits Bcc: b@example.org"


def test_who_opposed_is_begun_again_with_their_word_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENDERS_SECRET", "s" * 32)
    run = typed(tmp_path, monkeypatch, capfd)
    asked = ("subscribe", "a@example.org", "--query", "q=toiture")
    run(*asked)
    settings = load_settings()
    store = open_store(settings.database, settings.raw)
    erase(store, "a@example.org", NOON, opposing_by="s" * 32)
    status, _, said = run(*asked)
    assert status == 1 and "wants no mail" in said and "--confirmed" in said
    assert run(*asked, "--confirmed")[0] == 0
    assert run(*asked)[0] == 0
    store.close()
