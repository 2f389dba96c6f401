"""A Mail as the bytes that travel (RFC 5322, MIME), and the one place where text becomes fit for a header."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import Any, Final
from urllib.parse import urlsplit

from alerts.model import Mail
from tenders.errors import MailRefused
from tenders.plain import one_line

HEADER_LIMIT: Final = 200  # characters of crawled or typed text in a header
_LINE_LIMIT: Final = 900  # RFC 5322 2.1.1 allows 998 characters a line
_RAW: Final = ("list-", "message-id", "auto-submitted")


class _AsGiven(EmailPolicy):
    """The standard policy, but links and ids go out as they are.

    The standard library would fold a long List-Unsubscribe into encoded words, in which no mail program finds a link.
    """

    def fold(self, name: str, value: Any) -> str:
        if name.lower().startswith(_RAW) and str(value).isascii():
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower().startswith(_RAW) and str(value).isascii():
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


# 76: the library writes quoted-printable lines of this length, and RFC 2045 6.7 allows no more.
WIRE: Final = _AsGiven(linesep="\r\n", cte_type="7bit", max_line_length=76)
WIRE_UTF8: Final = _AsGiven(
    linesep="\r\n", cte_type="7bit", max_line_length=76, utf8=True
)  # for SMTPUTF8 (RFC 6531) only
ON_DISK: Final = WIRE.clone(linesep="\n")


def header(text: str, limit: int = HEADER_LIMIT) -> str:
    """Return text that may stand in a header: one line, capped (no CR, LF or NUL can begin another header)."""
    return one_line(text, limit)


def hello_name(base_url: str) -> str:
    """Return how the service names itself to a mail server: its host, or an address literal (RFC 5321 4.1.3)."""
    host = host_of(base_url)
    return f"[{host}]" if re.fullmatch(r"[0-9.]+", host) else host


def host_of(base_url: str) -> str:
    """Return the host of the service for ids such as Message-ID: ``tenderwatch.example``, ``[IPv6:::1]``."""
    name = urlsplit(base_url).hostname or "localhost"
    return f"[IPv6:{name}]" if ":" in name else name


def sender(mail: Mail) -> tuple[str, str]:
    """Return the name and address a mail is from."""
    return parseaddr(mail.headers["From"])


def order_id(mail: Mail) -> str:
    """Return the delivery's id: the part of the Message-ID before the host. Opaque, it names nobody."""
    return mail.message_id.strip("<>").partition("@")[0]


def compose(mail: Mail) -> EmailMessage:
    """Build the MIME message, text first; the same Mail gives the same bytes.

    Raises MailRefused for a header that cannot be written, such as an address with a line break.
    """
    message = EmailMessage(policy=WIRE)
    message.set_content(mail.text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", charset="utf-8", cte="quoted-printable")
    message.set_boundary(f"=_{order_id(mail)}"[:68])
    try:
        for name, value in mail.headers.items():
            message[name] = header(value, _LINE_LIMIT)
        message["To"] = mail.to
        message["Subject"] = header(mail.subject)
        message["Message-ID"] = mail.message_id
    except (ValueError, IndexError) as problem:
        raise MailRefused(f"a header of this mail cannot be written: {one_line(str(problem), 100)}") from None
    return message
