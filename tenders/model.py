"""What public buyers announce, in the field's own words: frozen values, no behaviour beyond their own facts.

Names follow eForms (BT numbers from the eForms SDK) and OCDS 1.1 paths where these have a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from tenders.codes import Cpv, Department, Nuts


class NoticeKind(StrEnum):
    """What a notice does to its procedure (eForms form type and notice type; OCDS release tag)."""

    PLANNING = "planning"
    CONSULTATION = "consultation"
    COMPETITION = "competition"
    CHANGE = "change"
    RESULT = "result"
    MODIFICATION = "modification"
    DIRECT_AWARD = "direct-award"
    COMPLETION = "completion"
    CANCELLATION = "cancellation"


class Nature(StrEnum):
    """What is bought (BT-23 contract nature; OCDS tender/mainProcurementCategory)."""

    WORKS = "works"
    SUPPLIES = "supplies"
    SERVICES = "services"


class Procedure(StrEnum):
    """How the buyer chooses (BT-105; OCDS tender/procurementMethodDetails); `adapted` is the French MAPA."""

    OPEN = "open"
    RESTRICTED = "restricted"
    NEGOTIATED = "negotiated"
    COMPETITIVE_DIALOGUE = "competitive-dialogue"
    INNOVATION = "innovation"
    ADAPTED = "adapted"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its ISO 4217 currency (OCDS Value)."""

    amount: Decimal
    currency: str = "EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys (eForms Buyer, OCDS parties with role buyer). `id` is a SIRET or another national number (BT-501)."""

    name: str | None = None
    id: str | None = None
    type: str | None = None
    town: str | None = None
    postcode: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A part of a procedure that may be won apart (eForms Lot, OCDS tender/lots)."""

    id: str
    title: str | None = None
    description: str | None = None
    cpv: tuple[Cpv, ...] = ()
    places: tuple[Nuts, ...] = ()
    value: Money | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """Who won (OCDS awards/suppliers); `size` is BT-165: micro, small, medium, sme or large.

    `place` is where the winner has its seat (BT-507): NUTS-3, or the country alone where no more is stated.
    """

    name: str | None = None
    id: str | None = None
    size: str | None = None
    place: Nuts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """The outcome of a lot, or of the whole procedure when `lot` is None (eForms LotResult, OCDS awards)."""

    lot: str | None = None
    suppliers: tuple[Supplier, ...] = ()
    value: Money | None = None
    bids: int | None = None
    date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that the buyer links to (BT-15, OCDS tender/documents); `size` in bytes."""

    title: str | None = None
    url: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategic:
    """What the buyer declares of responsible buying. None means not stated, which is not "no"."""

    green: bool | None = None  # BT-06 env-imp, BT-774, BT-805
    social: bool | None = None  # BT-06 soc-obj, BT-775
    innovation: bool | None = None  # BT-06 inn-pur, BT-776
    reserved: bool | None = None  # BT-71, BT-736
    sme: bool | None = None  # BT-726
    framework: bool | None = None  # BT-765
    dps: bool | None = None  # BT-766
    eu_funded: bool | None = None  # BT-60


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The title and description in another language."""

    title: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one source published once (eForms notice, French *avis*, OCDS release). Its key is (source, source_id)."""

    source: str
    source_id: str
    kind: NoticeKind
    title: str
    url: str | None = None
    language: str | None = None  # ISO 639-1, BT-702
    description: str | None = None  # BT-24
    nature: Nature | None = None
    procedure: Procedure | None = None
    procedure_id: str | None = None  # BT-04, OCDS ocid's local part
    reference: str | None = None  # BT-22, the buyer's own
    supersedes: tuple[str, ...] = ()  # BT-758, annonce_lie: ids of earlier notices this one names
    buyer: Buyer = Buyer()
    co_buyers: tuple[Buyer, ...] = ()
    cpv: tuple[Cpv, ...] = ()  # BT-262, BT-263: the main code first
    descriptors: tuple[str, ...] = ()
    places: tuple[Nuts, ...] = ()  # BT-5071
    departments: tuple[Department, ...] = ()
    family: str | None = None
    published: date | None = None
    display_until: date | None = None
    deadline: datetime | None = None  # BT-131 / BT-1311, with the source's own offset
    value: Money | None = None  # BT-27
    lot_count: int | None = None
    lots: tuple[Lot, ...] = ()
    awards: tuple[Award, ...] = ()
    documents: tuple[Document, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    strategic: Strategic = Strategic()
    translations: Mapping[str, Translation] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The notice's name across the service, such as ``boamp:21-85788``."""
        return f"{self.source}:{self.source_id}"

    @property
    def buyers(self) -> tuple[Buyer, ...]:
        """Whoever buys: the buyer first, then those who buy jointly with it."""
        return (self.buyer, *self.co_buyers)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedCpv:
    """A CPV code that we think fits where the buyer gave none; never one of the buyer's.

    `terms` are the words of the text that speak for it. What is not `asserted` is a suggestion, and selects nothing.
    `lot` is the id of the lot whose text was judged, None for the whole.
    """

    code: Cpv
    probability: float  # calibrated, 0 to 1
    terms: tuple[str, ...] = ()
    asserted: bool = True
    lot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """What a standing notice says of a field otherwise than the merged record: the value as text, the notice's key."""

    field: str  # deadline, value, cpv, nature, procedure, places, buyer.id
    value: str  # ISO 8601, "120000.00 EUR", codes with a space between
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """The one opportunity a supplier sees (OCDS contracting process), merged from the notices of one procedure.

    `notices` are in the order they were first stored. `provenance` names, for each merged field that is known, the
    key of the notice it came from; parts (``buyer.id``, ``strategic.green``, ``lots.LOT-0002.value``,
    ``awards.LOT-0002``) stand there where they are known, or not the whole's. `contradictions` are what standing
    notices say otherwise than `merged`. `version` rises at every write, `seq` when the tender is new or materially
    changed, `revision` counts the seqs of this tender from 1. `classifier` is the version of what made
    `cpv_predicted`, None where nothing was asked because the buyer gave codes.
    """

    id: str
    notices: tuple[Notice, ...]
    merged: Notice
    cancelled: bool
    awarded: bool
    planned: bool
    provenance: Mapping[str, str]
    contradictions: tuple[Contradiction, ...] = ()
    cpv_predicted: tuple[PredictedCpv, ...] = ()
    classifier: str | None = None
    version: int = 0
    seq: int = 0
    revision: int = 0

    @property
    def cpv_published(self) -> tuple[Cpv, ...]:
        """The buyer's own codes, those of the whole first, then those of its lots."""
        return tuple(dict.fromkeys((*self.merged.cpv, *(code for lot in self.merged.lots for code in lot.cpv))))

    @property
    def cpv_any(self) -> tuple[Cpv, ...]:
        """The buyer's own codes; where there is none, those that we assert, of the whole and of its lots."""
        asserted = (guess.code for guess in self.cpv_predicted if guess.asserted)
        return self.cpv_published or tuple(dict.fromkeys(asserted))
