"""How the buyers of an EPCI say who they are, written out from its rows: their numbers, and each accepted name.

Nothing of what recognises names is used: that takes names apart, this puts them together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from tenders import reference

# Grand Paris, Bordeaux, Tours, Dijon, La Réunion's north, an EPT, two communities; of the random world and real days.
EPCI = ("200054781", "243300316", "243700754", "242100410", "249740119", "200057867", "240600585", "200023737")
_COMMUNE = ("commune", "ville", "mairie")
_JOINTS = ("", "de ", "des ", "d ", "de l ")
_KINDS = {
    "CC": (("communes", "cnes"), "cc"),
    "CA": (("agglomeration", "agglo", "aggl", "agl"), "ca"),
    "CU": (("urbaine",), "cu"),
}
_SAID = {"le": ("le {}", "de le {}", "d le {}", "du {}"), "les": ("les {}", "de les {}", "d les {}", "des {}")}


def spelt(name: str | None) -> str:
    """A name in lower case without accents and marks, ``st`` in full, without the number of its département."""
    bare = re.sub(r"\(\d[\dAB]\d?\)", " ", name or "").lower().replace("œ", "oe").replace("æ", "ae")
    plain = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in re.findall(r"\w+", plain))


def _of(name: str) -> tuple[str, ...]:
    """The ways to say whose body it is: ``vesinet`` with its article ``le`` is ``le vesinet`` and ``du vesinet``."""
    article, _, rest = name.partition(" ")
    if article in ("le", "les"):
        return tuple(form.format(rest) for form in _SAID[article])
    return name, f"de {name}", f"d {name}"


def _name(text: str) -> str:
    """The official name of an EPCI without its short one and what joins it to its type: ``du Pays`` is ``le pays``."""
    name = spelt(re.sub(r"\([^)]*\)", " ", text))
    for joint, article in (("du ", "le "), ("des ", "les "), ("de ", ""), ("d ", "")):
        if name.startswith(joint):
            return article + name.removeprefix(joint)
    return name


@cache
def numbers(siren: str) -> set[str]:
    """The SIRENs of an EPCI and of its communes."""
    return {siren, *(reference.communes()[code].siren for code in reference.epci()[siren].members)} - {""}


@cache
def names(siren: str) -> set[tuple[str, str]]:
    """The names, spelt, by which a buyer without a number is of an EPCI, each with its département."""
    communes, row = reference.communes(), reference.epci()[siren]
    members = [communes[code] for code in row.members]
    towns = {(one.department, spelt(one.name)) for one in communes.values()}
    found = {
        (f"{start} {said}", one.department)
        for one in members
        if one.siren
        for start in _COMMUNE
        for said in _of(spelt(one.name))
    }
    own = _name(row.name)
    for department in {one.department for one in members}:
        found |= {(f"{start} {said}", department) for start in _starts(row.type) for said in _of(own)}
        if (department, own) not in towns:
            found.add((own, department))
    return found


def _starts(type_: str) -> Iterator[str]:
    if type_ == "EPT":
        yield "etablissement public territorial"
    elif type_ in _KINDS:
        words, short = _KINDS[type_]
        yield short
        yield from (
            f"{body} {joint}{word}" for body in ("communaute", "cte", "com") for joint in _JOINTS for word in words
        )
