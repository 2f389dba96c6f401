"""Who stands in an eForms notice: buyers and winners, looked up among its organisations (efac:Organizations).

Contact persons, their addresses and beneficial owners stand there too; none of them is read, on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping

from crawlers.formats.eforms_codes import SIZES, country, language
from crawlers.formats.eforms_tree import NOTHING, Node
from crawlers.formats.seats import seat_of
from crawlers.formats.values import national_id
from tenders.model import Buyer, Supplier


def texts(nodes: list[Node], main: str | None) -> dict[str | None, str]:
    """Return the texts of a multilingual element by language (ISO 639-1), in their order.

    A text without ``@languageID`` is in the notice's language `main`; the first of two in one language stays.
    """
    found: dict[str | None, str] = {}
    for node in nodes:
        line = node.value()
        if line:
            code = node.attributes.get("languageID")
            found.setdefault(language(code) if code else main, line)
    return found


def own_text(nodes: list[Node], main: str | None) -> str | None:
    """Return the text in the notice's own language, else the first."""
    found = texts(nodes, main)
    return found.get(main) or next(iter(found.values()), None)


def organisations(root: Node) -> dict[str, Node]:
    """Return the efac:Organization elements by their technical id (ORG-0001)."""
    found: dict[str, Node] = {}
    for organisation in root.every("UBLExtensions", "UBLExtension", "ExtensionContent", "EformsExtension"):
        for node in organisation.every("Organizations", "Organization"):
            identifier = node.value("Company", "PartyIdentification", "ID")
            if identifier:
                found.setdefault(identifier, node)
    return found


def _is_person(organisation: Node) -> bool:
    """Whether the organisation is a natural person (BT-633)."""
    return organisation.value("NaturalPersonIndicator") == "true"


def _buyer(party: Node, known: Mapping[str, Node], main: str | None) -> Buyer:
    organisation = known.get(party.value("Party", "PartyIdentification", "ID") or "", NOTHING)
    company = organisation.first("Company") or party.first("Party")
    return Buyer(
        name=own_text(company.every("PartyName", "Name"), main),
        id=national_id(company.value("PartyLegalEntity", "CompanyID")),
        type=party.code(("ContractingPartyType", "PartyTypeCode"), "buyer-legal-type"),
        town=company.value("PostalAddress", "CityName"),
        postcode=company.value("PostalAddress", "PostalZone"),
        country=country(company.value("PostalAddress", "Country", "IdentificationCode")),
    )


def buyers(root: Node, known: Mapping[str, Node], main: str | None) -> list[Buyer]:
    """Return the buyers: the leader of a group first (OPP-050), else in the order of the notice."""
    parties = root.every("ContractingParty")

    def leads(party: Node) -> bool:
        organisation = known.get(party.value("Party", "PartyIdentification", "ID") or "", NOTHING)
        return organisation.value("GroupLeadIndicator") == "true"

    return [_buyer(party, known, main) for party in sorted(parties, key=lambda party: not leads(party))]


def supplier(identifier: str, known: Mapping[str, Node], main: str | None) -> Supplier | None:
    """Return the organisation of a tenderer (OPT-300), None if the notice does not describe it.

    Of a natural person only the size and the NUTS code are kept: who that is is not ours to spread.
    """
    organisation = known.get(identifier)
    if organisation is None:
        return None
    company = organisation.first("Company")
    size = company.value("CompanySizeCode")
    size = size if size in SIZES else None
    address = company.first("PostalAddress")
    land = country(address.value("Country", "IdentificationCode"))
    stated = address.value("CountrySubentityCode"), address.value("PostalZone"), land
    place = seat_of("eforms", *stated) if land else None
    if _is_person(organisation):
        return Supplier(size=size, place=place)
    return Supplier(
        name=own_text(company.every("PartyName", "Name"), main),
        id=national_id(company.value("PartyLegalEntity", "CompanyID")),
        size=size,
        place=place,
    )
