"""Mailers against real servers: aiosmtpd on loopback, the SendGrid stand-in, a folder, a terminal."""

from __future__ import annotations

import email
import email.policy
import mailbox
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alerts import mail_smtp
from alerts.digest import render
from alerts.mail import open_mailer
from alerts.mail_smtp import SmtpMailer
from alerts.message import compose
from alerts.model import Mail
from tenders.errors import BadSettings, MailDelayed, MailRefused
from tenders.settings import Settings
from tests.alerts.samples import BASE, SECRET, SENDER, rich_digest

MAIL = render(rich_digest(), base_url=BASE, secret=SECRET, mail_from=SENDER)


def other(number: int) -> Mail:
    return replace(MAIL, to=f"a{number}@exemple.example", message_id=f"<delivery{number}@tenderwatch.example>")


class Post:
    """Takes mails; answers for a recipient or a step are scripted by the address or the attributes."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.sessions: set[int] = set()
        self.answers: dict[str, str] = {}
        self.credentials: list[tuple[bytes, bytes]] = []

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.answers.get("mail"):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.get("data", "250 OK")
        if answer == "drop":
            assert server.transport is not None
            server.transport.abort()
            return "250 OK"
        if answer.startswith("250"):
            self.mails.append(envelope)
            self.sessions.add(id(session))
        return answer

    def check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.credentials.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss:/word", handled=False)


@contextmanager
def smtp_server(post: Post, **options: Any) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=number, **options)
    controller.start()
    try:
        yield number
    finally:
        controller.stop()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def port(post: Post) -> Iterator[int]:
    with smtp_server(post) as number:
        yield number


def settings(url: str, **more: Any) -> Settings:
    return Settings(mail_url=url, base_url=BASE, **more)


# The message itself


def test_the_one_click_link_travels_as_it_is_never_as_encoded_words() -> None:
    raw = compose(MAIL).as_bytes()
    assert f"List-Unsubscribe: {MAIL.headers['List-Unsubscribe']}\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_mail_read_back_says_what_was_written() -> None:
    read = email.message_from_bytes(compose(MAIL).as_bytes(), policy=email.policy.default)
    text, html = read.get_body(("plain",)), read.get_body(("html",))
    assert read["Subject"] == MAIL.subject
    assert text is not None and text.get_content().splitlines() == MAIL.text.splitlines()
    assert html is not None and html.get_content().splitlines() == MAIL.html.splitlines()
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]


def test_two_tries_of_one_mail_are_the_same_bytes() -> None:
    assert compose(MAIL).as_bytes() == compose(replace(MAIL)).as_bytes()


@pytest.mark.parametrize("to", ["a@b.example\r\nBcc: everybody@c.example", "a@b.example\nX: y"])
def test_an_address_with_a_line_break_is_refused(to: str) -> None:
    with pytest.raises(MailRefused):
        compose(replace(MAIL, to=to))


# SMTP


def test_smtp_delivers_both_parts_and_all_headers(post: Post, port: int) -> None:
    with open_mailer(settings(f"smtp://127.0.0.1:{port}")) as mailer:
        mailer.send(MAIL)
    (taken,) = post.mails
    assert taken.mail_from == "alertes@tenderwatch.example"
    assert taken.rcpt_tos == [MAIL.to]
    assert isinstance(taken.content, bytes)
    read = email.message_from_bytes(taken.content, policy=email.policy.default)
    for name, value in MAIL.headers.items():
        assert str(read[name]) == value, name
    assert read["Message-ID"] == MAIL.message_id


def test_a_line_that_begins_with_a_dot_arrives_whole(post: Post, port: int) -> None:
    with open_mailer(settings(f"smtp://127.0.0.1:{port}")) as mailer:
        mailer.send(replace(MAIL, text="one\n.two\n..three\n.\nfour\n"))
    assert isinstance(post.mails[0].content, bytes)
    read = email.message_from_bytes(post.mails[0].content, policy=email.policy.default)
    body = read.get_body(("plain",))
    assert body is not None and body.get_content().splitlines() == ["one", ".two", "..three", ".", "four"]


def test_a_batch_uses_one_connection(post: Post, port: int) -> None:
    with open_mailer(settings(f"smtp://127.0.0.1:{port}")) as mailer:
        for number in range(20):
            mailer.send(other(number))
    assert len(post.mails) == 20
    assert len(post.sessions) == 1


def test_a_connection_that_was_lost_between_two_mails_is_opened_again(post: Post) -> None:
    with smtp_server(post) as number:
        mailer = SmtpMailer("127.0.0.1", number)
        mailer.send(other(1))
        assert mailer._connection is not None and mailer._connection.sock is not None
        mailer._connection.sock.shutdown(socket.SHUT_RDWR)
        mailer.send(other(2))
        mailer.close()
        mailer.send(other(3))
        mailer.close()
    assert [mail.rcpt_tos[0] for mail in post.mails] == [other(n).to for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("450 try later", MailDelayed),
        ("451 greylisted", MailDelayed),
        ("421 closing", MailDelayed),
        ("530 log in first", MailDelayed),
        ("550 no such user", MailRefused),
        ("553 bad address", MailRefused),
    ],
)
def test_an_answer_to_one_recipient_says_later_or_never_and_the_next_mail_goes(
    post: Post, port: int, answer: str, error: type[Exception]
) -> None:
    post.answers[other(1).to] = answer
    with open_mailer(settings(f"smtp://127.0.0.1:{port}")) as mailer:
        with pytest.raises(error, match=answer[:3]):
            mailer.send(other(1))
        mailer.send(other(2))
    assert [mail.rcpt_tos for mail in post.mails] == [[other(2).to]]


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("data", "drop", MailDelayed),
        ("data", "452 full", MailDelayed),
        ("data", "554 spam", MailRefused),
        ("mail", "451 later", MailDelayed),
        ("mail", "550 sender not allowed", MailDelayed),
        ("mail", "552 too big", MailRefused),
    ],
)
def test_an_answer_to_sender_or_data_says_later_or_never(
    post: Post, port: int, step: str, answer: str, error: type[Exception]
) -> None:
    post.answers[step] = answer
    with open_mailer(settings(f"smtp://127.0.0.1:{port}")) as mailer:
        with pytest.raises(error):
            mailer.send(MAIL)
        post.answers.clear()
        mailer.send(MAIL)
    assert len(post.mails) == 1


def test_a_log_in_is_read_from_the_url_and_its_password_is_in_no_error(post: Post) -> None:
    with smtp_server(post, authenticator=post.check, auth_require_tls=False) as number:
        with open_mailer(settings(f"smtp://some%40body:p%40ss%3A%2Fword@127.0.0.1:{number}")) as mailer:
            mailer.send(MAIL)
        with (
            open_mailer(settings(f"smtp://somebody:wrong-secret@127.0.0.1:{number}")) as mailer,
            pytest.raises(MailDelayed) as told,
        ):
            mailer.send(MAIL)
    assert post.credentials[0] == (b"some@body", b"p@ss:/word")
    assert "log-in is refused" in str(told.value)
    assert "wrong-secret" not in repr(told.value)
    assert told.value.__cause__ is None and told.value.__suppress_context__


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """The TLS of a server with a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    )
    certificate = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    file = tmp_path / "server.pem"
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(plain + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_starttls_is_used_where_it_is_on_offer(post: Post, tls: ssl.SSLContext) -> None:
    server = smtp_server(post, tls_context=tls, require_starttls=True, authenticator=post.check)
    with server as number, SmtpMailer("127.0.0.1", number, user="me", password="p@ss:/word") as mailer:
        mailer.send(MAIL)
    assert len(post.mails) == 1 and post.credentials == [(b"me", b"p@ss:/word")]


def test_smtps_speaks_tls_from_the_first_byte(post: Post, tls: ssl.SSLContext) -> None:
    with smtp_server(post, ssl_context=tls) as number, open_mailer(settings(f"smtps://127.0.0.1:{number}")) as mailer:
        mailer.send(MAIL)
    assert len(post.mails) == 1


def test_elsewhere_a_certificate_must_be_trusted_and_a_password_is_never_sent_in_the_clear(
    post: Post, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_smtp, "_is_here", lambda host: False)
    with smtp_server(post, tls_context=tls) as number, pytest.raises(MailDelayed, match="CERTIFICATE_VERIFY_FAILED"):
        SmtpMailer("127.0.0.1", number).send(MAIL)
    plain = smtp_server(post, authenticator=post.check, auth_require_tls=False)
    with plain as number, pytest.raises(MailDelayed, match="not sent in the clear"):
        SmtpMailer("127.0.0.1", number, user="me", password="p@ss:/word").send(MAIL)
    assert not post.mails and not post.credentials


def test_a_server_that_is_not_there_delays() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(MailDelayed):
            SmtpMailer("127.0.0.1", taken.getsockname()[1]).send(MAIL)


def test_a_silent_server_delays_after_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(MailDelayed, match="no answer in time"):
        SmtpMailer("127.0.0.1", silent.getsockname()[1], timeout=0.3).send(MAIL)


def test_a_greeting_that_refuses_us_delays() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            connection, _ = server.accept()
            connection.sendall(b"554 go away\r\n")
            connection.close()

        worker = threading.Thread(target=refuse)
        worker.start()
        with pytest.raises(MailDelayed, match="554"):
            SmtpMailer("127.0.0.1", server.getsockname()[1], timeout=5).send(MAIL)
        worker.join()


def test_an_address_beyond_ascii_is_refused_where_the_server_cannot_write_it(post: Post) -> None:
    accented = replace(MAIL, to="rené@exemple.example")
    plain = smtp_server(post, enable_SMTPUTF8=False)
    with plain as number, SmtpMailer("127.0.0.1", number) as mailer, pytest.raises(MailRefused):
        mailer.send(accented)
    with smtp_server(post, enable_SMTPUTF8=True) as number, SmtpMailer("127.0.0.1", number) as mailer:
        mailer.send(accented)
    assert post.mails[0].rcpt_tos == ["rené@exemple.example"]


@pytest.mark.parametrize(
    "url",
    ["", "ftp://host", "smtp://", "smtp://u:sesame@host:port", "smtp://u:ses/ame@host:25", "maildir:", "sendgrid:"],
)
def test_a_mail_url_that_cannot_be_used_says_so_and_keeps_its_password(url: str) -> None:
    with pytest.raises(BadSettings) as told:
        open_mailer(settings(url, sendgrid_api_key=None))
    assert "TENDERS_" in str(told.value)
    assert "sesame" not in str(told.value) and "ses/ame" not in str(told.value)


# Maildir and console


def test_maildir_keeps_one_file_of_a_mail_however_often_it_is_sent(tmp_path: Path) -> None:
    with open_mailer(settings(f"maildir:{tmp_path}/post")) as mailer:
        for _ in range(3):
            mailer.send(MAIL)
        mailer.send(other(2))
    box = mailbox.Maildir(tmp_path / "post", create=False)
    assert sorted(str(message["Message-ID"]) for message in box) == sorted([MAIL.message_id, other(2).message_id])
    assert not list((tmp_path / "post" / "tmp").iterdir())


def test_maildir_does_not_bring_back_a_mail_that_was_read(tmp_path: Path) -> None:
    with open_mailer(settings(f"maildir:{tmp_path}/post")) as mailer:
        mailer.send(MAIL)
        (fresh,) = (tmp_path / "post" / "new").iterdir()
        fresh.rename(tmp_path / "post" / "cur" / f"{fresh.name}:2,S")
        mailer.send(MAIL)
    assert len(mailbox.Maildir(tmp_path / "post", create=False)) == 1


def test_maildir_that_cannot_be_written_delays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MailDelayed, match="cannot be written"):
        open_mailer(settings(f"maildir:{tmp_path}/file/post")).send(MAIL)


def test_console_prints_the_text_and_says_that_nothing_was_sent(capsys: pytest.CaptureFixture[str]) -> None:
    with open_mailer(settings("console:")) as mailer:
        mailer.send(MAIL)
    printed = capsys.readouterr().out
    assert "not sent" in printed
    assert MAIL.text.strip() in printed
    assert MAIL.to in printed
