"""Atexo MPE's own labels: kinds of lists and notices, procedures, categories, places.

Labels are compared without case, accents and punctuation. A label of a procedure, a category or a place that nobody
mapped makes noise and is left out; one that says what the notice is refuses it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from crawlers.formats.text import clean_line, note_unread
from crawlers.formats.values import read_codes
from tenders.codes import Department, departments
from tenders.errors import Refused
from tenders.model import Buyer, Nature, NoticeKind, Procedure, Strategic

# The portals that a page is known by when nobody names its source; their hosts as the captured list of instances
# (2022) and TED (2026) have them. All of them are French.
PORTALS: Final[Mapping[str, str]] = {
    "marches.ternum-bfc.fr": "ebourgogne",
    "marches.e-bourgogne.fr": "ebourgogne",
    "www.marches-publics.gouv.fr": "place",
    "marches.maximilien.fr": "maximilien",
    "marches.megalis.bretagne.bzh": "megalis",
    "plateforme.alsacemarchespublics.eu": "alsace",
    "alsacemarchespublics.eu": "alsace",
    "demat-ampa.fr": "ampa",
    "www.eguadeloupe.com": "guadeloupe",
}
UNNAMED: Final = "atexo"

# The address of a list says which notices it shows; none of the captured pages is of the second or third kind.
_LISTS: Final = {
    "allcons": NoticeKind.COMPETITION,
    "searchanncons": NoticeKind.COMPETITION,
    "avisinformation": NoticeKind.PLANNING,
    "avisattribution": NoticeKind.RESULT,
}
_NOTICES: Final = {
    "annonce de consultation": NoticeKind.COMPETITION,  # the only one that a captured page shows
    "annonce d information": NoticeKind.PLANNING,
    "avis d information": NoticeKind.PLANNING,
    "avis de pre information": NoticeKind.PLANNING,
    "annonce d attribution": NoticeKind.RESULT,
    "avis d attribution": NoticeKind.RESULT,
}
# A dynamic purchasing system follows the rules of the restricted procedure (Directive 2014/24/EU, article 34(2)).
_PROCEDURES: Final[Mapping[str, Procedure | None]] = {
    "appel d offres ouvert": Procedure.OPEN,
    "aoo": Procedure.OPEN,
    "appel d offres restreint": Procedure.RESTRICTED,
    "aor": Procedure.RESTRICTED,
    "procedure adaptee": Procedure.ADAPTED,
    "procedure adaptee ouverte": Procedure.ADAPTED,
    "procedure adaptee restreinte": Procedure.ADAPTED,
    "marche a procedure adaptee": Procedure.ADAPTED,
    "mapa": Procedure.ADAPTED,
    "procedure avec negociation": Procedure.NEGOTIATED,
    "procedure concurrentielle avec negociation": Procedure.NEGOTIATED,
    "procedure negociee": Procedure.NEGOTIATED,
    "marche negocie": Procedure.NEGOTIATED,
    "dialogue competitif": Procedure.COMPETITIVE_DIALOGUE,
    "partenariat d innovation": Procedure.INNOVATION,
    "concours ouvert": Procedure.OPEN,  # eForms, too, gives a design contest an open or a restricted procedure
    "concours restreint": Procedure.RESTRICTED,
    "systeme d acquisition dynamique": Procedure.RESTRICTED,
    "sad a": Procedure.RESTRICTED,
    "accord cadre": None,  # says what is concluded, not how the supplier is chosen
    "delegation de service public": Procedure.OTHER,
    "concession": Procedure.OTHER,
    "autre": Procedure.OTHER,
    "autre procedure": Procedure.OTHER,
}
_SYSTEMS: Final = frozenset({"systeme d acquisition dynamique", "sad a"})
_FRAMEWORKS: Final = frozenset({"accord cadre"})
_THRESHOLD: Final = re.compile(r"(procedure adaptee) .*\d.*(?:eur?o?s?|ht)")  # "Procédure adaptée < 90 k€ HT"
_CATEGORIES: Final = {"travaux": Nature.WORKS, "fournitures": Nature.SUPPLIES, "services": Nature.SERVICES}
# Places without a number, as lists write them beside the names of the overseas départements.
_PLACES: Final = {
    name: Department(code)
    for name, code in {
        "guyane francaise": "973",
        "reunion": "974",
        "saint pierre et miquelon": "975",
        "saint barthelemy": "977",
        "saint martin": "978",
        "terres australes francaises": "984",
        "wallis et futuna": "986",
        "polynesie francaise": "987",
        "nouvelle caledonie": "988",
        "andorre": "99",  # 99 is abroad
        "monaco": "99",
        "suisse": "99",
    }.items()
}
_PLACE: Final = re.compile(r"\s*\(\s*([0-9A-Za-z]{1,3})\s*\)")
_SEAT: Final = re.compile(r"(.*\S)\s*\(\s*(\d{5})?\s*-\s*([^()]*(?:\([^()]*\)[^()]*)?)\)")
LONGEST_LABEL: Final = 200  # characters
LONGEST_NAME: Final = 2_000
_LOTS: Final = re.compile(r"(\d{1,4})\s*lots?\b", re.ASCII | re.IGNORECASE)


def fold(label: str) -> str:
    """Return a label without case, accents and punctuation: ``Entité d'Achat :`` is ``entite d achat``.

    What stands beyond LONGEST_LABEL makes no label, and is not looked at.
    """
    return _fold(label[:LONGEST_LABEL])


@lru_cache(maxsize=2048)
def _fold(label: str) -> str:
    plain = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFKD", label.lower()))
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def source_of(host: str | None) -> str:
    """Return the source that a page belongs to by its host (``https://marches.example``), else ``atexo``."""
    return PORTALS.get(urlsplit(host or "").hostname or "", UNNAMED)


def kind_of_list(address: str | None) -> NoticeKind:
    """Return what the notices of a list do, from the address its form posts to; raises Refused.

    An excerpt without that address is taken for the list of consultations. Test consultations are never read.
    """
    try:
        query = urlsplit(address or "").query
        names = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True, max_num_fields=50)}
    except ValueError:
        raise Refused(f"the page posts to {(address or '')[:60]!r}, which is no address") from None
    if "orgtest" in names:
        raise Refused("a list of test consultations (orgTest), which are no notices")
    kinds = {kind for name, kind in _LISTS.items() if name in names}
    if len(kinds) > 1 or "allann" in names:
        raise Refused("a list of several kinds of notices (AllAnn), which does not say what each of them is")
    return kinds.pop() if kinds else NoticeKind.COMPETITION


