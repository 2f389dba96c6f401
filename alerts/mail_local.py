"""Mail systems that need no network: the console, and a Maildir folder."""

from __future__ import annotations

import os
import secrets
import sys
from hashlib import sha256
from pathlib import Path
from typing import Self

from alerts.message import ON_DISK, compose
from alerts.model import Mail
from tenders.errors import MailDelayed


class ConsoleMailer:
    """Prints the text part to standard output instead of sending it, and says so."""

    def send(self, mail: Mail) -> None:
        """Print one mail."""
        lines = (
            "---- console: this mail is printed, not sent (set TENDERS_MAIL_URL to send) ----",
            f"To: {mail.to}",
            f"Subject: {mail.subject}",
            f"Message-ID: {mail.message_id}",
            "",
            mail.text.rstrip("\n"),
            "---- end of mail ----",
        )
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class MaildirMailer:
    """Delivers into a Maildir, which any mail program can open. The same mail again leaves the one file it made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> None:
        """Write one mail: tmp, fsync, rename into new. Raises MailDelayed when the disk does not take it."""
        # The name comes from the Message-ID: a second try lands on the first one's file.
        name = f"{sha256(mail.message_id.encode()).hexdigest()[:32]}.tenderwatch"
        try:
            for part in ("tmp", "new", "cur"):
                (self._folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
            if (self._folder / "new" / name).exists() or any((self._folder / "cur").glob(f"{name}*")):
                return
            draft = self._folder / "tmp" / f"{name}.{secrets.token_hex(8)}"
            try:
                with draft.open("xb") as file:
                    file.write(compose(mail).as_bytes(policy=ON_DISK))
                    file.flush()
                    os.fsync(file.fileno())
                draft.rename(self._folder / "new" / name)
            finally:
                draft.unlink(missing_ok=True)
            _sync_folder(self._folder / "new")
        except OSError as problem:
            raise MailDelayed(f"the Maildir {self._folder} cannot be written: {problem.strerror or problem}") from None

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
