"""Send over SMTP (RFC 5321), one connection for a batch, opened at the first mail and again when it was lost.

What an answer means: 4xx is "later", 5xx "never" where it speaks of this mail or its recipient. Where it speaks of us
(greeting, TLS, log-in, sender) it is "later" too, since every mail would be lost by a setting that is wrong for an
hour. A connection that breaks after DATA leaves the mail in doubt: "later", with the same Message-ID.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from ipaddress import ip_address
from threading import Lock
from typing import Final, Never, Self

from alerts.message import WIRE, WIRE_UTF8, compose, sender
from alerts.model import Mail
from tenders.errors import MailDelayed, MailRefused
from tenders.plain import one_line

TIMEOUT: Final = 10.0  # seconds without a byte
_OURS: Final = frozenset({530, 534, 535, 538})  # log-in or TLS wanted: a setting, not this mail
_TOO_BIG: Final = 552
_CLOSING: Final = 421
_READY: Final = 354


class SmtpMailer:
    """Sends to one SMTP server, with STARTTLS when it is on offer; `tls` speaks TLS from the first byte."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        user: str | None = None,
        password: str = "",
        tls: bool = False,
        hello: str | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._host, self._port, self._user, self._password = host, port, user, password
        self._tls, self._hello, self._timeout = tls, hello, timeout
        self._connection: smtplib.SMTP | None = None
        self._lock = Lock()  # one conversation at a time

    def send(self, mail: Mail) -> None:
        """Send one mail; raises MailRefused or MailDelayed."""
        with self._lock:
            try:
                self._converse(self._open(), mail)
            except (smtplib.SMTPException, OSError) as problem:
                self._drop()
                raise MailDelayed(f"{self._name}: {_reason(problem)}", system=True) from None

    def close(self) -> None:
        """Say goodbye to the server."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                with suppress(smtplib.SMTPException, OSError):
                    connection.quit()
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _name(self) -> str:
        return f"SMTP server {self._host}:{self._port}"

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> smtplib.SMTP:
        """Return a connection that answers: the standing one if it still does, else another."""
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                if self._connection.rset()[0] == 250:
                    return self._connection
            self._drop()
        context = _trust(self._host)
        if self._tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, self._hello, timeout=self._timeout, context=context
            )
        else:
            connection = smtplib.SMTP(self._host, self._port, self._hello, timeout=self._timeout)
        try:
            self._greet(connection, context)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _greet(self, connection: smtplib.SMTP, context: ssl.SSLContext) -> None:
        connection.ehlo_or_helo_if_needed()
        secure = self._tls
        if not secure and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
            secure = True
        if self._user is not None:
            if not secure and not _is_here(self._host):
                raise MailDelayed(
                    f"{self._name} offers no TLS: the password is not sent in the clear; use smtps://", system=True
                )
            connection.login(self._user, self._password)

    def _converse(self, connection: smtplib.SMTP, mail: Mail) -> None:
        message = compose(mail)
        from_address, to_address = sender(mail)[1], _in_ascii(mail.to)
        options = []
        if not (from_address.isascii() and to_address.isascii()):
            if not connection.has_extn("smtputf8"):
                raise MailRefused("the address has letters that this mail system cannot write (no SMTPUTF8)")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        body = message.as_bytes(policy=WIRE_UTF8 if options else WIRE)
        if connection.has_extn("size"):
            options.append(f"SIZE={len(body)}")
        code, text = connection.mail(from_address, options)
        if code != 250:
            self._judge("the sender", code, text, refuses=code == _TOO_BIG)
        code, text = connection.rcpt(to_address)
        if code not in (250, 251):
            self._judge("the recipient", code, text, refuses=500 <= code < 600)
        code, text = connection.docmd("DATA")
        if code != _READY:
            self._judge("the mail", code, text, refuses=500 <= code < 600)
        # From here on a broken connection leaves the mail in doubt.
        connection.send(_dotted(body))
        code, text = connection.getreply()
        if code != 250:
            self._judge("the mail", code, text, refuses=500 <= code < 600)

    def _judge(self, what: str, code: int, text: bytes, *, refuses: bool) -> Never:
        said = one_line(text.decode("utf-8", "replace"), 200)
        if code == _CLOSING:
            self._drop()
        if refuses and code not in _OURS:
            raise MailRefused(f"{self._name} refuses {what}: {code} {said}")
        raise MailDelayed(f"{self._name} does not take {what} now: {code} {said}")


def _dotted(body: bytes) -> bytes:
    """Return a body as DATA carries it: dots at the start of a line doubled, a lone dot at the end (RFC 5321 4.5.2)."""
    lines = body.removesuffix(b"\r\n").split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n"


def _in_ascii(address: str) -> str:
    """Return an address with its domain in ASCII (IDNA); the part before the @ stays."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise MailRefused("the domain of the address cannot be written in ASCII") from None


def _trust(host: str) -> ssl.SSLContext:
    """Return how to check a server's certificate; on this machine itself any will do, as mail systems come with."""
    context = ssl.create_default_context()
    if _is_here(host):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(problem: Exception) -> str:
    """Say what went wrong without what was sent: an exception of a log-in may hold more than its code."""
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return f"the log-in is refused ({problem.smtp_code}): check user and password in TENDERS_MAIL_URL"
    if isinstance(problem, smtplib.SMTPResponseException):
        said = problem.smtp_error
        return one_line(
            f"{problem.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}", 200
        )
    if isinstance(problem, TimeoutError) or "timed out" in str(problem):  # smtplib makes it a disconnection
        return "no answer in time"
    if isinstance(problem, smtplib.SMTPServerDisconnected):
        return "the connection broke"
    return one_line(f"{type(problem).__name__}: {getattr(problem, 'strerror', None) or problem}", 200)
