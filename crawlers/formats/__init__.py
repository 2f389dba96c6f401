"""From bytes to notices, a module for each format a source publishes.

A format is a pure function ``read(body, origin) -> Iterator[Notice | Refusal]``: it never raises for bad input, never
touches the network or a store, and yields in the order of the body. Strict reading: every field is mapped, ignored on
purpose, or makes noise; an unknown label never falls into a default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from tenders.model import Notice


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something in a body that could not be understood.

    `where` is the notice's id when it is known, else its place in the body (``row 12``); `reason` says why in one line.
    """

    where: str
    reason: str


Read = Callable[[bytes, str], Iterator[Notice | Refusal]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its name on the command line. A reading of lower `richness` fills gaps and never overwrites.

    `says_empty`: its pages say it themselves when they hold nothing, and any other page without a notice is refused; so
    a body that yields nothing was an answer.
    """

    name: str
    module: str
    richness: int
    says_empty: bool = False

    @property
    def read(self) -> Read:
        """Return the reading function, importing its module only now."""
        function: Read = import_module(self.module).read
        return function


FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("atexo-detail", "crawlers.formats.atexo_detail", richness=20),
        Format("atexo-list", "crawlers.formats.atexo_list", richness=10, says_empty=True),
        Format("aws-detail", "crawlers.formats.aws_detail", richness=20),
        Format("aws-list", "crawlers.formats.aws_list", richness=10, says_empty=True),
        Format("boamp", "crawlers.formats.boamp", richness=20),
        Format("boamp-daily", "crawlers.formats.boamp_daily", richness=10),
        Format("eforms", "crawlers.formats.eforms", richness=20),
        Format("feed", "crawlers.formats.feed", richness=10),
    )
}
