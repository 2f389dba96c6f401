"""A monthly report from the observatory's page to its owner's: asked for, confirmed, sent, managed, exported, ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest
from lxml import etree, html
from sqlalchemy import update

import search_api.pages.sign_up as page_of_sign_up
from alerts.model import Sender
from alerts.run import run_alerts
from tenders.links import unsubscribe_url
from tenders.query_url import from_url
from tenders.status import PARIS
from tenders.store.schema import subscriptions
from tenders.store.subscriptions import subscribe
from tenders.subscription import Kind, Rhythm, Subscription
from tests.search_api.conftest import BASE, NOW
from tests.search_api.pages.alert_house import EMAIL, SECRET, SENDER, AlertHouse
from tests.search_api.pages.test_manage import do, managing, standing, upload
from tests.search_api.pages.test_observatory import numbers, words

SCOPE = "dept=21&nature=works"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AlertHouse]:
    monkeypatch.setattr(page_of_sign_up, "_SECONDS", 0.0)
    built = AlertHouse(tmp_path)
    yield built
    built.close()


def ask(house: AlertHouse, path: str = f"/fr/alerts/report?{SCOPE}", **typed: str) -> str:
    """Fill the form of the page in and send it, as a browser does."""
    form = next(f for f in html.document_fromstring(house.client.get(path).text).forms if f.method == "POST")
    return house.client.post(str(form.action), dict(form.form_values()) | {"email": EMAIL} | typed).text


def follow(house: AlertHouse, form: str = "dept=21", **more: object) -> Subscription:
    plain: dict[str, object] = {"at": house.now, "kind": Kind.REPORT, "confirmed": True}
    return subscribe(house.store, EMAIL, from_url(form), Rhythm.MONTHLY, **(plain | more))  # type: ignore[arg-type]


def run(house: AlertHouse, at: datetime) -> int:
    sender = Sender(base_url=BASE, secret=SECRET, mail_from=SENDER)
    return run_alerts(house.store, house.engine, house.box, sender, at).sent.accepted


def test_the_observatory_leads_to_last_months_figures_and_a_form(house: AlertHouse) -> None:
    page = html.document_fromstring(house.client.get("/fr/observatory?territory=dept-21&nature=works").text)
    [leads] = page.xpath("//main//a[contains(@href, '/alerts/report')]/@href")
    assert leads == "/fr/alerts/report?dept=21&nature=works"
    house.now = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
    shown = html.document_fromstring(house.client.get(leads).text)
    assert "mai 2026" in words(shown.xpath("//h2[@id='last']")[0])
    found = numbers(shown)
    assert found and all("published_after=2026-05-01&published_before=2026-05-31" in form for _, form in found)
    for count, form in found:
        assert house.client.search(form)["total"] == count, form
    assert shown.xpath("//input[@name='query']/@value") == ["dept=21&nature=works"]


def test_a_report_is_asked_for_confirmed_sent_each_month_and_ended(house: AlertHouse) -> None:
    assert f'href="/fr/observatory?{SCOPE.replace("&", "&amp;")}">Retour à l’observatoire' in ask(house)
    [letter] = house.letters()[:1]
    assert letter.subject == "Confirmez votre bilan mensuel Tenderwatch"
    assert letter.headers["List-Id"].startswith("<report-")
    link = house.linked("confirm")
    assert "Confirmer le bilan" in house.client.get(link).text
    assert house.rows()[0]["state"] == "pending"
    done = house.client.post(link, {}).text
    assert "Votre bilan est actif" in done and "sur mai 2026" in done.replace("\u00a0", " ")
    [row] = house.rows()
    assert (row["kind"], row["rhythm"], row["query"], row["state"]) == ("report", "monthly", SCOPE, "active")
    assert run(house, datetime(2026, 6, 1, 6, 59, tzinfo=PARIS)) == 0
    assert run(house, datetime(2026, 6, 1, 7, 0, tzinfo=PARIS)) == 1
    report = house.box.mails[-1]
    assert "en mai 2026 – " in report.subject
    ending = urlsplit(report.headers["List-Unsubscribe"].strip("<>")).path
    assert "Arrêter ce bilan" in house.client.get(ending).text
    ended = house.client.post(ending, {"List-Unsubscribe": "One-Click"}).text
    assert "Ce bilan ne vient plus" in ended and "Retour à l’observatoire" in ended
    assert run(house, datetime(2026, 7, 1, 7, 0, tzinfo=PARIS)) == 0


def test_the_links_of_a_report_in_its_third_month_say_when_the_fourth_comes(house: AlertHouse) -> None:
    report = follow(house)
    assert [run(house, datetime(2026, month, 1, 7, 0, tzinfo=PARIS)) for month in (6, 7, 8)] == [1, 1, 1]
    house.now = datetime(2026, 8, 10, 9, 0, tzinfo=UTC)
    said = "mar. 1er septembre dès 7 h 00, sur août 2026"
    ending = urlsplit(house.box.mails[-1].headers["List-Unsubscribe"].strip("<>")).path
    for path in (ending, managing(house, report)):
        assert said in words(html.document_fromstring(house.client.get(path).text)).replace("\u00a0", " "), path


def test_a_report_on_hold_says_which_month_comes_after(house: AlertHouse) -> None:
    report = follow(house)
    for held, said in (
        (datetime(2026, 5, 25, 9, 0, tzinfo=UTC), "après le 8 juin, sur mai 2026"),
        (datetime(2026, 6, 10, 9, 0, tzinfo=UTC), "mer. 1er juillet dès 7 h 00, sur juin 2026"),
    ):
        house.now = held
        path = managing(house, report)
        do(house, path, "pause", report.id)
        page = html.document_fromstring(house.client.get(path).text)
        assert said in words(page).replace("\u00a0", " ")
        do(house, path, "resume", report.id)
        run(house, datetime(2026, 6, 1, 7, 0, tzinfo=PARIS))  # so that May is told before the second pause


def test_a_search_that_no_longer_reads_is_told_as_nothing_else_and_its_owner_sees_it(house: AlertHouse) -> None:
    report, alert = follow(house), house.follow(name=None)
    with house.store.writing() as connection:
        connection.execute(update(subscriptions).values(query="colour=red"))
    assert run(house, datetime(2026, 6, 1, 7, 0, tzinfo=PARIS)) == 0
    path = managing(house, report)
    page = html.document_fromstring(house.client.get(path).text)
    for one in (report, alert):
        card = words(page.get_element_by_id(one.id))
        assert "n’est plus lisible" in card and "Recherche enregistrée" in card and "Tous" not in card, card
    ending = urlsplit(unsubscribe_url(BASE, SECRET, report)).path
    assert "n’est plus lisible" in house.client.get(ending).text
    exported = orjson.loads(house.client.get(f"{path}/alerts.json").content)
    assert {one["query"] for one in exported["alerts"]} == {"colour=red"}
    assert b"<outline" not in house.client.get(f"{path}/alerts.opml").content
    assert house.client.get(f"{path}/{alert.id}").status_code == 200
    do(house, path, "stop", report.id)
    assert house.client.post(f"{path}/{alert.id}", {"rhythm": "daily", "query": "q=toiture"}).status_code == 303
    assert standing(house, alert).query == from_url("q=toiture") and not standing(house, alert).unreadable


def test_a_grouping_that_is_no_more_stands_by_its_number(house: AlertHouse) -> None:
    alert = house.follow(name=None)
    with house.store.writing() as connection:
        connection.execute(update(subscriptions).values(query="epci=200000000&q=toiture"))
    path = managing(house, alert)
    assert "200000000" in words(html.document_fromstring(house.client.get(path).text))
    changing = html.document_fromstring(house.client.get(f"{path}/{alert.id}").text)
    assert "200000000" in words(changing)


def test_asking_again_is_told_to_its_owner_only(house: AlertHouse) -> None:
    first = ask(house)
    house.client.post(house.linked("confirm"), {})
    assert ask(house) == first
    assert house.letters()[-1].subject == "Vous avez déjà ce bilan mensuel Tenderwatch"
    assert len(house.rows()) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": "nobody"}, "Donnez une adresse"),
        ({"name": "n" * 81}, "Donnez un nom plus court"),
        ({"token": "old"}, "n’est plus valable"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(house: AlertHouse, typed: dict[str, str], said: str) -> None:
    answer = ask(house, **({"name": "Mon bilan"} | typed))
    assert said in answer and f'value="{typed.get("name", "Mon bilan")}"' in answer
    assert house.rows() == []


def test_a_figures_own_link_is_no_scope_and_a_machine_gets_the_same_answer(house: AlertHouse) -> None:
    assert house.client.get("/fr/alerts/report?known=value").status_code == 400
    assert ask(house, website="https://x.example") == ask(house, email=EMAIL)
    assert len(house.rows()) == 1


def test_days_of_publication_are_no_part_of_a_report(house: AlertHouse) -> None:
    ask(house, "/fr/alerts/report?territory=region-27&period=2026&q=toiture")
    assert "published" not in str(house.rows()[0]["query"]) and "q=toiture" in str(house.rows()[0]["query"])


def test_the_owner_pauses_turns_stops_and_takes_back(house: AlertHouse) -> None:
    report, alert = follow(house), house.follow()
    path = managing(house, report)
    page = html.document_fromstring(house.client.get(path).text)
    assert page.xpath("//section[@aria-labelledby='reports']//li/@id") == [report.id]
    assert "lun. 1er juin dès 7 h 00, sur mai 2026" in words(page).replace("\u00a0", " ")
    assert "1 alerte pour" in words(page) and "1 bilan mensuel" in words(page)
    do(house, path, "pause", report.id)
    assert "Suspendu jusqu’au" in house.client.get(path).text
    do(house, path, "resume", report.id)
    do(house, path, "language", report.id, language="en")
    do(house, path, "language", report.id, language="tlh")
    assert standing(house, report) == replace(report, language="en")
    do(house, path, "stop", report.id)
    assert "peut être repris" in house.client.get(path).text
    do(house, path, "revive", report.id)
    assert standing(house, report).state == "active" and standing(house, alert).state == "active"


def test_a_report_has_no_other_rhythm_and_no_page_of_an_alerts_settings(house: AlertHouse) -> None:
    report = follow(house)
    path = managing(house, report)
    assert do(house, path, "rhythm", report.id, rhythm="daily").status_code == 400
    assert do(house, path, "rhythm", house.follow().id, rhythm="monthly").status_code == 400
    assert house.client.get(f"{path}/{report.id}").status_code == 404
    changed = {"rhythm": "daily", "query": "q=a&published_after=2026-01-01", "name": "x"}
    assert house.client.post(f"{path}/{report.id}", changed).status_code == 404
    assert standing(house, report) == report


def test_files_hold_reports_and_read_back_as_reports(house: AlertHouse) -> None:
    report, alert = follow(house, name="Côte-d’Or"), house.follow()
    path = managing(house, report)
    files = [house.client.get(f"{path}/alerts.{ending}").text.encode() for ending in ("json", "opml")]
    assert {one["kind"] for one in orjson.loads(files[0])["alerts"]} == {"report", "alert"}
    [outline] = [one for one in etree.fromstring(files[1]).iter("outline") if one.get("category")]
    assert outline.get("htmlUrl") == f"{BASE}/fr/observatory?dept=21"
    for body in files:
        for one in (report, alert):
            do(house, path, "stop", one.id)
        house.now += timedelta(minutes=1)
        assert upload(house, path, body).status_code == 303
        fresh = [row for row in house.rows() if row["state"] == "active"]
        assert {(row["kind"], row["rhythm"], row["query"]) for row in fresh} == {
            ("report", "monthly", "dept=21"),
            ("alert", "daily", "q=toiture"),
        }
        for row in fresh:
            do(house, path, "stop", str(row["id"]))
    refused = upload(house, path, b'{"alerts": [{"query": "q=a", "kind": "report", "rhythm": "daily"}]}')
    assert refused.status_code == 400 and "its rhythm must be monthly" in refused.text
    figure = b'{"alerts": [{"query": "known=value", "kind": "report", "rhythm": "monthly"}]}'
    assert upload(house, path, figure).status_code == 400
    assert all(row["state"] == "ended" for row in house.rows())
    assert upload(house, path, b'{"alerts": [{"query": "dept=48", "kind": "report"}]}').status_code == 303
    assert [row["rhythm"] for row in house.rows() if row["state"] == "active"] == ["monthly"]


def test_an_expired_link_leads_to_the_same_report(house: AlertHouse) -> None:
    ask(house)
    link = house.linked("confirm")
    house.now = NOW + timedelta(days=8)
    page = html.document_fromstring(house.client.get(link).text)
    assert page.xpath("//main//div[contains(@class, 'banner')]//a/@href") == [f"/fr/alerts/report?{SCOPE}"]
