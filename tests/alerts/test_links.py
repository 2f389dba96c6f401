"""The links of mails: each token does one thing, a GET only shows, a POST acts and may come twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from alerts.links import router
from fastapi import FastAPI
from itsdangerous import URLSafeSerializer
from lxml import html as lxml_html

from tenders import links
from tenders.links import confirm_url, manage_url, read_confirm, read_manage, read_unsubscribe, unsubscribe_url
from tenders.query_url import from_url
from tenders.store.database import Store, open_store
from tenders.store.subscriptions import load_subscription, subscribe
from tenders.subscription import Rhythm, Subscription
from tests.alerts.samples import BASE, SECRET, subscription
from tests.databases import database_url

ASKED = datetime(2026, 5, 21, 9, 0, tzinfo=UTC)
ABC = subscription(id="abc")
OTHER_SECRET = "another secret that is as long as it has to be"


class Browser:
    """Asks the application as a browser or a mailbox provider does; follows no redirect."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, **more)

        return asyncio.run(once())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)


class House:
    """The two pages over a real store, at a time that tests set."""

    def __init__(self, path: Path) -> None:
        self.store: Store = open_store(database_url(path / "tenders.db"), str(path / "raw"))
        self.now = ASKED + timedelta(hours=1)
        app = FastAPI()
        app.include_router(router(self.store, SECRET, clock=lambda: self.now))
        self.browser = Browser(app)

    def subscribe(self, language: str = "fr") -> Subscription:
        query = from_url("q=toiture <b>&dept=21")
        return subscribe(
            self.store, "couvreur@exemple.example", query, Rhythm.DAILY, at=ASKED, language=language, name="Toits"
        )

    def state(self, subscription: Subscription) -> str:
        found = load_subscription(self.store, subscription.id)
        assert found is not None
        return found.state


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path)
    yield built
    built.store.close()


def confirming(subscription: Subscription, at: datetime = ASKED) -> str:
    return urlsplit(confirm_url(BASE, SECRET, subscription, at)).path


def ending(subscription: Subscription) -> str:
    return urlsplit(unsubscribe_url(BASE, SECRET, subscription)).path


def test_a_get_only_shows_and_a_post_confirms(house: House) -> None:
    pending = house.subscribe()
    link = confirming(pending)
    for _ in range(3):
        shown = house.browser.get(link)
        assert shown.status_code == 200
        assert "« toiture » et « b »" in shown.text.replace("\u00a0", " ") and "<b>" not in shown.text
        assert house.state(pending) == "pending"
    assert house.browser.post(link).status_code == 200
    assert house.state(pending) == "active"
    assert house.browser.post(link).status_code == 200
    assert "est active" in house.browser.get(link).text


def test_a_get_only_shows_and_a_post_unsubscribes_as_often_as_it_comes(house: House) -> None:
    standing = house.subscribe()
    house.browser.post(confirming(standing))
    link = ending(standing)
    assert "Ne plus recevoir" in house.browser.get(link).text
    assert house.state(standing) == "active"
    for body in ({"data": {"List-Unsubscribe": "One-Click"}}, {"files": {"List-Unsubscribe": (None, "One-Click")}}, {}):
        answer = house.browser.post(link, **body)
        assert answer.status_code == 200
        assert not answer.cookies and "location" not in answer.headers
        assert house.state(standing) == "ended"
    assert "désinscrit" in house.browser.get(link).text


def test_the_form_of_the_page_posts_to_the_page_itself(house: House) -> None:
    for link in (confirming(house.subscribe()), ending(house.subscribe())):
        page = lxml_html.document_fromstring(house.browser.get(link).text)
        (form,) = page.forms
        assert form.method == "POST" and form.action is None
        assert page.xpath("//form//button")


def test_a_confirm_link_lasts_seven_days_and_its_page_says_what_to_do(house: House) -> None:
    pending = house.subscribe()
    house.now = ASKED + timedelta(days=7)
    assert house.browser.get(confirming(pending)).status_code == 200
    house.now += timedelta(seconds=1)
    for answer in (house.browser.get(confirming(pending)), house.browser.post(confirming(pending))):
        assert answer.status_code == 410
        assert "créez l’alerte de nouveau" in answer.text
    assert house.state(pending) == "pending"


def test_an_expired_link_of_an_active_alert_says_that_nothing_is_to_do(house: House) -> None:
    standing = house.subscribe()
    house.browser.post(confirming(standing))
    house.now = ASKED + timedelta(days=30)
    answer = house.browser.get(confirming(standing))
    assert answer.status_code == 410 and "rien à faire" in answer.text


