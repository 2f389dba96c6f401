"""What an invented notice says, once; its API record, its XML and its row in the daily file are written from this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from tests.standins.sample_trade import Kind

Form = Literal["EFORMS", "FNSimple", "MAPA", "DSP", "DIVERS", "ARCHIVE"]
Act = Literal["call", "planning", "award", "change", "cancel", "modification", "direct-award"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An invented buyer or supplier; `id` is a well-formed SIRET that nobody can have (it begins with 000)."""

    name: str
    id: str
    town: str
    postcode: str
    department: str
    nuts: str
    type: str = ""  # buyer-legal-type, or the size of a supplier
    country: str = "FRA"  # ISO 3166-1 alpha-3


@dataclass(frozen=True, slots=True)
class LotFacts:
    """A lot: its number from 1, title, CPV and estimated value in euros."""

    number: int
    title: str
    cpv: str
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Won:
    """The outcome of a lot (None: of the whole): the winner, the price in euros, how many tenders came, when."""

    lot: int | None
    supplier: Organisation
    value: int
    bids: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One invented notice.

    `deadline` is aware, with the offset of the buyer's place. `stamp` says how the source writes it: with its offset,
    without one (`naive`), with a fraction of a second, with +01:00 all year (`winter`), or (a correction) only inside
    the form (`changed`) or only in a sentence of it (`told`), so that the record's own field is null. `value` and
    `lots` are None and empty where the form does not state them.
    """

    idweb: str
    form: Form
    act: Act
    title: str
    about: str
    nature: Kind
    procedure: str  # BOAMP's type_procedure
    buyer: Organisation
    departments: tuple[str, ...]
    published: date
    display_until: date
    deadline: datetime | None
    stamp: Literal["offset", "naive", "fraction", "winter", "changed", "told"]
    old_deadline: datetime | None
    cpv: tuple[str, ...]
    descriptors: tuple[tuple[str, str], ...]
    lots: tuple[LotFacts, ...]
    value: int | None
    won: tuple[Won, ...]
    earlier: tuple[str, ...]  # idweb of the notices that this one follows
    earlier_notice: str  # eForms: identifier of the notice that this one changes
    folder: str  # eForms: identifier of the procedure (BT-04)
    notice: str  # eForms: identifier of the notice
    version: int
    reference: str
    green: bool
    social: bool
    framework: bool
    sme: bool
    language: str = "FRA"  # ISO 639-3

    @property
    def family(self) -> str:
        """BOAMP's family, upper case as in the API."""
        return {"EFORMS": "JOUE", "FNSimple": "FNS", "ARCHIVE": "JOUE"}.get(self.form, self.form)
