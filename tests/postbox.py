"""A real SMTP server on loopback that keeps what it accepts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class Postbox:
    """The messages accepted so far, in order; `url` is what TENDERS_MAIL_URL takes."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.url = ""

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def texts(self) -> list[str]:
        """The text parts, with plain spaces and line ends."""
        parts = [message.get_body(("plain",)) for message in self.messages]
        plain = str.maketrans({"\u00a0": " ", "\u202f": " ", "\r": None})
        return [part.get_content().translate(plain) for part in parts if part is not None]


@contextmanager
def open_postbox(postbox: Postbox | None = None) -> Iterator[Postbox]:
    """Serve on a free port until the block ends."""
    postbox = postbox or Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port, ready_timeout=10)
    controller.start()
    postbox.url = f"smtp://127.0.0.1:{port}"
    try:
        yield postbox
    finally:
        controller.stop()
