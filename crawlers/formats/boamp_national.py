"""The French national forms inside BOAMP's API records (``donnees``): FNSimple, MAPA, DSP, DIVERS.

Each has an ``organisme`` and one section named by its act (``initial``, ``attribution``, ``rectificatif`` ...). The
forms name the same things differently, and the data shows more names than any published schema, so that each fact is
looked up at every place where one of the forms keeps it. Contact persons, mails and telephones are left out on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from crawlers.formats.boamp_json import dig, each, first_word, stated, word
from crawlers.formats.boamp_labels import ID
from crawlers.formats.seats import seat_of
from crawlers.formats.text import clean_line, clean_text, note_unread, title, web_address
from crawlers.formats.values import PARIS, national_id, read_amount, read_codes, read_count, read_money, read_stamp
from tenders.codes import Cpv, Nuts
from tenders.errors import Refused
from tenders.model import Award, Document, Lot, Money, Strategic, Supplier

ROOTS: Final = frozenset({"FNSimple", "MAPA", "DSP", "DIVERS"})
SECTIONS: Final = (
    "initial",
    "rectificatif",
    "attribution",
    "annulation",
    "modification",
    "intentionConclure",
    "preInformation",
)
Json = dict[str, Any]

_CPV: Final = ("codeCPV", "CPV")
_CPV_CODES: Final = ("objetPrincipal", "objetComplementaire", "objetSecondaire")
_BIDS: Final = re.compile(r"Nombre d'offres reçues\s*:\s*(\d+)", re.IGNORECASE)
_DECIDED: Final = re.compile(r"Date d'attribution\s*:\s*(\d{2})/(\d{2})/(\d{2})\b", re.IGNORECASE)
_AMOUNT: Final = re.compile(
    r"Montant\s+H\.?T\.?\s*:\s*(\d[\d \u00a0\u202f]*(?:,\d{1,2})?)\s*(?:Euros?|EUR|€)", re.IGNORECASE
)
_LIMIT: Final = re.compile(r"limite|remise|réception", re.IGNORECASE)
_READ: Final = re.compile(
    r"au lieu de\s*:?\s*\d{2}/\d{2}/\d{4} à \d{2}h\d{2}\s*,?\s*lire\s*:?\s*(\d{2})/(\d{2})/(\d{4}) à (\d{2})h(\d{2})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a national form adds to its record."""

    description: str | None = None
    reference: str | None = None
    buyer_name: str | None = None
    buyer_id: str | None = None
    town: str | None = None
    postcode: str | None = None
    cpv: tuple[Cpv, ...] = ()
    places: tuple[Nuts, ...] = ()
    deadline: datetime | None = None
    new_deadline: datetime | None = None  # of a correction: truer than the record's own, which may be the old one
    value: Money | None = None
    lot_count: int | None = None
    lots: tuple[Lot, ...] = ()
    awards: tuple[Award, ...] = ()
    documents: tuple[Document, ...] = ()
    strategic: Strategic = field(default_factory=Strategic)
    supersedes: tuple[str, ...] = ()
    procedure: str | None = None  # a label of BOAMP's procedure types


def read_form(name: str, root: Any) -> Form:
    """Read a national form by its name; raises Refused for a form that has no section we know."""
    if not isinstance(root, dict):
        raise Refused(f"donnees root {name!r} is no object")
    present = [key for key in SECTIONS if isinstance(root.get(key), dict)]
    for key in root:
        if key not in SECTIONS and key != "organisme":
            note_unread("boamp", f"section of {name}", key)
    act = root[present[0]] if present else {}
    subject = _subject(act)
    lots = tuple(_lots(act))
    return Form(
        description=_description(act, subject),
        reference=first_word(
            act, "renseignements.idMarche", "communication.identifiantInterne", "descriptionMarche.numeroReference"
        ),
        buyer_name=first_word(root, "organisme.nomOfficiel", "organisme.acheteurPublic"),
        buyer_id=national_id(first_word(root, "organisme.codeIdentificationNational")),
        town=first_word(root, "organisme.ville", "organisme.adr.ville"),
        postcode=first_word(root, "organisme.cp", "organisme.adr.cp"),
        cpv=tuple(dict.fromkeys([*_cpv(subject), *(code for lot in lots for code in lot.cpv)])),
        places=_places(subject),
        deadline=_deadline(act),
        new_deadline=corrected_deadline(act),
        value=_estimate(subject),
        lot_count=len(lots) or (1 if "marcheUnique" in act else None),
        lots=lots,
        awards=tuple(_awards(act)),
        documents=_documents(root, act),
        strategic=_strategic(act),
        supersedes=tuple(_earlier(act)),
        procedure="PROCEDURE_ADAPTE" if stated(act.get("procedure"), "procedureadaptee") else None,
    )


