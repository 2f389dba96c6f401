"""The codes of the trade as values: CPV, NUTS, French départements and regions, SIRET.

Each class is a ``str``. Direct construction trusts its text (what the store gives back); ``parse`` reads what a source
wrote; ``under`` reads what a search filter means. Importing this module reads no file: the tables of
:mod:`tenders.reference` load at the first question that needs one (a label, a check digit, whether a code is known).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from tenders import reference
from tenders.errors import Refused

_CPV: Final = re.compile(r"([0-9]{8})(?:\s?-\s?([0-9]))?")
_SHORT_CPV: Final = re.compile(r"([0-9]{7})(?:\s?-\s?([0-9]))?")
_CPV_FILTER: Final = re.compile(r"[0-9]{2,8}|[0-9]{8}-[0-9]")
_NUTS: Final = re.compile(r"[A-Za-z]{2}[0-9A-Za-z]{0,3}")
_SIRET: Final = re.compile(r"(?!0{14})[0-9]{14}")
_SHOWN: Final = 40  # characters of a wrong value that a message repeats

_POSTCODE: Final = re.compile(r"[0-9][0-9AB][0-9]{3}")
# Corsica's, whose first two digits are those of the département before 1976: communes have 20000, 20090, 201, 202 and
# 206, large offices (CEDEX) 203 to 207. And those of two collectivities that Guadeloupe's post serves.
_CORSICA: Final = ((re.compile(r"20000|20090|20[1357].."), "2A"), (re.compile(r"20[246].."), "2B"))
_PARTED: Final = {"97133": "977", "97150": "978"}
# What of France has a country code of its own in ISO 3166-1, by its code of NUTS: France's where NUTS has none for it.
FRANCE: Final = (
    dict.fromkeys(("FR", "PM", "BL", "MF", "PF", "NC", "WF", "TF"), "FR")
    | {"GP": "FRY10", "MQ": "FRY20", "GF": "FRY30", "RE": "FRY40", "YT": "FRY50"}
)  # fmt: skip
_NUTS_COUNTRIES: Final = FRANCE | {"GB": "UK", "GR": "EL"}
ABROAD: Final = "99"  # BOAMP's "département" of what lies outside France


def _quote(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


class Cpv(str):
    """A code of the Common Procurement Vocabulary: 8 digits, without the check digit (BT-262, BT-263).

    Codes outside CPV 2008 (Regulation (EC) No 213/2008), as older notices carry them, are kept: `known` is False.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str, *, lost_zero: bool = False) -> Cpv:
        """Read ``45261000`` or ``45261000-4``; raises Refused for another form or a wrong check digit.

        `lost_zero` also accepts 7 digits where a spreadsheet ate the leading zero, if that makes a CPV 2008 code.
        """
        bare = text.strip()
        found = _CPV.fullmatch(bare)
        if found:
            code, digit = cls(found[1]), found[2]
        elif lost_zero and (short := _SHORT_CPV.fullmatch(bare)) and cls("0" + short[1]).known:
            code, digit = cls("0" + short[1]), short[2]
        else:
            raise Refused(f"{_quote(text)} is no CPV code: 8 digits, such as 45261000 or 45261000-4")
        if digit is not None and code.check_digit not in (None, digit):
            raise Refused(
                f"{_quote(text)} is no CPV code: the check digit of {code} is {code.check_digit}, not {digit}"
            )
        return code

    @classmethod
    def under(cls, text: str) -> str:
        """Return the significant prefix that a filter means: ``45261000-4`` -> ``45261``, ``45`` -> ``45``.

        Raises Refused unless some CPV 2008 code begins with it.
        """
        bare = text.strip()
        if not _CPV_FILTER.fullmatch(bare):
            raise Refused(
                f"{_quote(text)} is no CPV 2008 code: write the first 2 to 8 digits, such as 45, 4526 or 45261000-4"
            )
        code = cls.parse(bare) if len(bare) >= 8 else cls.of(bare)
        if code.prefix not in reference.cpv_prefixes():
            raise Refused(f"{_quote(text)} is no CPV 2008 code, and no CPV 2008 code begins with {code.prefix}")
        return code.prefix

    @classmethod
    def of(cls, prefix: str) -> Cpv:
        """Return the code with these significant digits, as `under` and `lineage` give them: ``452`` -> 45200000."""
        return cls(prefix.ljust(8, "0"))

    @property
    def known(self) -> bool:
        """Whether CPV 2008 has this code."""
        return self in reference.cpv_check_digits()

    @property
    def check_digit(self) -> str | None:
        """The official check digit, None for a code that CPV 2008 does not have."""
        return reference.cpv_check_digits().get(self)

    @property
    def prefix(self) -> str:
        """The significant digits, at least two: ``45000000`` -> ``45``."""
        return self[:2] + self[2:].rstrip("0")

    def lineage(self) -> tuple[str, ...]:
        """Return every significant prefix from the division down: ``45261000`` -> 45, 452, 4526, 45261."""
        prefix = self.prefix
        return tuple(prefix[:length] for length in range(2, len(prefix) + 1))

    @property
    def parent(self) -> Cpv | None:
        """The nearest CPV 2008 code above this one (some levels are empty), None for a division."""
        known = reference.cpv_check_digits()
        above = map(Cpv.of, reversed(self.lineage()[:-1]))
        return next((code for code in above if code in known), None)

    def label(self, lang: str = "fr") -> str | None:
        """Return the official name in a language (ISO 639-1), in English where we hold no table of that language."""
        return reference.cpv_labels(lang).get(self)


