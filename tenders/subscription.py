"""The words of a subscription: a saved query, an address, a rhythm, and what else its owner wants to hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tenders.query import Query
from tenders.query_url import to_url


class Kind(StrEnum):
    """What a subscriber gets: tenders as they come, or each month what the tenders of a scope amount to."""

    ALERT = "alert"
    REPORT = "report"


class Rhythm(StrEnum):
    """How often a subscriber wants to hear: at once, or one digest a local day or week; of a report, once a month."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


RHYTHMS: Final = {Kind.ALERT: (Rhythm.INSTANT, Rhythm.DAILY, Rhythm.WEEKLY), Kind.REPORT: (Rhythm.MONTHLY,)}
USUAL_RHYTHM: Final = {Kind.ALERT: Rhythm.DAILY, Kind.REPORT: Rhythm.MONTHLY}


class News(StrEnum):
    """What a subscriber may want to hear of a tender it was told of, besides that it is there."""

    DEADLINE = "deadline"  # it was moved, or the tender was cancelled or left the search
    DOCUMENTS = "documents"  # they changed, or the lots or the value did
    AWARD = "award"
    ENDING = "ending"  # three days are left


ALL_NEWS = frozenset(News)
USUAL_NEWS = ALL_NEWS - {News.AWARD}  # what the form of the pages has ticked


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The proof that somebody asked for a subscription, and that its owner agreed.

    `wording` is the version of the text that was agreed to; `asked_from` and `confirmed_from` are networks, never the
    address of one machine (a /24, a /48), and empty where nothing came over the network.
    """

    wording: str = ""
    source: str = "operator"  # operator, page, import
    asked_from: str = ""
    confirmed_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A saved query, an address and a rhythm; `began` is the arrival number after which notices count.

    A report's query is the scope of its figures, without days of publication: each mail tells a month of it.
    `state` is pending, active or ended. An active one may be paused: nothing is sent before `paused_until`, and then
    all that was matched meanwhile. `links` counts how often its owner made the older links of mails void.
    One whose saved query no longer reads, `unreadable` as it was kept, has the empty query here: it is told nothing,
    must be shown as nothing else, and can be changed or ended.
    """

    id: str
    email: str
    query: Query
    rhythm: Rhythm
    kind: Kind = Kind.ALERT
    news: frozenset[News] = ALL_NEWS
    language: str = "fr"  # fr or en
    name: str | None = None
    state: str = "pending"
    began: int = 0
    told_before: int = 0  # the last match of the searches that it had before this one
    links: int = 0
    created: datetime
    confirmed: datetime | None = None
    confirmed_links: int = 0  # `links` at that moment
    paused_until: datetime | None = None
    ended: datetime | None = None
    consent: Consent = Consent()
    unreadable: str = ""

    @property
    def form(self) -> str:
        """The URL form of its query, as it is kept."""
        return self.unreadable or to_url(self.query)

    def is_paused(self, now: datetime) -> bool:
        """Whether it keeps silent at a moment."""
        return self.paused_until is not None and now < self.paused_until
