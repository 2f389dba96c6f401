"""One's alerts by one's link: what each button does, whose alerts it finds, and when the link opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import httpx
import orjson
import pytest
from lxml import etree, html

import search_api.pages.sign_up as page_of_sign_up
from search_api import flood
from tenders.links import confirm_url, manage_url, unsubscribe_url
from tenders.query_url import to_url
from tenders.store.subscriptions import load_subscription
from tenders.subscription import Subscription
from tests.search_api.conftest import BASE, NOW, Client
from tests.search_api.pages.alert_house import EMAIL, SECRET, AlertHouse


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AlertHouse]:
    monkeypatch.setattr(page_of_sign_up, "_SECONDS", 0.0)
    built = AlertHouse(tmp_path)
    yield built
    built.close()


def managing(house: AlertHouse, mine: Subscription) -> str:
    standing = load_subscription(house.store, mine.id)
    assert standing is not None
    return urlsplit(manage_url(BASE, SECRET, standing, house.now)).path


def do(house: AlertHouse, path: str, deed: str, alert: str = "", **more: str) -> httpx.Response:
    return house.client.post(path, {"do": deed, "alert": alert, **more})


def standing(house: AlertHouse, alert: Subscription) -> Subscription:
    found = load_subscription(house.store, alert.id)
    assert found is not None
    return found


def upload(house: AlertHouse, path: str, body: bytes) -> httpx.Response:
    said = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: text/plain\r\n\r\n'
    return house.client.ask(
        "POST", f"{path}/import", {"Content-Type": "multipart/form-data; boundary=x"}, said + body + b"\r\n--x--\r\n"
    )


def test_the_page_shows_all_alerts_of_the_address_and_no_others(house: AlertHouse) -> None:
    mine, second = house.follow(), house.follow(EMAIL.upper(), "q=chaudières&dept=21", name=None)
    house.follow("other@example.org", "q=voirie", name="Celle d'un autre")
    house.follow(query="q=plomberie", confirmed=False)
    page = house.client.get(managing(house, mine)).text
    tree = html.document_fromstring(page)
    assert set(tree.xpath("//li[contains(@class, 'alert-card')]/@id")) == {mine.id, second.id}
    assert "2 alertes pour" in page and EMAIL in page
    assert "other@example.org" not in page and "voirie" not in page and "plomberie" not in page


def test_a_get_changes_nothing(house: AlertHouse) -> None:
    mine = house.follow()
    path = managing(house, mine)
    for more in ("", "?do=stop", f"/{mine.id}", "/alerts.json", "/alerts.opml"):
        house.client.get(path + more)
    assert house.client.get(f"{path}/import").status_code in (404, 405)
    assert standing(house, mine) == mine


def test_pause_and_go_on(house: AlertHouse) -> None:
    mine, second = house.follow(), house.follow(query="q=voirie")
    path = managing(house, mine)
    answer = do(house, path, "pause", mine.id)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}#{mine.id}")
    assert standing(house, mine).paused_until == NOW + timedelta(days=14)
    assert standing(house, second).paused_until is None
    assert "Suspendue jusqu’au" in house.client.get(path).text
    do(house, path, "resume", mine.id)
    assert standing(house, mine).paused_until is None
    do(house, path, "pause-all")
    assert standing(house, mine).is_paused(NOW) and standing(house, second).is_paused(NOW)
    do(house, path, "resume-all")
    assert not standing(house, second).is_paused(NOW)


def test_the_rhythm_changes(house: AlertHouse) -> None:
    mine = house.follow()
    path = managing(house, mine)
    do(house, path, "rhythm", mine.id, rhythm="weekly")
    assert standing(house, mine).rhythm == "weekly"
    assert do(house, path, "rhythm", mine.id, rhythm="hourly").status_code == 400


def test_no_way_leads_to_a_mail_each_where_that_would_be_a_flood(
    house: AlertHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "MOST_AT_ONCE", 5)
    wide, narrow = house.follow(query="q=mobilier"), house.follow(query="q=toiture", name="Étroite")
    path = managing(house, wide)
    file = b'{"alerts": [{"query": "q=voirie"}, {"query": "q=mobilier", "rhythm": "instant"}]}'
    answers = [
        do(house, path, "rhythm", wide.id, rhythm="instant"),
        house.client.post(f"{path}/{wide.id}", {"rhythm": "instant", "query": "q=mobilier", "name": "x"}),
        house.client.post(f"{path}/{narrow.id}", {"rhythm": "instant", "query": "q=mobilier", "name": "Essai"}),
        upload(house, path, file),
    ]
    for answer in answers:
        assert answer.status_code == 400 and "apporte trop de marchés" in answer.text
    assert 'value="Essai"' in answers[2].text, "what was typed is kept"
    assert {(row["query"], row["rhythm"]) for row in house.rows()} == {("q=mobilier", "daily"), ("q=toiture", "daily")}
    assert do(house, path, "rhythm", narrow.id, rhythm="instant").status_code == 303


def test_what_would_be_one_alert_twice_or_too_many_is_not_done_and_said(house: AlertHouse) -> None:
    mine, other = house.follow(), house.follow(query="q=voirie")
    path = managing(house, mine)
    answer = house.client.post(f"{path}/{other.id}", {"rhythm": "daily", "query": "q=toiture", "name": "x"})
    assert answer.status_code == 400 and "Vous avez déjà cette alerte" in answer.text
    do(house, path, "stop", mine.id)
    house.follow()
    answer = do(house, path, "revive", mine.id)
    assert answer.status_code == 400 and "Vous avez déjà cette alerte" in answer.text
    assert house.state(mine) == "ended" and standing(house, other) == other
    room = 50 - 2
    many = b",".join(b'{"query": "q=mot%d"}' % number for number in range(room + 1))
    answer = upload(house, path, b'{"alerts": [' + many + b"]}")
    assert answer.status_code == 400 and "Une adresse a 50 alertes" in answer.text and len(house.rows()) == 3
    again = many.rpartition(b",")[0] + b', {"query": "q=voirie"}'
    assert upload(house, path, b'{"alerts": [' + again + b"]}").status_code == 303, "what stands takes no room"
    assert {row["confirmed_from"] for row in house.rows() if row["source"] == "import"} == {"127.0.0.0/24"}


def test_what_was_stopped_can_be_taken_back_for_seven_days(house: AlertHouse) -> None:
    mine, second = house.follow(), house.follow(query="q=voirie")
    do(house, managing(house, second), "stop", mine.id)
    assert house.state(mine) == "ended"
    house.now += timedelta(days=6)
    path = managing(house, second)
    assert "Arrêtée, peut être reprise" in house.client.get(path).text
    do(house, path, "revive", mine.id)
    assert house.state(mine) == "active"
    do(house, path, "stop", mine.id)
    house.now += timedelta(days=7, seconds=1)
    path = managing(house, second)
    do(house, path, "revive", mine.id)
    assert house.state(mine) == "ended" and mine.id not in house.client.get(path).text


def test_nobody_elses_alert_is_found_by_its_id(house: AlertHouse) -> None:
    mine, other = house.follow(), house.follow("other@example.org", "q=voirie")
    path = managing(house, mine)
    for deed in ("pause", "resume", "rhythm", "stop", "revive"):
        do(house, path, deed, other.id, rhythm="weekly")
    assert house.client.get(f"{path}/{other.id}").status_code == 404
    house.client.post(f"{path}/{other.id}", {"rhythm": "weekly", "query": "q=x", "name": "x"})
    do(house, path, "erase")
    assert standing(house, other) == other


def test_a_link_ends_after_thirty_days_or_when_it_is_replaced(house: AlertHouse) -> None:
    mine = house.follow()
    path = managing(house, mine)
    renewed = do(house, path, "renew").headers["location"]
    assert renewed != path and house.client.get(renewed).status_code == 200
    for deed in (house.client.get(path), do(house, path, "stop", mine.id)):
        assert deed.status_code == 410 and "Ce lien a expiré" in deed.text and EMAIL not in deed.text
    assert house.state(mine) == "active"
    later = house.follow(query="q=voirie")
    assert house.client.get(managing(house, later)).status_code == 200, "a new alert follows the links of its owner"
    assert house.client.post(urlsplit(unsubscribe_url(BASE, SECRET, mine)).path, {}).status_code == 200
    house.now += timedelta(days=30, seconds=1)
    assert house.client.get(renewed).status_code == 410


def test_tokens_of_another_purpose_open_nothing(house: AlertHouse) -> None:
    mine = house.follow()
    for url in (confirm_url(BASE, SECRET, mine, NOW), unsubscribe_url(BASE, SECRET, mine)):
        path = f"/fr/alerts/manage/{url.rpartition('/')[2]}"
        for answer in (house.client.get(path), do(house, path, "erase"), house.client.get(f"{path}/alerts.json")):
            assert answer.status_code == 404 and EMAIL not in answer.text
    assert standing(house, mine) == mine


def test_a_link_is_sent_to_an_address_that_has_alerts_and_the_answer_is_the_same_for_all(house: AlertHouse) -> None:
    house.follow(language="en")
    token = house.token("/fr/alerts")
    known = house.client.post("/fr/alerts", {"email": EMAIL, "token": token})
    assert [mail.to for mail in house.letters()] == [EMAIL]
    assert EMAIL in house.client.get(house.linked("manage")).text
    unknown = house.client.post("/fr/alerts", {"email": "nobody@example.org", "token": token})
    assert known.text.replace(EMAIL, "") == unknown.text.replace("nobody@example.org", "")
    assert len(house.letters()) == 1
    for number in range(5):
        fields = {"email": EMAIL, "token": house.token("/fr/alerts", Client(house.app, f"198.51.{number}.1"))}
        Client(house.app, f"198.51.{number}.1").post("/fr/alerts", fields)
    assert len(house.letters()) == 3


def test_another_search_is_tried_before_it_is_kept(house: AlertHouse) -> None:
    mine = house.follow(query="q=toiture&dept=21")
    path = f"{managing(house, mine)}/{mine.id}"
    tried = html.document_fromstring(house.client.get(f"{path}?q=mobilier&dept=71").text)
    assert to_url(standing(house, mine).query) == "q=toiture&dept=21"
    without = tried.xpath("//a[contains(@class, 'chip')]/@href")
    assert without == [f"{path}?q=mobilier"]
    fields = {"query": tried.xpath("//input[@name='query']/@value")[0], "rhythm": "weekly", "name": "Mobilier"}
    assert house.client.post(path, {**fields, "ending": "yes"}).status_code == 303
    changed = standing(house, mine)
    assert (to_url(changed.query), changed.rhythm, changed.name) == ("q=mobilier&dept=71", "weekly", "Mobilier")
    assert changed.news == {"ending"}
    assert house.client.post(path, {**fields, "query": "q=("}).status_code == 400


def test_the_export_is_all_that_is_known_and_reads_back_as_the_same_alerts(house: AlertHouse) -> None:
    house.sign_up(client=Client(house.app, "203.0.113.77"))
    house.client.post(house.linked("confirm"), {})
    [row] = house.rows()
    mine = load_subscription(house.store, str(row["id"]))
    assert mine is not None
    house.follow(query="q=voirie&dept=21", name="Voirie, <Côte-d'Or> & co")
    path = managing(house, mine)
    answer = house.client.get(f"{path}/alerts.json")
    assert answer.headers["content-disposition"].startswith("attachment")
    held = orjson.loads(answer.content)
    [first] = [one for one in held["alerts"] if one["query"] == "q=toiture"]
    assert held["email"] == EMAIL and len(held["alerts"]) == 2
    assert first["consent"] == {
        "wording": row["wording"],
        "source": "page",
        "asked_from": "203.0.113.0/24",
        "confirmed_from": "127.0.0.0/24",
    }
    assert first["confirmed"] == NOW.isoformat() and first["mails"][0]["kind"] == "confirmation"
    do(house, path, "erase")
    other = house.follow("new@example.org", "q=autre")
    assert upload(house, managing(house, other), answer.content).status_code == 303
    taken = {(r["query"], r["name"], r["rhythm"], r["news"]) for r in house.rows() if r["source"] == "import"}
    assert taken == {(a["query"], a["name"], a["rhythm"], " ".join(a["news"])) for a in held["alerts"]}
    assert {r["source"] for r in house.rows()} == {"operator", "import"}


def test_what_somebody_asked_for_and_nobody_confirmed_is_told_too_and_not_taken_back(house: AlertHouse) -> None:
    house.follow(query="q=voirie")
    mine = house.follow()
    house.sign_up(query="q=mobilier", name="Meubles")
    held = house.client.get(f"{managing(house, mine)}/alerts.json")
    [waiting] = [one for one in held.json()["alerts"] if one["state"] == "pending"]
    assert (waiting["name"], waiting["mails"][0]["kind"]) == ("Meubles", "confirmation")
    other = house.follow("new@example.org", "q=autre")
    upload(house, managing(house, other), held.content)
    assert {row["query"] for row in house.rows() if row["source"] == "import"} == {"q=voirie", "q=toiture"}


def test_opml_holds_feeds_that_answer_and_reads_back(house: AlertHouse) -> None:
    mine = house.follow(query='q="bois massif" OU toiture&dept=21', name="Toits & <bois>")
    path = managing(house, mine)
    answer = house.client.get(f"{path}/alerts.opml")
    [outline] = etree.fromstring(answer.content).findall("body/outline")
    assert (outline.get("type"), outline.get("text")) == ("rss", "Toits & <bois>")
    feed = house.client.get(outline.get("xmlUrl", ""))
    assert f"/{mine.language}/tenders.atom?" in outline.get("xmlUrl", "")
    assert feed.status_code == 200 and not feedparser.parse(feed.content).bozo
    assert house.client.get(outline.get("htmlUrl", "")).status_code == 200
    do(house, path, "stop", mine.id)
    other = house.follow("new@example.org", "q=autre")
    upload(house, managing(house, other), answer.content)
    assert to_url(mine.query) in {str(row["query"]) for row in house.rows() if row["email"] == "new@example.org"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not a file",
        b"{}",
        b'{"alerts": [{"query": "colour=red"}]}',
        b'{"alerts": [{"query": "q=a", "rhythm": "hourly"}]}',
        b'{"alerts": 7}',
        b"<opml><body/></opml>",
        b"<opml><body><outline xmlUrl='https://x.example/?colour=red'/></body></opml>",
        b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><opml><body><outline xmlUrl='&a;'/></body></opml>",
        b"<opml><body><outline xmlUrl='http://[x'/></body></opml>",
        b'<?xml version="1.0" encoding="foo"?><opml/>',
        b'{"alerts": ' + b"[" * 3000,
        b'{"alerts": [{"query": "q=a", "rhythm": [], "news": 5}]}',
        b'{"alerts": [{"query": "q=a", "state": "pending"}]}',
        b'{"alerts": [' + b'{"query": "q=a"},' * 60 + b'{"query": "q=b"}]}',
    ],
)
def test_a_file_that_cannot_be_taken_says_why_and_begins_nothing(house: AlertHouse, body: bytes) -> None:
    mine = house.follow()
    answer = upload(house, managing(house, mine), body)
    assert answer.status_code == 400 and len(house.rows()) == 1
    assert html.document_fromstring(answer.text).xpath("//*[@role='alert']")


def test_a_file_that_is_too_large_or_none_is_refused(house: AlertHouse) -> None:
    path = managing(house, house.follow())
    assert upload(house, path, b"x" * 300_000).status_code == 413
    assert house.client.post(f"{path}/import", {"a": "b"}).status_code == 400


def test_everything_is_erased_and_the_link_opens_nothing(house: AlertHouse) -> None:
    mine, second = house.follow(), house.follow(query="q=voirie")
    path = managing(house, mine)
    answer = do(house, path, "erase", oppose="yes")
    assert answer.status_code == 200 and "Tout est effacé" in answer.text and "empreinte" in answer.text
    assert house.rows() == []
    assert house.client.get(path).status_code == 404
    assert house.client.post(urlsplit(unsubscribe_url(BASE, SECRET, second)).path, {}).status_code == 200
    house.sign_up()
    assert house.rows() == [] and house.letters() == []


def test_who_erased_without_opposing_may_come_back(house: AlertHouse) -> None:
    do(house, managing(house, house.follow()), "erase")
    house.sign_up()
    assert len(house.letters()) == 1


def test_pages_are_private_and_every_button_says_of_what(house: AlertHouse) -> None:
    mine = house.follow(language="en")
    answer = house.client.get(managing(house, mine))
    assert answer.headers["cache-control"] == "no-store" and "noindex" in answer.headers["x-robots-tag"]
    tree = html.document_fromstring(answer.text)
    assert not tree.xpath("//script | //style | //@style | //@onclick | //link[@rel='canonical']")
    inside = tree.xpath("//li[contains(@class, 'alert-card')]//button | //li[contains(@class, 'alert-card')]//summary")
    assert inside and all("Toits" in button.text_content() for button in inside[:-1])
    assert all(form.get("method") == "post" for form in tree.xpath("//main//form"))
