"""Notices of AWS (format ``aws-detail``): the page ``/Annonces/MPI-pub-{n}.htm`` with its block ``#AAPCGenere``.

A page does not name its own number: it stands in the address it came from, or in the name of its file. Proven by two
captured pages of 2024, and nine more that were read by eye: calls of adapted procedures, sent by buyers in France. Not
proven: notices of other kinds (their titles are the trade's usual ones), of procedures above the European thresholds,
and what a page of 2026 looks like.

Who signed for the buyer, telephones and e-mail addresses are not kept. Documents are linked, never fetched: they stand
behind a captcha.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from lxml import etree

from crawlers.formats import Refusal
from crawlers.formats.aws_lots import read_lots
from crawlers.formats.aws_page import open_aws
from crawlers.formats.aws_rows import Rows, read_rows
from crawlers.formats.aws_words import (
    SOURCE,
    department_of,
    find_id,
    fold,
    kind_of,
    nature_of,
    page_of,
    procedure_of,
    read_day,
    read_hour,
    without_mails,
    zone_of,
)
from crawlers.formats.text import clean_text, note_unread, title
from crawlers.formats.values import read_codes, read_money
from crawlers.formats.web_page import every, first, link_of, seen_line, seen_lines, with_class
from tenders.codes import Cpv, Department, Nuts, Siret
from tenders.errors import Refused
from tenders.model import Buyer, Document, Money, Notice, Strategic

_TOWN: Final = re.compile(r"(?:^|.*\D)(\d{5})\s+(\D.*?)(?:\s+-\s+CS\s?\d+)?", re.ASCII)  # BP 305 - 40011 MONT DE MARSAN
_CEDEX: Final = re.compile(r"\s+cedex(?:\s+\d+)?$", re.IGNORECASE)
_SIRET: Final = re.compile(r"SIRET\s*:?\s*(\d[\d\s.]*)", re.ASCII)
_CPV: Final = re.compile(r"(?<!\d)\d{8}(?!\d)", re.ASCII)
_DUE: Final = re.compile(r"Remise des (offres|candidatures) le (.*?) au plus tard")
_ESTIMATE: Final = re.compile(r"Valeur estimée hors TVA\s*:\s*([\d\s\u202f.,]+?)\s*(?:€|euros)", re.IGNORECASE)
_BOAMP: Final = re.compile(r"boamp\.fr/\S*?(\d{2}-\d{1,7})(?!\d)", re.ASCII)
_TED: Final = re.compile(r"ted\.europa\.eu/\S*?(\d{1,8}-20\d{2})(?!\d)", re.ASCII)
_EU_FUNDED: Final = re.compile(r"financé par des fonds communautaires\s*:\s*(Oui|Non)", re.IGNORECASE)
_IMPLIES: Final = {
    "l'avis implique un marche public.": False,
    "l'avis implique l'etablissement d'un accord-cadre.": True,
}
_SENTENCES: Final = (  # what else stands between the buyer and the table, and is no fact of a notice here
    "accord-cadre avec ",
    "principale(s) activite(s) du pouvoir adjudicateur",
    "le pouvoir adjudicateur n'agit pas pour le compte",
    "le pouvoir adjudicateur agit pour le compte",
    ";",
)
_YES_NO: Final = {"oui": True, "non": False}


def read(body: bytes, origin: str) -> Iterator[Notice | Refusal]:
    """Read a notice's page, of which `origin` is the address or the file's name: it holds the notice's number."""
    source_id = find_id(origin)
    try:
        root = open_aws(body)
        notice = first(root, "//*[@id='AAPCGenere']")
        if notice is None:
            raise Refused("no notice of AWS: no block #AAPCGenere")
        if source_id is None:
            raise Refused("nothing says which notice this is: its file or address must hold MPI-pub-2024113207 or such")
        yield _read_notice(notice, source_id)
    except Refused as problem:
        yield Refusal(source_id or "", str(problem))


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands above the table."""

    buyer: Buyer
    framework: bool | None


def _read_notice(root: etree._Element, source_id: str) -> Notice:
    kind = kind_of(seen_line(first(root, f".//td[{with_class('AW_Titre')}]")))
    table = first(root, f".//table[{with_class('AW_TableM')}]")
    if table is None:
        raise Refused("a notice without its table (table.AW_TableM)")
    head = _read_head(root, table)
    rows = read_rows(table)
    places = read_codes(Nuts.parse, re.findall(r"[A-Z]{2}[0-9A-Z]*", rows.line("code nuts") or ""), SOURCE)
    where = _town(rows.lines(*_PLACES))
    lots = read_lots(rows.lots) if rows.lots is not None else ()
    deadline = _due(rows)
    zone = zone_of(head.buyer.postcode)
    published, links = _sent(rows.sent)
    return Notice(
        source=SOURCE,
        source_id=source_id,
        url=page_of(source_id),
        kind=kind,
        language="fr",
        title=without_mails(title(rows.line("objet"))),
        description=_description(rows),
        nature=nature_of(rows.line("type de marche")),
        procedure=procedure_of(rows.line("mode")),
        reference=rows.line("reference"),
        buyer=head.buyer,
        cpv=_cpv(rows),
        places=places,
        departments=_departments(head.buyer.postcode, where[0] if where else None, places),
        published=published,
        deadline=read_hour(deadline, zone) if deadline else None,
        value=_estimate(rows),
        lot_count=len(lots) or None,
        lots=lots,
        documents=tuple(_documents(rows)),
        links=links,
        strategic=Strategic(
            framework=head.framework,
            reserved=_yes_no("Marché réservé", rows.reserved),
            eu_funded=_eu_funded(rows.line("fonds")),
        ),
    )


_PLACES: Final = (
    "lieu d'execution principal",
    "lieu de livraison principal",
    "lieu principal d'execution",
    "lieu principal de livraison",
    "lieu d'execution",
    "lieu de livraison",
)


def _read_head(root: etree._Element, table: etree._Element) -> _Head:
    block = first(root, "(./table//td[b])[1]")
    name = seen_line(first(block, "./b")) if block is not None else None
    if block is None or name is None:
        raise Refused("no buyer above the table")
    lines = seen_lines(block)
    town = _town(line for line in lines if not line.startswith(("Tél", "SIRET")))
    siret = next((found[1] for line in lines if (found := _SIRET.match(line))), None)
    postcode, place = town or (None, None)
    buyer = Buyer(name=name, id=_siret(siret), town=place, postcode=postcode, country="FR")
    return _Head(buyer, _framework(root, table, block))


def _framework(root: etree._Element, table: etree._Element, block: etree._Element) -> bool | None:
    """Return whether a framework agreement is announced, by the sentences between the buyer and the table."""
    framework: bool | None = None
    for other in every(root, "./table"):
        if other is table or block in other.iter() or first(other, f".//td[{with_class('AW_Titre')}]") is not None:
            continue
        for line in seen_lines(other):
            said = fold(line)
            if said in _IMPLIES:
                framework = _IMPLIES[said]
            elif not said.startswith(_SENTENCES):
                note_unread(SOURCE, "sentence", line)
    return framework


def _siret(text: str | None) -> Siret | None:
    try:
        return Siret.parse(text) if text else None
    except Refused:
        note_unread(SOURCE, "SIRET", text or "")
        return None


def _town(lines: Iterator[str] | list[str]) -> tuple[str, str] | None:
    """Return postcode and town of the last line of an address that has them."""
    found = [match for line in lines if (match := _TOWN.fullmatch(line))]
    return (found[-1][1], _CEDEX.sub("", found[-1][2]).strip()) if found else None


def _departments(home: str | None, where: str | None, places: tuple[Nuts, ...]) -> tuple[Department, ...]:
    told = [code for code in map(department_of, (home, where)) if code]
    exact = [places_of[0] for place in places if len(places_of := place.departments()) == 1]
    return tuple(dict.fromkeys([*told, *exact]))


def _description(rows: Rows) -> str | None:
    parts = ("\n".join(rows.lines(label)) for label in ("description", "quantite ou etendue"))
    return clean_text(without_mails("\n\n".join(part for part in parts if part)))


def _cpv(rows: Rows) -> tuple[Cpv, ...]:
    codes = []
    for label in ("code cpv principal", "code cpv complementaire"):
        for line in rows.lines(label):
            found = _CPV.match(line)
            if found is None:
                note_unread(SOURCE, label, line)
            else:
                codes.append(found[0])
    return read_codes(Cpv.parse, codes, SOURCE)


def _due(rows: Rows) -> str | None:
    """Return when offers are due, or candidatures where only these are."""
    told: dict[str, str] = {}
    for label in ("offres", "candidatures"):
        line = rows.line(label) or ""
        found = _DUE.search(line)
        if found:
            told[found[1]] = found[2]
        elif line:
            note_unread(SOURCE, label, line)
    return told.get("offres") or told.get("candidatures")


def _estimate(rows: Rows) -> Money | None:
    texts = [rows.line(label) or "" for label in ("description", "quantite ou etendue", "forme")]
    found = next((match for text in texts if (match := _ESTIMATE.search(text))), None)
    told = found[1] if found else (rows.line("valeur estimee hors tva") or "").rstrip("€ ")
    try:
        return read_money(told, "EUR")
    except Refused:
        note_unread(SOURCE, "Valeur estimée hors TVA", told)
        return None


def _sent(cell: etree._Element | None) -> tuple[date | None, dict[str, str]]:
    """Return when the notice was sent to be published, and its numbers in the journals it was sent to."""
    if cell is None:
        return None, {}
    addresses = " ".join(anchor.get("href") or "" for anchor in every(cell, ".//a[@href]"))
    found = {"boamp": _BOAMP.search(addresses), "ted": _TED.search(addresses)}
    lines = seen_lines(cell)
    for line in lines[1:]:
        if not line.startswith("Date d'envoi du présent avis au"):
            note_unread(SOURCE, "line of sending", line)
    return read_day(lines[0]), {journal: match[1] for journal, match in found.items() if match}


def _documents(rows: Rows) -> Iterator[Document]:
    for cell in rows.cells.get("documents", ()):
        for anchor in every(cell, ".//a[@href]"):
            if url := link_of(anchor, page_of("")):
                yield Document(title=seen_line(anchor), url=url)


def _eu_funded(line: str | None) -> bool | None:
    found = _EU_FUNDED.search(line) if line else None
    if line and not found:
        note_unread(SOURCE, "Fonds", line)
    return _YES_NO[found[1].lower()] if found else None


def _yes_no(what: str, said: str | None) -> bool | None:
    if said is None:
        return None
    first_word = fold(said).partition(" ")[0].strip(".,;:")
    if first_word not in _YES_NO:
        note_unread(SOURCE, what, said)
    return _YES_NO.get(first_word)
