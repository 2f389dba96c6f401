"""The stand-in of AWS behaves as captured pages and readers tell, and every whim of it can be switched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from crawlers.formats import FORMATS
from crawlers.formats.aws_page import EmptyPage, TooMany, look_at_list
from tenders.errors import Refused
from tenders.model import Notice
from tests.standins.aws import AwsStandIn
from tests.standins.aws_pages import sample_notices

TODAY = date(2026, 3, 26)
WORKS = {"IDE": "EC", "IDN": "T", "dateParution": " < 30"}


@pytest.fixture
def site() -> Iterator[AwsStandIn]:
    with AwsStandIn(sample_notices(90, TODAY), TODAY) as stand_in:
        yield stand_in


@pytest.fixture
def browser(site: AwsStandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.base_url, trust_env=False) as client:
        yield client


def test_a_search_is_kept_in_the_session_and_its_pages_lead_on(browser: httpx.Client, site: AwsStandIn) -> None:
    answer = browser.post("/Annonces/lister", data=WORKS)
    found: set[str] = set()
    for number in (1, 2, 3):
        page = look_at_list(answer.content, str(answer.url))
        assert page.total == 30 and len(page.rows) == (10 if number == 1 else 11)  # the pinned one
        found |= {one.source_id for one in FORMATS["aws-list"].read(answer.content, "") if isinstance(one, Notice)}
        assert bool(page.nexts) is (number < 3)
        if page.nexts:
            assert page.nexts == (f"{site.base_url}/Annonces/lister?pager_t={number + 1}",)
            answer = browser.get(page.nexts[0])
    assert len(found) == 30


def test_a_page_without_its_session_is_the_empty_form(site: AwsStandIn) -> None:
    body = httpx.get(f"{site.base_url}/Annonces/lister?pager_t=2", trust_env=False).content
    with pytest.raises(Refused, match="no list of notices"):
        look_at_list(body)


def test_too_many_none_and_an_empty_page(browser: httpx.Client, site: AwsStandIn) -> None:
    site.faults.ceiling = 5
    with pytest.raises(TooMany):
        look_at_list(browser.post("/Annonces/lister", data=WORKS).content)
    site.faults.ceiling, site.notices = 10_000, site.notices[:0]
    assert look_at_list(browser.post("/Annonces/lister", data=WORKS).content).note
    site.notices, site.faults.empty_once = sample_notices(9, TODAY), {("T", 1)}
    with pytest.raises(EmptyPage):
        look_at_list(browser.post("/Annonces/lister", data=WORKS).content)
    assert look_at_list(browser.post("/Annonces/lister", data=WORKS).content).rows


def test_a_notice_reads_as_its_row_and_documents_stand_behind_a_captcha(browser: httpx.Client) -> None:
    one = sample_notices(1, TODAY)[0]
    (notice,) = FORMATS["aws-detail"].read(browser.get(f"/Annonces/{one.id}.htm").content, one.id)
    assert isinstance(notice, Notice) and (notice.title, notice.published) == (one.title, one.published)
    captcha = browser.get("/mpiaws/index.cfm?fuseaction=dematEnt.login&type=DCE&IDM=1").content
    with pytest.raises(Refused, match="captcha"):
        look_at_list(captcha)


def test_closed_doors_errors_cut_pages_and_robots(browser: httpx.Client, site: AwsStandIn) -> None:
    assert browser.get("/robots.txt").status_code == 404
    site.faults.robots = "User-agent: *\nDisallow: /\n"
    assert "Disallow" in browser.get("/robots.txt").text
    site.faults.forbidden, site.faults.errors = 1, 1
    assert [browser.post("/Annonces/lister", data=WORKS).status_code for _ in range(3)] == [403, 500, 200]
    site.faults.cut = 1
    with pytest.raises(Refused, match="cut off"):
        look_at_list(browser.post("/Annonces/lister", data=WORKS).content)
