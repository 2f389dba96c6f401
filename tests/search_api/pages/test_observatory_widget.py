"""The widget: one figure in a frame, on the sites that are named and no other; no script, no form, no cookie."""

from __future__ import annotations

import pytest
from lxml import html

from search_api.app import create_app
from search_api.pages.observatory_widget import BLOCKS
from tests.notices import House
from tests.search_api.conftest import BASE, NOW, Client, Open
from tests.search_api.pages.test_observatory import numbers, open_page, words

SITES = "https://www.example.org https://*.example.fr"
WIDGET = "/en/observatory/widget?territory=region-27&period=all"


@pytest.fixture(scope="module")
def embedded(house: House) -> Client:
    return Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW, embed_on=SITES))


def test_it_may_be_framed_by_the_named_sites_alone_and_nothing_else_by_anybody(
    client: Client, embedded: Client
) -> None:
    framed = embedded.get(WIDGET).headers
    assert framed["content-security-policy"].endswith(f"frame-ancestors {SITES}")
    assert "x-frame-options" not in framed, "it knows of one site at most"
    for answer in (client.get(WIDGET), embedded.get("/observatory"), embedded.get(f"{WIDGET}&block=nonsense")):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
    for policy in (framed["content-security-policy"], client.get(WIDGET).headers["content-security-policy"]):
        assert policy.startswith("default-src 'none'")


def test_it_is_kept_by_caches_and_sets_no_cookie(embedded: Client) -> None:
    answer = embedded.get(WIDGET)
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "set-cookie" not in answer.headers
    assert embedded.get(WIDGET, If_None_Match=answer.headers["etag"]).status_code == 304


@pytest.mark.parametrize("block", BLOCKS)
def test_each_block_is_one_figure_with_its_lists_and_nothing_that_acts(embedded: Client, block: str) -> None:
    page = open_page(embedded, f"{WIDGET}&block={block}")
    assert not page.xpath("//script | //form | //nav | //input | //iframe | //*[@style]")
    assert len(page.xpath("//h1")) == 1
    assert not page.xpath("//use"), "it brings its outlines along"
    assert page.xpath("//base/@target") == ["_blank"]
    [whole] = page.xpath("//a[@rel='noopener'][@target='_blank']/@href")
    assert embedded.get(whole).status_code == 200
    assert page.xpath("//dl | //figure//*[local-name()='svg'] | //main/p[not(@class)]")
    found = numbers(page)
    assert found or "No tender in this scope states this." in words(page)
    for count, listed in found:
        assert embedded.search(listed or "status=open")["total"] == count, listed


def test_a_theme_is_a_sheet_of_its_own_and_both_hold_the_same_rules(embedded: Client) -> None:
    sheets = {}
    for theme in ("", "light", "dark"):
        page = open_page(embedded, f"{WIDGET}&theme={theme}")
        [sheet] = page.xpath("//link[@rel='stylesheet']/@href")
        sheets[theme] = embedded.get(sheet).text
        assert page.xpath("//meta[@name='color-scheme']/@content") == [theme or "light dark"]
    assert "(prefers-color-scheme" in sheets[""]
    assert "(prefers-color-scheme" not in sheets["light"] + sheets["dark"]
    assert "@media not all{:root{--paper: #0f151c" in sheets["light"]
    assert "@media all{:root{--paper: #0f151c" in sheets["dark"]
    assert embedded.get("/static/tenderwatch-blue.css").status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        "block=<script>alert(1)</script>",
        "block=months&block=places",
        "theme=blue",
        "theme=light&theme=dark",
        "territory=dept-999",
        "period=%22%3E%3Cscript%3E",
        "known=value",
        "unknown_name=1",
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(embedded: Client, asked: str) -> None:
    answer = embedded.get(f"/en/observatory/widget?{asked}")
    assert answer.status_code == 400
    assert "<script" not in answer.text


def test_nothing_stated_is_said_and_drawn_as_nothing(empty: House, open_client: Open) -> None:
    for block in BLOCKS:
        page = open_page(open_client(empty), f"/en/observatory/widget?block={block}")
        assert not page.xpath("//*[local-name()='svg']")
        assert "No tender in this scope states this." in words(page) or block == "figures"


def test_the_page_gives_the_markup_to_copy_where_a_site_may_show_it(client: Client, embedded: Client) -> None:
    page = open_page(embedded, "/en/observatory?territory=dept-21&q=%22a%26b%22")
    frame = html.fragment_fromstring(page.xpath("//textarea")[0].text)
    assert frame.tag == "iframe"
    assert frame.get("title") == "Tenderwatch – “a b”, Côte-d’Or (21)"
    assert frame.get("loading") == "lazy"
    source = frame.get("src")
    assert source == f"{BASE}/en/observatory/widget?q=%22a%26b%22&dept=21&period=12m&block=months"
    assert embedded.get(source.removeprefix(BASE)).status_code == 200
    assert SITES in words(page)
    bare = open_page(client, "/en/observatory")
    assert not bare.xpath("//textarea")
    assert not bare.xpath("//h2[@id='embed']")
