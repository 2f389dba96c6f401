"""The observatory's widget on another site: shown where the operator names the site, kept out by the browser if not."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Service

SCOPE = "period=all&territory=region-27"


@pytest.fixture(scope="module")
def site(service: Service) -> Iterator[int]:
    """Run a site of somebody else, whose page holds the markup that the observatory gives; its port."""
    page = html.document_fromstring(httpx.get(f"{service.address}/en/observatory?{SCOPE}").text)
    frame = page.xpath("//textarea")[0].text
    body = f'<!doctype html><html lang="en"><title>A site</title><main><h1>Our market</h1>{frame}</main>'.encode()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", service.other_port), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield service.other_port
        server.shutdown()


def is_blocked(page: Page) -> bool:
    """Whether Chromium shows its own page of refusal in the frame, which may take a moment."""
    for _ in range(100):
        if page.frames[1].url.startswith("chrome-error:"):
            return True
        page.wait_for_timeout(100)
    return False


@pytest.mark.timeout(120)
def test_a_named_site_shows_it_and_the_same_page_under_another_name_does_not(
    browser: Browser, service: Service, site: int
) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"http://localhost:{site}/")
    shown = page.frame_locator("iframe")
    expect(shown.get_by_role("heading", level=1)).to_contain_text("Bourgogne-Franche-Comté")
    expect(shown.locator("svg.chart")).to_be_visible()
    assert not said, said
    assert not context.cookies()
    with context.expect_page() as opened:
        shown.get_by_role("link", name="See the observatory").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Observatory: Bourgogne-Franche-Comté")
    assert opened.value.evaluate("window.opener") is None

    page.goto(f"http://127.0.0.1:{site}/")
    assert is_blocked(page)
    expect(page.get_by_role("heading", name="Our market")).to_be_visible()
    context.close()


@pytest.mark.timeout(120)
def test_no_other_page_can_be_framed_even_there(browser: Browser, service: Service, site: int) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    for path in ("/en/observatory", "/en/", "/en/alerts", "/en/observatory/widget?block=nonsense"):
        page.goto(f"http://localhost:{site}/")
        page.frame_locator("iframe").locator("h1").wait_for()
        page.evaluate("to => { document.querySelector('iframe').src = to }", service.address + path)
        assert is_blocked(page), path
    context.close()


@pytest.mark.timeout(120)
def test_axe_finds_nothing_inside_the_frame_in_either_theme(browser: Browser, service: Service, site: int) -> None:
    context = browser.new_context(locale="en-GB", bypass_csp=True)  # axe is a script
    page = context.new_page()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"http://localhost:{site}/")
            page.frame_locator("iframe").locator("h1").wait_for()
            inside = page.frames[1]
            found = Axe().run(inside).response  # type: ignore[arg-type]  # a frame answers as its page does
            assert found["url"].startswith(service.address)
            assert not [one["id"] for one in found["violations"]]
            assert not inside.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    context.close()
