"""BOAMP, the French journal of public procurement: the Explore API v2.1 of its portal.

History: API v1 still answers and sorts the other way round; national forms have changed schema in 2015, 2022 and 2024.
A day is a window. Recent days are read in pages of 100, which stay under the API's ceiling (offset + limit < 10,000); a
day past the ceiling, and every day of a backfill, is read in one export, which has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode

from crawlers.formats.boamp_json import parse_json
from crawlers.source import Ask, Expect, Source
from tenders.errors import Refused
from tenders.settings import Settings

PAGE = 100  # the API's most
CEILING = 10_000  # offset + limit must stay below
RECENT = timedelta(days=7)  # older days are read by export
FIRST = timedelta(days=30)  # how far back a first walk begins
OVERLAP = timedelta(days=1)  # publication is twice a day: the last whole day is read again
LATE = timedelta(days=7)  # once a day, a week is read again: what was dated back or put in its old day is found
_DATASET = "/api/explore/v2.1/catalog/datasets/boamp"


class Boamp(Source):
    """See the module."""

    name = "boamp"
    title = "BOAMP"
    homepage = "https://www.boamp.fr"
    licence = "Licence Ouverte 2.0"
    format = "boamp"
    # 608 days of 2019-2021: Wednesdays to Fridays never below 104, holidays included; other days down to 2.
    expect = Expect(fewest=90, weekdays=frozenset({2, 3, 4}), late_hours=30, silent_hours=96)

    def address(self, settings: Settings) -> str:
        """See Source."""
        return settings.boamp_url.rstrip("/")

    def windows(self, cursor: str | None, since: date | None, until: date) -> Iterator[str]:
        """See Source."""
        if cursor is not None:
            came_to = date.fromisoformat(cursor)
            day = came_to - (OVERLAP if came_to >= until or since else LATE)
            day = max(day, since) if since else day
        else:
            day = since or until - FIRST
        while day <= until:
            yield day.isoformat()
            day += timedelta(days=1)

    def first(self, base: str, window: str, today: date) -> Ask:
        """See Source."""
        if date.fromisoformat(window) < today - RECENT:
            return _export(base, window)
        return _page(base, window, 0)

    def following(self, base: str, ask: Ask, body: bytes) -> Ask | None:
        """See Source."""
        try:
            answer = parse_json(body)
        except ValueError as problem:
            raise Refused(f"not JSON: {problem}") from None
        if "/exports/" in ask.url:
            if not isinstance(answer, list):
                raise Refused(f"an export must be a list: {str(answer)[:200]}")
            return None
        if not isinstance(answer, dict) or not isinstance(answer.get("total_count"), int):
            raise Refused(f"no total_count in the answer: {str(answer)[:200]}")
        total, read = answer["total_count"], ask.offset + len(answer.get("results") or ())
        if total > CEILING - PAGE:  # its last page would reach the ceiling
            return replace(_export(base, ask.window), instead=True)
        if read >= total:
            return None
        if read == ask.offset:
            raise Refused(f"an empty page at offset {ask.offset} of {total}")
        return _page(base, ask.window, read)

    def day_of(self, window: str) -> date:
        """See Source."""
        return date.fromisoformat(window)


def _page(base: str, window: str, offset: int) -> Ask:
    asked = {"where": f"dateparution=date'{window}'", "order_by": "idweb", "limit": PAGE, "offset": offset}
    return Ask(f"{base}{_DATASET}/records?{urlencode(asked)}", window, offset)


def _export(base: str, window: str) -> Ask:
    asked = {"where": f"dateparution=date'{window}'", "order_by": "idweb"}
    return Ask(f"{base}{_DATASET}/exports/json?{urlencode(asked)}", window)
