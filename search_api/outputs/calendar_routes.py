"""`/tenders.ics`: the deadlines of the tenders that a Query selects."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from indexer.engine import count_selected
from search_api.allowance import ROWS, Allowance, address_of
from search_api.answers import Answer, answer
from search_api.caching import answer_cached
from search_api.desk import Desk
from search_api.languages import language_of, prefix_of
from search_api.outputs.calendar import Deadline, Deadlines, write_calendar
from search_api.outputs.table import CALENDAR
from search_api.outputs.whole import WHOLE_PARAMETERS, read_whole
from search_api.parameters import ACCEPT_LANGUAGE, errors, example
from search_api.wording import closing_text, cpv_text, place_text, state_word
from tenders.model import Tender
from tenders.phrasing import money
from tenders.plain import clean, one_line
from tenders.query import Query, Sort, Status
from tenders.query_words import describe
from tenders.store.tenders import Dates
from tenders.translations import translator

MOST = 5_000  # deadlines of one calendar
_COST = 5  # rows of an export that a deadline costs to write
_CURRENT = (Status.OPEN.value, Status.PLANNED.value)
_MAX_AGE = 900  # seconds
_TITLE = 200  # characters
_SAMPLE = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n…\r\nEND:VCALENDAR\r\n"


def make_deadline(tender: Tender, ends: datetime | date, dates: Dates, link: str, language: str) -> Deadline:
    """Make the entry of one tender."""
    merged, _ = tender.merged, translator(language).gettext
    word, title = state_word(tender, dates.changed, language), one_line(merged.title, _TITLE)
    place = one_line(place_text(tender, language), _TITLE)
    facts: list[tuple[str, str]] = [
        (_("Buyer"), one_line(merged.buyer.name, _TITLE)),
        (_("Deadline"), closing_text(tender, language)),
        (_("Place"), place),
        (_("Value"), money(merged.value, language) if merged.value else ""),
        ("CPV", ", ".join(cpv_text(code, language) for code in tender.cpv_published[:3])),
    ]
    colon = _(":")
    lines = [f"{name}{colon} {value}" for name, value in facts if value]
    return Deadline(
        id=tender.id,
        ends=ends,
        title=f"[{word}] {title}" if word else title,
        about=clean("\n".join((*lines, link))),
        place=place,
        link=link,
        revision=tender.revision,
        first_at=dates.first_at,
        changed_at=dates.changed_at,
        cancelled=tender.cancelled,
    )


def find_deadlines(desk: Desk, query: Query, now: datetime, total: int) -> Answer:
    """Return the tenders that a calendar holds, of the `total` that the query selects.

    Where those are too many, those that are still open are taken, or announced: the soonest first, before those whose
    end of display only is known. Where the query asks for none of these, the ones published last are.
    """
    sort = Sort.DEADLINE
    if total > MOST:
        current = _current(query)
        query, sort = replace(query, status=current or query.status), Sort.DEADLINE if current else Sort.PUBLISHED
    return answer(desk, replace(query, sort=sort, size=MOST), now, dated=True)


def _current(query: Query) -> tuple[str, ...]:
    """Return the states with a deadline to come that a query asks for."""
    return tuple(state for state in _CURRENT if state in (query.status or _CURRENT))


def make_deadlines(desk: Desk, query: Query, found: Answer, total: int, language: str, prefix: str = "") -> Deadlines:
    """Make the calendar of a query; it says itself what it lacks. A tender without any date has no place in it."""
    ends = {t.id: t.merged.deadline or t.merged.display_until for t in found.tenders}
    deadlines = [
        make_deadline(t, end, found.dates[t.id], desk.address(f"{prefix}/tenders/{t.id}"), language)
        for t in found.tenders
        if (end := ends[t.id]) is not None
    ]
    named, _ = describe(query, language), translator(language).gettext
    said = {"shown": len(deadlines), "total": total, "query": named, "most": MOST}
    about = _("%(shown)d deadlines of %(total)d tenders: %(query)s.") % said
    if total > MOST:
        too_many = (
            _(
                "Too many tenders for one calendar, which holds %(most)d: only those still open are in it, the soonest "
                "first. Narrow the search."
            )
            if _current(query)
            else _(
                "Too many tenders for one calendar, which holds %(most)d: only those published last are in it. Narrow "
                "the search."
            )
        )
        about = f"{about} {too_many % said}"
    return Deadlines(
        name=_("Tenderwatch: %(query)s") % said,
        about=about,
        language=language,
        link=desk.address(f"{prefix}/", query.saved()),
        self_link=desk.address(prefix + CALENDAR.path, query.saved()),
        host=urlsplit(desk.base_url).hostname or "localhost",
        deadlines=deadlines,
    )


def calendar_routes(desk: Desk, allowance: Allowance) -> APIRouter:
    """Return the route of the calendar."""
    router = APIRouter(tags=["outputs"])
    described: dict[str, Any] = {
        "responses": {
            200: example("The calendar", _SAMPLE, CALENDAR.media_type),
            304: {"description": "As you have it"},
            **errors(400, 429),
        },
        "openapi_extra": {"parameters": [*WHOLE_PARAMETERS, ACCEPT_LANGUAGE]},
    }

    @router.get(CALENDAR.path, summary="The deadlines of a search as a calendar", response_class=Response, **described)
    def calendar(request: Request) -> Response:
        """An event a tender, at its deadline; the whole day on which its display ends where no deadline is known.

        `UID` is stable, `SEQUENCE` rises with each material change, a cancelled tender stays as `CANCELLED`. A tender
        without any date is not in it. At most 5,000: of a search that finds more, those still open, the soonest first,
        or those published last where it asks for none that is open, as its description says; `X-Total-Count` is how
        many tenders the search finds.
        """
        now = desk.clock()
        query = read_whole(desk, request, now)
        total = count_selected(desk.engine, query, now)
        allowance.spend(ROWS, address_of(request), max(1, _COST * min(total, MOST)))
        found = find_deadlines(desk, query, now, total)
        language = language_of(request)
        body = write_calendar(make_deadlines(desk, query, found, total, language, prefix_of(request)))
        headers = {"Content-Language": language, "X-Total-Count": str(total)}
        return answer_cached(request, body, CALENDAR.content_type, max_age=_MAX_AGE, headers=headers)

    return router
