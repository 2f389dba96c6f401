"""BOAMP's older form inside API records (schemas V110 to V240, 2006 to 2023): upper-case blocks without a root.

IDENTITE (the buyer), OBJET (what is bought), PROCEDURE, CONDITION_DELAI, ATTRIBUTION ..., as in DILA's XML files.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from crawlers.formats.boamp_json import dig, each, first_word, word
from crawlers.formats.boamp_national import Form, name_once
from crawlers.formats.seats import seat_of
from crawlers.formats.text import clean_line, clean_text, title, web_address
from crawlers.formats.values import (
    PARIS,
    either,
    fix_offset,
    national_id,
    read_codes,
    read_count,
    read_date,
    read_money,
    read_stamp,
)
from tenders.codes import Cpv, Nuts
from tenders.model import Award, Document, Lot, Money, Strategic, Supplier

ROOTS: Final = frozenset({"IDENTITE", "OBJET"})
Json = dict[str, Any]


def read_archive(data: Json) -> Form:
    """Read the blocks of an older record; contact persons, mails and telephones are not read, on purpose."""
    subject = data.get("OBJET")
    lots = tuple(_lots(subject))
    split = dig(subject, "DIV_EN_LOTS")
    return Form(
        description=_description(subject),
        reference=first_word(subject, "REF_MARCHE"),
        buyer_name=first_word(data, "IDENTITE.DENOMINATION"),
        buyer_id=national_id(first_word(data, "IDENTITE.CODE_IDENT_NATIONAL")),
        town=first_word(data, "IDENTITE.VILLE"),
        postcode=first_word(data, "IDENTITE.CP"),
        cpv=tuple(dict.fromkeys([*_cpv(subject), *(code for lot in lots for code in lot.cpv)])),
        places=_places(subject, lots),
        deadline=clock_of_paris(_deadline(data)),
        value=_money(dig(subject, "CARACTERISTIQUES", "VALEUR_TOTALE"))
        or _money(dig(subject, "CARACTERISTIQUES", "VALEUR")),
        lot_count=1 if isinstance(split, dict) and "NON" in split else len(lots) or None,
        lots=() if isinstance(split, dict) and "NON" in split else lots,
        awards=tuple(_awards(data)),
        documents=_documents(data),
        strategic=_strategic(data),
    )


def _deadline(data: Json) -> datetime | None:
    """Return the date for tenders, else for requests to participate."""
    text = first_word(data, "CONDITION_DELAI.RECEPT_OFFRES", "CONDITION_DELAI.RECEPT_CANDIDATURES")
    return read_stamp(text, PARIS)


def clock_of_paris(moment: datetime | None) -> datetime | None:
    """Return a moment of the older schemas in the true offset of Paris.

    They write +01:00 all year round (a real form of April 2017 has ``2017-04-26T12:00:00+01:00``, and noon stands as
    11:00 UTC in every month of the portal's older records): in summer the clock is right and the offset is not.
    """
    if moment and moment.utcoffset() == timedelta(hours=1):
        return fix_offset(moment.replace(tzinfo=PARIS))
    return moment


def _money(value: Any) -> Money | None:
    """Return the text of an element with its ``@DEVISE``, euros where none is stated."""
    return read_money(word(value), word(value, "@DEVISE") or "EUR") if value else None


def _description(subject: Any) -> str | None:
    found: dict[str, None] = {}
    for key in ("TITRE_MARCHE", "OBJET_COMPLET"):
        value = dig(subject, key)
        text = clean_text(value) if isinstance(value, str) else None
        if text and not any(text in other for other in found):
            found[text] = None
    return "\n".join(found) or None


def _cpv(holder: Any) -> tuple[Cpv, ...]:
    block = dig(holder, "CPV")
    texts = [word(item) for key in ("PRINCIPAL", "SUPPLEMENTAIRE") for item in each(dig(block, key))]
    return read_codes(Cpv.parse, texts, "boamp")


def _places(subject: Any, lots: tuple[Lot, ...]) -> tuple[Nuts, ...]:
    own = [word(item) for key in ("CODE_NUTS",) for item in each(dig(subject, "LIEU_EXEC_LIVR", key))]
    return tuple(
        dict.fromkeys([*read_codes(Nuts.parse, own, "boamp"), *(place for lot in lots for place in lot.places)])
    )


def _lots(subject: Any) -> Iterator[Lot]:
    for number, item in enumerate(each(dig(subject, "LOTS", "LOT")), 1):
        if not isinstance(item, dict):
            continue
        about = item.get("DESCRIPTION")
        text = clean_text(about) if isinstance(about, str) else None
        name = first_word(item, "INTITULE") or (clean_line(text) if text and len(text) <= 200 else None)
        yield Lot(
            id=first_word(item, "NUM") or str(number),
            title=title(name) if name else None,
            description=text if text != name else None,
            cpv=_cpv(item),
            places=read_codes(Nuts.parse, [word(code) for code in each(item.get("CODE_NUTS"))], "boamp"),
            value=_money(item.get("VALEUR")),
        )


def _awards(data: Json) -> Iterator[Award]:
    for block in each(data.get("ATTRIBUTION")):
        decided = read_date(word(block, "DATE_DECISION"))
        decisions = [item for item in each(dig(block, "DECISION")) if isinstance(item, dict)]
        total = _money(dig(block, "VALEUR_TOTALE"))
        for item in decisions:
            own = _money(dig(item, "RENSEIGNEMENT", "MONTANT")) or _money(item.get("MONTANT"))
            yield Award(
                lot=first_word(item, "NUM_LOT", "INTITULE"),
                suppliers=_winners(item),
                value=own or (total if len(decisions) == 1 else None),
                bids=read_count(first_word(item, "RENSEIGNEMENT.NB_OFFRE_RECU", "NB_OFFRE_RECU")),
                date=read_date(first_word(item, "DATE_ATTRIBUTION", "RENSEIGNEMENT.DATE_ATTRIBUTION")) or decided,
            )


def _winners(decision: Json) -> tuple[Supplier, ...]:
    """Return the winners; the form repeats a group's with every sum."""
    return name_once(
        (word(winner, "DENOMINATION"), seat_of("boamp", word(winner, "CODE_NUTS"), word(winner, "CP"), None))
        for winner in each(decision.get("TITULAIRE"))
        if isinstance(winner, dict) and any(winner.values())
    )


def _documents(data: Json) -> tuple[Document, ...]:
    texts = (first_word(data, "IDENTITE.URL_DOCUMENT"), first_word(data, "IDENTITE.URL_PROFIL_ACHETEUR"))
    kept = dict.fromkeys(address for text in texts if (address := web_address(text)))
    return tuple(Document(url=address) for address in kept)


def _strategic(data: Json) -> Strategic:
    """Return the boxes ticked: a key that ends in _OUI or _NON, ACCORD_CADRE by its mere presence."""

    def box(holder: Any, name: str) -> bool | None:
        keys = set(holder) if isinstance(holder, dict) else set()
        return True if name + "_OUI" in keys else False if name + "_NON" in keys else None

    subject = data.get("OBJET")
    lots = [lot for lot in each(dig(subject, "LOTS", "LOT")) if isinstance(lot, dict)]
    funds = [box(lot, "FONDS_COMMUNAUTAIRES") for lot in lots]
    technique = dig(data, "PROCEDURE", "TECH_ACHAT")
    return Strategic(
        reserved=either(box(data.get("CONDITION_PARTICIPATION"), "MARCHE_RESERVE"), box(subject, "MARCHE_RESERVE")),
        framework=True if isinstance(technique, dict) and "ACCORD_CADRE" in technique else None,
        eu_funded=either(*funds),
    )
