"""eForms notices (eForms SDK 1.13, UBL 2.3) from facts: BOAMP's JSON of them, and stand-alone XML as TED has it.

The JSON is the XML's mirror: prefixed names, attributes as ``@name``, text as ``#text``, a plain string where an
element has no attribute, an object for one child, a list for several.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from tests.standins.sample_facts import Facts, LotFacts, Organisation, Won
from tests.standins.sample_national import PROFILE, documents_of

Json = dict[str, Any]

ROOTS: Final = {
    "call": "ContractNotice",
    "change": "ContractNotice",
    "cancel": "ContractNotice",
    "planning": "PriorInformationNotice",
    "award": "ContractAwardNotice",
    "modification": "ContractAwardNotice",
    "direct-award": "ContractAwardNotice",
}
# form type, notice type, notice subtype
_TYPES: Final = {
    "call": ("competition", "cn-standard", "16"),
    "change": ("competition", "cn-standard", "16"),
    "cancel": ("competition", "cn-standard", "16"),
    "planning": ("planning", "pin-only", "4"),
    "award": ("result", "can-standard", "29"),
    "modification": ("cont-modif", "can-modif", "38"),
    "direct-award": ("dir-awa-pre", "veat", "25"),
}
_PROCEDURES: Final = {"OUVERT": "open", "RESTREINT": "restricted", "NEGOCIE": "neg-wo-call"}
_NAMESPACES: Final = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
    "efbc": "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1",
    "efext": "http://data.europa.eu/p27/eforms-ubl-extensions/1",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
}


def _code(list_name: str, text: str) -> Json:
    return {"@listName": list_name, "#text": text}


def _text(text: str, language: str) -> Json:
    return {"@languageID": language, "#text": text}


def _id(scheme: str, text: str) -> Json:
    return {"@schemeName": scheme, "#text": text}


def _euros(amount: int) -> Json:
    return {"@currencyID": "EUR", "#text": str(amount)}


def _extension(content: Json) -> Json:
    return {"ext:UBLExtension": {"ext:ExtensionContent": {"efext:EformsExtension": content}}}


def _several(items: list[Json]) -> Json | list[Json]:
    return items[0] if len(items) == 1 else items


def eforms_donnees(facts: Facts) -> Json:
    """Return the `donnees` object of an eForms notice: root EFORMS, then the notice's own root."""
    return {"EFORMS": {ROOTS[facts.act]: eforms_tree(facts)}}


def eforms_tree(facts: Facts, publication: str | None = None) -> Json:
    """Return the content of the root element; `publication` is TED's number (OPP-010), absent in BOAMP's copies."""
    form, kind, _ = _TYPES[facts.act]
    offset = facts.deadline.strftime("%z") if facts.deadline else "+0200"
    offset = f"{offset[:3]}:{offset[3:]}"
    tree: Json = {
        "ext:UBLExtensions": _extension(_head(facts, publication)),
        "cbc:UBLVersionID": "2.3",
        "cbc:CustomizationID": "eforms-sdk-1.13",
        "cbc:ID": _id("notice-id", facts.notice),
        "cbc:ContractFolderID": facts.folder,
        "cbc:IssueDate": f"{facts.published}{offset}",
        "cbc:IssueTime": f"07:30:00{offset}",
        "cbc:VersionID": f"{facts.version:02d}",
        "cbc:RegulatoryDomain": "32014L0024",
        "cbc:NoticeTypeCode": _code(form, kind),
        "cbc:NoticeLanguageCode": facts.language,
        "cac:ContractingParty": _contracting_party(facts),
    }
    if facts.act != "planning":
        tree["cac:TenderingProcess"] = {
            "cbc:ProcedureCode": _code("procurement-procedure-type", _PROCEDURES[facts.procedure])
        }
    tree["cac:ProcurementProject"] = _project(facts, None)
    tree["cac:ProcurementProjectLot"] = _several([_lot(facts, lot) for lot in facts.lots or (None,)])
    return tree


def _contracting_party(facts: Facts) -> Json:
    return {
        "cbc:BuyerProfileURI": PROFILE,
        "cac:ContractingPartyType": {"cbc:PartyTypeCode": _code("buyer-legal-type", facts.buyer.type)},
        "cac:ContractingActivity": {"cbc:ActivityTypeCode": _code("authority-activity", "gen-pub")},
        "cac:Party": {"cac:PartyIdentification": {"cbc:ID": _id("organization", "ORG-0001")}},
    }


