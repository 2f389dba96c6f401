"""Every page without a violation that axe finds, wherever it is read, without sideways scrolling, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Service

PAGES = (
    "/",
    "/?q=mobilier&dept=71&size=50",
    "/?q=toiture",
    "/?q=introuvable",
    '/?q="toiture',
    "/?status=awarded",
    "/en/?q=mobilier",
    "/alerts/new?q=toiture&dept=21",
    "/alerts/report?territory=region-27",
    "/alerts/report?q=introuvable",
    "/alerts",
    "/alerts/unsubscribe/nonsense",
    "/alerts/confirm/nonsense",
    "/sources",
    "/sources/boamp",
    "/help",
    "/formats",
    "/cpv",
    "/cpv?q=menuiserie",
    "/cpv/45261000",
    "/observatory?period=all",
    "/observatory?period=all&territory=region-27",
    "/observatory?q=introuvable",
    "/observatory?territory=epci-243300316&period=all",
    "/observatory/territories",
    "/observatory/territories?q=begles",
    "/observatory/territories?q=introuvable",
    "/observatory/widget?period=all&block=places",
    "/observatory/widget?period=all&block=figures&theme=dark",
    "/accessibility",
    "/privacy",
    "/licence",
    "/nowhere",
)
WIDTHS = (320, 390, 1280)


@pytest.fixture(scope="module")
def page(browser: Browser, service: Service) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR", base_url=service.address, bypass_csp=True)  # axe is a script
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def tenders_of(service: Service) -> list[str]:
    """The pages of tenders of every state and shape."""
    queries = ("toiture", "LOTS1A60", "2026-045", "vitres", "médiathèque", "Élagage", "câbles", "voirie", "bennes")
    found = []
    for text in queries:
        answer = httpx.get(f"{service.address}/api/v1/tenders", params={"q": text, "size": 3}).json()
        found += [f"/tenders/{item['id']}" for item in answer["items"]]
    return found


def violations(page: Page) -> list[str]:
    """What axe finds wrong, in words."""
    result = Axe().run(page)
    return [f"{one['id']}: {node['html'][:200]}" for one in result.response["violations"] for node in one["nodes"]]


@pytest.mark.timeout(900)
def test_axe_finds_nothing_and_nothing_sticks_out(page: Page, service: Service) -> None:
    wrong = []
    for path in (*PAGES, *tenders_of(service)):
        page.goto(path)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                wrong += [f"{path} {theme} {width}: {one}" for one in violations(page)]
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    wrong.append(f"{path} {width}: scrolls sideways")
    assert not wrong, "\n".join(wrong)


def test_axe_finds_what_is_wrong(page: Page) -> None:
    page.set_content("<img src=x><input><p style='color:#ccc;background:#fff'>pale</p>")
    assert {one.partition(":")[0] for one in violations(page)} >= {"image-alt", "label", "color-contrast"}


def test_by_keyboard_alone(browser: Browser, service: Service) -> None:
    context = browser.new_context(locale="fr-FR", base_url=service.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    searchbox = page.get_by_role("searchbox")
    for _ in range(12):
        page.keyboard.press("Tab")
        if searchbox.evaluate("field => field === document.activeElement"):
            break
    expect(searchbox).to_be_focused()
    page.keyboard.type("toiture")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("1")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # to the results, past the filters
    title = page.locator("article h3 a").first
    for _ in range(20):
        page.keyboard.press("Tab")
        if title.evaluate("link => link === document.activeElement"):
            break
    expect(title).to_be_focused()
    ring = title.evaluate("link => getComputedStyle(link).outlineStyle")
    assert ring != "none", "focus is not seen"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("toiture")
    context.close()