class Nuts(str):
    """A code of the EU's territorial units, country to NUTS-3: ``FR``, ``FRC``, ``FRC1``, ``FRC11`` (BT-5071).

    Codes of other NUTS versions are kept: `known` is False.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Nuts:
        """Read a NUTS code of any version and case; raises Refused for another form."""
        code = text.strip()
        if not _NUTS.fullmatch(code):
            raise Refused(
                f"{_quote(text)} is no NUTS code: two letters and up to three letters or digits, such as FRC11"
            )
        return cls(code.upper())

    @classmethod
    def under(cls, text: str) -> str:
        """Return the code that a filter means; raises Refused for one that we do not know."""
        code = cls.parse(text)
        if not code.known:
            raise Refused(f"{_quote(text)} is no NUTS code that we know: write one such as FR, FRC, FRC1 or FRC11")
        return str(code)

    @classmethod
    def of_country(cls, country: str) -> Nuts:
        """Return the code of a country (ISO 3166-1 alpha-2): ``FR``, ``EL`` for GR, ``FRY40`` for RE, ``FR`` for NC."""
        return cls(_NUTS_COUNTRIES.get(country, country))

    @property
    def known(self) -> bool:
        """Whether the code list of the eForms SDK has this code."""
        return self in reference.nuts_names()

    def lineage(self) -> tuple[str, ...]:
        """Return the code of every level from the country down: ``FRC1`` -> FR, FRC, FRC1."""
        return tuple(self[:length] for length in range(2, len(self) + 1))

    def label(self, lang: str = "fr") -> str | None:
        """Return the name: a country's in a language (ISO 639-1), that of a place in the country's own language."""
        return reference.nuts_labels(lang).get(self)

    def departments(self) -> tuple[Department, ...]:
        """Return the French départements under a NUTS-1, NUTS-2 or NUTS-3 code; none for a country."""
        if len(self) < 3 or not self.startswith("FR"):
            return ()
        return tuple(code for code in departments() if (code.nuts or "").startswith(self))


class Department(str):
    """A French département as two characters or three: ``01``, ``2A``, ``971``.

    The overseas collectivities (``975``, ``977``, ``978``, ``984``, ``986`` to ``989``) and ``99`` for abroad, which
    BOAMP uses beside the 101 départements, have neither NUTS code nor region.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Department:
        """Read ``1``, ``01``, ``2a``, ``20A``, ``971``; raises Refused for what is no département."""
        code = text.strip().upper()
        if code == "20":
            raise Refused(f"{_quote(text)} is Corsica before 1976: write 2A or 2B")
        code = {"20A": "2A", "20B": "2B"}.get(code, code.zfill(2))
        if code not in reference.departments() and code != ABROAD:
            raise Refused(
                f"{_quote(text)} is no French département: write its number (01 to 95, 2A, 2B, 971 to 974, 976), that "
                "of an overseas collectivity (975, 977, 978, 984, 986 to 989), or 99 for abroad"
            )
        return cls(code)

    @classmethod
    def of_postcode(cls, text: str | None) -> Department | None:
        """Return the département of a French postcode, None for what is none: ``20167`` -> 2A, ``97400`` -> 974.

        A few communes are served from the département beside theirs, and count there.
        """
        postcode = re.sub(r"\s", "", text or "")
        if not _POSTCODE.fullmatch(postcode):
            return None
        if postcode.startswith("20"):
            return next((cls(code) for form, code in _CORSICA if form.fullmatch(postcode)), None)
        code = _PARTED.get(postcode) or (postcode[:3] if postcode[:2] in ("97", "98") else postcode[:2])
        return cls(code) if code in reference.departments() else None

    def label(self) -> str | None:
        """Return the name, None for one that we do not know."""
        row = reference.departments().get(self)
        return row.name if row else "Étranger" if self == ABROAD else None

    @property
    def nuts(self) -> Nuts | None:
        """The NUTS-3 code, None outside the 101 départements."""
        row = reference.departments().get(self)
        return Nuts(row.nuts) if row and row.nuts else None

    @property
    def region(self) -> Region | None:
        """The region, None outside the 101 départements."""
        row = reference.departments().get(self)
        return regions()[row.region] if row and row.region else None


