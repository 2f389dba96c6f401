"""How a portal of Atexo MPE is walked: functions of their arguments, the stand-in's pages, no network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawlers.source import Ask
from crawlers.sources import SOURCES
from crawlers.sources.atexo_instances import INSTANCES
from crawlers.sources.ebourgogne import EBOURGOGNE
from crawlers.sources.maximilien import MAXIMILIEN
from tenders.errors import Refused
from tests.standins.atexo import Asked, AtexoStandIn, Site
from tests.standins.atexo_pages import LOGIN, MAINTENANCE
from tests.standins.atexo_samples import consultations

BASE = "https://portal.example"
TODAY = date(2026, 9, 3)
OPEN = "2026-09-03 1 AllCons"


@pytest.fixture
def portal() -> Iterator[AtexoStandIn]:
    with AtexoStandIn(consultations(45, today=TODAY)) as portal:
        yield portal


def serve(portal: AtexoStandIn, ask: Ask, session: str = "") -> tuple[int, bytes, str]:
    """Answer an ask without a network; returns status, body and session."""
    parts = urlsplit(ask.url)
    method = "POST" if ask.form else "GET"
    answer = portal.answer(Asked(method, f"{parts.path}?{parts.query}", "", session, dict(ask.form), 0, 1))
    given = answer.headers.get("Set-Cookie", "").partition(";")[0].partition("=")[2]
    return answer.status, answer.body, given or session


def pages(portal: AtexoStandIn, window: str = OPEN) -> tuple[list[Ask], list[list[str]]]:
    """Walk a list; returns what was asked, and the keys of the pages that were kept."""
    ask: Ask | None = EBOURGOGNE.first(BASE, window, TODAY)
    asked, kept, session = [], [], ""
    while ask is not None:
        asked.append(ask)
        status, body, session = serve(portal, ask, session)
        if status != 200:
            assert not ask.sure
            break
        following = EBOURGOGNE.following(BASE, ask, body)
        if following is None or not following.instead:
            kept.append(list(EBOURGOGNE.details(BASE, ask, body)))
        ask = following
        assert len(asked) < 50
    return asked, kept


def test_a_list_is_walked_twenty_rows_a_page_where_the_page_offers_that(portal: AtexoStandIn) -> None:
    asked, kept = pages(portal)
    assert [len(page) for page in kept] == [20, 20, 5]
    assert [bool(ask.form) for ask in asked] == [False, True, True, True]
    assert {key for page in kept for key in page} == {f"ebourgogne:{one.key}" for one in portal.records}


def test_a_page_size_that_is_not_heeded_costs_pages_and_no_rows(portal: AtexoStandIn) -> None:
    portal.site = Site(sizes=False)
    _, kept = pages(portal)
    assert [len(page) for page in kept] == [10, 10, 10, 10, 5]


def test_every_page_gets_back_the_state_it_came_with(portal: AtexoStandIn) -> None:
    asked, _ = pages(portal)
    states = [dict(ask.form)["PRADO_PAGESTATE"] for ask in asked if ask.form]
    assert len(set(states)) == len(states)
    assert max(map(len, states)) < 80_000
    portal.site = Site(big_state_on=2)
    asked, _ = pages(portal)
    assert max(len(dict(ask.form).get("PRADO_PAGESTATE", "")) for ask in asked) >= 80_000


def test_the_next_page_is_asked_by_the_target_that_the_page_names(portal: AtexoStandIn) -> None:
    portal.site = Site(pager="ctl7")
    _, kept = pages(portal)
    assert len(kept) == 3


@pytest.mark.parametrize("ends", ["error", "again"])
def test_a_list_that_does_not_say_where_it_ends_is_walked_to_its_end(portal: AtexoStandIn, ends: str) -> None:
    portal.site = Site(counted=False, endless=True, past_the_end=ends)  # type: ignore[arg-type]
    asked, kept = pages(portal)
    assert {key for page in kept for key in page} == {f"ebourgogne:{one.key}" for one in portal.records}
    assert len(asked) == 5  # the first, its size, two more, and one past the end


def test_a_list_that_says_where_it_ends_is_not_asked_further(portal: AtexoStandIn) -> None:
    portal.site = Site(endless=True)
    asked, _ = pages(portal)
    assert len(asked) == 4


def test_a_page_that_comes_again_in_the_middle_is_refused(portal: AtexoStandIn) -> None:
    portal.site = Site(lost_state=2)
    with pytest.raises(Refused, match="page 2 was asked for, page 1 of 3 came"):
        pages(portal)


def test_a_consultation_on_two_pages_is_one(portal: AtexoStandIn) -> None:
    portal.site = Site(doubled=1)
    _, kept = pages(portal)
    rows = [key for page in kept for key in page]
    assert len(rows) > len(set(rows)) == 45


def test_an_empty_list_is_whole(portal: AtexoStandIn) -> None:
    assert pages(portal, "2026-09-03 2 AvisInformation")[1] == [[]]


@pytest.mark.parametrize("body", [LOGIN, MAINTENANCE, "", "<html><body>no list</body></html>"])
def test_what_is_no_list_is_refused_with_a_reason(body: str) -> None:
    with pytest.raises(Refused) as refused:
        EBOURGOGNE.following(BASE, EBOURGOGNE.first(BASE, OPEN, TODAY), body.encode())
    assert str(refused.value)


def test_a_list_that_ends_early_is_doubtful(portal: AtexoStandIn) -> None:
    first = EBOURGOGNE.first(BASE, OPEN, TODAY)
    _, body, _ = serve(portal, first)
    assert EBOURGOGNE.doubt(first, body) is None
    short = body.replace(b'nombrePageTop">5<', b'nombrePageTop">1<')
    assert EBOURGOGNE.doubt(first, short) == "AllCons ended after 10 of 45"


def test_details_are_those_the_rows_link_to(portal: AtexoStandIn) -> None:
    ask = EBOURGOGNE.first(BASE, OPEN, TODAY)
    for paths, shape in (("bare", "/entreprise/"), ("app.php", "/app.php/entreprise/"), ("query", "/index.php?page=")):
        portal.site = Site(paths=paths)  # type: ignore[arg-type]
        details = EBOURGOGNE.details(BASE, ask, serve(portal, ask)[1])
        assert len(details) == 10
        assert all(
            urlsplit(one.url)._replace(scheme="", netloc="").geturl().startswith(shape) for one in details.values()
        )
        assert all(one.notice == key and one.format == "atexo-detail" for key, one in details.items())


def test_a_link_without_tls_is_followed_with_it_and_one_to_another_host_is_left_as_it_is(portal: AtexoStandIn) -> None:
    ask = EBOURGOGNE.first(BASE, OPEN, TODAY)
    body = serve(portal, ask)[1]
    home, key = portal.base_url.encode(), f"ebourgogne:{portal.records[0].key}"
    plain = EBOURGOGNE.details(BASE, ask, body.replace(home, b"http://portal.example"))[key]
    assert plain.url.startswith("https://portal.example/entreprise/consultation/")
    other = EBOURGOGNE.details(BASE, ask, body.replace(home, b"ftp://portal.example.org"))[key]
    assert other.url.startswith("ftp://portal.example.org/")


def test_the_lists_of_a_day_are_windows_and_a_stopped_walk_goes_on_at_the_next_list() -> None:
    assert [window.rpartition(" ")[2] for window in EBOURGOGNE.windows(None, None, TODAY)] == [
        "AllCons", "AvisInformation", "AvisAttribution",
    ]  # fmt: skip
    assert next(EBOURGOGNE.windows(OPEN, None, TODAY)) == "2026-09-03 2 AvisInformation"
    assert len(list(EBOURGOGNE.windows("2026-09-03 3 AvisAttribution", None, TODAY))) == 3
    assert len(list(EBOURGOGNE.windows("2026-09-02 3 AvisAttribution", None, TODAY))) == 3


def test_only_the_list_of_open_calls_has_a_yield_that_was_counted() -> None:
    assert MAXIMILIEN.fewest(OPEN, TODAY) == 350
    assert MAXIMILIEN.fewest("2026-09-03 3 AvisAttribution", TODAY) == 0


def test_the_portals_never_seen_are_off_and_have_names_of_their_own() -> None:
    assert len(INSTANCES) > 30
    assert not any(source.on for source in INSTANCES)
    assert len({source.homepage for source in SOURCES.values()}) == len(SOURCES)
    walked = {source.name for source in SOURCES.values() if source.on}
    assert {"boamp", "ebourgogne", "place", "maximilien", "megalis", "alsace", "ampa", "guadeloupe"} <= walked
    assert all(source.delay >= 2 for source in SOURCES.values() if source.name != "boamp")


@pytest.mark.real
def test_a_captured_list_is_walked_on_by_what_it_says_itself(real_data: Path) -> None:
    body = (real_data / "platforms/atexo-maximilien-2025/maximilien_all.html").read_bytes()
    first = MAXIMILIEN.first("https://marches.maximilien.fr", OPEN, TODAY)
    larger = MAXIMILIEN.following("https://marches.maximilien.fr", first, body)
    assert larger is not None
    fields = dict(larger.form)
    assert fields["PRADO_POSTBACK_TARGET"] == "ctl0$CONTENU_PAGE$resultSearch$listePageSizeTop"
    assert fields["ctl0$CONTENU_PAGE$resultSearch$listePageSizeTop"] == "20"
    assert fields["PRADO_PAGESTATE"].startswith("eJ")
    assert len(fields["PRADO_PAGESTATE"]) > 50_000
    following = MAXIMILIEN.following("https://marches.maximilien.fr", larger, body)  # as if the size was not heeded
    assert following is not None
    assert dict(following.form)["PRADO_POSTBACK_TARGET"] == "ctl0$CONTENU_PAGE$resultSearch$PagerTop$ctl2"
    details = MAXIMILIEN.details("https://marches.maximilien.fr", first, body)
    assert len(details) == 10
    assert details["maximilien:a2w:862551"].url == (
        "https://marches.maximilien.fr/entreprise/consultation/862551?orgAcronyme=a2w"
    )
    assert MAXIMILIEN.doubt(first, body) is None
