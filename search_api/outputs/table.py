"""The forms in which a Query is given to programs: one table, which routes, pages and descriptions read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tenders.query import Query
from tenders.query_url import to_url
from tenders.translations import N_, translator


@dataclass(frozen=True, slots=True)
class Output:
    """One form of a Query. `paged` says that it comes in pages, by `size` and `after`; otherwise it comes whole.

    `followed` says that a program asks it again and again to hear of what is new, rather than a person once.
    """

    path: str
    media_type: str
    title: str  # a message
    paged: bool = False
    followed: bool = False

    def name(self, language: str) -> str:
        """Return what a page calls it."""
        return translator(language).gettext(self.title)

    @property
    def content_type(self) -> str:
        """Return the media type as an answer states it; JSON is UTF-8 by itself, and XLSX is no text."""
        textual = self.media_type.startswith("text/") or self.media_type.endswith("+xml")
        return f"{self.media_type}; charset=utf-8" if textual else self.media_type

    def ask(self, query: Query) -> Query:
        """Return what a link to it asks, beside a page that shows a query: the same tenders from the first on."""
        return query.saved() if self.followed else replace(query.saved(), sort=query.sort)


ATOM = Output("/tenders.atom", "application/atom+xml", N_("Atom feed"), True, True)
RSS = Output("/tenders.rss", "application/rss+xml", N_("RSS feed"), True, True)
# The name ends in .json, by which editors and file servers know what it is; /tenders.json would promise the API.
JSON_FEED = Output("/tenders.feed.json", "application/feed+json", N_("JSON Feed"), True, True)
CALENDAR = Output("/tenders.ics", "text/calendar", N_("Calendar of deadlines"), False, True)
CSV = Output("/tenders.csv", "text/csv", N_("CSV file"))
XLSX = Output(
    "/tenders.xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    N_("Excel workbook"),
)
OUTPUTS = (ATOM, RSS, JSON_FEED, CALENDAR, CSV, XLSX)
FEEDS = tuple(output for output in OUTPUTS if output.paged)
PATHS = frozenset(output.path for output in OUTPUTS)


@dataclass(frozen=True, slots=True)
class Alternate:
    """A link to the same tenders in another form, for ``<link rel=alternate>`` and for people."""

    path: str
    form: str  # the query, in URL form
    media_type: str
    name: str


def alternates(query: Query, language: str, outputs: Sequence[Output] = OUTPUTS) -> Iterator[Alternate]:
    """Give the links that a page beside `query` shows, feeds first."""
    for output in outputs:
        yield Alternate(output.path, to_url(output.ask(query)), output.media_type, output.name(language))
