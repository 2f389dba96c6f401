"""A commune or an EPCI known by its official name and département, where a notice states no number of its buyer.

Exact after folding, within one département: nothing is taken for near enough, and a body that belongs to
a commune (its CCAS, its housing office) is not the commune.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from tenders import reference
from tenders.codes import Department

_WORD: Final = re.compile(r"\w+")
_BRACKETS: Final = re.compile(r"\([^)]*\)")  # an EPCI's short name
_NUMBER: Final = re.compile(r"\([0-9][0-9AB][0-9]?\)")  # the number of a département
_ARTICLES: Final = frozenset({"le", "la", "les", "l"})
_JOINED: Final = {"du": "le", "des": "les"}  # de + le, de + les
_SPELT: Final = {"st": "saint", "ste": "sainte"}
# The kind of body that a name begins with, in full or as buyers shorten it.
_START: Final = re.compile(
    r"(?:(?P<commune>commune|ville|mairie)"
    r"|(?:communaute|cte|com) (?:(?:de|des|d|de l) )?"
    r"(?:(?P<CC>communes|cnes)|(?P<CA>agglomeration|agglo|aggl|agl)|(?P<CU>urbaine))"
    r"|(?P<cc>cc)|(?P<ca>ca)|(?P<cu>cu)|(?P<EPT>etablissement public territorial))(?: |$)"
)
_Name = tuple[str, str, str, str]  # département, kind ("" for a name without one), article, words


@lru_cache(maxsize=50_000)
def recognise(name: str, postcode: str) -> str | None:
    """Return the SIREN of the one commune or EPCI of this official name in the département of a postcode, else None."""
    department = Department.of_postcode(postcode)
    said = " ".join(spell(_NUMBER.sub(" ", name)))
    if department is None or not said:
        return None
    start = _START.match(said)
    if start is None:
        return _known().get((department, "", *_after_article(said)))
    kind = start.lastgroup or ""
    return _known().get((department, kind if kind == "commune" else kind.upper(), *_after_of(said[start.end() :])))


def spell(text: str) -> list[str]:
    """Return the words of a name, folded, ``st`` written out."""
    return [_SPELT.get(word, word) for word in _WORD.findall(reference.fold(text))]


def _after_article(said: str) -> tuple[str, str]:
    """Part ``le vesinet`` into its article and its words."""
    first, _, rest = said.partition(" ")
    return (first, rest) if first in _ARTICLES else ("", said)


def _after_of(said: str) -> tuple[str, str]:
    """Part what follows ``commune``: ``du vesinet``, ``de la souterraine``, ``d oyonnax``, ``dijon``."""
    first, _, rest = said.partition(" ")
    if first in _JOINED:
        return _JOINED[first], rest
    return _after_article(rest if first in ("de", "d") else said)


@cache
def _known() -> dict[_Name, str]:
    """SIREN by name; no two bodies of a département share one (the tests hold the tables to that)."""
    found: dict[_Name, str] = {}
    communes = reference.communes()
    for row in communes.values():
        if row.siren:
            found[row.department, "commune", *_after_article(" ".join(spell(row.name)))] = row.siren
    for siren, grouping in reference.epci().items():
        said = " ".join(spell(_BRACKETS.sub(" ", grouping.name)))
        for department in {communes[code].department for code in grouping.members}:
            found[department, grouping.type, *_after_of(said)] = siren
            bare = _after_article(said)
            if (department, "commune", *bare) not in found:
                found[department, "", *bare] = siren
    return found