def _subject(act: Json) -> Json:
    """Return the part of a section that says what is bought: natureMarche, description, or descriptionMarche (DSP)."""
    merged: Json = {}
    for key in ("descriptionMarche", "description", "natureMarche"):
        if isinstance(act.get(key), dict):
            merged |= act[key]
    return merged


def _description(act: Json, subject: Json) -> str | None:
    """Return the texts that describe what is bought, changed or decided, each once."""
    found: dict[str, None] = {}
    for value in (
        subject.get("intitule"),
        subject.get("titreMarche"),
        subject.get("description"),
        subject.get("objet"),
        subject.get("objetMarche"),
        dig(act, "caracteristiques", "principales"),
        dig(act, "caracteristiques", "quantites"),
        act.get("infosRectif"),
        act.get("attributionMarche"),
    ):
        text = clean_text(value) if isinstance(value, str) else None
        if text and not any(text in other for other in found):
            found[text] = None
    return "\n".join(found) or None


def _cpv(subject: Json) -> tuple[Cpv, ...]:
    """Return ``codeCPV.objetPrincipal.classPrincipale`` and the additional ones; 2 % of MAPA forms have any."""
    texts = [
        word(item, "classPrincipale")
        for key in _CPV
        for block in each(subject.get(key))
        if isinstance(block, dict)
        for part in _CPV_CODES
        for item in each(block.get(part))
    ]
    return read_codes(Cpv.parse, texts, "boamp")


def _places(subject: Json) -> tuple[Nuts, ...]:
    texts = [
        first_word(subject, path)
        for path in (
            "lieuCodeNUTS.codeNUTS",
            "lieuExecution.codeNUTS",
            "lieuExecutionLivraison.codeNUTS",
            "lot.lieuCodeNUTS.codeNUTS",
            "codeNUTS",
        )
    ]
    return read_codes(Nuts.parse, texts, "boamp")


def _deadline(act: Json) -> datetime | None:
    """Return the date for tenders, else for requests to participate; a naive time is that of Paris."""
    text = first_word(
        act,
        "procedure.dateReceptionOffres",
        "delais.receptionOffres",
        "procedure.dateReceptionCandidatures",
        "delais.receptionCandidatures",
    )
    return read_stamp(text, PARIS)


def corrected_deadline(act: Json) -> datetime | None:
    """Return the new date for tenders that a correction states, in fields or in the regular sentence; else None.

    Most corrections only tell in free words what changes. A date that can be read in two ways is not guessed.
    """
    for change in _changes(act.get("infosRectif"), 0):
        if word(change, "rubDelais") == "ReceptionOffres":
            return read_stamp(word(change, "lireDate"), PARIS)
    told = json_texts(act.get("infosRectif"))
    found = {match.groups() for text in told if _LIMIT.search(text) for match in _READ.finditer(text)}
    if len(found) != 1:
        return None
    day, month, year, hour, minute = found.pop()
    return read_stamp(f"{year}-{month}-{day}T{hour}:{minute}", PARIS)


def _changes(value: Any, depth: int) -> Iterator[Json]:
    """Yield the objects under a correction that name what they correct."""
    if depth > 8:
        return
    for item in each(value):
        if isinstance(item, dict):
            if "rubDelais" in item:
                yield item
            for inner in item.values():
                yield from _changes(inner, depth + 1)


def json_texts(value: Any) -> list[str]:
    """Return the texts of a JSON element that is a string or several."""
    return [item for item in each(value) if isinstance(item, str)]


def _estimate(subject: Json) -> Money | None:
    """Return the estimated value, the upper end of a range; forms state euros unless ``@devise`` says otherwise."""
    for path in (
        "valeurEstimee.valeur",
        "valeurEstimee.fourchette.valeurHaute",
        "estimationValeur.valeur",
        "lot.estimationValeur.valeur",
    ):
        found = dig(subject, *path.split("."))
        text = word(found) if found is not None else None
        if text:
            holder = dig(subject, *path.split(".")[:-1])
            devise = word(found, "@devise") or word(holder, "@devise") or "EUR"
            return read_money(text, devise)
    return None


