"""The reference tables, each read at its first use and then kept: CPV 2008, NUTS, and the territories of France.

PROVENANCE.md beside this file says where they come from and under which licence; ``infra/reference/build_tables.py``
builds them. Everything here is plain text; :mod:`tenders.codes` gives it its types.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

LANGUAGES: Final = ("fr", "en", "de", "it", "nl", "es", "cs", "sv", "pt", "pl", "ro")  # ISO 639-1, of the labels
_TABLES: Final = Path(__file__).parent
_WORD: Final = re.compile(r"\w+")
_CHECKED: Final = re.compile(r"(?<=^[0-9]{8})-[0-9]?$")  # the check digit that may follow a whole CPV code
_ASKED: Final = 200  # characters of a question that are looked at


class DepartmentRow(NamedTuple):
    """A département: name, NUTS-3 code, INSEE code of its region; both "" for an overseas collectivity."""

    name: str
    nuts: str
    region: str


class RegionRow(NamedTuple):
    """One of the 18 regions: name and the NUTS codes that together are the region."""

    name: str
    nuts: tuple[str, ...]


class CommuneRow(NamedTuple):
    """A commune of today: name, SIREN ("" overseas where none is given), département, postcodes, population."""

    name: str
    siren: str
    department: str
    postcodes: tuple[str, ...]
    population: int | None


class EpciRow(NamedTuple):
    """A grouping of communes: CC, CA, CU, METRO, MET69 or EPT, its name without these letters, its members' codes."""

    type: str
    name: str
    members: tuple[str, ...]


def _rows(table: str) -> list[list[str]]:
    text = gzip.decompress((_TABLES / f"{table}.tsv.gz").read_bytes()).decode()
    return [line.split("\t") for line in text.rstrip("\n").split("\n")]


@cache
def cpv_check_digits() -> dict[str, str]:
    """Return the check digit of each CPV 2008 code, in the order of the codes."""
    return dict(_rows("cpv"))


@cache
def cpv_prefixes() -> frozenset[str]:
    """Return every significant prefix, 2 to 8 digits, of a CPV 2008 code."""
    stems = (code[:2] + code[2:].rstrip("0") for code in cpv_check_digits())
    return frozenset(stem[:length] for stem in stems for length in range(2, len(stem) + 1))


def cpv_labels(lang: str) -> dict[str, str]:
    """Return the label of each CPV 2008 code in a language (ISO 639-1), English where we hold none."""
    return _cpv_labels(_held(lang))


@cache
def _cpv_labels(lang: str) -> dict[str, str]:
    return {code: label for code, (label,) in zip(cpv_check_digits(), _rows(f"cpv-{lang}"), strict=True)}


@cache
def nuts_names() -> dict[str, str]:
    """Return the name of each NUTS code in its country's own language, the only one that the code list has."""
    return dict(_rows("nuts"))


def nuts_labels(lang: str) -> dict[str, str]:
    """Return :func:`nuts_names`, but countries in a language (ISO 639-1), in English where we hold none."""
    return _nuts_labels(_held(lang))


@cache
def _nuts_labels(lang: str) -> dict[str, str]:
    column = 1 + LANGUAGES.index(lang)
    return nuts_names() | {row[0]: row[column] for row in _rows("nuts-countries")}


def _held(lang: str) -> str:
    return lang if lang in LANGUAGES else "en"


@cache
def departments() -> dict[str, DepartmentRow]:
    """Return the 101 départements and the overseas collectivities by code, in the order of the codes."""
    return {code: DepartmentRow(name, nuts, region) for code, name, nuts, region in _rows("departments")}


@cache
def regions() -> dict[str, RegionRow]:
    """Return the 18 regions by INSEE code."""
    return {code: RegionRow(name, tuple(nuts.split())) for code, name, nuts in _rows("regions")}


@cache
def communes() -> dict[str, CommuneRow]:
    """Return the communes by INSEE code, in the order of the codes."""
    return {
        code: CommuneRow(name, siren, department, tuple(postcodes.split()), int(population) if population else None)
        for code, name, siren, department, postcodes, population in _rows("communes")
    }


@cache
def epci() -> dict[str, EpciRow]:
    """Return the EPCI with taxes of their own by SIREN, and the territories (EPT) of the Grand Paris."""
    return {siren: EpciRow(type_, name, tuple(members.split())) for siren, type_, name, members in _rows("epci")}


def fold(text: str) -> str:
    """Return lower case without accents or ligatures, so that ÉLECTRICITÉ, électricité and electricite are one."""
    text = text.lower().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@cache
def _folded(kind: Literal["cpv", "nuts"], lang: str) -> dict[str, str]:
    # One space before each word: " word" in it asks whether some word begins with "word".
    labels = cpv_labels(lang) if kind == "cpv" else nuts_labels(lang)
    return {code: " " + " ".join(_WORD.findall(fold(label))) for code, label in labels.items()}


def find(kind: Literal["cpv", "nuts"], text: str, lang: str, limit: int) -> list[str]:
    """Return the codes that begin with the text, then those whose label has each of its words as a word's beginning.

    Accents and a final plural s or x do not count. Best first: labels that begin with the words, then the broader
    codes, then by code. A text without letters and digits finds nothing.
    """
    asked = fold(text[:_ASKED]).strip()
    words = [word[:-1] if len(word) > 3 and word[-1] in "sx" else word for word in _WORD.findall(asked)]
    if not words:
        return []
    table = _folded(kind, _held(lang))
    start = _CHECKED.sub("", asked).upper()
    found = dict.fromkeys(code for code in table if code.startswith(start))
    named = [code for code, label in table.items() if all(" " + word in label for word in words)]
    first = " " + " ".join(words)
    found |= dict.fromkeys(sorted(named, key=lambda code: (not table[code].startswith(first), _depth(code), code)))
    return list(found)[:limit]


def _depth(code: str) -> int:
    return len(code.rstrip("0")) if code.isdigit() else len(code)
