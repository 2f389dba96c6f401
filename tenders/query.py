"""What may be asked, and what an engine answers.

A results page, an RSS link, a saved search and a mail's "see all" link are the same Query, and give the same set of
tenders everywhere. Values of one name are alternatives, names must all hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from tenders.query_text import Node, parse_text

MAX_SIZE = 100
DEFAULT_SIZE = 20
# The languages that have a Snowball stemmer; other languages are found by their exact words.
LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt", "sv", "da", "fi", "no", "hu", "ro", "ru", "el", "ca", "eu")
DEFAULT_LANGUAGES = ("fr", "en")
FLAGS = ("green", "social", "reserved", "innovation", "sme", "framework", "eu_funded")
# What a tender's record may state or leave open, for `known` and `unknown`. `call` is a call for tenders: without one a
# tender is known by its plan, its award or what came after. `cpv` is a code that the buyer published, `answer` the days
# from publication to deadline, `buyer_id` a buyer's SIREN or SIRET, `buyer_category` what that tells, `value` an amount
# in euros, `winner` a winner's size, `winner_dept` its seat, `local` whether that is where the work is done; a flag is
# known where it is yes or no.
STATED = (
    "call",
    "published",
    "answer",
    "nature",
    "procedure",
    "cpv",
    "cpv_any",
    "dept",
    "buyer",
    "buyer_type",
    "buyer_id",
    "buyer_category",
    "value",
    "award_value",
    "lots",
    "offers",
    "winner",
    "winner_dept",
    "local",
    *FLAGS,
)
WINNERS = ("sme", "large")
# What a buyer's SIREN tells of it (tenders.bodies).
BUYER_CATEGORIES = (
    "municipality",
    "intermunicipal",
    "grouping",
    "department",
    "region",
    "state",
    "health",
    "education",
    "housing",
)


class Status(StrEnum):
    """The state of a tender at a moment; the first that holds, in this order."""

    CANCELLED = "cancelled"
    AWARDED = "awarded"
    CLOSED = "closed"
    OPEN = "open"
    PLANNED = "planned"


class Sort(StrEnum):
    """The orders of a result; a dash means descending. Unknown values come last, ties by the newest `seq`."""

    RELEVANCE = "relevance"
    DEADLINE = "deadline"
    PUBLISHED = "-published"
    VALUE = "-value"
    SEQ = "-seq"


class Facet(StrEnum):
    """What is counted beside a result, each under all filters but its own; the last ones are no names of a Query."""

    CPV = "cpv"
    CPV_ANY = "cpv_any"
    NUTS = "nuts"
    DEPT = "dept"
    NATURE = "nature"
    PROCEDURE = "procedure"
    STATUS = "status"
    SOURCE = "source"
    KIND = "kind"
    BUYER = "buyer"
    BUYER_TYPE = "buyer_type"
    BUYER_CATEGORY = "buyer_category"
    WINNER = "winner"
    WINNER_DEPT = "winner_dept"
    KNOWN = "known"
    MONTH = "month"  # of first publication, 2021-04
    ANSWER_DAYS = "answer_days"  # from first publication to the deadline
    OFFERS = "offers"  # a tender's middling number a lot
    VALUE_CLASS = "value_class"  # by its least amount in euros
    BUYER_SAID = "buyer_said"  # every buyer named, as `buyer` compares them
    LOT_COUNT = "lot_count"
    SIZED_LOTS = "sized_lots"  # lots in which a winner's size is stated
    SME_LOTS = "sme_lots"  # lots won by a small or medium enterprise
    WINNER_VALUE = "winner_value"  # a winner's size and the class of value: sme:90000, known:90000
    FLAG = "flag"  # green:yes, relaunch:no, local:yes


# The facets that a list of tenders is narrowed by; the others are figures of the observatory.
LISTED = tuple(Facet)[: tuple(Facet).index(Facet.WINNER)]


@dataclass(frozen=True, slots=True)
class Within:
    """A span that starts now: ``7d`` or ``48h``. It stays relative in a saved search."""

    count: int
    unit: str  # d or h

    @property
    def span(self) -> timedelta:
        """The length of the span; a day is 24 hours."""
        return timedelta(days=self.count) if self.unit == "d" else timedelta(hours=self.count)

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question to the index; the field names are the names of its URL form. The empty Query selects every tender."""

    q: str = ""
    cpv: tuple[str, ...] = ()
    cpv_any: tuple[str, ...] = ()
    nuts: tuple[str, ...] = ()
    dept: tuple[str, ...] = ()
    epci: tuple[str, ...] = ()
    buyer: tuple[str, ...] = ()
    buyer_type: tuple[str, ...] = ()
    buyer_category: tuple[str, ...] = ()
    nature: tuple[str, ...] = ()
    procedure: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    published_after: date | None = None
    published_before: date | None = None
    deadline_after: date | None = None
    deadline_before: date | None = None
    deadline_within: Within | None = None
    value_min: Decimal | None = None
    value_max: Decimal | None = None
    value_unknown: str = "keep"
    green: bool | None = None
    social: bool | None = None
    reserved: bool | None = None
    innovation: bool | None = None
    sme: bool | None = None
    framework: bool | None = None
    eu_funded: bool | None = None
    winner: tuple[str, ...] = ()
    winner_dept: tuple[str, ...] = ()
    local: bool | None = None
    relaunch: bool | None = None
    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    sort: Sort | None = None
    size: int = DEFAULT_SIZE
    after: str | None = None

    @property
    def text(self) -> Node | None:
        """The parsed text; None when there is nothing to look for."""
        return parse_text(self.q)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages whose stems are tried."""
        return self.lang or DEFAULT_LANGUAGES

    @property
    def order(self) -> Sort:
        """The order asked for, else relevance; where there are no words to be relevant to, the newest first."""
        asked = self.sort or Sort.RELEVANCE
        return Sort.SEQ if asked is Sort.RELEVANCE and self.text is None else asked

    @property
    def relative(self) -> bool:
        """Whether what it selects depends on the moment it is asked."""
        return bool(self.status) or self.deadline_within is not None

    def saved(self) -> Query:
        """Return what a subscription keeps: the same set of tenders, no order and no page."""
        return replace(self, sort=None, size=DEFAULT_SIZE, after=None)


@dataclass(frozen=True, slots=True)
class Hit:
    """One tender of a page, and how well it fits the words (0 where the order is not relevance)."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page of an engine's answer: exact total, hits in order, the next page's cursor, counts by facet value."""

    total: int
    hits: tuple[Hit, ...]
    next: str | None
    facets: Mapping[Facet, Mapping[str, int]]