def _head(facts: Facts, publication: str | None) -> Json:
    suppliers = list(dict.fromkeys(won.supplier for won in facts.won))
    head: Json = {}
    if facts.act in ("change", "cancel"):
        head["efac:Changes"] = _changes(facts)
    if facts.act == "modification":
        head["efac:ContractModification"] = {
            "efbc:ChangedNoticeIdentifier": facts.earlier_notice,
            "efac:ChangeReason": {
                "cbc:ReasonCode": _code("modification-justification", "add-wss"),
                "efbc:ReasonDescription": _text("Prestations supplémentaires devenues nécessaires.", facts.language),
            },
        }
    if facts.won:
        head["efac:NoticeResult"] = _result(facts, suppliers)
    head["efac:NoticeSubType"] = {"cbc:SubTypeCode": _code("notice-subtype", _TYPES[facts.act][2])}
    companies = [facts.buyer, _court(facts), *suppliers]
    head["efac:Organizations"] = {
        "efac:Organization": [_company(number, who, facts.language) for number, who in enumerate(companies, 1)]
    }
    if publication:
        head["efac:Publication"] = {
            "efbc:NoticePublicationID": _id("ojs-notice-id", publication),
            "efbc:GazetteID": _id("ojs-id", f"{int(publication[:8]) % 250}/{publication[-4:]}"),
            "efbc:PublicationDate": f"{facts.published}Z",
        }
    return head


def _court(facts: Facts) -> Organisation:
    """Return the review body, which stands among the organisations and is not the buyer."""
    home = facts.buyer
    return Organisation(
        name=f"Tribunal administratif ({home.town})",
        id="00000000000000",
        town=home.town,
        postcode=home.postcode,
        department=home.department,
        nuts=home.nuts,
        country=home.country,
    )


def _company(number: int, who: Organisation, language: str) -> Json:
    company: Json = {}
    if who.type in ("micro", "small", "medium", "large"):
        company["efbc:CompanySizeCode"] = _code("economic-operator-size", who.type)
    company |= {
        "cac:PartyIdentification": {"cbc:ID": _id("organization", f"ORG-{number:04d}")},
        "cac:PartyName": {"cbc:Name": _text(who.name, language)},
        "cac:PostalAddress": {
            "cbc:CityName": who.town,
            "cbc:PostalZone": who.postcode,
            "cbc:CountrySubentityCode": _code("nuts", who.nuts),
            "cac:Country": {"cbc:IdentificationCode": _code("country", who.country)},
        },
        "cac:PartyLegalEntity": {"cbc:CompanyID": who.id},
    }
    return {"efac:Company": company}


def _changes(facts: Facts) -> Json:
    if facts.act == "cancel":
        reason, text = "cancel", "La procédure est abandonnée."
    else:
        reason, text = "update-add", "Report de la date limite de remise des offres."
    return {
        "efbc:ChangedNoticeIdentifier": facts.earlier_notice,
        "efac:Change": {
            "efbc:ChangeDescription": _text(text, facts.language),
            "efac:ChangedSection": {"efbc:ChangedSectionIdentifier": "LOT-0001" if facts.lots else "LOT-0000"},
        },
        "efac:ChangeReason": {
            "cbc:ReasonCode": _code("change-corrig-justification", reason),
            "efbc:ReasonDescription": _text(text, facts.language),
        },
    }


def _lot_id(number: int | None) -> str:
    return f"LOT-{number or 0:04d}"


def _result(facts: Facts, suppliers: list[Organisation]) -> Json:
    organisations = {who: f"ORG-{number:04d}" for number, who in enumerate(suppliers, 3)}
    lots, tenders, contracts, parties = [], [], [], []
    for number, won in enumerate(facts.won, 1):
        tender, contract, party = f"TEN-{number:04d}", f"CON-{number:04d}", f"TPA-{number:04d}"
        lots.append(_lot_result(number, won, tender, contract))
        tenders.append(
            {
                "cbc:ID": _id("tender", tender),
                "cac:LegalMonetaryTotal": {"cbc:PayableAmount": _euros(won.value)},
                "efac:TenderingParty": {"cbc:ID": _id("tendering-party", party)},
                "efac:TenderLot": {"cbc:ID": _id("Lot", _lot_id(won.lot))},
            }
        )
        contracts.append(
            {
                "cbc:ID": _id("contract", contract),
                "cbc:AwardDate": f"{won.day}+02:00",
                "efac:LotTender": {"cbc:ID": _id("tender", tender)},
            }
        )
        parties.append(
            {
                "cbc:ID": _id("tendering-party", party),
                "efac:Tenderer": {"cbc:ID": _id("organization", organisations[won.supplier])},
            }
        )
    return {
        "cbc:TotalAmount": _euros(sum(won.value for won in facts.won)),
        "efac:LotResult": _several(lots),
        "efac:LotTender": _several(tenders),
        "efac:SettledContract": _several(contracts),
        "efac:TenderingParty": _several(parties),
    }


def _lot_result(number: int, won: Won, tender: str, contract: str) -> Json:
    return {
        "cbc:ID": _id("result", f"RES-{number:04d}"),
        "cbc:TenderResultCode": _code("winner-selection-status", "selec-w"),
        "efac:LotTender": {"cbc:ID": _id("tender", tender)},
        "efac:ReceivedSubmissionsStatistics": {
            "efbc:StatisticsCode": _code("received-submission-type", "tenders"),
            "efbc:StatisticsNumeric": str(won.bids),
        },
        "efac:SettledContract": {"cbc:ID": _id("contract", contract)},
        "efac:TenderLot": {"cbc:ID": _id("Lot", _lot_id(won.lot))},
    }


