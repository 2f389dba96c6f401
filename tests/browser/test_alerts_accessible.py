"""The pages that only links of mails open: without a violation that axe finds, without sideways scrolling."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page

from tenders.links import confirm_url, manage_url, unsubscribe_url
from tenders.query_url import from_url
from tenders.store.database import open_store
from tenders.store.managing import end_mine, pause
from tenders.store.subscriptions import subscribe
from tenders.subscription import Kind, Rhythm
from tests.browser.conftest import Service
from tests.browser.test_accessible import WIDTHS, violations

STICKING_OUT = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
    [...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > window.innerWidth)
    .map(one => one.outerHTML.slice(0, 200)).slice(0, 3)"""
OWNER = "couvreur.zingueur.de.la.haute.vallee.du.doubs@exemple-au-nom-fort-long.example"
NAME = "Menuiseries_extérieures_et_intérieures " + "B" * 60
SEARCH = 'q="bois massif" OU introuvable -amiante&dept=21&dept=71&dept=2A&cpv_any=45421&nature=works&value_max=3000000'


@pytest.fixture(scope="module")
def pages(service: Service) -> list[str]:
    """Links to every state of these pages: alerts and reports that go on, pause, stopped, wait or are changed."""
    now, secret = datetime.now(UTC), (service.home / "secret").read_text().strip()
    store = open_store(service.environment["TENDERS_DATABASE_URL"], str(service.home / "raw"))
    active, paused, ended = (
        subscribe(
            store, OWNER, from_url(f"{SEARCH}&size={n}"), rhythm, at=now, name=NAME, language=language, confirmed=True
        )
        for n, (rhythm, language) in enumerate(
            ((Rhythm.WEEKLY, "fr"), (Rhythm.DAILY, "en"), (Rhythm.INSTANT, "fr")), start=1
        )
    )
    pause(store, OWNER, paused.id, now + timedelta(days=14))
    end_mine(store, OWNER, ended.id, now)
    report, held = (
        subscribe(store, OWNER, from_url(form), Rhythm.MONTHLY, at=now, kind=Kind.REPORT, name=NAME, confirmed=True)
        for form in ("dept=21", SEARCH)
    )
    pause(store, OWNER, held.id, now + timedelta(days=14))
    waiting = subscribe(store, "b@example.org", from_url(SEARCH), Rhythm.DAILY, at=now)
    asked = subscribe(store, "b@example.org", from_url(SEARCH), Rhythm.MONTHLY, at=now, kind=Kind.REPORT)
    address, late = service.address, now - timedelta(days=90)
    store.close()
    return [
        manage_url(address, secret, active, now),
        manage_url(address, secret, paused, now),
        f"{manage_url(address, secret, active, now)}/{active.id}?q=mobilier&dept=71",
        manage_url(address, secret, active, late),
        confirm_url(address, secret, waiting, now),
        confirm_url(address, secret, waiting, late),
        unsubscribe_url(address, secret, active),
        unsubscribe_url(address, secret, ended),
        confirm_url(address, secret, asked, now),
        confirm_url(address, secret, asked, late),
        unsubscribe_url(address, secret, report),
    ]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR", bypass_csp=True)  # axe is a script
    yield context.new_page()
    context.close()


@pytest.mark.timeout(600)
def test_axe_finds_nothing_and_nothing_sticks_out(page: Page, pages: list[str]) -> None:
    wrong = []
    for address in pages:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        state = page.title()
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                wrong += [f"{state} {theme} {width}: {one}" for one in violations(page)]
                wrong += [f"{state} {width}: sticks out: {one}" for one in page.evaluate(STICKING_OUT)]
    assert not wrong, "\n".join(wrong)


def test_a_keyboard_reaches_every_control_and_a_machines_trap_is_none_of_them(page: Page, service: Service) -> None:
    page.goto(f"{service.address}/fr/alerts/new?q=toiture")
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
    assert {"name", "rhythm", "deadline", "documents", "award", "ending", "email"} <= reached
    assert "Recevoir le lien de confirmation" in reached and "website" not in reached
