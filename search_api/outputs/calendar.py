"""Deadlines as a calendar (RFC 5545, 7986); its bytes change only when the data does.

Times are in UTC, which every client shows in its own zone. There are no alarms: a reader sets those in her client, for
her own calendars, and would have to silence ours tender by tender.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event, vText

REFRESH = timedelta(hours=4)  # how often a client need ask again


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of one tender: a moment, or a day where only the end of its display is known.

    `revision` counts its material changes from 1, the last at `changed_at`. `about` may have several lines.
    """

    id: str
    ends: datetime | date
    title: str
    about: str
    place: str
    link: str
    revision: int
    first_at: datetime
    changed_at: datetime
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Deadlines:
    """A calendar of `host`, by which its events are named for ever."""

    name: str
    about: str
    language: str
    link: str  # the same query for people
    self_link: str
    host: str
    deadlines: Iterable[Deadline]


def write_calendar(shown: Deadlines) -> bytes:
    """Write a calendar; equal ones give equal bytes."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//Tenderwatch//Tenderwatch//{shown.language.upper()}")
    calendar.add("calscale", "GREGORIAN")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, vText(shown.name))  # the library would write an X- name as it stands, unescaped
    for name in ("description", "x-wr-caldesc"):
        calendar.add(name, vText(shown.about))
    calendar.add("url", shown.link)
    calendar.add("source", shown.self_link, parameters={"VALUE": "URI"})
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH // timedelta(hours=1)}H")
    for deadline in shown.deadlines:
        calendar.add_component(_event(deadline, shown.host))
    written: bytes = calendar.to_ical()
    return written


def _event(deadline: Deadline, host: str) -> Event:
    event = Event()
    event.add("uid", f"{deadline.id}@{host}")
    event.add("dtstamp", deadline.changed_at.replace(microsecond=0))
    event.add("created", deadline.first_at.replace(microsecond=0))
    event.add("last-modified", deadline.changed_at.replace(microsecond=0))
    event.add("sequence", deadline.revision - 1)
    ends = deadline.ends
    event.add("dtstart", ends.astimezone(UTC) if isinstance(ends, datetime) else ends)
    event.add("summary", deadline.title)
    event.add("description", deadline.about)
    if deadline.place:
        event.add("location", deadline.place)
    event.add("url", deadline.link)
    event.add("status", "CANCELLED" if deadline.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # one is not busy then
    return event
