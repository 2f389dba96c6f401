"""eForms notices (Regulation (EU) 2019/1780, UBL 2.3) of all types and countries, as TED publishes them in XML.

BOAMP's records hold the same tree as JSON; :func:`read_notice` reads both. Field numbers (BT-…) are those of the SDK.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Final

from crawlers.formats import Refusal
from crawlers.formats.eforms_awards import awards, notice_total
from crawlers.formats.eforms_codes import KINDS, SUBTYPES, language, nature_of, procedure_of
from crawlers.formats.eforms_lots import (
    cpv_codes,
    descriptions,
    documents,
    estimate,
    places,
    read_lot,
    real_lots,
    strategic,
)
from crawlers.formats.eforms_parties import buyers, organisations, texts
from crawlers.formats.eforms_tree import Node, from_xml
from crawlers.formats.text import refuse_nothing, title
from crawlers.formats.values import read_date
from tenders.errors import Refused
from tenders.model import Buyer, Notice, NoticeKind, Translation

ROOTS: Final = frozenset({"ContractNotice", "ContractAwardNotice", "PriorInformationNotice"})
_PUBLICATION: Final = re.compile(r"0*([1-9]\d{0,7}-(?:19|20)\d{2})", re.ASCII)  # TED: number-year
_JOURNAL: Final = re.compile(r"(?P<year>(?:19|20)\d{2})/S ?\d{1,3}-0*(?P<number>[1-9]\d{0,7})", re.ASCII)
_NATIONAL: Final = re.compile(r"\d{4}-\d{5,8}", re.ASCII)  # Doffin (Norway) writes its own: year-number


def read(body: bytes, origin: str) -> Iterator[Notice | Refusal]:  # noqa: ARG001
    """Read one stand-alone eForms notice. Its source is ``ted``; `where` of a refusal is its id where it has one."""
    where = ""
    try:
        refuse_nothing(body)
        root = from_xml(body)
        if root.name not in ROOTS:
            raise Refused(f"{root.name[:40]!r} is no procurement notice of eForms: {', '.join(sorted(ROOTS))}")
        where = notice_key(root) or ""
        yield read_notice(root, UTC)
    except Refused as refused:
        yield Refusal(where, str(refused))


def publication_number(root: Node) -> str | None:
    """Return the number in the Official Journal (OPP-010) without leading zeros: ``654321-2024``; None for ``n.a.``."""
    number = _PUBLICATION.fullmatch(root.extension.value("Publication", "NoticePublicationID") or "")
    return number[1] if number else None


def notice_key(root: Node) -> str | None:
    """Return what other notices call this one: its TED number, a national one, else its own identifier.

    A notice that was not published yet, or was taken from elsewhere than TED, has only its identifier.
    """
    given = root.extension.value("Publication", "NoticePublicationID") or ""
    return publication_number(root) or (given if _NATIONAL.fullmatch(given) else notice_id(root))


def notice_id(root: Node) -> str | None:
    """Return the notice's own identifier with its version (BT-701, BT-757): ``{uuid}-01``."""
    identifier, version = root.value("ID"), root.value("VersionID")
    return f"{identifier}-{version}" if identifier and version else identifier


def kind_of(root: Node) -> NoticeKind:
    """Return what the notice does to its procedure; Refused for an unknown notice type (BT-02)."""
    changes = root.extension.every("Changes")
    if changes:  # a change notice repeats the whole notice it changes, type included
        reasons = {code for change in changes for code in _reasons(change)}
        return NoticeKind.CANCELLATION if "cancel" in reasons else NoticeKind.CHANGE
    code = root.value("NoticeTypeCode")
    subtype = root.extension.value("NoticeSubType", "SubTypeCode")
    kind = KINDS.get(code) if code else SUBTYPES.get(subtype or "")
    if kind is None:
        label = (code or subtype or "")[:40]
        raise Refused(f"unknown notice type {label!r}" if label else "no notice type")
    return kind


def _reasons(change: Node) -> list[str | None]:
    return [node.value() for node in change.every("ChangeReason", "ReasonCode")]  # BT-140


