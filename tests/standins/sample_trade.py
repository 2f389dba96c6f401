"""What a trade is, for invented notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["works", "supplies", "services"]


@dataclass(frozen=True, slots=True)
class Trade:
    """What a supplier does: how a notice calls it, what it is about, its codes, the lots it may be split into."""

    nature: Kind
    cpv: tuple[str, ...]
    descriptors: tuple[tuple[str, str], ...]
    titles: tuple[str, ...]  # {de}: a site, "de la salle des fêtes"
    about: str
    lots: tuple[tuple[str, str], ...] = ()  # title, CPV
    green: bool = False
    social: bool = False