def test_a_confirm_link_does_not_bring_an_ended_alert_back(house: House) -> None:
    standing = house.subscribe()
    house.browser.post(ending(standing))
    assert house.browser.post(confirming(standing)).status_code == 410
    assert house.state(standing) == "ended"


def test_an_unsubscribe_link_never_expires(house: House) -> None:
    standing = house.subscribe()
    house.now = ASKED + timedelta(days=20 * 365)
    assert house.browser.post(ending(standing)).status_code == 200
    assert house.state(standing) == "ended"


def test_a_token_does_one_thing_for_one_subscription_under_one_secret() -> None:
    makers = {
        "confirm": lambda secret: confirm_url(BASE, secret, ABC, ASKED).rpartition("/")[2],
        "unsubscribe": lambda secret: unsubscribe_url(BASE, secret, ABC).rpartition("/")[2],
        "manage": lambda secret: manage_url(BASE, secret, ABC, ASKED).rpartition("/")[2],
    }
    readers = {
        "confirm": lambda token: read_confirm(token, SECRET, ASKED),
        "unsubscribe": lambda token: read_unsubscribe(token, SECRET),
        "manage": lambda token: found.subscription_id if (found := read_manage(token, SECRET, ASKED)) else None,
    }
    for made, make in makers.items():
        for read, reader in readers.items():
            assert reader(make(SECRET)) == ("abc" if made == read else None)
            assert reader(make(OTHER_SECRET)) is None


def test_no_two_purposes_share_a_salt() -> None:
    forged = URLSafeSerializer(SECRET, salt=links._CONFIRM).dumps("abc")
    assert read_unsubscribe(str(forged), SECRET) is None


def test_a_foreign_purpose_or_tampered_token_is_404_and_acts_on_nothing(house: House) -> None:
    pending = house.subscribe()
    confirm, unsubscribe = (path.rpartition("/")[2] for path in (confirming(pending), ending(pending)))
    flipped = confirm[:-9] + ("A" if confirm[-9] != "A" else "B") + confirm[-8:]
    wrong = {
        "confirm": [unsubscribe, flipped, confirm[:20], "x", "a.b.c", "é" * 50, "x" * 5000, confirm + "%00"],
        "unsubscribe": [confirm, unsubscribe[:-2], unsubscribe.swapcase(), "..", "%0d%0aSet-Cookie:a", "x" * 5000],
    }
    for purpose, tokens in wrong.items():
        for token in tokens:
            for answer in (
                house.browser.get(f"/alerts/{purpose}/{token}"),
                house.browser.post(f"/alerts/{purpose}/{token}"),
            ):
                assert answer.status_code == 404
    assert house.state(pending) == "pending"


def test_an_unknown_subscription_is_410_to_confirm_and_unsubscribed_to_unsubscribe(house: House) -> None:
    assert (
        house.browser.post(urlsplit(confirm_url(BASE, SECRET, subscription(id="gone"), ASKED)).path).status_code == 410
    )
    answer = house.browser.post(urlsplit(unsubscribe_url(BASE, SECRET, subscription(id="gone"))).path)
    assert answer.status_code == 200 and "désinscrit" in answer.text


def test_pages_speak_the_language_of_the_subscription_else_of_the_browser(house: House) -> None:
    english = house.subscribe("en")
    assert 'lang="en"' in house.browser.get(confirming(english), headers={"Accept-Language": "fr"}).text
    lost = "/alerts/confirm/nothing"
    assert "This link is not valid" in house.browser.get(lost, headers={"Accept-Language": "en-GB,fr"}).text
    assert "n’est pas valable" in house.browser.get(lost, headers={"Accept-Language": "de"}).text


def test_pages_are_private_and_hold_no_script_or_inline_style(house: House) -> None:
    answer = house.browser.get(confirming(house.subscribe()))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    page = lxml_html.document_fromstring(answer.text)
    assert not page.xpath("//script | //style | //@style | //@onclick")
    (sheet,) = page.xpath("//link/@href")
    assert house.browser.get(f"{confirming(house.subscribe()).rpartition('/')[0]}/{sheet}").status_code == 200
    assert "couvreur@" not in answer.text and "Toits" not in answer.text


def test_the_same_mail_carries_the_same_link_at_every_try() -> None:
    assert confirm_url(BASE, SECRET, ABC, ASKED) == confirm_url(f"{BASE}/", SECRET, ABC, ASKED)
    assert unsubscribe_url(BASE, SECRET, ABC) == unsubscribe_url(BASE, SECRET, ABC)
