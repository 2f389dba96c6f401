"""Nothing of an address is left where its owner erased it: no row, no byte of the files, no log line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, text

from alerts.letters import send_letters, write_letter
from alerts.mail_local import MaildirMailer
from alerts.model import Sender
from alerts.run import run_alerts
from tenders.query_url import from_url
from tenders.store import forgetting
from tenders.store.database import Store
from tenders.store.forgetting import erase, forget_stale
from tenders.store.managing import pause, renew_links, revise
from tenders.store.opposed import is_opposed
from tenders.store.schema import deliveries, marks, matches, metadata, subscriptions
from tenders.store.signing_up import ask_links, sign_up
from tenders.store.subscriptions import load_subscription, subscribe, unsubscribe
from tenders.subscription import Rhythm, Subscription
from tests.notices import NOON, House, notice

SECRET = "an invented secret for the tests only, long enough"
ADDRESS = "Marie.Zylberquist@exemple.example"
MAILBOX = ADDRESS.lower()
KNOWN = {"base_url": "https://tw.example", "secret": SECRET, "mail_from": "Tenderwatch <a@tw.example>"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path)
    yield built
    built.close()


def wish(email: str = ADDRESS, form: str = "q=toiture", at: datetime = NOON) -> Subscription:
    return Subscription(id="", email=email, query=from_url(form), rhythm=Rhythm.INSTANT, name="Toits", created=at)


def traces(house: House, needle: str) -> list[str]:
    """Where a text stands, in whatever case: tables on PostgreSQL, the bytes of all files of the store on SQLite."""
    found = []
    with house.store.reading() as connection:
        for table in metadata.sorted_tables:
            rows = connection.execute(text(f'SELECT * FROM "{table.name}"')).all()
            found += [table.name for row in rows if needle.lower() in str(tuple(row)).lower()]
    for path in house.path.glob("tenders.db*"):
        if needle.lower().encode() in path.read_bytes().lower():
            found.append(path.name)
    return found


def live(house: House) -> None:
    """All that can happen to an address: mails, changes, a refusal that names it, ended alerts."""
    store = house.store
    letter = partial(write_letter, **KNOWN)  # type: ignore[arg-type]
    mailer = MaildirMailer(house.path / "mail")
    for form in ("q=toiture", "q=voirie"):
        sign_up(store, SECRET, wish(form=form))
    for number in range(40):  # neighbours, so that pages of the file split and merge around it
        subscribe(store, f"n{number}@example.org", from_url(f"q=mot{number}"), Rhythm.DAILY, at=NOON, confirmed=True)
    send_letters(store, mailer, letter, NOON)
    mine = subscribe(store, ADDRESS, from_url("q=toiture"), Rhythm.INSTANT, at=NOON, confirmed=True)
    second = subscribe(store, MAILBOX, from_url("q=bois"), Rhythm.DAILY, at=NOON, confirmed=True, name="B" * 200)
    house.bring(notice("26-1"))
    run_alerts(store, house.engine, mailer, Sender(**KNOWN), NOON)
    revise(store, MAILBOX, mine.id, name="x" * 150, query=from_url("q=toiture OU " + "couverture " * 30))
    revise(store, MAILBOX, mine.id, name="", query=from_url("q=toiture"))
    pause(store, MAILBOX, second.id, NOON + timedelta(days=3))
    ask_links(store, SECRET, ADDRESS, NOON)
    renew_links(store, MAILBOX)
    unsubscribe(store, second.id, NOON)
    with store.writing() as connection:
        connection.execute(deliveries.update().values(reason=f"550 <{ADDRESS}>: no such user"))


def test_erasure_leaves_no_trace_of_the_address(house: House) -> None:
    live(house)
    assert traces(house, ADDRESS)
    erase(house.store, MAILBOX, NOON, opposing_by=SECRET)
    assert traces(house, ADDRESS) == []
    assert traces(house, "zylberquist") == []
    with house.store.reading() as connection:
        assert is_opposed(connection, SECRET, MAILBOX)
        assert not is_opposed(connection, "another secret, that knows nobody here", MAILBOX)
        left = set(connection.execute(select(subscriptions.c.id)).scalars())
        for table in (matches, deliveries):
            assert set(connection.execute(select(table.c.subscription_id)).scalars()) <= left
    assert len(left) == 40


def test_an_erased_address_is_not_written_to_again_and_no_other_is_forgotten(house: House) -> None:
    other = subscribe(house.store, "b@example.org", from_url("q=bois"), Rhythm.DAILY, at=NOON, confirmed=True)
    live(house)
    erase(house.store, MAILBOX, NOON, opposing_by=SECRET)
    sign_up(house.store, SECRET, wish())
    ask_links(house.store, SECRET, ADDRESS, NOON)
    assert traces(house, ADDRESS) == []
    assert load_subscription(house.store, other.id) == other


def test_the_log_of_the_database_is_emptied_later_where_somebody_reads_it(house: House) -> None:
    if house.store.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's log")
    live(house)
    with house.store.reading() as reader:
        reader.execute(select(subscriptions)).all()
        erase(house.store, MAILBOX, NOON)
    forget_stale(house.store, NOON)
    assert traces(house, ADDRESS) == []
    assert waits_to_be_emptied(house) is False


def waits_to_be_emptied(house: House) -> bool:
    with house.store.reading() as connection:
        held = {row.name: row.value for row in connection.execute(select(marks))}
    return bool(held.get("emptied", 0) < held["forgotten"])


def test_what_is_erased_while_another_empties_the_log_is_not_taken_for_emptied(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    if house.store.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's log")
    live(house)
    empty = forgetting._checkpoint

    def meanwhile(store: Store) -> bool:
        emptied = empty(store)
        monkeypatch.setattr(forgetting, "_checkpoint", lambda _: False)  # somebody reads when the other comes to it
        erase(store, "n1@example.org", NOON)
        return emptied

    monkeypatch.setattr(forgetting, "_checkpoint", meanwhile)
    erase(house.store, MAILBOX, NOON)
    assert waits_to_be_emptied(house)
    monkeypatch.setattr(forgetting, "_checkpoint", empty)
    forget_stale(house.store, NOON)
    assert not waits_to_be_emptied(house) and traces(house, "n1@example.org") == []


def test_what_is_erased_is_erased_though_the_log_cannot_be_emptied(house: House) -> None:
    if house.store.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's log")
    live(house)
    with closing(sqlite3.connect(house.path / "tenders.db", isolation_level=None, check_same_thread=False)) as other:

        def locks(store: Store) -> bool:
            other.execute("BEGIN IMMEDIATE")  # as a long write does, that outlasts the wait
            raise sqlite3.OperationalError("database is locked")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(forgetting, "_checkpoint", locks)
            erase(house.store, MAILBOX, NOON)
        other.execute("ROLLBACK")
    assert MAILBOX not in states(house.store) and waits_to_be_emptied(house)


def states(store: Store) -> dict[str, str]:
    with store.reading() as connection:
        return {row.email: row.state for row in connection.execute(select(subscriptions))}


def test_what_nobody_confirmed_and_what_has_ended_is_forgotten_after_seven_days(house: House) -> None:
    sign_up(house.store, SECRET, wish("pending@example.org"))
    sign_up(house.store, SECRET, wish("asked-again@example.org"))
    ended = subscribe(house.store, "ended@example.org", from_url("q=a"), Rhythm.DAILY, at=NOON, confirmed=True)
    subscribe(house.store, "active@example.org", from_url("q=a"), Rhythm.DAILY, at=NOON, confirmed=True)
    unsubscribe(house.store, ended.id, NOON)
    assert forget_stale(house.store, NOON + timedelta(days=7)) == 0
    sign_up(house.store, SECRET, replace(wish("asked-again@example.org"), created=NOON + timedelta(days=7)))
    assert forget_stale(house.store, NOON + timedelta(days=7, seconds=1)) == 2
    assert states(house.store) == {"asked-again@example.org": "pending", "active@example.org": "active"}
    assert traces(house, "pending@example.org") == traces(house, "ended@example.org") == []
