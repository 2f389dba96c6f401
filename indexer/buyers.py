"""What a tender's buyers are, joint buyers each: what their numbers tell, and the EPCI that they are or belong to."""

from __future__ import annotations

from collections.abc import Iterator

from tenders.bodies import categorise, groupings_of, read_siren
from tenders.body_names import recognise
from tenders.codes import FRANCE
from tenders.model import Buyer, Tender


def _buyers(tender: Tender) -> Iterator[Buyer]:
    return (buyer for notice in tender.notices for buyer in notice.buyers)


def stated_sirens(tender: Tender) -> Iterator[str]:
    """The SIRENs that notices state of buyers."""
    for buyer in _buyers(tender):
        siren = read_siren(buyer.id, buyer.country)
        if siren is not None:
            yield siren


def categories(tender: Tender) -> Iterator[str]:
    """The kinds of public body that the stated numbers tell; a name tells none."""
    for siren in stated_sirens(tender):
        category = categorise(siren)
        if category is not None:
            yield category


def groupings(tender: Tender) -> Iterator[str]:
    """The SIRENs of the EPCI that buy, alone or by a member commune.

    A buyer without a number is known by its official name and its postcode, where there is such a name.
    """
    for buyer in _buyers(tender):
        siren = read_siren(buyer.id, buyer.country)
        if siren is None and buyer.name and buyer.postcode and (buyer.country or "FR") in FRANCE:
            siren = recognise(buyer.name, buyer.postcode)
        if siren is not None:
            yield from groupings_of(siren)
