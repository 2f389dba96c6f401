"""A source: where it publishes, how it is walked, and how much to expect of it.

Adding one:

1. Find out how the site lists what it publishes, and in what order; keep captured answers for the tests.
2. Write its format in ``crawlers/formats`` when no module reads it yet: bytes to notices, nothing else.
3. Subclass `Source` in a module of ``crawlers/sources`` named after it, and add it to the table there: name (the
   portal's own, lower case), title, homepage, licence, format, address, `Expect` (what a healthy day brings, 10-20 %
   under what was counted), politeness.
4. Cut the walk into windows that can each be read whole and repeated harmlessly (`windows`), and say what to ask for
   a window (`first`) and after each answer (`following`). These are functions of their arguments: nothing is kept on
   the source or the spider, so a stop anywhere goes on from the last whole window.
5. Prove it against a stand-in that answers as the site does, its faults included.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tenders.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What a healthy source brings. A day of `weekdays` (0 is Monday) below `fewest` notices makes its run suspect, and
    so does any past day without one.

    `late_hours` and `silent_hours` are the longest healthy gaps between two runs, and between two new notices.
    """

    fewest: int
    weekdays: frozenset[int]
    late_hours: int
    silent_hours: int


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: the address, the window it is for (a name that sorts by time), and how far into the window it is."""

    url: str
    window: str
    offset: int = 0


class Source(ABC):
    """A site that is walked window by window, one request at a time."""

    name: str
    title: str
    homepage: str
    licence: str
    format: str
    expect: Expect
    delay: float = 1.0  # seconds between two requests; AutoThrottle may lengthen it

    @abstractmethod
    def address(self, settings: Settings) -> str:
        """Return the address that every request begins with."""

    @abstractmethod
    def windows(self, cursor: str | None, since: date | None, until: date) -> Iterator[str]:
        """Give the windows to read, oldest first: from the last whole one (again, it may have grown), or from a day."""

    @abstractmethod
    def first(self, base: str, window: str, today: date) -> Ask:
        """Return what to ask first for a window."""

    @abstractmethod
    def following(self, base: str, ask: Ask, body: bytes) -> Ask | None:
        """Return what to ask after an answer, None when the window is whole; raises Refused for no answer at all."""

    @abstractmethod
    def day_of(self, window: str) -> date:
        """Return the day whose notices a window holds."""
