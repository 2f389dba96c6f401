"""The words of AWS (marches-publics.info): dates, places and labels as its lists and notices write them.

Captured: eleven notices of 2024 and one list of 2025. What stands under "unproven" below is the trade's usual wording,
seen on no captured page of this platform.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from crawlers.formats.text import note_unread
from crawlers.formats.values import PARIS, read_date, read_moment
from tenders.codes import Department
from tenders.errors import Refused
from tenders.model import Nature, NoticeKind, Procedure

SOURCE: Final = "aws"
SITE: Final = "https://www.marches-publics.info"

_ID: Final = re.compile(r"MPI-pub-\d{5,14}", re.ASCII)
_DAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})", re.ASCII)  # 26/03/26
_MOMENT: Final = re.compile(_DAY.pattern + r"(?:\s+à\s+(\d{1,2})h(\d{2}))?", re.ASCII)  # 30/04/26 à 12h00
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

# A list says "Heure Locale de l'acheteur": midday in Cayenne is not midday in Paris.
_ZONES: Final = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/Guadeloupe",
    "978": "America/Guadeloupe",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
_KINDS: Final = {
    "avis d'appel public a la concurrence": NoticeKind.COMPETITION,
    "avis de publicite": NoticeKind.COMPETITION,
    # unproven
    "avis de marche": NoticeKind.COMPETITION,
    "avis de concession": NoticeKind.COMPETITION,
    "avis de concours": NoticeKind.COMPETITION,
    "avis de preinformation": NoticeKind.PLANNING,
    "avis rectificatif": NoticeKind.CHANGE,
    "avis d'annulation": NoticeKind.CANCELLATION,
    "avis d'attribution": NoticeKind.RESULT,
    "avis d'attribution de marche": NoticeKind.RESULT,
    "avis de modification": NoticeKind.MODIFICATION,
    "avis d'intention de conclure": NoticeKind.DIRECT_AWARD,
}
_NATURES: Final = {"travaux": Nature.WORKS, "fournitures": Nature.SUPPLIES, "services": Nature.SERVICES}
_PROCEDURES: Final = {
    "procedure adaptee ouverte": Procedure.ADAPTED,
    # unproven
    "procedure adaptee": Procedure.ADAPTED,
    "procedure adaptee restreinte": Procedure.ADAPTED,
    "appel d'offres ouvert": Procedure.OPEN,
    "procedure ouverte": Procedure.OPEN,
    "concours ouvert": Procedure.OPEN,
    "appel d'offres restreint": Procedure.RESTRICTED,
    "procedure restreinte": Procedure.RESTRICTED,
    "concours restreint": Procedure.RESTRICTED,
    "procedure negociee": Procedure.NEGOTIATED,
    "procedure avec negociation": Procedure.NEGOTIATED,
    "procedure concurrentielle avec negociation": Procedure.NEGOTIATED,
    "dialogue competitif": Procedure.COMPETITIVE_DIALOGUE,
    "partenariat d'innovation": Procedure.INNOVATION,
}


@lru_cache(maxsize=1024)
def fold(label: str) -> str:
    """Return a label in lower case, without accents, doubled spaces and a colon at its end."""
    plain = unicodedata.normalize("NFKD", label.replace("’", "'")).encode("ascii", "ignore").decode()
    return " ".join(plain.lower().split()).rstrip(": ").strip()


def find_id(text: str) -> str | None:
    """Return the first ``MPI-pub-2024113207`` of an address or a file name, None for none."""
    found = _ID.search(text)
    return found[0] if found else None


def page_of(source_id: str) -> str:
    """Return the address of a notice's page."""
    return f"{SITE}/Annonces/{source_id}.htm"


def read_day(text: str) -> date | None:
    """Return the first day in a text, None for none; raises Refused for a day that the calendar does not have."""
    found = _DAY.search(text)
    return read_date(_iso(found)) if found else None


def read_hour(text: str, zone: tzinfo) -> datetime | None:
    """Return the first moment in a text, the end of its day where it has no hour; raises Refused as `read_day`."""
    found = _MOMENT.search(text)
    if not found:
        return None
    hour = f"{int(found[4]):02d}:{found[5]}:00" if found[4] else None
    return read_moment(_iso(found), hour, zone)


def _iso(found: re.Match[str]) -> str:
    year = found[3] if len(found[3]) == 4 else f"20{found[3]}"
    return f"{year}-{int(found[2]):02d}-{int(found[1]):02d}"


def zone_of(postcode: str | None) -> tzinfo:
    """Return the zone of a buyer's clock, by its postcode; Paris where there is none."""
    name = _ZONES.get((postcode or "")[:3])
    return ZoneInfo(name) if name else PARIS


def department_of(postcode: str | None) -> Department | None:
    """Return the département of a postcode; one that is of none makes noise and is None."""
    code = Department.of_postcode(postcode)
    if postcode and code is None:
        note_unread(SOURCE, "postcode", postcode)
    return code


def kind_of(label: str | None) -> NoticeKind:
    """Return what a notice does, from the title above it; raises Refused for none and for an unknown one."""
    if not label:
        raise Refused("nothing says what this notice does: no td.AW_Titre")
    kind = _KINDS.get(fold(label))
    if kind is None:
        raise Refused(f"unknown kind of notice {label[:60]!r}")
    return kind


def nature_of(label: str | None) -> Nature | None:
    """Return what is bought; an unknown label makes noise and is None."""
    if label and fold(label) not in _NATURES:
        note_unread(SOURCE, "Type de marché", label)
    return _NATURES.get(fold(label)) if label else None


def procedure_of(label: str | None) -> Procedure | None:
    """Return how the buyer chooses; an unknown label makes noise and is None, not "other"."""
    if label and fold(label) not in _PROCEDURES:
        note_unread(SOURCE, "Mode", label)
    return _PROCEDURES.get(fold(label)) if label else None


def without_mails(text: str) -> str:
    """Return a text without e-mail addresses: they are people's, and no part of what is bought."""
    return _MAIL.sub("[...]", text)