def _project(facts: Facts, lot: LotFacts | None) -> Json:
    """Return the project of the whole, or of a lot; aims (BT-06) are stated by the lots."""
    main, more = (lot.cpv, ()) if lot else (facts.cpv[0], facts.cpv[1:])
    value = lot.value if lot else facts.value
    title = lot.title if lot else facts.title
    project: Json = {
        "cbc:ID": _id("InternalID", f"LOT {lot.number}" if lot else facts.reference),
        "cbc:Name": _text(title, facts.language),
        "cbc:Description": _text(title if lot else facts.about, facts.language),
        "cbc:ProcurementTypeCode": _code("contract-nature", facts.nature),
    }
    if value:
        project["cac:RequestedTenderTotal"] = {"cbc:EstimatedOverallContractAmount": _euros(value)}
    project["cac:MainCommodityClassification"] = {"cbc:ItemClassificationCode": _code("cpv", main)}
    if more:
        codes = [{"cbc:ItemClassificationCode": _code("cpv", code)} for code in more]
        project["cac:AdditionalCommodityClassification"] = _several(codes)
    project["cac:RealizedLocation"] = {
        "cac:Address": {
            "cbc:CityName": facts.buyer.town,
            "cbc:PostalZone": facts.buyer.postcode,
            "cbc:CountrySubentityCode": _code("nuts", facts.buyer.nuts),
            "cac:Country": {"cbc:IdentificationCode": _code("country", facts.buyer.country)},
        }
    }
    return project


def _lot(facts: Facts, lot: LotFacts | None) -> Json:
    if facts.act == "planning":
        return {
            "cbc:ID": _id("Part", f"PAR-{lot.number if lot else 0:04d}"),
            "cac:ProcurementProject": _project(facts, lot),
        }
    aims = [aim for aim, stated in (("env-imp", facts.green), ("soc-obj", facts.social)) if stated] or ["none"]
    project = _project(facts, lot)
    where = project.pop("cac:RealizedLocation")
    project |= {
        "cbc:SMESuitableIndicator": "true" if facts.sme else "false",
        "cac:ProcurementAdditionalType": _several(
            [{"cbc:ProcurementTypeCode": _code("strategic-procurement", aim)} for aim in aims]
        ),
        "cac:RealizedLocation": where,
    }
    process: Json = {"cbc:SubmissionMethodCode": _code("esubmission", "required")}
    if facts.deadline and facts.act in ("call", "change", "cancel"):
        process["cac:TenderSubmissionDeadlinePeriod"] = _period(facts.deadline)
    agreement = "fa-wo-rc" if facts.framework else "none"
    process["cac:ContractingSystem"] = [
        {"cbc:ContractingSystemTypeCode": _code("framework-agreement", agreement)},
        {"cbc:ContractingSystemTypeCode": _code("dps-usage", "none")},
    ]
    reference = {
        "cbc:ID": facts.reference,
        "cbc:DocumentType": "non-restricted-document",
        "cac:Attachment": {"cac:ExternalReference": {"cbc:URI": documents_of(facts)}},
    }
    return {
        "cbc:ID": _id("Lot", _lot_id(lot.number if lot else None)),
        "cac:TenderingTerms": {
            "cbc:FundingProgramCode": _code("eu-funded", "no-eu-funds"),
            "cac:CallForTendersDocumentReference": reference,
        },
        "cac:TenderingProcess": process,
        "cac:ProcurementProject": project,
    }


def _period(deadline: datetime) -> Json:
    day, time = deadline.isoformat().split("T")
    return {"cbc:EndDate": day + time[8:], "cbc:EndTime": time}


def eforms_xml(facts: Facts, publication: str | None = None) -> bytes:
    """Return the stand-alone XML of a notice, as TED publishes it under a number such as ``00123456-2026``."""
    root = ROOTS[facts.act]
    spaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    own = f"urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
    lines = "".join(_elements(eforms_tree(facts, publication), 1))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{own}"{spaces}>\n{lines}</{root}>\n'.encode()


def _elements(content: Json, depth: int) -> Iterator[str]:
    space = "  " * depth
    for name, value in content.items():
        if name.startswith(("@", "#")):
            continue
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict):
                yield f"{space}<{name}>{escape(str(item))}</{name}>\n"
                continue
            attributes = "".join(f" {key[1:]}={quoteattr(text)}" for key, text in item.items() if key[0] == "@")
            if "#text" in item:
                yield f"{space}<{name}{attributes}>{escape(item['#text'])}</{name}>\n"
            else:
                yield f"{space}<{name}{attributes}>\n"
                yield from _elements(item, depth + 1)
                yield f"{space}</{name}>\n"
