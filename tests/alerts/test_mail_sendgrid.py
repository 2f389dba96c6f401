"""The SendGrid mailer against a stand-in that checks and fails as SendGrid does."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from urllib.request import urlopen

import pytest
from pydantic import SecretStr

from alerts.digest import render
from alerts.mail import open_mailer
from alerts.mail_sendgrid import SendGridMailer
from tenders.errors import MailDelayed, MailRefused
from tenders.settings import Settings
from tests.alerts.samples import BASE, SECRET, SENDER, rich_digest
from tests.standins.sendgrid import FAULTS, KEY, MODES, SendGridStandIn

MAIL = render(rich_digest(), base_url=BASE, secret=SECRET, mail_from=SENDER)


@pytest.fixture
def standin() -> Iterator[SendGridStandIn]:
    with SendGridStandIn() as server:
        yield server


def sendgrid(standin: SendGridStandIn, key: str = KEY, timeout: float = 5) -> SendGridMailer:
    return SendGridMailer(key, standin.url, timeout=timeout)


def test_sendgrid_takes_the_mail_with_its_id_and_no_tracking(standin: SendGridStandIn) -> None:
    settings = Settings(mail_url="sendgrid:", base_url=BASE, sendgrid_api_key=SecretStr(KEY), sendgrid_host=standin.url)
    with open_mailer(settings) as mailer:
        mailer.send(MAIL)
    with urlopen(f"{standin.url}/__accepted") as answer:
        (taken,) = json.load(answer)
    assert taken["custom_args"] == {"oid": "7f3a9c0d1e2b4a5f"}
    assert taken["personalizations"] == [{"to": [{"email": MAIL.to}]}]
    assert taken["from"] == {"email": "alertes@tenderwatch.example", "name": "Tenderwatch"}
    assert [part["type"] for part in taken["content"]] == ["text/plain", "text/html"]
    assert taken["content"][1]["value"] == MAIL.html
    assert taken["tracking_settings"]["click_tracking"] == {"enable": False, "enable_text": False}
    assert taken["tracking_settings"]["open_tracking"] == {"enable": False}
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Auto-Submitted"):
        assert taken["headers"][name] == MAIL.headers[name]
    assert taken["headers"]["Message-ID"] == MAIL.message_id


REFUSED = {"400", "413"}


@pytest.mark.parametrize("mode", [*(m for m in MODES if m != "ok"), "reset-before", "reset-after", "hang"])
def test_sendgrid_errors_say_later_or_never(standin: SendGridStandIn, mode: str) -> None:
    standin.script([mode])
    mailer = sendgrid(standin, timeout=0.5 if mode == "hang" else 5)
    with pytest.raises(MailRefused if mode in REFUSED else MailDelayed) as told:
        mailer.send(MAIL)
    assert KEY not in str(told.value)
    assert len(standin.accepted) == (mode == "reset-after")
    mailer.send(MAIL)
    assert standin.accepted[-1]["custom_args"] == {"oid": "7f3a9c0d1e2b4a5f"}


def test_every_fault_of_the_standin_is_tried() -> None:
    assert set(FAULTS) == {"hang", "slow", "reset-before", "reset-after"}


def test_a_slow_sendgrid_is_waited_for(standin: SendGridStandIn) -> None:
    standin.script(["slow"])
    sendgrid(standin).send(MAIL)
    assert len(standin.accepted) == 1


def test_a_wrong_key_delays_loses_nothing_and_is_not_told(standin: SendGridStandIn) -> None:
    with pytest.raises(MailDelayed, match="TENDERS_SENDGRID_API_KEY") as told:
        sendgrid(standin, key="SG.wrong.secretpart").send(MAIL)
    assert "secretpart" not in str(told.value)


def test_the_key_is_in_no_log(standin: SendGridStandIn, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        sendgrid(standin).send(MAIL)
    assert KEY not in caplog.text


def test_sendgrid_refuses_one_bad_mail_with_the_reason(standin: SendGridStandIn) -> None:
    with pytest.raises(MailRefused, match="content value must be a string"):
        sendgrid(standin).send(replace(MAIL, text=""))
    with pytest.raises(MailRefused, match="cannot write"):
        sendgrid(standin).send(replace(MAIL, to="nobody"))


def test_a_line_break_in_a_header_cannot_reach_sendgrid(standin: SendGridStandIn) -> None:
    forged = replace(MAIL, subject="A\r\nBcc: x@y.example", headers={**MAIL.headers, "List-Id": "<a>\r\nBcc: b"})
    sendgrid(standin).send(forged)
    (taken,) = standin.accepted
    assert not any(c in value for value in (taken["subject"], *taken["headers"].values()) for c in "\r\n\0")


def test_a_host_where_nobody_listens_delays() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(MailDelayed):
            SendGridMailer(KEY, f"http://127.0.0.1:{taken.getsockname()[1]}").send(MAIL)


def test_a_429_says_how_long_to_wait_five_minutes_at_most(standin: SendGridStandIn) -> None:
    standin.script(["429-headers", "429", "401", "503"])
    waits = []
    for _ in range(4):
        with pytest.raises(MailDelayed) as told:
            sendgrid(standin).send(MAIL)
        assert told.value.system
        waits.append(told.value.wait and told.value.wait.total_seconds())
    assert 25 < waits[0] <= 30
    assert waits[1:] == [60, 300, None]


@pytest.mark.parametrize("host", ["api.sendgrid.com", "ftp:/x", "http://127.0.0.1:1/a b"])
def test_an_address_that_cannot_be_asked_loses_no_mail(host: str) -> None:
    with pytest.raises(MailDelayed):
        SendGridMailer(KEY, host).send(MAIL)
