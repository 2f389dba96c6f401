"""AWS, marches-publics.info: a quarter of the French notices in TED (June 2026).

The site answers a search (POST ``/Annonces/lister``) with rows, 2nd and later pages by ``?pager_s=2`` within the
session; what its link is called is taken from the page. A search that meets too many notices shows none ("Veuillez
préciser votre recherche"), so that open calls are asked by what is bought and by how long ago they appeared: the last
30 days in a first walk, later as far back as the last whole walk, and narrower where that is too much. A page comes
empty now and then: it is asked once more. The first row of each page may be a pinned one.

Never seen live. Read from captured pages and from other readers of 2026: the form and its values, the pager, the
refusal to show too many, empty and pinned rows. Not proven: how many are too many, whether ``dateParution`` counts
today as we do, how many notices a day brings (`Expect` is a guess far below what TED shows). Readers report a captcha
(HTTP 403) to addresses of computing centres: then the site is left alone. Documents stand behind a captcha: not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from crawlers.formats.aws_list import id_of
from crawlers.formats.aws_page import EmptyPage, ListPage, TooMany, look_at_list, open_aws
from crawlers.source import Ask, Expect, Source
from tenders.errors import Refused
from tenders.translations import N_

NATURES: Final = ("T", "S", "F")  # travaux, services, fournitures
# What dateParution may say, from the widest on, with the days it covers; the last two are one day each, and both asked.
SLICES: Final = ((" < 30", 30), (" < 8", 8), (" < 2", 2), (" = 1", 2), (" = 0", 2))
YESTERDAY: Final = 3
LONGEST: Final = 1_000  # pages of one search
SHORT: Final = 0.95  # of what the page says there are: rows come and go while a list is walked


class Aws(Source):
    """See the module."""

    name = "aws"
    title = "AWS (marches-publics.info)"
    homepage = "https://www.marches-publics.info"
    licence = N_("facts and links only; the pages state no licence")
    format = "aws-list"
    on = False
    delay = 5.0
    cookies = apart = quiet = True
    every = timedelta(hours=20)
    expect = Expect(fewest=5, weekdays=frozenset({1, 2, 3, 4}), late_hours=30, silent_hours=96)

    def windows(self, cursor: str | None, since: date | None, until: date) -> Iterator[str]:
        """Give the natures as they stand on a day, each with the days to look back: ``2026-11-25 1 T 08``."""
        start = min(filter(None, (since, self.day_of(cursor) if cursor else None)), default=None)
        days = _reach((until - start).days + 1) if start else SLICES[0][1]
        stopped = cursor is not None and cursor.split()[1] != str(len(NATURES))
        if cursor is not None and stopped:  # what it has not come to has not been read as far back as it was to be
            days = max(days, int(cursor.split()[3]))
        whole = [f"{until} {place} {nature} {days:02d}" for place, nature in enumerate(NATURES, 1)]
        todo = [window for window in whole if cursor and stopped and window[:12] > cursor[:12]]
        yield from todo or whole

    def first(self, base: str, window: str, today: date) -> Ask:  # noqa: ARG002
        """See Source."""
        start = next(at for at, (_, days) in enumerate(SLICES) if days == _days_of(window))
        return _search(base, window, start)

    def following(self, base: str, ask: Ask, body: bytes) -> Ask | None:
        """See Source."""
        at, number = divmod(ask.offset, LONGEST)
        try:
            page = look_at_list(body, ask.url)
        except TooMany:
            if at >= YESTERDAY:
                raise  # one day of one nature: there is nothing narrower
            return replace(_search(base, ask.window, at + 1), instead=True, seen=ask.seen)
        except EmptyPage:
            if ask.instead:
                raise
            return replace(ask, instead=True)
        seen = ask.seen | _keys(page)
        again = number > 1 and seen == ask.seen
        if page.nexts and not again:
            if number >= LONGEST - 1:
                raise Refused(f"page {number} has a next one: no search is so long")
            return Ask(page.nexts[0], ask.window, ask.offset + 1, seen=seen)
        return replace(_search(base, ask.window, at + 1), seen=seen) if at == YESTERDAY else None

    def details(self, base: str, ask: Ask, body: bytes) -> Mapping[str, Ask]:
        """See Source."""
        found = sorted(_keys(_look(body, ask.url)))
        return {
            f"{self.name}:{one}": Ask(
                f"{base}/Annonces/{one}.htm", ask.window, ask.offset, format="aws-detail", notice=f"{self.name}:{one}"
            )
            for one in found
        }

    def doubt(self, ask: Ask, body: bytes) -> str | None:
        """See Source."""
        at, number = divmod(ask.offset, LONGEST)
        page = _look(body, ask.url)
        nature = ask.window.split()[2]
        if lost := sum(id_of(row) is None for row in page.rows):
            return f"page {number} of {nature} shows {lost} rows that are not understood"
        days = SLICES[at][1]
        if number == 1 and days < _days_of(ask.window):
            return f"{nature}: the site shows no more than the last {days} days of {_days_of(ask.window)}"
        seen = len(ask.seen | _keys(page))
        if page.total and not page.nexts and seen < SHORT * page.total:
            return f"{nature} ended after {seen} of {page.total}"
        return None

    def tell(self, body: bytes) -> Mapping[str, object]:
        """See Source."""
        page = look_at_list(body)
        return {"rows": len(page.rows), "total": page.total, "next": page.nexts, "note": page.note}

    def day_of(self, window: str) -> date:
        """See Source."""
        return date.fromisoformat(window[:10])

    def origin(self, window: str) -> str:
        """See Source."""
        return f"{self.name} {window.split()[2]}"

    def fewest(self, window: str, today: date) -> int:  # noqa: ARG002
        """See Source: a list of two days and more, of one nature."""
        return self.expect.fewest if self.day_of(window).weekday() in self.expect.weekdays else 0


def _look(body: bytes, address: str) -> ListPage:
    """Look at a page that was kept, though it may have refused to show anything."""
    try:
        return look_at_list(body, address)
    except (TooMany, EmptyPage):
        return ListPage(open_aws(body), (), None, ())


def _reach(days: int) -> int:
    """Return the narrowest slice that covers so many days; what is older than the widest cannot be asked for."""
    return min((covered for _, covered in SLICES if covered >= days), default=SLICES[0][1])


def _days_of(window: str) -> int:
    return int(window.split()[3])


def _keys(page: ListPage) -> frozenset[str]:
    return frozenset(filter(None, map(id_of, page.rows)))


def _search(base: str, window: str, at: int) -> Ask:
    """Ask the first page of a search: open calls of a nature, as far back as a slice goes."""
    form = (
        ("IDE", "EC"),
        ("IDN", window.split()[2]),
        ("IDR", "X"),
        ("IDP", "X"),
        ("listeCPV", ""),
        ("txtLibre", ""),
        ("dateParution", SLICES[at][0]),
        ("Rechercher", "Rechercher"),
    )
    return Ask(f"{base}/Annonces/lister", window, at * LONGEST + 1, form)
