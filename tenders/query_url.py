"""The URL form of a Query: read strictly, written canonically.

An unknown name or value is a BadQuery that says what is allowed, never an empty result. An empty value, as a form
sends it, is an absent one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tenders.bodies import Epci
from tenders.codes import Cpv, Department, Nuts
from tenders.errors import BadQuery, Refused
from tenders.model import Nature, NoticeKind, Procedure
from tenders.query import BUYER_CATEGORIES, FLAGS, LANGUAGES, MAX_SIZE, STATED, WINNERS, Query, Sort, Status, Within
from tenders.query_text import parse_text

# BT-11 buyer-legal-type of the eForms SDK.
BUYER_TYPES = [
    "body-pl",
    "body-pl-cga",
    "body-pl-la",
    "body-pl-ra",
    "cga",
    "def-cont",
    "eu-ins-bod-ag",
    "grp-p-aut",
    "int-org",
    "la",
    "org-sub",
    "org-sub-cga",
    "org-sub-la",
    "org-sub-ra",
    "pub-undert",
    "pub-undert-cga",
    "pub-undert-la",
    "pub-undert-ra",
    "ra",
    "rl-aut",
    "spec-rights-entity",
]
MAX_PAIRS = 300  # name=value pairs in one form; more would only be a way to keep us busy
NAMES = tuple(f.name for f in fields(Query))
MANY = frozenset(f.name for f in fields(Query) if f.type == "tuple[str, ...]")
_SPAN = re.compile(r"([1-9]\d{0,3})([dh])")
_AMOUNT = re.compile(r"\d{1,13}(\.\d{1,2})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SIREN = re.compile(r"[0-9]{9}")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _one_of(allowed: Iterable[str]) -> Callable[[str], str]:
    values = tuple(map(str, allowed))

    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"is not one of: {', '.join(values)}")
        return text

    return read


def _day(text: str) -> date:
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError("is not a day of the calendar: write YYYY-MM-DD, such as 2026-05-21")


def _amount(text: str) -> Decimal:
    try:
        if _AMOUNT.fullmatch(text):
            return Decimal(text)
    except InvalidOperation:
        pass
    raise ValueError("is not an amount in euros: write digits, such as 90000 or 90000.50")


def _span(text: str) -> Within:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError("is not a span of days or hours: write 7d or 48h")
    return Within(int(found[1]), found[2])


def _flag(text: str) -> bool:
    return _one_of(("yes", "no"))(text) == "yes"


def _size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= MAX_SIZE:
        raise ValueError(f"is not a page size: write a whole number from 1 to {MAX_SIZE}")
    return int(text)


def _department(text: str) -> str:
    code = Department.parse(text)
    if code != text:
        raise ValueError(f"must be written {code}")
    return code


def _source(text: str) -> str:
    if not _SOURCE.fullmatch(text):
        raise ValueError("is not the name of a source: see /api/v1/sources")
    return text


def _text(text: str) -> str:
    parse_text(text)
    return text


def _number(text: str) -> str:
    if not _SIREN.fullmatch(text):
        raise ValueError("is no SIREN: write 9 digits")
    return text


def _buyer(text: str) -> str:
    if len(text) > 300:
        raise ValueError("is too long: give the buyer's name as shown, or its SIRET")
    if not any(map(str.isalnum, text)):
        raise ValueError("names nobody: give the buyer's name as shown, or its SIRET")
    return text


_READ: dict[str, Callable[[str], Any]] = {
    "q": _text,
    "cpv": Cpv.under,
    "cpv_any": Cpv.under,
    "nuts": Nuts.under,
    "dept": _department,
    "epci": Epci.parse,
    "buyer": _buyer,
    "buyer_type": _one_of(BUYER_TYPES),
    "buyer_category": _one_of(BUYER_CATEGORIES),
    "nature": _one_of(Nature),
    "procedure": _one_of(Procedure),
    "status": _one_of(Status),
    "source": _source,
    "kind": _one_of(NoticeKind),
    "published_after": _day,
    "published_before": _day,
    "deadline_after": _day,
    "deadline_before": _day,
    "deadline_within": _span,
    "value_min": _amount,
    "value_max": _amount,
    "value_unknown": _one_of(("keep", "drop")),
    **dict.fromkeys(FLAGS, _flag),
    "winner": _one_of(WINNERS),
    "winner_dept": _department,
    "local": _flag,
    "relaunch": _flag,
    "known": _one_of(STATED),
    "unknown": _one_of(STATED),
    "lang": _one_of(LANGUAGES),
    "sort": lambda text: Sort(_one_of(Sort)(text)),
    "size": _size,
    "after": str,
}
# A search that was kept stays readable when a grouping is no more: it is found by nothing, and shown by its number.
_KEPT = _READ | {"epci": _number}
_SHOWN = 60  # characters of a wrong value that an error repeats


def _read_value(name: str, text: str, kept: bool) -> Any:
    try:
        return (_KEPT if kept else _READ)[name](text)
    except BadQuery:
        raise
    except (Refused, ValueError) as problem:
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        message = str(problem)
        raise BadQuery(f"{name}={shown}: {message}", name=name) from None


def from_pairs(pairs: Iterable[tuple[str, str]], *, kept: bool = False) -> Query:
    """Read a Query from (name, value) pairs; raises BadQuery, which names the parameter and says how to mend it.

    Of a `kept` one, which was read before, a public body that we no longer know is left as it is.
    """
    found: dict[str, Any] = {}
    for name, text in pairs:
        if name not in _READ:
            raise BadQuery(f"unknown parameter {name[:_SHOWN]!r}: the names are {', '.join(NAMES)}", name=name[:_SHOWN])
        if any("\ud800" <= character <= "\udfff" for character in text):  # what a command line makes of other bytes
            raise BadQuery(f"{name} is not UTF-8: write it in UTF-8", name=name)
        if not text.strip():
            continue
        value = _read_value(name, text.strip(), kept)
        if name in MANY:
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), value)))
        elif name in found:
            raise BadQuery(f"{name} is given twice: give it once", name=name)
        else:
            found[name] = value
    for low, high in (
        ("published_after", "published_before"),
        ("deadline_after", "deadline_before"),
        ("value_min", "value_max"),
    ):
        if low in found and high in found and found[low] > found[high]:
            raise BadQuery(f"{low} is past {high}: nothing can lie between; swap them", name=low)
    return Query(**found)


def split_form(form: str) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of a URL form, in their order, with or without a leading ``?``.

    Raises BadQuery for what is no UTF-8, and for more pairs than anybody needs.
    """
    try:
        return parse_qsl(form.removeprefix("?"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PAIRS)
    except UnicodeDecodeError:
        raise BadQuery("the address is not UTF-8: write é as %C3%A9", name="") from None
    except ValueError:
        raise BadQuery(f"the address has more than {MAX_PAIRS} parameters: ask for less at once", name="") from None


def from_url(form: str, *, kept: bool = False) -> Query:
    """Read the URL form, with or without a leading ``?``; `kept` as in :func:`from_pairs`."""
    return from_pairs(split_form(form), kept=kept)


def require_sources(query: Query, known: Collection[str]) -> None:
    """Raise BadQuery, which names the known sources, for a source that is not one of them, once there are any."""
    unknown = sorted(set(query.source).difference(known))
    if known and unknown:
        raise BadQuery(f"source={unknown[0]}: is not one of: {', '.join(sorted(known))}", name="source")


def to_pairs(query: Query) -> list[tuple[str, str]]:
    """Write a Query as (name, value) pairs: names in their written order, values sorted, defaults left out."""
    pairs: list[tuple[str, str]] = []
    for f in fields(Query):
        value = getattr(query, f.name)
        if value == f.default:
            continue
        if isinstance(value, tuple):
            pairs += [(f.name, item) for item in sorted(value)]
        elif isinstance(value, bool):
            pairs.append((f.name, "yes" if value else "no"))
        else:
            pairs.append((f.name, str(value)))
    return pairs


def to_url(query: Query) -> str:
    """Write the URL form; equal Queries give equal forms."""
    return urlencode(to_pairs(query))