def kind_of_notice(label: str | None) -> NoticeKind:
    """Return what a notice does, from its page's "Type d'annonce"; a page without that label is of a consultation.

    Raises Refused for an unknown label.
    """
    kind = _NOTICES.get(fold(label)) if label else NoticeKind.COMPETITION
    if kind is None:
        raise Refused(f"unknown type of notice {(label or '')[:60]!r}")
    return kind


def procedure_of(name: str | None, code: str | None = None) -> tuple[Procedure | None, Strategic]:
    """Return how the buyer chooses, and what the label says besides (framework, dynamic purchasing system).

    The long name is read first, then the code (``MAPA``); when both are unknown, that makes noise.
    """
    for label in (name, code):
        folded = _procedure_label(label) if label else ""
        if folded in _PROCEDURES:
            system, framework = (True if folded in some else None for some in (_SYSTEMS, _FRAMEWORKS))
            return _PROCEDURES[folded], Strategic(dps=system, framework=framework)
    if name or code:
        note_unread("atexo", "procedure", name or code or "")
    return None, Strategic()


def _procedure_label(label: str) -> str:
    folded = fold(label[:LONGEST_LABEL].replace("€", " euros"))
    threshold = _THRESHOLD.fullmatch(folded)
    if threshold:
        return threshold[1]
    # what follows the system or the framework is the step: "Marché spécifique", "Sélection des attributaires"
    return next((known for known in _SYSTEMS | _FRAMEWORKS if folded.startswith(f"{known} ")), folded)


def nature_of(label: str | None) -> Nature | None:
    """Return what is bought; an unknown category makes noise and is None."""
    if label and fold(label) not in _CATEGORIES:
        note_unread("atexo", "category", label)
    return _CATEGORIES.get(fold(label)) if label else None


def departments_of(text: str | None) -> tuple[Department, ...]:
    """Return the départements of ``(67) Bas-Rhin, GUADELOUPE``, each once; what names none makes noise."""
    codes: dict[Department, None] = {}
    for place in filter(fold, re.split(r"[,;]", clean_line(text) or "")):
        numbered = _PLACE.match(place)
        if numbered:
            codes |= dict.fromkeys(read_codes(Department.parse, [numbered[1]], "atexo"))
        elif code := _departments_by_name().get(fold(place)):
            codes[code] = None
        else:
            note_unread("atexo", "place", place.strip())
    return tuple(codes)


@lru_cache(maxsize=1)
def _departments_by_name() -> Mapping[str, Department]:
    return {fold(code.label() or ""): code for code in departments()} | _PLACES


def buyer_of(text: str | None, *, french: bool) -> Buyer:
    """Read ``UGAP (77420 - CHAMPS-SUR-MARNE)``, or a name alone; `french` is whether the portal is.

    Raises Refused beyond LONGEST_NAME.
    """
    if text and len(text) > LONGEST_NAME:
        raise Refused(f"a buyer of {len(text):,} characters: at most {LONGEST_NAME:,} are read")
    name = clean_line(text)
    country = "FR" if french and name else None
    seat = _SEAT.fullmatch(name or "")
    if seat is None:
        return Buyer(name=name, country=country)
    return Buyer(name=seat[1], postcode=seat[2], town=clean_line(seat[3]), country=country)


def lots_of(text: str | None) -> int | None:
    """Return the number of lots of ``11 lots``; None for ``-``, which says that there are none."""
    found = _LOTS.search(text or "")
    if not found and text and fold(text):
        note_unread("atexo", "lots", text)
    return int(found[1]) if found else None
