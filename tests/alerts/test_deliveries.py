"""What becomes of a mail: begun with its matches, sent, sent again, given up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.deliveries import Sent
from alerts.digest import render
from alerts.model import Digest, Mail
from alerts.run import run_alerts
from tenders.errors import MailDelayed
from tenders.store.schema import deliveries
from tenders.store.subscriptions import unsubscribe
from tenders.subscription import Rhythm
from tests.alerts.test_run import MORNING, SENDER, Desk
from tests.notices import notice


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def test_past_fifty_tenders_the_digest_goes_on_and_nothing_is_cut(desk: Desk) -> None:
    desk.follow(rhythm=Rhythm.DAILY)
    desk.bring(*(notice(f"26-{n}", title=f"Toiture du bâtiment {n}") for n in range(1, 121)))
    ran = desk.run()
    assert (ran.matched, ran.mails, ran.sent.accepted) == (120, 3, 3)
    links = [
        link for mail in desk.box.mails for link in re.findall(r"/tenders/([0-9a-f]{16})$", mail.text, re.MULTILINE)
    ]
    assert (len(links), len(set(links))) == (120, 120)
    assert len({mail.message_id for mail in desk.box.mails}) == 3


def test_an_unsubscribed_address_gets_nothing_more(desk: Desk) -> None:
    id_ = desk.follow()
    desk.box.failures = [MailDelayed("busy")]
    desk.bring(notice("26-1"))
    assert desk.run().sent.delayed == 1
    unsubscribe(desk.store, id_, MORNING)
    assert desk.run(MORNING + timedelta(hours=1)).sent.dropped == 1
    assert desk.box.mails == []


def test_a_delayed_mail_goes_out_later_under_the_same_message_id(desk: Desk) -> None:
    desk.follow()
    desk.box.failures = [MailDelayed("busy"), MailDelayed("busy")]
    desk.bring(notice("26-1"))
    assert desk.run().sent.delayed == 1
    assert desk.run().sent.delayed == 0  # waits its turn
    assert desk.run(MORNING + timedelta(minutes=2)).sent.delayed == 1
    assert desk.run(MORNING + timedelta(minutes=10)).sent.accepted == 1
    assert len(desk.box.mails) == 1


def test_two_digests_of_one_moment_count_each_its_own(desk: Desk) -> None:
    desk.follow()
    desk.bring(notice("26-1"))
    desk.run()
    desk.bring(notice("26-2", title="Toiture du gymnase"))
    desk.run()
    assert [mail.subject[:18] for mail in desk.box.mails] == ["1 nouveau marché –"] * 2


def test_a_mail_system_that_asks_for_time_is_asked_once_and_no_try_is_counted(desk: Desk) -> None:
    for query in ("q=toiture", "", "q=école"):
        desk.follow(query)
    desk.box.failures = [MailDelayed("429", wait=timedelta(minutes=5))]
    desk.bring(notice("26-1"))
    assert desk.run().sent.delayed == 3
    assert desk.run(MORNING + timedelta(minutes=4)).sent == Sent()
    assert desk.run(MORNING + timedelta(minutes=5)).sent.accepted == 3
    with desk.store.reading() as connection:
        assert set(connection.execute(select(deliveries.c.attempts)).scalars()) == {1}


def test_a_mail_system_that_is_down_holds_a_run_for_three_tries_only(desk: Desk) -> None:
    for query in ("q=toiture", "", "q=école", "q=réfection", "nature=works"):
        desk.follow(query)
    desk.box.failures = [MailDelayed("down", system=True)] * 3
    desk.bring(notice("26-1"))
    assert (desk.run().sent.delayed, desk.box.mails) == (4, [])
    assert desk.run(MORNING + timedelta(minutes=2)).sent.accepted == 4


def test_one_mail_that_cannot_be_written_keeps_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.follow("q=toiture")
    desk.follow("")
    desk.bring(notice("26-1"))
    written = iter([ValueError("a template broke")])

    def fails_once(digest: Digest, **paper: str) -> Mail:
        for problem in written:
            raise problem
        return render(digest, **paper)

    monkeypatch.setattr("alerts.run.render", fails_once)
    ran = desk.run()
    assert (ran.sent.delayed, ran.sent.accepted) == (1, 1)
    again = run_alerts(desk.store, desk.engine, desk.box, SENDER, MORNING, patient=False)
    assert again.sent.accepted == 1
