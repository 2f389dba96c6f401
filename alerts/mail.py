"""Give mails to a mail system, which takes one, refuses it for good (MailRefused) or not now (MailDelayed)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from alerts.mail_local import ConsoleMailer, MaildirMailer
from alerts.mail_sendgrid import SendGridMailer
from alerts.mail_smtp import SmtpMailer
from alerts.message import hello_name
from alerts.model import Mail
from tenders.errors import BadSettings
from tenders.settings import Settings

_FORMS = "console:, maildir:PATH, smtp://user:password@host:port, smtps://... or sendgrid:"


class Mailer(Protocol):
    """A mail system. One mailer may serve a batch of mails; use it in a ``with`` to give its connection back."""

    def send(self, mail: Mail) -> None:
        """Return once the mail system has taken the mail.

        Raises MailRefused when it will never take this mail, MailDelayed when it did not now, or did not say whether
        it did; sending the same mail again is then right, its Message-ID is the same.
        """

    def close(self) -> None:
        """Give the connection back; a later `send` opens another."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def open_mailer(settings: Settings) -> Mailer:
    """Open the mailer that ``TENDERS_MAIL_URL`` names, without reaching out yet.

    Raises BadSettings, which never repeats the URL: it may hold a password.
    """
    url = settings.mail_url
    scheme, _, rest = url.partition(":")
    if scheme == "console":
        return ConsoleMailer()
    if scheme == "maildir":
        if not rest:
            raise BadSettings("TENDERS_MAIL_URL names no folder: write maildir:PATH")
        return MaildirMailer(Path(rest))
    if scheme in ("smtp", "smtps"):
        return _open_smtp(url, hello_name(settings.base_url))
    if scheme == "sendgrid":
        if settings.sendgrid_api_key is None or not settings.sendgrid_api_key.get_secret_value():
            raise BadSettings("TENDERS_SENDGRID_API_KEY is missing: sendgrid: needs it")
        return SendGridMailer(settings.sendgrid_api_key.get_secret_value(), settings.sendgrid_host)
    raise BadSettings(f"TENDERS_MAIL_URL is none of {_FORMS}")


def _open_smtp(url: str, hello: str) -> SmtpMailer:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise BadSettings(
            "TENDERS_MAIL_URL cannot be read: write smtp://user:password@host:port, with each of : / ? # @ % in user "
            "and password as %3A %2F %3F %23 %40 %25"
        )
    user = unquote(parts.username) if parts.username else None
    return SmtpMailer(
        host,
        port or (465 if parts.scheme == "smtps" else 587 if user else 25),
        user=user,
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        hello=hello,
    )
