"""Double opt-in as a machine of states: whatever happens in whatever order, nobody is told who did not ask for it."""

from __future__ import annotations

import re
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.letters import send_letters, write_letter
from alerts.model import Mail, Sender
from alerts.run import run_alerts
from tenders.errors import MailDelayed, Refused
from tenders.links import Expired, read_confirm
from tenders.query_url import from_url
from tenders.store.forgetting import erase, forget_stale
from tenders.store.letters import MOST_A_DAY
from tenders.store.managing import end_mine, pause, resume, revive
from tenders.store.signing_up import ask_links, sign_up
from tenders.store.subscriptions import confirm, subscribe, subscriptions_of
from tenders.subscription import RHYTHMS, Kind, Rhythm, Subscription
from tests.alerts.test_run import Letterbox
from tests.notices import NOON, House, notice

SECRET = "an invented secret for the tests only, long enough"
KNOWN = {"base_url": "https://tw.example", "secret": SECRET, "mail_from": "Tenderwatch <a@tw.example>"}
LETTER = partial(write_letter, **KNOWN)  # type: ignore[arg-type]
ADDRESSES = ("a@example.org", "A@Example.org", "b@example.org")
FORMS = ("q=toiture", "q=toiture&dept=21", "q=peinture")


class OptIn(RuleBasedStateMachine):
    """Strangers ask, owners answer, tenders come, time passes; every mail is judged as it leaves."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # the index may still tidy up
        self.house = House(Path(self.folder.name))
        self.box = Letterbox()
        self.now = NOON
        self.judged = 0
        self.agreed: set[str] = set()  # mailboxes that have confirmed something and did not end or erase it all
        self.opposed: set[str] = set()
        self.sent: dict[str, list[datetime]] = {}
        self.notices = 0

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.close()
            self.folder.cleanup()

    @rule(email=st.sampled_from(ADDRESSES), form=st.sampled_from(FORMS), rhythm=st.sampled_from(RHYTHMS[Kind.ALERT]))
    def ask_for_an_alert(self, email: str, form: str, rhythm: Rhythm) -> None:
        wish = Subscription(id="", email=email, query=from_url(form), rhythm=rhythm, created=self.now)
        sign_up(self.house.store, SECRET, wish)

    @rule(email=st.sampled_from(ADDRESSES))
    def ask_for_the_link(self, email: str) -> None:
        ask_links(self.house.store, SECRET, email, self.now)

    @rule(newest=st.booleans())
    def press_the_button_of_a_mail(self, newest: bool) -> None:
        links = [
            (mail.to.lower(), found[1])
            for mail in self.box.mails
            if (found := re.search(r"/alerts/confirm/(\S+)", mail.text))
        ]
        if links:
            mailbox, token = links[-1 if newest else 0]
            try:
                found = read_confirm(token, SECRET, self.now)
            except Expired:
                return
            assert found is not None
            confirmed = confirm(self.house.store, found, self.now)
            if confirmed is not None and confirmed.state == "active":
                self.agreed.add(mailbox)

    @rule(email=st.sampled_from(ADDRESSES), deed=st.sampled_from(("stop", "revive", "pause", "resume", "erase")))
    def manage(self, email: str, deed: str) -> None:
        store, owner = self.house.store, email.lower()
        with store.reading() as connection:
            mine = subscriptions_of(connection, owner)
        for one in mine:
            if deed == "stop":
                end_mine(store, owner, one.id, self.now)
            elif deed == "revive":
                with suppress(Refused):  # the same one stands by now
                    revive(store, owner, one.id, self.now)
            elif deed == "pause":
                pause(store, owner, one.id, self.now + timedelta(days=2))
            elif deed == "resume":
                resume(store, owner, one.id)
        if deed == "erase" and mine:
            erase(store, owner, self.now, opposing_by=SECRET)
            self.opposed.add(owner)

    @rule(many=st.integers(1, 3))
    def tenders_come(self, many: int) -> None:
        for _ in range(many):
            self.notices += 1
            self.house.bring(notice(f"26-{self.notices}", f"Toiture et peinture, bâtiment {self.notices}"))

    @rule(hours=st.sampled_from((0, 1, 13, 24, 24 * 7 + 1)))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(down=st.booleans())
    def a_tick(self, down: bool) -> None:
        if down:
            self.box.failures = [MailDelayed("busy")]
        send_letters(self.house.store, self.box, LETTER, self.now)
        run_alerts(self.house.store, self.house.engine, self.box, Sender(**KNOWN), self.now)
        forget_stale(self.house.store, self.now)
        self.box.failures = []

    @invariant()
    def each_mail_is_one_that_may_be_sent(self) -> None:
        if not hasattr(self, "box"):
            return
        for mail in self.box.mails[self.judged :]:
            self._judge(mail)
        self.judged = len(self.box.mails)

    def _judge(self, mail: Mail) -> None:
        mailbox = mail.to.lower()
        assert mailbox not in self.opposed, "an address that erased itself is written to"
        if "/alerts/confirm/" in mail.text or "déjà cette alerte" in mail.subject:
            asked = parsedate_to_datetime(mail.headers["Date"])  # it may leave later, where the mail system was down
            lately = [at for at in self.sent.get(mailbox, []) if asked - timedelta(days=1) < at <= asked]
            assert len(lately) < MOST_A_DAY
            self.sent.setdefault(mailbox, []).append(asked)
        else:
            assert mailbox in self.agreed, f"{mail.subject!r} to somebody who never confirmed"


OptIn.TestCase.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOptIn = OptIn.TestCase


@pytest.fixture
def house(tmp_path: Path):  # type: ignore[no-untyped-def]
    built = House(tmp_path)
    yield built
    built.close()


def test_letters_leave_while_the_alerts_run_and_once(house: House) -> None:
    box = Letterbox()
    wish = Subscription(id="", email="a@example.org", query=from_url("q=a"), rhythm=Rhythm.DAILY, created=NOON)
    sign_up(house.store, SECRET, wish)
    for _ in range(2):
        send_letters(house.store, box, LETTER, NOON)
    assert Counter(mail.to for mail in box.mails) == {"a@example.org": 1}
    run_alerts(house.store, house.engine, box, Sender(**KNOWN), NOON)
    assert len(box.mails) == 1, "a run of the alerts sends digests, and no letter"


def test_a_delayed_letter_is_the_same_letter_at_the_next_try(house: House) -> None:
    box = Letterbox()
    wish = Subscription(id="", email="a@example.org", query=from_url("q=a"), rhythm=Rhythm.DAILY, created=NOON)
    sign_up(house.store, SECRET, wish)
    box.failures = [MailDelayed("busy")]
    assert send_letters(house.store, box, LETTER, NOON).delayed == 1
    assert send_letters(house.store, box, LETTER, NOON + timedelta(minutes=2)).accepted == 1
    again = write_letter(
        "confirmation",
        Subscription(**{**_fields(house), "state": "pending"}),
        **KNOWN,  # type: ignore[arg-type]
        delivery_id=box.mails[0].message_id.strip("<>").partition("@")[0],
        now=NOON,
    )
    assert again == box.mails[0]


def _fields(house: House) -> dict[str, object]:
    standing = subscribe(house.store, "a@example.org", from_url("q=a"), Rhythm.DAILY, at=NOON)
    return {name: getattr(standing, name) for name in Subscription.__dataclass_fields__}


def test_a_letter_to_a_subscription_that_is_gone_or_another_by_now_is_dropped(house: House) -> None:
    box = Letterbox()
    wish = Subscription(id="", email="a@example.org", query=from_url("q=a"), rhythm=Rhythm.DAILY, created=NOON)
    sign_up(house.store, SECRET, wish)
    subscribe(house.store, "a@example.org", from_url("q=a"), Rhythm.DAILY, at=NOON, confirmed=True)
    sign_up(house.store, SECRET, Subscription(**{**_fields(house), "email": "b@example.org", "id": ""}))
    erase(house.store, "b@example.org", NOON)
    assert send_letters(house.store, box, LETTER, NOON).dropped == 1
    assert box.mails == []


class SlowBox(Letterbox):
    """A mail system that takes its time, and says when each mail was taken."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def send(self, mail: Mail) -> None:
        time.sleep(self.seconds)
        super().send(mail)


def test_a_letter_does_not_wait_for_the_digests_that_are_being_sent(house: House) -> None:
    for number in range(60):
        subscribe(house.store, f"n{number}@example.org", from_url("q=toiture"), Rhythm.INSTANT, at=NOON, confirmed=True)
    house.bring(notice("26-1"))
    digests, letters = SlowBox(0.05), SlowBox(0.05)
    running = threading.Thread(target=run_alerts, args=(house.store, house.engine, digests, Sender(**KNOWN), NOON))
    running.start()
    while not digests.mails:
        time.sleep(0.01)
    wish = Subscription(id="", email="a@example.org", query=from_url("q=a"), rhythm=Rhythm.DAILY, created=NOON)
    sign_up(house.store, SECRET, wish)
    send_letters(house.store, letters, LETTER, NOON)
    assert len(letters.mails) == 1 and len(digests.mails) < 60
    running.join()
    assert len(digests.mails) == 60