@dataclass(frozen=True, slots=True)
class Region:
    """One of the 18 regions of France: INSEE code, name, and the NUTS codes that together are the region."""

    code: str
    name: str
    nuts: tuple[Nuts, ...]

    def departments(self) -> tuple[Department, ...]:
        """Return the départements of the region."""
        return tuple(code for code in departments() if code.region == self)


@cache
def departments() -> tuple[Department, ...]:
    """Return the 101 départements in the order of their codes."""
    return tuple(Department(code) for code, row in reference.departments().items() if row.nuts)


@cache
def regions() -> dict[str, Region]:
    """Return the 18 regions by INSEE code."""
    return {code: Region(code, row.name, tuple(map(Nuts, row.nuts))) for code, row in reference.regions().items()}


class Siret(str):
    """The number of a French establishment: 14 digits, the first 9 of which are the SIREN of its company or body."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Siret:
        """Read 14 digits, spaces and dots allowed; raises Refused for another form, a wrong check digit, or 14 zeros.

        The check digit is Luhn's, but for the offices of La Poste, whose digits add up to a multiple of 5.
        """
        from stdnum.exceptions import ValidationError  # here, so that importing the words stays light
        from stdnum.fr import siret

        digits = re.sub(r"[\s.]", "", text)
        if not _SIRET.fullmatch(digits):
            raise Refused(f"{_quote(text)} is no SIRET: 14 digits, such as 73282932000074")
        try:
            return cls(siret.validate(digits))
        except ValidationError:
            raise Refused(f"{_quote(text)} is no SIRET: its check digit is wrong, so a digit was mistyped") from None

    @property
    def siren(self) -> str:
        """The 9 digits of the company or public body."""
        return self[:9]


@cache
def divisions() -> tuple[Cpv, ...]:
    """Return the 45 divisions of CPV 2008 in the order of their codes."""
    return tuple(code for code in map(Cpv, sorted(reference.cpv_check_digits())) if len(code.prefix) == 2)


def find_cpv(text: str, lang: str = "fr", limit: int = 20) -> list[Cpv]:
    """Return CPV 2008 codes that begin with the digits, or whose label has every word (as a beginning), best first."""
    return [Cpv(code) for code in reference.find("cpv", text, lang, limit)]


def find_nuts(text: str, lang: str = "fr", limit: int = 20) -> list[Nuts]:
    """Return NUTS codes that begin with the text, or whose name has every word (as a beginning), best first."""
    return [Nuts(code) for code in reference.find("nuts", text, lang, limit)]
