"""Looking things up in the JSON that BOAMP makes of XML: one child an object, several a list, text in ``#text``."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import orjson

from crawlers.formats.text import clean_line


def parse_json(text: str | bytes) -> Any:
    r"""Read a JSON text; raises ValueError, one line that says where.

    Half of a surrogate pair (``\ud83d``, left where a portal cut a text) is valid JSON that the fast reader refuses;
    it must cost its character, not the whole answer. NaN and Infinity are no JSON and stay refused.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "surrogate" not in str(error):
            raise
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def each(value: Any) -> list[Any]:
    """Return the items of a JSON element: one child is an object or a string, several are a list."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def dig(value: Any, *path: str) -> Any:
    """Return what stands at a path of keys, in the first item where lists stand between; None if nothing does."""
    for key in path:
        value = next(iter(each(value)), None) if isinstance(value, list) else value
        value = value.get(key) if isinstance(value, dict) else None
    return value


def word(value: Any, *path: str) -> str | None:
    """Return the text at a path as one clean line; an element with attributes keeps it under ``#text``."""
    found = dig(value, *path)
    found = next(iter(each(found)), None) if isinstance(found, list) else found
    found = found.get("#text") if isinstance(found, dict) else found
    return clean_line(str(found)) if isinstance(found, str | int | float) and not isinstance(found, bool) else None


def first_word(value: Any, *paths: str) -> str | None:
    """Return the first text among several paths, each written with dots."""
    return next((line for path in paths if (line := word(value, *path.split(".")))), None)


def stated(value: Any, stem: str) -> bool | None:
    """Return whether a form ticks a box: ``xO``/``xOui`` or ``x: {oui}`` is yes, ``xN``/``xNon`` or ``x: {non}`` no."""
    if not isinstance(value, dict):
        return None
    folded = {key.lower().replace("_", ""): item for key, item in value.items()}
    if stem + "n" in folded or stem + "non" in folded:
        return False
    if stem + "o" in folded or stem + "oui" in folded:
        return True
    if stem not in folded:
        return None
    inside = folded[stem]
    answers = {key.lower() for key in inside} if isinstance(inside, dict) else {str(inside).strip().lower()}
    return "non" not in answers
