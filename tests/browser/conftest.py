"""The whole service as a person runs it, on a world of today, and Debian's Chromium before it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tenders.model import Notice
from tests.browser.world import notices_of_today
from tests.conftest import do_without
from tests.databases import database_url
from tests.notices import House
from tests.postbox import Postbox, open_postbox
from tests.standins.boamp import BoampStandIn


@dataclass
class Service:
    """`tenders run` on this machine: its address, its postbox, and the environment its commands go by."""

    home: Path
    postbox: Postbox
    platform: BoampStandIn
    port: int
    other_port: int  # of a site that may show the widget, by the name localhost

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "TENDERS_HOME": str(self.home),
            "TENDERS_DATABASE_URL": database_url(self.home / "tenders.db"),
            "TENDERS_BOAMP_URL": self.platform.base_url,
            "TENDERS_SOURCES": "boamp",
            "TENDERS_ALLOW_LOOPBACK": "1",
            "TENDERS_CRAWL_CONTACT": "test@example.org",
            "TENDERS_MAIL_URL": self.postbox.url,
            "TENDERS_BASE_URL": self.address,
            "TENDERS_EMBED_ON": f"http://localhost:{self.other_port}",
        }

    def bring(self, *notices: Notice) -> None:
        """Take notices into the store and index them."""
        house = House(self.home)
        house.bring(*notices)
        house.close()

    def run(self, *arguments: str) -> str:
        """Run a command of the service."""
        command = [sys.executable, "-m", "tenders", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def await_mail(self, count: int, seconds: float = 30) -> str:
        """Wait for the postbox to hold so many mails, and return the text of the last."""
        until = time.monotonic() + seconds
        while len(self.postbox.messages) < count:
            assert time.monotonic() < until, f"{len(self.postbox.messages)} mails came, not {count}"
            time.sleep(0.1)
        return self.postbox.texts()[-1]


@contextmanager
def running(service: Service) -> Iterator[Service]:
    """Run the service until the block ends."""
    command = [sys.executable, "-m", "tenders", "run", "--port", str(service.port)]
    process = subprocess.Popen(command, env=service.environment, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{service.address}/health/live").close()
                break
            except OSError:
                assert time.monotonic() < until, "the service does not answer"
                time.sleep(0.1)
        yield service
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run the service on the world of today."""
    with BoampStandIn([]) as platform, open_postbox() as postbox:
        home = tmp_path_factory.mktemp("browser")
        with socket.create_server(("127.0.0.1", 0)) as free, socket.create_server(("127.0.0.1", 0)) as other:
            port, other_port = free.getsockname()[1], other.getsockname()[1]
        filled = Service(home, postbox, platform, port, other_port)
        filled.bring(*notices_of_today(datetime.now(UTC).date()))
        with running(filled):
            yield filled


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window; for one file, because its event loop runs as long as it is open."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        do_without("needs a browser: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()
