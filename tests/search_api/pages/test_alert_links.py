"""The links of mails: a GET only shows, a POST acts and may come twice, nobody is told who was here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import html as lxml_html

from tenders.links import confirm_url, unsubscribe_url
from tenders.subscription import Subscription
from tests.search_api.conftest import BASE, NOW, Client
from tests.search_api.pages.alert_house import EMAIL, SECRET, AlertHouse

ASKED = NOW - timedelta(hours=1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[AlertHouse]:
    built = AlertHouse(tmp_path)
    yield built
    built.close()


def begun(house: AlertHouse, language: str = "fr") -> Subscription:
    return house.follow(query="q=toiture <b>&dept=21", at=ASKED, language=language, confirmed=False)


def confirming(subscription: Subscription, at: datetime = ASKED) -> str:
    return urlsplit(confirm_url(BASE, SECRET, subscription, at)).path


def ending(subscription: Subscription) -> str:
    return urlsplit(unsubscribe_url(BASE, SECRET, subscription)).path


def test_a_get_only_shows_and_a_post_confirms(house: AlertHouse) -> None:
    pending = begun(house)
    link = confirming(pending)
    for _ in range(3):
        shown = house.client.get(link)
        assert shown.status_code == 200
        assert "« toiture » et « b »" in shown.text.replace("\u00a0", " ") and "<b>" not in shown.text
        assert house.state(pending) == "pending"
    assert house.client.post(link, {}).status_code == 200
    assert house.state(pending) == "active"
    assert house.client.post(link, {}).status_code == 200
    assert "est active" in house.client.get(link).text


def test_a_get_only_shows_and_a_post_unsubscribes_as_often_as_it_comes(house: AlertHouse) -> None:
    standing = begun(house)
    house.client.post(confirming(standing), {})
    link = ending(standing)
    assert "Ne plus recevoir" in house.client.get(link).text
    assert house.state(standing) == "active"
    form = (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    )
    for body, kind in (form, parts, (b"", "text/plain")):  # RFC 8058 allows both forms, and nothing else is asked for
        answer = house.client.ask("POST", link, {"Content-Type": kind, "Sec-Fetch-Site": "cross-site"}, body)
        assert answer.status_code == 200
        assert not {"set-cookie", "location"} & set(answer.headers)
        assert house.state(standing) == "ended"
    assert "désinscrit" in house.client.get(link).text


def test_who_never_confirmed_may_have_the_address_erased_and_written_to_no_more(house: AlertHouse) -> None:
    house.sign_up()
    house.sign_up(query="q=voirie")
    link = house.linked("unsubscribe")
    assert lxml_html.document_fromstring(house.client.get(link).text).xpath("//input[@name='oppose']")
    answer = house.client.post(link, {"oppose": "yes"})
    assert answer.status_code == 200 and "Vous ne recevrez plus de courriel" in answer.text
    assert house.rows() == []
    house.sign_up(query="q=autre")
    assert house.rows() == []
    assert "désinscrit" in house.client.get(link).text


def test_a_link_to_unsubscribe_erases_nothing_of_who_has_confirmed(house: AlertHouse) -> None:
    mine = house.follow(query="q=voirie")
    waiting = begun(house)
    assert "oppose" not in house.client.get(ending(waiting)).text
    assert "désinscrit" in house.client.post(ending(waiting), {"oppose": "yes"}).text
    assert (house.state(mine), house.state(waiting)) == ("active", "ended")


def test_the_form_of_the_page_posts_to_the_page_itself(house: AlertHouse) -> None:
    for link in (confirming(begun(house)), ending(begun(house))):
        page = lxml_html.document_fromstring(house.client.get(link).text)
        (form,) = page.xpath("//main//form")
        assert form.method == "POST" and form.action is None
        assert page.xpath("//form//button")


def test_a_confirm_link_lasts_seven_days_and_its_page_says_what_to_do(house: AlertHouse) -> None:
    pending = begun(house)
    house.now = ASKED + timedelta(days=7)
    assert house.client.get(confirming(pending)).status_code == 200
    house.now += timedelta(seconds=1)
    for answer in (house.client.get(confirming(pending)), house.client.post(confirming(pending), {})):
        assert answer.status_code == 410
        again = lxml_html.document_fromstring(answer.text).xpath("//a[text()='Recréer la même alerte']/@href")
        assert again == ["/fr/alerts/new?q=toiture+%3Cb%3E&dept=21"]
    assert house.state(pending) == "pending"


def test_an_expired_link_of_an_active_alert_says_that_nothing_is_to_do(house: AlertHouse) -> None:
    standing = begun(house)
    house.client.post(confirming(standing), {})
    house.now = ASKED + timedelta(days=30)
    answer = house.client.get(confirming(standing))
    assert answer.status_code == 410 and "rien à faire" in answer.text


def test_a_confirm_link_does_not_bring_an_ended_alert_back(house: AlertHouse) -> None:
    standing = begun(house)
    house.client.post(ending(standing), {})
    assert house.client.post(confirming(standing), {}).status_code == 410
    assert house.state(standing) == "ended"


def test_an_unsubscribe_link_never_expires(house: AlertHouse) -> None:
    standing = begun(house)
    house.now = ASKED + timedelta(days=20 * 365)
    assert house.client.post(ending(standing), {}).status_code == 200
    assert house.state(standing) == "ended"


def test_a_foreign_purpose_or_tampered_token_is_404_and_acts_on_nothing(house: AlertHouse) -> None:
    pending = begun(house)
    confirm, unsubscribe = (path.rpartition("/")[2] for path in (confirming(pending), ending(pending)))
    flipped = confirm[:-9] + ("A" if confirm[-9] != "A" else "B") + confirm[-8:]
    wrong = {
        "confirm": [unsubscribe, flipped, confirm[:20], "x", "a.b.c", "é" * 50, "x" * 5000, confirm + "%00"],
        "unsubscribe": [confirm, unsubscribe[:-2], unsubscribe.swapcase(), "..", "%0d%0aSet-Cookie:a", "x" * 5000],
    }
    for purpose, tokens in wrong.items():
        for token in tokens:
            for answer in (
                house.client.get(f"/alerts/{purpose}/{token}"),
                house.client.post(f"/alerts/{purpose}/{token}", {}),
            ):
                assert answer.status_code == 404
    assert house.state(pending) == "pending"


def test_an_unknown_subscription_is_410_to_confirm_and_unsubscribed_to_unsubscribe(house: AlertHouse) -> None:
    gone = replace(begun(house), id="gone")
    assert house.client.post(confirming(gone), {}).status_code == 410
    answer = house.client.post(ending(gone), {})
    assert answer.status_code == 200 and "désinscrit" in answer.text


def test_pages_speak_the_language_of_the_subscription_else_of_the_browser(house: AlertHouse) -> None:
    english = begun(house, "en")
    assert '<html lang="en">' in house.client.get(confirming(english), Accept_Language="fr").text
    mailed_long_ago = confirming(english).removeprefix("/en")
    assert '<html lang="en">' in house.client.get(mailed_long_ago, Accept_Language="fr").text
    lost = "/alerts/confirm/nothing"
    assert "This link is not valid" in house.client.get(lost, Accept_Language="en-GB,fr").text
    assert "n’est pas valable" in house.client.get(lost, Accept_Language="de").text


def test_pages_are_private_and_hold_no_script_or_inline_style(house: AlertHouse) -> None:
    answer = house.client.get(confirming(begun(house)))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    page = lxml_html.document_fromstring(answer.text)
    assert not page.xpath("//script | //style | //@style | //@onclick")
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert not page.xpath("//link[@rel='canonical']"), "a private address is told to nobody"
    assert EMAIL not in answer.text and "Toits" in answer.text


def test_the_link_to_ones_alerts_is_given_where_the_button_was_pressed_only(house: AlertHouse) -> None:
    pending = begun(house)
    pressed = house.client.post(confirming(pending), {}).text
    (manage,) = [a for a in lxml_html.document_fromstring(pressed).xpath("//a/@href") if "/manage/" in a]
    assert EMAIL in house.client.get(manage).text
    assert "/manage/" not in house.client.get(confirming(pending)).text


def test_a_link_that_confirmed_is_no_key_to_the_alerts_afterwards(house: AlertHouse) -> None:
    link = confirming(begun(house), NOW)
    house.client.post(link, {})
    house.now = NOW + timedelta(minutes=10)
    again = house.client.post(link, {}).text
    (manage,) = [a for a in lxml_html.document_fromstring(again).xpath("//a/@href") if "/manage/" in a]
    assert EMAIL in house.client.get(manage).text, "the button was pressed twice"
    house.client.post(manage, {"do": "renew"})
    for later in (timedelta(), timedelta(seconds=1), timedelta(days=6)):
        house.now += later
        answer = house.client.post(link, {})
        assert answer.status_code == 200 and "/manage/" not in answer.text
    standing = confirming(other := house.follow(query="q=voirie", confirmed=False), NOW)
    house.client.post(standing, {})
    house.now += timedelta(minutes=10, seconds=1)
    assert "/manage/" not in house.client.post(standing, {}).text
    assert house.state(other) == "active"


def test_where_one_confirmed_is_kept_as_a_network(house: AlertHouse) -> None:
    pending = begun(house)
    Client(house.app, "203.0.113.77").post(confirming(pending), {})
    [row] = house.rows()
    assert (row["confirmed_from"], row["state"], row["confirmed"]) == ("203.0.113.0/24", "active", NOW)
