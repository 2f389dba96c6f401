"""From the search to the inbox and out again, with JavaScript off, as a person would go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tenders.codes import Department
from tests.browser.conftest import Service
from tests.notices import notice

LINK = re.compile(r"https?://\S+")


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR", base_url=service.address)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def link_in(text: str, part: str) -> str:
    """The one link of a mail whose address has this part."""
    found = {link for link in LINK.findall(text) if part in link}
    assert len(found) == 1, text
    return found.pop()


def test_from_the_search_to_the_inbox_and_out_again(page: Page, service: Service) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill("mobilier scolaire")
    page.get_by_role("button", name="Rechercher").click()
    expect(page.locator("h1")).to_contain_text("137")
    page.get_by_role("checkbox", name="Saône-et-Loire").check()
    page.get_by_role("button", name="Appliquer", exact=True).click()
    expect(page.locator("h1")).to_contain_text("68")
    expect(page.get_by_role("link", name="Saône-et-Loire")).to_be_visible()
    page.locator("article h3 a").first.click()
    expect(page.locator("h1")).to_contain_text("Achat de mobilier scolaire")
    page.go_back()

    page.get_by_role("link", name="Créer une alerte").click()
    expect(page.locator("h1")).to_have_text("Créer une alerte")
    expect(page.get_by_text("Saône-et-Loire").first).to_be_visible()
    page.get_by_label("Adresse de courriel").fill("camille@example.org")
    page.get_by_role("radio", name="Immédiat").check()
    page.get_by_role("button", name="Recevoir le lien de confirmation").click()
    expect(page.get_by_text("camille@example.org")).to_be_visible()

    page.goto(link_in(service.await_mail(1), "/alerts/confirm/"))
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("active|confirmée", re.IGNORECASE))

    came = notice(
        "26-990", "Achat de mobilier scolaire, suite", published=datetime.now(UTC).date(),
        deadline=datetime.now(UTC) + timedelta(days=30), departments=(Department("71"),),
    )  # fmt: skip
    service.bring(came)
    service.run("alerts", "run")
    told = service.await_mail(2)
    assert "Achat de mobilier scolaire, suite" in told

    page.goto(link_in(told, "/alerts/manage/"))
    expect(page.get_by_role("main")).to_contain_text("camille@example.org")
    page.get_by_role("button", name=re.compile("Suspendre|pause", re.IGNORECASE)).first.click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("suspendue|pause", re.IGNORECASE))

    page.goto(link_in(told, "/alerts/unsubscribe/"))
    expect(page.get_by_role("main")).to_contain_text("mobilier")
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("main")).to_contain_text("Vous êtes désinscrit")
    service.bring(replace(came, source_id="26-991", title="Achat de mobilier scolaire, encore"))
    service.run("alerts", "run")
    assert len(service.postbox.messages) == 2
