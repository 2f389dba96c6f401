"""Asking for an alert: what would have come, counted; and a form that tells nobody who is known here."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from limits import RateLimitItemPerMinute
from lxml import html

import search_api.pages.alert as page_of_alert
import search_api.pages.sign_up as page_of_sign_up
from search_api import flood
from search_api.allowance import LETTERS, LETTERS_OF_NETWORK
from search_api.pages.alert_words import wording
from tenders.codes import Cpv
from tenders.query_url import from_url
from tenders.store.forgetting import erase, forget_stale
from tests.notices import notice
from tests.search_api.conftest import NOW, Client
from tests.search_api.pages.alert_house import EMAIL, SECRET, AlertHouse


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AlertHouse]:
    monkeypatch.setattr(page_of_sign_up, "_SECONDS", 0.0)
    built = AlertHouse(tmp_path)
    yield built
    built.close()


def tree_of(house: AlertHouse, path: str) -> html.HtmlElement:
    return html.document_fromstring(house.client.get(path).text)


def words_of(element: html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).replace("\u202f", " ").split())


def figure_of(house: AlertHouse, path: str) -> int:
    [figure] = tree_of(house, path).xpath("//strong[@class='figure']")
    return int(figure.text.split()[0])


# What would have come


def test_the_bars_the_table_and_the_figure_say_the_same_and_it_is_what_the_index_counts(house: AlertHouse) -> None:
    for form in ("q=mobilier", "q=mobilier&dept=21&status=open", "q=toiture OU chaudières", "nature=services"):
        tree = tree_of(house, f"/en/alerts/new?{form}")
        bars = [int(text.text) for text in tree.xpath("//svg[contains(@class, 'chart')]/text[@class='value']")]
        table = [int(cell.text) for cell in tree.xpath("//table//td")]
        assert bars == table and len(bars) == 13
        assert figure_of(house, f"/en/alerts/new?{form}") == sum(bars) > 0
        first, last = NOW.date() - timedelta(days=89), NOW.date()
        begun = "&kind=competition" if "open" in form else ""
        told = form.replace("&status=open", "") + begun
        assert house.client.search(f"{told}&published_after={first}&published_before={last}")["total"] == sum(bars)


def test_what_is_closed_now_was_open_on_the_day_it_would_have_been_told(house: AlertHouse) -> None:
    # STOPPED was cancelled and CALLED awarded since; both began as calls for tenders.
    for form in ("q=vitres&status=open", "q=médiathèque&status=open", "q=vitres&status=open&deadline_within=7d"):
        assert figure_of(house, f"/en/alerts/new?{form}") == 1


def test_a_search_that_found_nothing_says_so_and_may_still_be_an_alert(house: AlertHouse) -> None:
    tree = tree_of(house, "/fr/alerts/new?q=scaphandre")
    assert "0 marché en 90 jours" in words_of(tree) and not tree.xpath("//svg[contains(@class, 'chart')]")
    assert tree.xpath("//form[@method='post']//button")


def test_days_of_publication_in_the_search_hold(house: AlertHouse) -> None:
    form = "q=mobilier&published_before=2026-04-03"
    assert figure_of(house, f"/en/alerts/new?{form}") == house.client.search(form)["total"]


def test_each_sharper_variant_brings_what_it_says(house: AlertHouse) -> None:
    whole = figure_of(house, "/en/alerts/new?q=mobilier&dept=21")
    links = tree_of(house, "/en/alerts/new?q=mobilier&dept=21").xpath("//section[@aria-labelledby='sharper']//li")
    assert links, "the tenders share a code, and the next département has some"
    for item in links:
        [to] = item.xpath("./a/@href")
        apart, said = re.search(r"(\d+) (more|fewer), \d+ in all$", words_of(item)).groups()  # type: ignore[union-attr]
        assert figure_of(house, to) == whole + (int(apart) if said == "more" else -int(apart))


def test_the_word_beside_the_point_is_found_in_the_titles_of_another_division(tmp_path: Path) -> None:
    wood = [notice(f"26-{n}", f"Menuiserie de l'école {n}", cpv=(Cpv("45421000"),)) for n in range(8)]
    locks = [notice(f"26-1{n}", f"Menuiserie et Serrurerie à façon {n}", cpv=(Cpv("98395000"),)) for n in range(4)]
    house = AlertHouse(tmp_path)
    house.bring(*wood, *locks)
    item = tree_of(house, "/fr/alerts/new?q=menuiserie").xpath("//section[@aria-labelledby='sharper']//li")[0]
    assert words_of(item) == "Exclure « serrurerie » : 4 de moins, 8 au total"
    assert from_url(item.xpath("./a/@href")[0].partition("?")[2]).q == "(menuiserie) -serrurerie"
    house.close()


# The form


def test_a_get_begins_nothing_and_a_post_a_subscription_that_waits_with_its_proof(house: AlertHouse) -> None:
    house.client.get("/fr/alerts/new?q=toiture")
    assert house.rows() == []
    visitor = Client(house.app, "203.0.113.77")
    answer = house.sign_up(client=visitor, query="q=toiture&sort=deadline", award="yes")
    assert answer.status_code == 200
    [row] = house.rows()
    assert (row["state"], row["query"], row["name"], row["rhythm"]) == ("pending", "q=toiture", "Toits", "daily")
    assert row["news"] == "award deadline"
    assert (row["source"], row["asked_from"], row["created"]) == ("page", "203.0.113.0/24", NOW)
    assert row["wording"] == wording("fr") != wording("en")
    [mail] = house.letters()
    assert (mail.to, mail.subject) == (EMAIL, "Confirmez votre alerte Tenderwatch")
    assert "Toits" not in mail.text + mail.html + mail.subject


def test_the_language_of_the_page_is_that_of_the_alert_and_of_its_mail(house: AlertHouse) -> None:
    house.sign_up(language="en")
    assert house.letters()[0].subject == "Confirm your Tenderwatch alert"
    assert house.linked("confirm").startswith("/en/")


def test_the_whole_way_from_the_form_to_the_alerts(house: AlertHouse) -> None:
    house.sign_up()
    shown = house.client.get(house.linked("confirm"))
    assert "environ" in shown.text or "moins d’un par mois" in shown.text
    confirmed = house.client.post(house.linked("confirm"), {})
    (manage,) = [a for a in html.document_fromstring(confirmed.text).xpath("//a/@href") if "/manage/" in a]
    assert EMAIL in house.client.get(manage).text


def test_the_answer_is_the_same_bytes_whoever_is_known(house: AlertHouse) -> None:
    answers = {}
    answers["unknown"] = house.sign_up()
    answers["pending"] = house.sign_up()
    house.client.post(house.linked("confirm"), {})
    answers["active"] = house.sign_up()
    answers["beyond the limit"] = house.sign_up()
    erase(house.store, EMAIL, house.now, opposing_by=SECRET)
    answers["opposed"] = house.sign_up()
    answers["honeypot"] = house.sign_up(website="https://spam.example")
    assert {answer.status_code for answer in answers.values()} == {200}
    assert len({answer.content for answer in answers.values()}) == 1, answers.keys()
    assert len({tuple(sorted(answer.headers.items())) for answer in answers.values()}) == 1


def test_an_answer_takes_as_long_whoever_is_known(tmp_path: Path) -> None:
    house = AlertHouse(tmp_path)

    def seconds(email: str) -> float:
        token = house.token()
        fields = {"name": "", "rhythm": "daily", "email": email, "query": "q=toiture", "token": token}
        began = time.perf_counter()
        assert house.client.post("/fr/alerts/new", fields).status_code == 200
        return time.perf_counter() - began

    house.follow("known@example.org")
    for email in ("known@example.org", "unknown@example.org"):
        assert page_of_sign_up._SECONDS <= seconds(email) < page_of_sign_up._SECONDS + 0.5
    house.close()


def test_the_owner_of_an_active_alert_is_told_that_it_is_there(house: AlertHouse) -> None:
    house.follow()
    house.sign_up()
    [mail] = house.letters()
    assert mail.subject == "Vous avez déjà cette alerte Tenderwatch"
    assert EMAIL in house.client.get(house.linked("manage")).text
    assert len(house.rows()) == 1


def test_an_address_is_written_to_three_times_a_day_whatever_is_asked_and_however_it_is_spelt(
    house: AlertHouse,
) -> None:
    for number in range(8):
        host = f"198.51.{number}.1"
        house.sign_up(EMAIL.upper() if number % 2 else EMAIL, f"q=mot{number}", client=Client(house.app, host))
    assert len(house.letters()) == 3
    assert len(house.rows()) == 3, "nobody could confirm what no mail asks for"
    house.now += timedelta(hours=23, minutes=59)
    house.sign_up(query="q=encore", client=Client(house.app, "198.51.9.1"))
    assert len(house.letters()) == 3
    house.now += timedelta(minutes=2)
    house.sign_up(query="q=encore", client=Client(house.app, "198.51.9.1"))
    assert len(house.letters()) == 4


def test_what_is_asked_again_before_it_is_confirmed_stays_as_it_was_asked_first(house: AlertHouse) -> None:
    house.sign_up(name="Ancien")
    [first] = house.rows()
    house.now += timedelta(days=6)
    house.sign_up(name="Nouveau", ending="yes", deadline="", language="en", client=Client(house.app, "203.0.113.9"))
    assert house.rows() == [first]
    assert len(house.letters()) == 2
    house.now += timedelta(days=6)
    assert forget_stale(house.store, house.now) == 0, "the link of the second letter is still good"
    page = house.client.get(house.linked("confirm")).text
    assert "Ancien" in page and "Nouveau" not in page and "3 juin" in page.replace("\u00a0", " ")
    house.now += timedelta(days=1, seconds=1)
    assert forget_stale(house.store, house.now) == 1


def test_tagged_forms_of_an_address_are_one_address(house: AlertHouse) -> None:
    for number in range(6):
        house.sign_up(f"victim+{number}@example.org", client=Client(house.app, f"198.51.{number}.1"))
    house.sign_up("victim@example.org")
    assert len(house.letters()) == 3
    house.sign_up("victim_@example.org")
    house.sign_up("vic+tim@example.org")
    assert len(house.letters()) == 5
    erase(house.store, "victim+1@example.org", house.now, opposing_by=SECRET)
    house.now += timedelta(days=2)
    before = len(house.rows())
    for local in ("victim", "victim+9", "VICTIM+1"):
        house.sign_up(f"{local}@example.org", query="q=bois")
    assert len(house.rows()) == before


def test_no_message_reaches_an_address_through_a_search(house: AlertHouse) -> None:
    message = (
        "Gagnez 1000 euros sur www.evil-site.com/win ou https://evil.example/x avant demain appelez 06 12 34 56 78"
    )
    message += " dès que vous lirez ces lignes, sans faute"
    house.sign_up(query=urlencode({"q": message, "buyer": "Appelez le 0612345678, contact@evil.example"}))
    [mail] = house.letters()
    written = " ".join((mail.text + mail.html).split())
    assert "evil" not in written and "0612345678" not in written and "56 78" not in written
    assert "Gagnez 1000 euros sur" in written and "sans faute" not in written
    assert "evil-site" in house.client.get(house.linked("confirm")).text, "the page shows the whole search"


def test_one_machine_and_one_network_ask_for_so_much_an_hour(house: AlertHouse) -> None:
    visitor = Client(house.app, "203.0.113.5")
    answers = [house.sign_up(f"a{n}@example.org", client=visitor).status_code for n in range(LETTERS.amount + 1)]
    assert answers == [200] * LETTERS.amount + [429]
    neighbours = [Client(house.app, f"203.0.113.{10 + n}") for n in range(6)]
    answers = [
        house.sign_up(f"b{n}{m}@example.org", client=each).status_code
        for n, each in enumerate(neighbours)
        for m in range(LETTERS.amount - 2)
    ]
    assert answers.count(200) == LETTERS_OF_NETWORK.amount - LETTERS.amount
    assert house.sign_up("c@example.org", client=Client(house.app, "198.51.100.1")).status_code == 200


def test_on_a_socket_of_both_kinds_ipv4_visitors_are_each_their_own(house: AlertHouse) -> None:
    for number in range(LETTERS.amount + 2):
        visitor = Client(house.app, f"::ffff:203.0.{number}.7")
        assert house.sign_up(f"a{number}@example.org", client=visitor).status_code == 200
    assert {row["asked_from"] for row in house.rows()} == {f"203.0.{n}.0/24" for n in range(LETTERS.amount + 2)}
    assert house.sign_up("b@example.org", client=Client(house.app, "fe80::1%eth0")).status_code == 200
    assert house.rows()[-1]["asked_from"] == "fe80::/48"


def test_looking_back_is_counted_by_visitor(house: AlertHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_of_alert, "LOOKS_BACK", RateLimitItemPerMinute(3))
    visitor = Client(house.app, "203.0.113.5")
    answers = [visitor.get("/fr/alerts/new?q=toiture").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert Client(house.app, "203.0.113.6").get("/fr/alerts/new?q=toiture").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "https://tenderwatch.example"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),  # what a browser sends: we tell no referrer
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://other.tenderwatch.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://tenderwatch.example"}, 403),
    ],
)
def test_another_site_cannot_ask_through_somebodys_browser(
    house: AlertHouse, headers: dict[str, str], status: int
) -> None:
    assert house.sign_up(headers=headers).status_code == status
    assert len(house.rows()) == (status == 200)
    asked = house.client.post("/fr/alerts", {"email": EMAIL, "token": house.token("/fr/alerts")}, **headers)
    assert asked.status_code == status


def test_a_form_is_good_for_a_day_in_the_network_it_was_shown_to(house: AlertHouse) -> None:
    token = house.token()
    for client, later, good in (
        (Client(house.app, "127.0.0.99"), timedelta(), True),
        (Client(house.app, "203.0.113.5"), timedelta(), False),
        (house.client, timedelta(days=1, seconds=1), False),
    ):
        house.now = NOW + later
        answer = house.sign_up(f"a{good}{later.days}@example.org", client=client, token=token)
        assert answer.status_code == (200 if good else 400)
        assert good or "Ce formulaire n’est plus valable" in answer.text
    assert house.sign_up(token="forged").status_code == 400
    assert len(house.rows()) == 1


HOSTILE = [
    "a@example.org\r\nBcc: b@example.org",
    "a@example.org%0d%0aBcc:b@example.org",
    "a@example.org\nSubject: hi",
    "<script>alert(1)</script>@example.org",
    '"><img src=x onerror=alert(1)>',
    "a@example.org, b@example.org",
    "é@example.org",
    "a@example.org\x00",
    "",
    "a" * 300 + "@example.org",
    "=?utf-8?q?a?=@",
]


@pytest.mark.parametrize("email", HOSTILE)
def test_a_wrong_address_is_said_and_shown_harmlessly(house: AlertHouse, email: str) -> None:
    answer = house.sign_up(email)
    assert answer.status_code == 400 and "Donnez une adresse de courriel" in answer.text
    assert "<script>alert" not in answer.text and "<img src=x" not in answer.text
    assert house.rows() == [] and house.letters() == []


def test_no_field_can_begin_another_header_or_tag(house: AlertHouse) -> None:
    bad = "x\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>"
    house.sign_up(name=bad[:79], query="q=toiture", award=bad, website="")
    [row] = house.rows()
    assert "\r" not in str(row["name"]) and "\n" not in str(row["name"])
    house.client.post(house.linked("confirm"), {})
    house.sign_up()
    page = house.client.get(house.linked("manage")).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    for fields in ({"rhythm": bad}, {"query": f"q={bad}&colour=red"}, {"query": "\x00"}):
        assert house.sign_up(**fields).status_code == 400  # type: ignore[arg-type]
    assert house.sign_up(name="n" * 81).status_code == 400
    for mail in house.letters():
        assert "victim" not in "".join((mail.subject, mail.text, mail.html, *mail.headers.values()))
        assert not any("\r" in value or "\n" in value for value in (mail.to, mail.subject, *mail.headers.values()))


def test_a_search_that_is_not_understood_is_said(house: AlertHouse) -> None:
    for path in ("/fr/alerts/new?colour=red", "/fr/alerts/new?q=(toiture", "/fr/alerts/new?source=nowhere"):
        assert house.client.get(path).status_code == 400


def test_a_search_that_brings_a_flood_may_not_ask_for_a_mail_each(
    house: AlertHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "MOST_AT_ONCE", 5)
    tree = tree_of(house, "/fr/alerts/new?q=mobilier")
    assert tree.xpath("//input[@name='rhythm'][@value='instant']/@disabled")
    assert house.sign_up(query="q=mobilier", rhythm="instant").status_code == 400
    assert house.sign_up(query="q=mobilier", rhythm="daily").status_code == 200
    assert house.sign_up(query="q=toiture", rhythm="instant").status_code == 200


def test_an_address_has_fifty_alerts_at_most(house: AlertHouse) -> None:
    for number in range(50):
        house.follow(query=f"q=mot{number}")
    house.sign_up(query="q=encore")
    assert len(house.rows()) == 50
    assert [mail.subject for mail in house.letters()] == ["Votre lien vers vos alertes Tenderwatch"]


def test_pages_of_alerts_are_nobody_elses(house: AlertHouse) -> None:
    for answer in (house.client.get("/fr/alerts/new?q=toiture"), house.sign_up(), house.sign_up("x")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "set-cookie" not in answer.headers
        assert not html.document_fromstring(answer.text).xpath("//script | //style | //@style | //@onclick")


def test_an_alert_begins_with_what_arrives_after_it_was_asked_for(house: AlertHouse) -> None:
    house.sign_up()
    [row] = house.rows()
    house.bring(notice("26-999", "Toiture du gymnase", published=date(2026, 5, 21)))
    assert isinstance(row["began"], int) and row["began"] > 0