def _lots(act: Json) -> Iterator[Lot]:
    """Yield the lots; where they have no number (numLot) their place in the form is it."""
    blocks = [act.get("lots"), dig(act, "descriptionMarche", "lots"), dig(act, "natureMarche", "lotsMarche")]
    items = next((found for block in blocks if (found := _lot_items(block))), [])
    for number, item in enumerate(items, 1):
        name = first_word(item, "intitule", "titre", "description", "objet")
        about = item.get("description")
        about = clean_text(about) if isinstance(about, str) else None
        yield Lot(
            id=first_word(item, "numLot", "numero") or str(number),
            title=title(name) if name and len(name) <= 500 else None,
            description=about if about and (clean_line(about) != name or len(about) > 500) else None,
            cpv=_cpv(item),
            places=_places(item),
            value=_estimate(item),
        )


def _lot_items(block: Any) -> list[Json]:
    inner = block.get("lot") if isinstance(block, dict) else block
    return [item for item in each(inner) if isinstance(item, dict)]


def _awards(act: Json) -> Iterator[Award]:
    """Yield what a MAPA form states in fields, or an FNSimple form in a text that can be read in one way only."""
    bids = read_count(first_word(act, "autresInformations.nbOffresRecues"))
    for block in each(act.get("attribution")):
        for result in each(dig(block, "resultat")):
            for won in each(dig(result, "attribue")):
                if isinstance(won, dict):
                    yield _award(result, won, bids)
    text = act.get("attributionMarche")
    if isinstance(text, str):
        yield from _told(text)


def _award(result: Any, won: Json, bids: int | None) -> Award:
    money = dig(won, "montant")
    return Award(
        lot=first_word(result, "numLot", "lot.numLot") or first_word(won, "numLot"),
        suppliers=_winners(won),
        value=read_money(word(money, "valeur"), word(money, "@devise") or "EUR"),
        bids=bids,
    )


def _winners(won: Json) -> tuple[Supplier, ...]:
    return name_once(
        (word(holder, "PersonneMorale"), seat_of("boamp", None, first_word(holder, "cp", "adr.cp"), None))
        for holder in each(won.get("titulaire"))
        if isinstance(holder, dict) and any(holder.values())
    )


def name_once(winners: Iterable[tuple[str | None, Nuts | None]]) -> tuple[Supplier, ...]:
    """Return winners by name and seat, each name once; of a natural person, who has none here, the seat is kept."""
    found: dict[tuple[str | None, Nuts | None], Supplier] = {}
    for name, place in winners:
        found.setdefault((name, None if name else place), Supplier(name=name, place=place))
    return tuple(found.values())


def _told(text: str) -> Iterator[Award]:
    """Yield the one award of a free text whose number of tenders, date and amount each stand there at most once."""
    bids, days, amounts = _BIDS.findall(text), _DECIDED.findall(text), _AMOUNT.findall(text)
    if not (bids or days or amounts) or max(map(len, (bids, days, amounts))) > 1:
        return
    day = None
    if days:
        try:
            day = date(2000 + int(days[0][2]), int(days[0][1]), int(days[0][0]))
        except ValueError:
            return
    amount = read_amount(amounts[0]) if amounts else None
    yield Award(value=Money(amount) if amount else None, bids=read_count(bids[0]) if bids else None, date=day)


def _documents(root: Json, act: Json) -> tuple[Document, ...]:
    """Return where the documents are, else the buyer's profile on a platform."""
    addresses = [
        first_word(act, "communication.urlDocConsul"),
        first_word(act, "adressesComplt.document.coord.url"),
        first_word(act, "communication.urlProfilAch") or first_word(root, "organisme.urlProfilAcheteur"),
    ]
    kept = dict.fromkeys(address for text in addresses if (address := web_address(text)))
    return tuple(Document(url=address) for address in kept)


def _strategic(act: Json) -> Strategic:
    """Return whether the form buys under a framework or a dynamic purchasing system (techAchat)."""
    technique = dig(act, "procedure", "techAchat") or dig(act, "caracteristiques")
    return Strategic(framework=stated(technique, "accordcadre"), dps=stated(technique, "systemeacquisitiondynamique"))


def _earlier(act: Json) -> Iterator[str]:
    """Yield the notice that this one follows (``avisInitial.idWeb``)."""
    for path in ("avisInitial.idWeb", "annonceInitiale.idWeb", "infosRectif.avisInitial.idWeb"):
        line = first_word(act, path)
        if line and ID.fullmatch(line):
            yield line
