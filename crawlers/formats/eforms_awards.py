"""Who won what in an eForms result: LotResult -> contract or tender -> tendering party -> organisations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crawlers.formats.eforms_lots import money
from crawlers.formats.eforms_parties import supplier
from crawlers.formats.eforms_tree import Node
from crawlers.formats.values import read_count, read_date
from tenders.model import Award, Money, Supplier


@dataclass(frozen=True, slots=True)
class _Results:
    """The parts of efac:NoticeResult by their technical ids (TEN-, CON-, TPA-, ORG-)."""

    tenders: Mapping[str, Node]
    contracts: Mapping[str, Node]
    parties: Mapping[str, Node]
    organisations: Mapping[str, Node]
    lots: frozenset[str | None]
    main: str | None


def notice_total(result: Node) -> Money | None:
    """Return the value of all contracts (BT-161), else the greatest value of the frameworks (BT-118)."""
    return money(result.first("TotalAmount")) or money(result.first("OverallMaximumFrameworkContractsAmount"))


def awards(result: Node, organisations: Mapping[str, Node], main: str | None) -> tuple[Award, ...]:
    """Return an award for each LotResult, in their order; without suppliers where no winner was chosen (BT-142)."""

    def by_id(name: str) -> dict[str, Node]:
        return {node.value("ID") or "": node for node in result.every(name)}

    lots = frozenset(node.value("TenderLot", "ID") for node in result.every("LotResult"))
    results = _Results(by_id("LotTender"), by_id("SettledContract"), by_id("TenderingParty"), organisations, lots, main)
    return tuple(_award(node, results) for node in result.every("LotResult"))


def _references(node: Node, name: str, known: Mapping[str, Node]) -> list[Node]:
    identifiers = dict.fromkeys(item.value() or "" for item in node.every(name, "ID"))
    return [known[identifier] for identifier in identifiers if identifier in known]


def _award(node: Node, results: _Results) -> Award:
    contracts = _references(node, "SettledContract", results.contracts)
    winning = _winning(node, contracts, results) if node.value("TenderResultCode") in ("selec-w", None) else []
    return Award(
        lot=node.value("TenderLot", "ID"),
        suppliers=_suppliers(winning, results),
        value=_value(node, winning),
        bids=_bids(node),
        date=_date(contracts),
    )


def _winning(node: Node, contracts: list[Node], results: _Results) -> list[Node]:
    """Return the winning tenders of a LotResult.

    It may name ranked losers too; a contract names only who signed it, but for all the lots it covers. So: what its
    contracts sign of its own lot, or of a group of lots if it names that tender; else what it names, or they sign.
    """
    named = _references(node, "LotTender", results.tenders)
    signed = [tender for contract in contracts for tender in _references(contract, "LotTender", results.tenders)]
    lot = node.value("TenderLot", "ID")
    own = [
        tender
        for tender in signed
        if (place := tender.value("TenderLot", "ID")) == lot
        or (place not in results.lots and any(tender is other for other in named))
    ]
    return own or named or signed


def _suppliers(tenders: list[Node], results: _Results) -> tuple[Supplier, ...]:
    found: dict[Supplier, None] = {}
    for tender in tenders:
        for party in _references(tender, "TenderingParty", results.parties):
            for tenderer in party.every("Tenderer", "ID"):
                who = supplier(tenderer.value() or "", results.organisations, results.main)
                if who:
                    found[who] = None
    return tuple(found)


def _value(node: Node, tenders: list[Node]) -> Money | None:
    """Return the tender's value (BT-720); of several winners the sum, or the framework's ceiling (BT-709).

    The winners of one framework each state its ceiling, so that their sum would be nobody's price.
    """
    ceiling = money(node.first("FrameworkAgreementValues", "MaximumValueAmount"))
    values = [money(tender.first("LegalMonetaryTotal", "PayableAmount")) for tender in tenders]
    stated = [value for value in values if value]
    if len(tenders) > 1 and ceiling:
        return ceiling
    if not stated:
        return ceiling
    currencies = {value.currency for value in stated}
    if len(stated) != len(tenders) or len(currencies) != 1:
        return stated[0] if len(tenders) == 1 else None
    return Money(sum((value.amount for value in stated[1:]), stated[0].amount), stated[0].currency)


def _bids(node: Node) -> int | None:
    """Return the number of tenders received (BT-759 where BT-760 is ``tenders``)."""
    for statistics in node.every("ReceivedSubmissionsStatistics"):
        if statistics.value("StatisticsCode") == "tenders":
            return read_count(statistics.value("StatisticsNumeric"))
    return None


def _date(contracts: list[Node]) -> date | None:
    """Return the first date on which the winner was chosen (BT-1451), else the contract was concluded (BT-145).

    cac:TenderResult/cbc:AwardDate is not it: UBL demands that element, senders fill it with 2000-01-01.
    """
    for name in ("AwardDate", "IssueDate"):
        dates = [read_date(contract.value(name)) for contract in contracts]
        known = [day for day in dates if day]
        if known:
            return min(known)
    return None
