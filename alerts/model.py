"""The words of alerting: match, delivery, digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from indexer.observatory.observe import Observation
from tenders.model import Tender
from tenders.store.coverage import Coverage
from tenders.subscription import Subscription


class MatchKind(StrEnum):
    """What a subscription is told of a tender; each is told once for a revision, `ending` once at all."""

    NEW = "new"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    LEFT = "left"
    ENDING = "ending"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that made a tender match: the query's parameter, the value asked, and what it met in the tender.

    For words, `met` is the part of the tender (title, lot, description, buyer); for codes, the tender's own code.
    """

    name: str
    asked: str
    met: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One tender in a digest. `changes` are the material facts that changed, name -> (old, new), as JSON values.

    `former` says that it was told first under a search that the subscription had before.
    """

    kind: MatchKind
    tender: Tender
    why: tuple[Reason, ...] = ()
    former: bool = False
    changes: Mapping[str, tuple[object, object]]
    notice: str | None = None  # key of the notice that said so


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one mail says. A long list goes on in further parts: `part` of `parts`, `total` lines over all parts."""

    delivery_id: str
    subscription: Subscription
    lines: tuple[Line, ...]
    now: datetime
    part: int = 1
    parts: int = 1
    counts: Mapping[MatchKind, int]  # over all parts
    checked: Coverage | None = None
    notices_read: int = 0  # by all sources, since the last digest of this subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a monthly report says: a month, the same month a year before, and the twelve months up to it.

    `held` and `year_held` say that the index holds the whole of these; `checked` says how fresh the sources are.
    """

    subscription: Subscription
    now: datetime
    delivery_id: str
    seen: Observation
    before: Observation
    held: bool
    year: Observation
    year_held: bool
    checked: Coverage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes: the address that links begin with, what signs them, and what stands under From."""

    base_url: str
    secret: str
    mail_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail ready to be sent; `message_id` is the same at every try of one delivery."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: Mapping[str, str]
