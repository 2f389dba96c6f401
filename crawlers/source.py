"""A source: where it publishes, how it is walked, and how much to expect of it.

Adding one:

1. Find out how the site lists what it publishes, and in what order; keep captured answers for the tests.
2. Write its format in ``crawlers/formats`` when no module reads it yet: bytes to notices, nothing else. A site that
   lists rows and tells more on a page of each needs two, of which the list's has the lower richness: both are readings
   of one notice, and the store folds them.
3. A portal of a vendor we know is ten lines in ``crawlers/sources``: see `crawlers.platforms`. Any other site is a
   subclass of `Source` there, named after it, in the table of that folder: name (the portal's own, lower case), title,
   homepage, licence, format, `Expect` (10-20 % under what was counted), politeness.
4. Cut the walk into windows that can each be read whole and repeated harmlessly (`windows`): a day of a journal, a
   list of a platform. Say what to ask for a window (`first`), after each answer (`following`) and of its rows
   (`details`), and what of an answer is doubtful (`doubt`). These are functions of their arguments: nothing is kept on
   the source or the spider; what a chain of pages must remember is carried by its `Ask`. So a stop anywhere goes on
   from the last whole window; the pages of details that were read are not asked again.
5. Raise `Refused` for what is no answer at all: it is asked again, then kept with its reason, and the walk ends; where
   windows stand `apart`, it goes on with the next and is suspect.
6. Prove it against a stand-in that answers as the site does, its faults included; say in the docstring what no
   captured answer proves, and have an operator run ``make live-check SOURCE=name`` once.

Cookies live as long as one walk. Only the source's own host is asked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tenders.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What a healthy source brings. A day of `weekdays` (0 is Monday) below `fewest` notices makes its run suspect, and
    so does any past day without one; of a platform, `fewest` is said of its whole list of open calls.

    `late_hours` and `silent_hours` are the longest healthy gaps between two runs, and between two new notices.
    """

    fewest: int
    weekdays: frozenset[int] = frozenset(range(7))
    late_hours: int
    silent_hours: int


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: the address, the window it is for (a name that sorts by time), and how far into the window it is.

    With a `form` it is a POST of these fields, urlencoded. `format` names the format of its answer, the source's own
    when empty. `notice` is the key of the notice whose page of details this is. `seen` are the keys of the rows that
    the window has shown before. The answer to one that comes `instead` takes the place of the answer before, which is
    then not kept. One that is not `sure` goes on though the site did not say that there is more: an HTTP error is then
    the end of the window.
    """

    url: str
    window: str
    offset: int = 0
    form: tuple[tuple[str, str], ...] = ()
    format: str = ""
    notice: str = ""
    seen: frozenset[str] = frozenset()
    instead: bool = False
    sure: bool = True


class Source(ABC):
    """A site that is walked window by window, one request at a time."""

    name: str
    title: str
    homepage: str
    licence: str
    format: str
    expect: Expect
    on: bool = True  # walked by the service; one that is off is walked only when it is named
    delay: float = 1.0  # seconds between two requests; AutoThrottle may lengthen it
    cookies: bool = False  # kept for one walk
    conditional: bool = False  # its address is asked with what its last answer gave: ETag, Last-Modified (RFC 9110)
    every: timedelta = timedelta(0)  # the service leaves it so long between two whole walks
    apart: bool = False  # its windows are lists apart: one that cannot be read is a doubt, and the next is read
    quiet: bool = False  # walked within TENDERS_CRAWL_HOURS only, where they are set
    refresh: timedelta = timedelta(days=7)  # a page of details is asked again after so long, though its row is the same

    def address(self, settings: Settings) -> str:
        """Return the address that every request begins with, without a slash at its end."""
        return settings.source_urls.get(self.name, self.homepage).rstrip("/")

    @abstractmethod
    def windows(self, cursor: str | None, since: date | None, until: date) -> Iterator[str]:
        """Give the windows to read, oldest first: from the last whole one (again, it may have grown), or from a day."""

    @abstractmethod
    def first(self, base: str, window: str, today: date) -> Ask:
        """Return what to ask first for a window."""

    @abstractmethod
    def following(self, base: str, ask: Ask, body: bytes) -> Ask | None:
        """Return what to ask after an answer, None when the window is whole; raises Refused for no answer at all."""

    def details(self, base: str, ask: Ask, body: bytes) -> Mapping[str, Ask]:  # noqa: ARG002 for those that list rows
        """Return, by a notice's key, the page that tells more of a row; asked for rows that are new or changed."""
        return {}

    def doubt(self, ask: Ask, body: bytes) -> str | None:  # noqa: ARG002 for those that list rows
        """Say what is doubtful of an answer that was read: the walk goes on, and its run is suspect."""
        return None

    def tell(self, body: bytes) -> Mapping[str, object]:  # noqa: ARG002 for those that list rows
        """Return what an answer says of its place in the window, for a person's eye."""
        return {}

    @abstractmethod
    def day_of(self, window: str) -> date:
        """Return the day whose notices a window holds."""

    def origin(self, window: str) -> str:
        """Name a window where a refusal is kept: the same refusal a second time must bear the same name."""
        return f"{self.name} {window}"

    def fewest(self, window: str, today: date) -> int:
        """Return how many notices a window must hold not to be doubtful."""
        day = self.day_of(window)
        if day >= today:
            return 0  # it may still grow
        return self.expect.fewest if day.weekday() in self.expect.weekdays else 1
