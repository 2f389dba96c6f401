"""From a form in a browser to an alert, its mails and its end, through `tenders run` as anybody would run it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from lxml import html

from tenders.status import PARIS
from tests.journeys.test_boamp_to_inbox import PUBLISHED, Service, record
from tests.postbox import Postbox, open_postbox
from tests.standins.boamp import BoampStandIn

ADDRESS = "marie.zylberquist@example.org"
SECONDS = 10  # in which a confirmation leaves (GUARANTEE of the sign-up), whatever else the service does


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[httpx.Client, Postbox, Path, dict[str, str]]]:
    """The whole service on a free port, with a platform to crawl and a mail server."""
    log = tmp_path / "log"
    with BoampStandIn([record()]) as platform, open_postbox() as postbox, log.open("w") as stderr:
        service = Service(tmp_path / "var", platform, postbox, f"tantivy:{tmp_path / 'index'}")
        environment = service.environment
        del environment["TENDERS_BASE_URL"]
        process = subprocess.Popen(
            [sys.executable, "-m", "tenders", "run", "--port", "0"],
            env={**environment, "TENDERS_SOURCES": "boamp"},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with httpx.Client(base_url=address, timeout=30) as browser:
            until = time.monotonic() + 60
            while True:
                try:
                    if browser.get("/fr/alerts/new?q=toiture").status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.2)
            yield browser, postbox, log, {**environment, "TENDERS_BASE_URL": address}
        process.terminate()
        process.wait(30)
        process.stdout.close()


def fill(page: str, **typed: str) -> tuple[str, dict[str, str]]:
    """What a browser sends of the page's form by POST, as it stands and as it was typed."""
    form = next(form for form in html.document_fromstring(page).forms if form.method == "POST")
    return str(form.action), {**dict(form.form_values()), **typed}


def wait_for(postbox: Postbox, count: int) -> float:
    """Wait for so many mails; returns the seconds that took."""
    began = time.monotonic()
    while len(postbox.messages) < count:
        assert time.monotonic() - began < SECONDS, f"{len(postbox.messages)} of {count} mails in {SECONDS} s"
        time.sleep(0.02)
    return time.monotonic() - began


def link(text: str, purpose: str) -> str:
    found = re.search(rf"^http://127\.0\.0\.1:\d+(/fr/alerts/{purpose}/\S+)$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]


def test_a_visitor_signs_up_confirms_manages_and_erases(
    running: tuple[httpx.Client, Postbox, Path, dict[str, str]],
) -> None:
    browser, postbox, log, _ = running
    action, fields = fill(browser.get("/fr/alerts/new?q=toiture&dept=21").text, email=ADDRESS, rhythm="instant")
    same_site = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    assert browser.post(action, data=fields, headers=same_site).status_code == 200
    waits = [wait_for(postbox, 1)]
    confirming = link(postbox.texts()[0], "confirm")
    assert "Confirmer" in browser.get(confirming).text
    done = browser.post(confirming)
    assert "est active" in done.text
    managing = str(html.document_fromstring(done.text).xpath("string(//main//a[contains(@href, '/manage/')]/@href)"))
    for number in range(2, 6):
        action, fields = fill(browser.get(f"/fr/alerts/new?q=mot{number}").text, email=f"a{number}@example.org")
        browser.post(action, data=fields)
        waits.append(wait_for(postbox, number))
    assert max(waits) <= SECONDS, waits
    assert ADDRESS in browser.get(managing).text
    assert "Tout est effacé" in browser.post(managing, data={"do": "erase", "oppose": "yes"}).text
    action, fields = fill(browser.get("/fr/alerts").text, email=ADDRESS)
    assert browser.post(action, data=fields).status_code == 200
    time.sleep(3)
    assert len(postbox.messages) == 5, "an address that was erased is not written to"
    assert ADDRESS not in log.read_text() and "mail.accepted" in log.read_text()


def beside(environment: dict[str, str], *arguments: str) -> None:
    """Run a command beside the service, which may be at the same work just now."""
    for _ in range(20):
        done = subprocess.run(
            [sys.executable, "-m", "tenders", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if "another process" not in done.stderr:
            break
        time.sleep(0.5)
    assert done.returncode == 0, done.stderr


def test_a_visitor_of_the_observatory_gets_a_report_on_the_first_and_ends_it(
    running: tuple[httpx.Client, Postbox, Path, dict[str, str]],
) -> None:
    browser, postbox, _, environment = running
    until = time.monotonic() + 60
    while browser.get("/api/v1/tenders?q=toiture").json()["total"] != 1:
        assert time.monotonic() < until
        beside(environment, "index")
    observatory = html.document_fromstring(browser.get("/fr/observatory?territory=dept-21").text)
    leads = str(observatory.xpath("string(//a[contains(@href, '/alerts/report')]/@href)"))
    action, fields = fill(browser.get(leads).text, email=ADDRESS)
    assert browser.post(action, data=fields).status_code == 200
    wait_for(postbox, 1)
    assert "Votre bilan est actif" in browser.post(link(postbox.texts()[0], "confirm")).text
    month = datetime.now(UTC).astimezone(PARIS).date().replace(day=1)
    first = datetime.combine((month + timedelta(days=31)).replace(day=1), datetime.min.time(), PARIS).replace(hour=7)
    beside(environment, "alerts", "run", "--now", (first - timedelta(minutes=1)).isoformat())
    assert len(postbox.messages) == 1
    for hours in (0, 1):
        beside(environment, "alerts", "run", "--now", (first + timedelta(hours=hours)).isoformat())
    assert len(postbox.messages) == 2
    report = postbox.messages[1]
    expected = "1 marché publié en" if month <= PUBLISHED else "Aucun marché publié en"
    assert report["To"] == ADDRESS and report["Subject"].startswith(expected)
    assert report["Subject"].endswith("– Côte-d’Or")
    ending = report["List-Unsubscribe"].strip("<>")
    assert browser.post(ending, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    beside(environment, "alerts", "run", "--now", (first + timedelta(days=31)).replace(day=1).isoformat())
    assert len(postbox.messages) == 2
