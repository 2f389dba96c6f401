"""The observatory's charts as a browser draws them: no text runs into another, wherever it is read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Service

WIDTHS = (320, 390, 480, 768, 960, 1280)
PAGES = ("/fr/observatory?period=all", "/en/observatory?period=12m", "/fr/observatory/widget?period=all&block=buyers")
# The texts of each chart that stand on a line of one another, with less than a pixel between them or less than none.
_CLOSE = """() => [...document.querySelectorAll('svg.chart:not(.map)')].flatMap(chart => {
  const texts = [...chart.querySelectorAll('text')].map(text => ({said: text.textContent,
    box: text.getBoundingClientRect()})).filter(one => one.box.width);
  const close = (one, other) => one.right + 1 > other.left && other.right + 1 > one.left
    && one.bottom - 4 > other.top && other.bottom - 4 > one.top;
  return texts.flatMap((one, at) => texts.slice(at + 1).filter(other => close(one.box, other.box))
    .map(other => `${one.said} | ${other.said}`));
})"""


def find_close(page: Page) -> list[str]:
    """The pairs of texts of a page’s charts that run into one another."""
    found: list[str] = page.evaluate(_CLOSE)
    return found


@pytest.mark.timeout(240)
def test_no_text_runs_into_another(browser: Browser, service: Service) -> None:
    context = browser.new_context(base_url=service.address)
    page = context.new_page()
    wrong = []
    for path in PAGES:
        page.goto(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [f"{path} {width}: {pair}" for pair in find_close(page)]
            assert page.locator("svg.chart text:visible").count() > 5
    context.close()
    assert not wrong, "\n".join(wrong)


def test_texts_that_do_are_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        '<svg class="chart" width="200" height="40"><text x="0" y="12">Communauté de communes du Val</text>'
        '<text x="100%" y="12" text-anchor="end">123</text></svg>'
    )
    assert find_close(page) == ["Communauté de communes du Val | 123"]
    page.close()
