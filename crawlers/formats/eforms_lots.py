"""The lots of an eForms notice: what each buys, where, for how much, until when, and what the buyer declares of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final

from crawlers.formats.eforms_codes import country, language
from crawlers.formats.eforms_parties import own_text
from crawlers.formats.eforms_tree import Node
from crawlers.formats.text import clean_text, title, web_address
from crawlers.formats.values import either, read_codes, read_moment, read_money
from tenders.codes import Cpv, Nuts
from tenders.model import Document, Lot, Money, Strategic

_ADDITIONAL: Final = ("ProcurementProject", "ProcurementAdditionalType", "ProcurementTypeCode")
_SYSTEM: Final = ("TenderingProcess", "ContractingSystem", "ContractingSystemTypeCode")
_REQUIREMENT: Final = (
    "TenderingTerms",
    "TendererQualificationRequest",
    "SpecificTendererRequirement",
    "TendererRequirementTypeCode",
)
_EXECUTION: Final = ("TenderingTerms", "ContractExecutionRequirement", "ExecutionRequirementCode")


def money(node: Node) -> Money | None:
    """Return the amount of an element with its ``@currencyID``."""
    return read_money(node.value(), node.attributes.get("currencyID"))


def estimate(project: Node) -> Money | None:
    """Return the estimated value (BT-27), else the greatest value of the framework (BT-271)."""
    total = project.first("RequestedTenderTotal")
    return money(total.first("EstimatedOverallContractAmount")) or money(
        total.extension.first("FrameworkMaximumAmount")
    )


def cpv_codes(projects: Iterable[Node]) -> tuple[Cpv, ...]:
    """Return the main code (BT-262) and the additional ones (BT-263) of each project, each code once."""
    texts = [
        code.value()
        for project in projects
        for kind in ("MainCommodityClassification", "AdditionalCommodityClassification")
        for code in project.every(kind, "ItemClassificationCode")
        if code.attributes.get("listName", "cpv") == "cpv"
    ]
    return read_codes(Cpv.parse, texts, "eforms")


def places(projects: Iterable[Node]) -> tuple[Nuts, ...]:
    """Return the places of performance (BT-5071); "anywhere in the country" (BT-727) is the code of the country."""
    addresses = [address for project in projects for address in project.every("RealizedLocation", "Address")]
    return read_codes(Nuts.parse, [_place(address) for address in addresses], "eforms")


def _place(address: Node) -> str | None:
    if address.value("Region") != "anyw-cou":
        return address.value("CountrySubentityCode")
    code = country(address.value("Country", "IdentificationCode"))
    return Nuts.of_country(code) if code else None


def real_lots(root: Node) -> list[Node]:
    """Return the Lots (BT-137), without the Parts of a planning notice and the groups of lots."""
    return [
        node
        for node in root.every("ProcurementProjectLot")
        if (node.first("ID").attributes.get("schemeName") or _scheme(node)) == "Lot"
    ]


def _scheme(node: Node) -> str:
    return "Lot" if (node.value("ID") or "").startswith("LOT-") else ""


def deadline(lot: Node, zone: tzinfo) -> datetime | None:
    """Return the earliest of the deadlines for tenders (BT-131) and for requests to participate (BT-1311).

    Where a notice has neither, the one for expressions of interest (BT-630) is what a supplier must meet.
    """
    process = lot.first("TenderingProcess")
    interest = process.extension.first("InterestExpressionReceptionPeriod")
    periods = [process.first("TenderSubmissionDeadlinePeriod"), process.first("ParticipationRequestReceptionPeriod")]
    moments = [read_moment(period.value("EndDate"), period.value("EndTime"), zone) for period in periods]
    stated = [moment for moment in moments if moment]
    return min(stated) if stated else read_moment(interest.value("EndDate"), interest.value("EndTime"), zone)


def read_lot(node: Node, main: str | None, zone: tzinfo) -> Lot:
    """Return a lot; its texts in the notice's own language."""
    project = node.first("ProcurementProject")
    name = own_text(project.every("Name"), main)
    return Lot(
        id=node.value("ID") or "LOT-0000",
        title=title(name) if name else None,
        description=clean_text(description(project, main)),
        cpv=cpv_codes([project]),
        places=places([project]),
        value=estimate(project),
        deadline=deadline(node, zone),
    )


def description(project: Node, main: str | None) -> str | None:
    """Return the description (BT-24) in the notice's own language with its line breaks."""
    found = descriptions(project, main)
    return found.get(main) or next(iter(found.values()), None)


def descriptions(project: Node, main: str | None) -> dict[str | None, str]:
    """Return the descriptions (BT-24) by language."""
    found: dict[str | None, str] = {}
    for node in project.every("Description"):
        text = clean_text(node.text)
        if text and text != "unpublished":
            code = node.attributes.get("languageID")
            found.setdefault(language(code) if code else main, text)
    return found


def documents(lots: Iterable[Node]) -> tuple[Document, ...]:
    """Return where the procurement documents are (BT-15), or where to ask for them (BT-615), each address once."""
    addresses: dict[str, None] = {}
    for lot in lots:
        for uri in lot.every(
            "TenderingTerms", "CallForTendersDocumentReference", "Attachment", "ExternalReference", "URI"
        ):
            address = web_address(uri.text)
            if address:
                addresses[address] = None
    return tuple(Document(url=address) for address in addresses)


def _declared(codes: Iterable[str], yes: Iterable[str] | None, no: Iterable[str]) -> bool | None:
    """Return True if any code says yes (None: any code that does not say no), False if one says no, else None."""
    stated = set(codes)
    refused = stated & set(no)
    agreed = stated - set(no) if yes is None else stated & set(yes)
    return True if agreed else False if refused else None


def strategic(lots: list[Node]) -> Strategic:
    """Return what the buyer declares over all lots: yes for any yes, no where only no is said, else not stated."""

    def codes(path: tuple[str, ...], list_name: str) -> list[str]:
        return [code for lot in lots for code in lot.codes(path, list_name)]

    aims = codes(_ADDITIONAL, "strategic-procurement")
    funds = codes(("TenderingTerms", "FundingProgramCode"), "eu-funded")
    programmes = codes(("TenderingTerms", "FundingProgramCode"), "eu-programme")
    fit = [lot.value("ProcurementProject", "SMESuitableIndicator") or "" for lot in lots]
    return Strategic(
        green=either(
            _declared(aims, ["env-imp"], ["none"]),
            _declared(codes(_ADDITIONAL, "environmental-impact"), None, ["none"]),
            _declared(codes(_ADDITIONAL, "gpp-criteria"), None, ["none"]),
        ),
        social=either(
            _declared(aims, ["soc-obj"], ["none"]),
            _declared(codes(_ADDITIONAL, "social-objective"), None, ["none"]),
        ),
        innovation=either(
            _declared(aims, ["inn-pur"], ["none"]),
            _declared(codes(_ADDITIONAL, "innovative-acquisition"), None, ["none"]),
        ),
        reserved=either(
            _declared(codes(_REQUIREMENT, "reserved-procurement"), ["res-ws", "res-pub-ser"], ["none"]),
            _declared(codes(_EXECUTION, "reserved-execution"), ["yes"], ["no"]),
        ),
        sme=_declared(fit, ["true"], ["false"]),
        framework=_declared(codes(_SYSTEM, "framework-agreement"), None, ["none"]),
        dps=_declared(codes(_SYSTEM, "dps-usage"), None, ["none"]),
        # older senders write the programme itself (LIFE_2021) in the place of "eu-funds"
        eu_funded=either(_declared(funds, None, ["no-eu-funds"]), _declared(programmes, None, [])),
    )
