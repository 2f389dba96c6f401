"""``kill -9`` of the sender of a monthly report, where it hurts most, then run again: one report, none lost."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path

from aiosmtpd.smtp import Envelope
from sqlalchemy import select

from alerts.monthly import begin_reports
from tenders.query_url import from_url
from tenders.store.schema import deliveries
from tenders.store.subscriptions import subscribe
from tenders.subscription import Kind, Rhythm
from tests.notices import House, notice
from tests.postbox import Postbox, open_postbox

NOW = datetime.fromisoformat("2026-06-01T07:00:00+02:00")


class Tarrying(Postbox):
    """A mail server that takes its first message and is slow to say so."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = threading.Event()

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        if not self.taken.is_set():
            self.taken.set()
            await asyncio.sleep(20)
        return answer


def test_a_kill_between_the_writing_and_the_sending_loses_and_doubles_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.bring(notice("26-1", published=date(2026, 5, 4)))
    subscribe(
        house.store, "a@example.org", from_url(""), Rhythm.MONTHLY, at=datetime(2026, 5, 2, tzinfo=UTC),
        kind=Kind.REPORT, confirmed=True,
    )  # fmt: skip
    assert begin_reports(house.store, NOW) == 1  # and here the process that begun it ends
    with open_postbox(Tarrying()) as postbox:
        assert isinstance(postbox, Tarrying)
        command = [sys.executable, "-m", "tenders", "alerts", "run", "--now", NOW.isoformat()]
        environment = {
            **os.environ,
            "TENDERS_HOME": str(tmp_path),
            "TENDERS_DATABASE_URL": house.store.engine.url.render_as_string(hide_password=False),
            "TENDERS_SEARCH_URL": f"tantivy:{tmp_path / 'index'}",
            "TENDERS_MAIL_URL": postbox.url,
            "TENDERS_BASE_URL": "https://tw.example",
            "TENDERS_SECRET": "s" * 32,
        }
        victim = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert postbox.taken.wait(60)
        victim.kill()
        victim.wait(10)
        with house.store.reading() as connection:
            assert connection.execute(select(deliveries.c.state)).scalars().all() == ["sending"]
        for _ in range(2):
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    first, again = postbox.messages
    assert first["Message-ID"] == again["Message-ID"], "a mailbox shows one of them"
    assert first.get_body(("html",)).get_content() == again.get_body(("html",)).get_content()
    assert first["Subject"] == again["Subject"]
    with house.store.reading() as connection:
        assert connection.execute(select(deliveries.c.state)).scalars().all() == ["accepted"]
    house.close()
