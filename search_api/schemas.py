"""The shapes of the API's answers, as OpenAPI describes them; a test holds live answers against them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tenders.model import Nature, NoticeKind, Procedure
from tenders.query import Status
from tenders.store.sources import RunState, State

Answer3 = Literal["yes", "no"]
Text = str | None


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MoneyShape(_Shape):
    """An amount as a decimal string, with its ISO 4217 currency."""

    amount: str
    currency: str


class BuyerShape(_Shape):
    """Who buys; `id` is a SIRET or another national number."""

    name: Text
    id: Text
    type: Text
    town: Text
    postcode: Text
    country: Text


class LotShape(_Shape):
    """A part that may be won apart."""

    id: str
    title: Text
    description: Text
    cpv: list[str]
    places: list[str]
    value: MoneyShape | None
    deadline: Text


class SupplierShape(_Shape):
    """Who won; `place` is the NUTS code of the seat, that of the country alone where no more is stated."""

    name: Text
    id: Text
    size: Text
    place: Text


class AwardShape(_Shape):
    """The outcome of a lot, or of the whole where `lot` is null."""

    lot: Text
    suppliers: list[SupplierShape]
    value: MoneyShape | None
    bids: int | None
    date: Text


class DocumentShape(_Shape):
    """A document the buyer links to; `size` in bytes."""

    title: Text
    url: Text
    size: int | None


class StrategicShape(_Shape):
    """What the buyer declares; null is not stated, which is not no."""

    green: Answer3 | None
    social: Answer3 | None
    innovation: Answer3 | None
    reserved: Answer3 | None
    sme: Answer3 | None
    framework: Answer3 | None
    dps: Answer3 | None
    eu_funded: Answer3 | None


class TranslationShape(_Shape):
    """Title and description in another language."""

    title: Text
    description: Text


class _Facts(_Shape):
    url: Text
    language: Text
    title: str
    description: Text
    nature: Nature | None
    procedure: Procedure | None
    procedure_id: Text
    reference: Text
    buyer: BuyerShape
    co_buyers: list[BuyerShape]
    cpv: list[str]
    descriptors: list[str]
    places: list[str]
    departments: list[str]
    family: Text
    published: Text
    display_until: Text
    deadline: Text
    value: MoneyShape | None
    lot_count: int | None
    lots: list[LotShape]
    awards: list[AwardShape]
    documents: list[DocumentShape]
    links: dict[str, str]
    strategic: StrategicShape
    translations: dict[str, TranslationShape]


class NoticeShape(_Facts):
    """One notice in canonical JSON."""

    source: str
    source_id: str
    kind: NoticeKind
    supersedes: list[str]


class Snippet(_Shape):
    """A piece of a text; `marks` are the (start, end) places, in characters, of the words asked for."""

    text: str
    marks: list[tuple[int, int]]


class PredictedShape(_Shape):
    """A CPV code that we think fits where the buyer gave none, never one of the buyer's.

    What is not `asserted` is a suggestion, and selects nothing. `lot` is the lot whose text was judged, null for the
    whole; `terms` are the words that speak for the code.
    """

    code: str
    probability: float
    terms: list[str]
    asserted: bool
    lot: Text


class ContradictionShape(_Shape):
    """What a notice says of a field otherwise than the tender shows: ISO 8601, `120000.00 EUR`, codes with spaces."""

    field: str
    value: str
    notice: str


class TenderLine(_Facts):
    """One tender of a page: merged from its notices, `provenance` says which notice each field came from."""

    id: str
    seq: int
    version: int
    revision: int
    page: str = Field(description="Public address of the tender's page.")
    status: Status = Field(description="As of this answer.")
    no_deadline_known: bool
    cpv_predicted: list[PredictedShape] = Field(description="Empty where the buyer gave codes: those are in `cpv`.")
    classifier: Text = Field(description="The version of what predicted the codes.")
    sources: list[str]
    kinds: list[NoticeKind]
    provenance: dict[str, str]
    contradictions: list[ContradictionShape] = Field(
        description="What standing notices say otherwise, each value once."
    )
    notices: list[str] = Field(description="Keys of its notices, in the order they were first stored.")
    highlights: dict[str, list[Snippet]]


class RecordShape(_Shape):
    """A notice of a tender, and why it stands there."""

    key: str
    rule: str
    evidence: str
    merged_at: datetime
    notice: NoticeShape


class RevisionShape(_Shape):
    """One revision: what changed (name -> [old, new]) and the notice that said so."""

    revision: int
    seq: int
    notice: str
    changed_at: datetime
    fields: dict[str, tuple[Any, Any]]


class ToldShape(_Shape):
    """What one notice changed (name -> [old, new]); `day` is when it speaks, null where nobody knows."""

    notice: str
    kind: NoticeKind
    day: Text
    changed: dict[str, tuple[Any, Any]]


class HistoryShape(_Shape):
    """The history of a tender: as its notices tell it, and as it was recorded here."""

    told: list[ToldShape] = Field(description="Each notice in the order they speak, whenever it reached us.")
    revisions: list[RevisionShape] = Field(description="The material changes as they were recorded, newest first.")


class WholeTender(TenderLine):
    """One tender with its notices and history."""

    records: list[RecordShape]
    history: list[RevisionShape]


class FacetValue(_Shape):
    """How many tenders have a value."""

    value: str
    label: str
    count: int


class ResultPage(_Shape):
    """One page of a search."""

    total: int
    items: list[TenderLine]
    next: str | None = Field(description="Relative address of the next page.")
    facets: dict[str, list[FacetValue]]
    query: dict[str, str | list[str]] = Field(description="The query as understood, its URL form, and its address.")


class CodeShape(_Shape):
    """A code with its name; `parent` is the nearest code above."""

    code: str
    label: Text
    parent: Text


class CodeList(_Shape):
    """Codes found, best first."""

    items: list[CodeShape]


class WholeCode(CodeShape):
    """A code with its official check digit (CPV only) and the codes right under it."""

    check_digit: Text
    children: list[CodeShape]


class RunShape(_Shape):
    """One crawl, and what it brought."""

    started: datetime
    ended: datetime | None
    state: RunState
    reason: Text
    requests: int
    read: int
    new: int
    revised: int
    unchanged: int
    quarantined: int


class SourceShape(_Shape):
    """A source and how fresh it is."""

    name: str
    title: str
    homepage: str
    licence: str
    state: State
    last_success: datetime | None
    last_item: datetime | None
    expected_by: datetime | None
    cursor: str | None
    again_at: datetime | None
    runs: list[RunShape]


class SourceList(_Shape):
    """Every source."""

    items: list[SourceShape]


class ToClassify(BaseModel):
    """A text whose CPV codes are wanted, and what else is known of it."""

    id: str | int | float | None = Field(default=None, description="Given back with the verdict.")
    title: str = Field(max_length=2_000)
    description: str | None = Field(default=None, max_length=20_000)
    lang: str | None = Field(default=None, description="ISO 639-1; detected where absent.")
    nature: Literal["works", "supplies", "services"] | None = None
    descriptors: list[str] | None = Field(default=None, description="BOAMP's subject codes.")


class CodeGuess(_Shape):
    """A code by its significant digits, without check digit, its probability and its official name."""

    code: str
    p: float = Field(ge=0, le=1)
    label: str | None


class ReasonedGuess(CodeGuess):
    """A code to show, and the words of the text that speak for it, the most telling first."""

    terms: list[str]


class Classified(_Shape):
    """What a text is about; the most probable first in every list."""

    id: str | int | float | None
    cpv: list[ReasonedGuess]
    division: list[CodeGuess] = Field(description="The five best divisions.")
    group: list[CodeGuess] = Field(description="The five best groups.")
    codes: list[CodeGuess] = Field(description="The five best codes of eight digits.")
    asserted: CodeGuess | None = Field(description="The code that we say it is, null where nothing is sure enough.")


class FigureItem(_Shape):
    """One number of the observatory: `tenders` of them, listed at `url`; `measure` where it is a quartile or lots."""

    value: str
    label: str
    tenders: int
    measure: int | None
    unfinished: bool
    url: str


class FigureShape(_Shape):
    """One figure of the observatory."""

    figure: str
    name: str
    items: list[FigureItem]


class ComparedShape(_Shape):
    """The figures of a query."""

    query: dict[str, str | list[str]] = Field(description="The query as understood, its URL form, and its list.")
    total: int
    figures: list[FigureShape]


class ObservationShape(ComparedShape):
    """The figures of a query as of a moment."""

    at: str
    since: Text = Field(description="The first day of publication that we hold; null where we hold none.")
    year_before: Text = Field(description="Relative address of the same figures a year earlier.")
    compared: ComparedShape | None = Field(description="The same of the territory that `compare` names.")
