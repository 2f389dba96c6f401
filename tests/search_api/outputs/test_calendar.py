"""`/tenders.ics`: deadlines that keep their name, move and are cancelled in the reader's calendar."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from limits import RateLimitItemPerHour

from search_api.app import create_app
from search_api.outputs import calendar_routes
from tests.node_readers import NodeReaders
from tests.notices import House, notice
from tests.search_api.conftest import BASE, NOW, Client, Open
from tests.search_api.outputs.conftest import read_events
from tests.search_api.samples import ENDLESS, ROOF, ROOF_MOVED, SHOWN, STOP, STOPPED, moment


def ask(client: Client, form: str = "") -> dict[str, dict[str, Any]]:
    answer = client.get(f"/tenders.ics?{form}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return read_events(answer.content)


def test_a_deadline_is_a_moment_in_utc_and_an_end_of_display_a_whole_day(client: Client) -> None:
    [roof] = ask(client, "q=charpente").values()
    assert roof["DTSTART"] == datetime(2026, 6, 17, 10, 0, tzinfo=UTC)
    assert roof["TRANSP"] == "TRANSPARENT"
    [green] = ask(client, "q=espaces+verts").values()
    assert green["DTSTART"] == date(2026, 5, 30)
    assert "non publiée, avis affiché jusqu’au 30 mai 2026" in green["DESCRIPTION"].replace("\xa0", " ")
    assert ask(client, "q=bennes") == {}, "what has no date has no place in a calendar"
    body = client.get("/tenders.ics?q=charpente").text
    assert "DTSTART:20260617T100000Z\r\n" in body and "VALARM" not in body


def test_an_event_tells_buyer_place_value_and_leads_to_the_page(client: Client) -> None:
    [(uid, roof)] = ask(client, "q=charpente").items()
    [line] = client.search("q=charpente")["items"]
    assert uid == f"{line['id']}@tenderwatch.example"
    assert roof["URL"] == line["page"]
    said = roof["DESCRIPTION"]
    for fact in ("Commune de Vallebrune", "mercredi 17 juin 2026", "Côte-d’Or (21)", "412", line["page"]):
        assert fact in said.replace("\xa0", " ")
    english = read_events(client.get("/tenders.ics?q=charpente", Accept_Language="en").content)
    assert "Wednesday 17 June 2026 at 12:00" in english[uid]["DESCRIPTION"].replace("\xa0", " ")


def test_sequence_rises_with_each_material_change_and_the_uid_stays(empty: House, open_client: Open) -> None:
    empty.bring(ROOF)
    client = open_client(empty)
    [(uid, before)] = ask(client).items()
    empty.bring(replace(ROOF, title="Réfection de la toiture et de la charpente de l'école des Tilleuls, à Vallebrune"))
    [(edited_uid, edited)] = ask(client).items()
    assert (edited_uid, edited["SEQUENCE"], edited["DTSTAMP"]) == (uid, 0, before["DTSTAMP"])
    empty.bring(ROOF_MOVED)
    [(moved_uid, moved)] = ask(client).items()
    assert (moved_uid, before["SEQUENCE"], moved["SEQUENCE"]) == (uid, 0, 1)
    assert moved["DTSTART"] == before["DTSTART"] + timedelta(days=14)
    assert moved["DTSTAMP"] >= before["DTSTAMP"]


def test_a_cancelled_tender_stays_as_cancelled(empty: House, open_client: Open) -> None:
    empty.bring(STOPPED)
    client = open_client(empty)
    [(uid, before)] = ask(client).items()
    empty.bring(STOP)
    [(stopped_uid, stopped)] = ask(client).items()
    assert (before["STATUS"], stopped["STATUS"], stopped_uid) == ("CONFIRMED", "CANCELLED", uid)
    assert stopped["SEQUENCE"] > before["SEQUENCE"]
    assert stopped["SUMMARY"].startswith("[Annulé] ")


def test_an_unchanged_calendar_is_byte_identical_and_304(empty: House, open_client: Open) -> None:
    empty.bring(ROOF, STOPPED, SHOWN, ENDLESS)
    first = open_client(empty).get("/tenders.ics")
    later = open_client(empty, NOW + timedelta(days=3))
    second = later.get("/tenders.ics")
    assert first.content == second.content
    again = later.get("/tenders.ics", If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    empty.bring(STOP)
    assert later.get("/tenders.ics", If_None_Match=first.headers["etag"]).status_code == 200


def test_it_says_how_it_is_called_and_how_often_to_ask(client: Client) -> None:
    answer = client.get("/tenders.ics?dept=21")
    calendar = Calendar.from_ical(answer.content)
    assert str(calendar["X-WR-CALNAME"]).replace("\xa0", " ") == "Tenderwatch : Côte-d’Or"
    assert calendar["X-WR-CALNAME"] == calendar["NAME"]
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\n" in answer.text and "X-PUBLISHED-TTL:PT4H\r\n" in answer.text
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert answer.headers["x-total-count"] == str(client.search("dept=21")["total"])


def test_a_cut_calendar_holds_what_is_open_soonest_first_and_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_routes, "MOST", 5)
    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW))
    answer = client.get("/tenders.ics")
    starts = [event["DTSTART"] for event in read_events(answer.content).values()]
    soonest = client.search("status=open&status=planned&sort=deadline&size=5")["items"]
    assert starts == [moment(line["deadline"]) for line in soonest]
    assert int(answer.headers["x-total-count"]) == client.search()["total"] > 5
    assert "Trop de marchés" in str(Calendar.from_ical(answer.content)["X-WR-CALDESC"])
    assert len(ask(client, "status=cancelled")) == 1, "a small search is given whole"


def test_a_cut_calendar_without_open_ones_holds_those_published_last_and_says_so(
    empty: House, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_routes, "MOST", 2)
    for day in range(1, 5):
        ends = datetime(2026, 5, 20 - day, 10, tzinfo=UTC)
        empty.bring(notice(f"{day}", f"Marché {day}", published=date(2026, 4, day), deadline=ends))
    client = open_client(empty)
    answer = client.get("/fr/tenders.ics?status=closed")
    held = [event["SUMMARY"] for event in read_events(answer.content).values()]
    assert sorted(title[-8:] for title in held) == ["Marché 3", "Marché 4"]
    said = str(Calendar.from_ical(answer.content)["X-WR-CALDESC"])
    assert "publiés en dernier" in said and "encore ouverts" not in said


def test_a_deadline_counts_as_five_rows_before_any_is_written(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    total = 5
    monkeypatch.setattr(calendar_routes, "MOST", total)
    monkeypatch.setattr(calendar_routes, "ROWS", RateLimitItemPerHour(2 * 5 * total))
    client = Client(create_app(house.store, house.engine, base_url=BASE, clock=lambda: NOW))
    assert [client.get("/tenders.ics").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("form", ["size=5", "after=x", "after=&size=100"])
def test_it_comes_whole_and_says_so_to_who_asks_for_a_page(client: Client, form: str) -> None:
    answer = client.get(f"/tenders.ics?{form}")
    assert answer.status_code == 400
    assert re.search("size|after", answer.json()["detail"])


def test_a_second_reader_finds_the_same_events(client: Client, readers: NodeReaders) -> None:
    body = client.get("/tenders.ics").content
    ours, theirs = read_events(body), readers.read_calendar(body)
    assert theirs["name"] == str(Calendar.from_ical(body)["X-WR-CALNAME"])
    assert {event["uid"] for event in theirs["events"]} == ours.keys()
    for event in theirs["events"]:
        own = ours[event["uid"]]
        assert event["summary"] == own["SUMMARY"]
        assert event["description"] == own["DESCRIPTION"]
        assert (event["sequence"], event["status"]) == (own["SEQUENCE"], own["STATUS"])
        assert event["whole_day"] == (not isinstance(own["DTSTART"], datetime))
        if isinstance(own["DTSTART"], datetime):
            assert moment(event["start"].replace("Z", "+00:00")) == own["DTSTART"]


def test_many_tenders_of_one_moment_are_each_an_event(empty: House, open_client: Open) -> None:
    empty.bring(*(notice(str(number), f"Achat de chaises, {number}") for number in range(30)))
    assert len(ask(open_client(empty))) == 30