def earlier_notices(root: Node) -> tuple[str, ...]:
    """Return the notices that this one names as its earlier ones, TED's numbers as :func:`publication_number` has them.

    The changed notice (BT-758), the modified contract's (BT-1501), the planning notices (BT-125, OPP-090).
    """
    extension = root.extension
    nodes = [
        *extension.every("Changes", "ChangedNoticeIdentifier"),
        *extension.every("ContractModification", "ChangedNoticeIdentifier"),
        *root.every("TenderingProcess", "NoticeDocumentReference", "ID"),
        *root.every("ProcurementProjectLot", "TenderingProcess", "NoticeDocumentReference", "ID"),
    ]
    found: dict[str, None] = {}
    for node in nodes:
        line = node.value()
        if line:
            found[_number(line)] = None
    return tuple(found)


def _number(line: str) -> str:
    """Return an id as notices go by it: ``00654321-2024``, ``2015/S 229-417277`` as TED has them, others as given."""
    if number := _PUBLICATION.fullmatch(line):
        return number[1]
    if journal := _JOURNAL.fullmatch(line):
        return f"{journal['number']}-{journal['year']}"
    return line


def _translations(root: Node, main: str | None) -> tuple[str, str | None, dict[str, Translation]]:
    """Return the title (BT-21) and description (BT-24) in the notice's own language, and those in the others.

    A notice on a buyer profile has no project of its own: its parts, or its lots, name what is planned.
    """
    projects = [root.first("ProcurementProject"), *root.every("ProcurementProjectLot", "ProcurementProject")]
    project = next((project for project in projects if texts(project.every("Name"), main)), projects[0])
    names = texts(project.every("Name"), main)
    about = descriptions(project, main)
    own = main if main in names else next(iter(names), None)
    others = [code for code in (*names, *about) if code and code != own]
    return (
        title(names.get(own)),
        about.get(main) or next(iter(about.values()), None),
        {code: Translation(title=names.get(code), description=about.get(code)) for code in dict.fromkeys(others)},
    )


def _natures(projects: list[Node]) -> list[str]:
    """Return the main natures of contract (BT-23); a project states further ones elsewhere (BT-531)."""
    return [code for project in projects for code in project.codes(("ProcurementTypeCode",), "contract-nature")]


def read_notice(root: Node, zone: tzinfo) -> Notice:
    """Read the tree of a notice; raises Refused. `zone` is for moments that state no offset."""
    main = language(root.value("NoticeLanguageCode"))
    known = organisations(root)
    project = root.first("ProcurementProject")
    lot_nodes = real_lots(root)
    projects = [project, *(node.first("ProcurementProject") for node in lot_nodes)]
    everything = [*projects, *root.every("ProcurementProjectLot", "ProcurementProject")]  # with Parts, for places
    result = root.extension.first("NoticeResult")
    heading, about, others = _translations(root, main)
    lots = tuple(read_lot(node, main, zone) for node in lot_nodes)
    number = publication_number(root)
    key = notice_key(root)
    first, *rest = buyers(root, known, main) or [Buyer()]
    if not key:
        raise Refused("neither a publication number (OPP-010) nor a notice identifier (BT-701)")
    return Notice(
        source="ted",
        source_id=key,
        url=f"https://ted.europa.eu/en/notice/-/detail/{number}" if number else None,
        kind=kind_of(root),
        language=main,
        title=heading,
        description=about,
        nature=nature_of(_natures([project]) or _natures(projects)),
        procedure=procedure_of(root.value("TenderingProcess", "ProcedureCode")),
        procedure_id=root.value("ContractFolderID"),
        reference=project.value("ID"),
        supersedes=earlier_notices(root),
        buyer=first,
        co_buyers=tuple(rest),
        cpv=cpv_codes(everything),
        places=places(everything),
        published=read_date(root.extension.value("Publication", "PublicationDate")),
        deadline=min((lot.deadline for lot in lots if lot.deadline), default=None),
        value=estimate(project) or notice_total(result),
        lot_count=len(lots) or None,
        lots=lots,
        awards=awards(result, known, main),
        documents=documents(root.every("ProcurementProjectLot")),
        links={"ted": number} if number else {},
        strategic=strategic(lot_nodes),
        translations=others,
    )
