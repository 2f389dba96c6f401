"""A real SMTP server on loopback that keeps what it accepts."""

from __future__ import annotations

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
        """The text parts, with plain spaces."""
        parts = [message.get_body(("plain",)) for message in self.messages]
        return [part.get_content().replace("\u00a0", " ").replace("\u202f", " ") for part in parts if part is not None]


@contextmanager
def open_postbox() -> Iterator[Postbox]:
    """Serve on a free port until the block ends."""
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=0, ready_timeout=10)
    controller.start()
    assert controller.server is not None
    postbox.url = f"smtp://127.0.0.1:{controller.server.sockets[0].getsockname()[1]}"
    try:
        yield postbox
    finally:
        controller.stop()
