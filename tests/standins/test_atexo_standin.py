"""The stand-in of Atexo MPE behaves as portals do, in what the walk depends on."""

from __future__ import annotations

import base64
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar

import pytest

from tests.standins.atexo import AtexoStandIn, Site
from tests.standins.atexo_pages import RESULTS
from tests.standins.atexo_samples import consultations

LIST = "/?page=Entreprise.EntrepriseAdvancedSearch&AllCons"


@pytest.fixture
def portal() -> Iterator[AtexoStandIn]:
    with AtexoStandIn(consultations(45)) as portal:
        yield portal


class Browser:
    """Asks with cookies, as a person's browser does."""

    def __init__(self, portal: AtexoStandIn, *, cookies: bool = True) -> None:
        self.base = portal.base_url
        self.opener = urllib.request.build_opener(
            *([urllib.request.HTTPCookieProcessor(CookieJar())] if cookies else [])
        )

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self.opener.open(self.base + path, data) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as problem:
            with problem:
                return problem.code, problem.read().decode()

    def press(self, page: str, target: str, **fields: str) -> tuple[int, str]:
        named = {f"{RESULTS}${name}": value for name, value in fields.items()}
        return self.ask(LIST, {"PRADO_PAGESTATE": state(page), "PRADO_POSTBACK_TARGET": f"{RESULTS}${target}", **named})


def state(page: str) -> str:
    found = re.search(r'name="PRADO_PAGESTATE"[^>]* value="([^"]+)"', page)
    assert found
    return found[1]


def number(page: str) -> str:
    found = re.search(r'numPageTop" type="text" value="(\d+)"', page)
    assert found
    return found[1]


def rows(page: str) -> list[str]:
    return re.findall(r'\$refCons"[^>]* value="(\d+)"', page)


def test_a_form_without_the_session_is_a_400(portal: AtexoStandIn) -> None:
    _, page = Browser(portal).ask(LIST)
    assert Browser(portal, cookies=False).press(page, "PagerTop$ctl2")[0] == 400


def test_the_state_is_opaque_and_other_on_every_page(portal: AtexoStandIn) -> None:
    browser = Browser(portal)
    _, first = browser.ask(LIST)
    _, second = browser.press(first, "PagerTop$ctl2")
    _, third = browser.press(second, "PagerTop$ctl2")
    states = [state(first), state(second), state(third)]
    assert len(set(states)) == 3
    assert all(one.startswith("eJ") and base64.b64decode(one) for one in states)
    assert len(states[2]) >= 80_000
    assert browser.ask(LIST, {"PRADO_PAGESTATE": "eJwrong", "PRADO_POSTBACK_TARGET": "x"})[0] == 500


def test_pages_are_turned_jumped_to_and_resized_by_their_targets(portal: AtexoStandIn) -> None:
    browser = Browser(portal)
    _, first = browser.ask(LIST)
    assert (number(first), len(rows(first))) == ("1", 10)
    _, larger = browser.press(first, "listePageSizeTop", listePageSizeTop="20")
    assert (number(larger), len(rows(larger))) == ("1", 20)
    assert number(browser.press(larger, "PagerTop$ctl2")[1]) == "2"
    assert number(browser.press(larger, "DefaultButtonTop", numPageTop="3")[1]) == "3"
    assert number(browser.press(larger, "nothing", numPageTop="3")[1]) == "1"


@pytest.mark.parametrize(("mode", "status"), [("error", 500), ("again", 200)])
def test_behind_the_last_page_is_an_error_or_the_same_page(portal: AtexoStandIn, mode: str, status: int) -> None:
    portal.site = Site(past_the_end=mode)  # type: ignore[arg-type]
    browser = Browser(portal)
    _, page = browser.ask(LIST)
    _, last = browser.press(page, "DefaultButtonTop", numPageTop="5")
    assert "Aller à la page suivante" not in last
    found, after = browser.press(last, "PagerTop$ctl2")
    assert found == status
    assert status == 500 or rows(after) == rows(last)


def test_samples_have_entities_cut_texts_and_gaps() -> None:
    made = consultations(300)
    assert made == consultations(300)
    assert {"&", '"', "<"} <= set("".join(one.title for one in made))
    assert any(one.reference is None for one in made)
    assert any(one.lots is None for one in made)
    assert any(len(one.objet) > 250 for one in made)


def test_texts_are_cut_where_they_are_shown_and_whole_in_their_title(portal: AtexoStandIn) -> None:
    for months, found in ((True, ("Septembre", "Juillet")), (False, ("Sept.", "Juil."))):
        portal.records = consultations(300)
        portal.site = Site(full_months=months)
        browser = Browser(portal)
        _, page = browser.ask(LIST)
        _, page = browser.press(page, "listePageSizeTop", listePageSizeTop="20")
        seen = page
        for _ in range(14):
            _, page = browser.press(page, "PagerTop$ctl2")
            seen += page
        assert "…</span>" in seen
        assert all(f"<span>{month}</span>" in seen for month in found)
        assert "&amp; ravalement" in seen


def test_documents_are_handed_out_in_three_steps_or_ask_for_a_login(portal: AtexoStandIn) -> None:
    path = f"/index.php?page=Entreprise.EntrepriseDemandeTelechargementDce&id={portal.records[0].id}&orgAcronyme=v4l"
    browser = Browser(portal)
    assert "choixAnonyme" in browser.ask(path)[1]
    button = {"PRADO_POSTBACK_TARGET": "ctl0$CONTENU_PAGE$validateButton"}
    assert "completeDownload" in browser.ask(path, button)[1]
    last = {"PRADO_POSTBACK_TARGET": "ctl0$CONTENU_PAGE$EntrepriseDownloadDce$completeDownload"}
    assert browser.ask(path, last)[1].startswith("PK")
    portal.site = Site(documents="connected")
    assert "connecté" in browser.ask(path)[1]


def test_a_closed_door_says_thirteen_bytes(portal: AtexoStandIn) -> None:
    portal.site = Site(forbidden=True)
    assert Browser(portal).ask(LIST) == (403, "403 Forbidden")
    assert len("403 Forbidden") == 13


@pytest.mark.parametrize(("robots", "status"), [(None, 404), ("User-agent: *\nDisallow: /\n", 200)])
def test_robots_may_be_missing_or_forbid(portal: AtexoStandIn, robots: str | None, status: int) -> None:
    portal.robots = robots
    assert Browser(portal).ask("/robots.txt")[0] == status
