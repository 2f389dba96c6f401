"""Texts as published -> folded words, the only thing the model sees."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

LOST = "\ufffd"  # stands where a source lost a character
_LONGEST = 20_000  # characters of a text that count
READ = (600, 2000)  # characters of the description that the second and the third view have
_MORE = 20  # letters that a view must have more than the one before
_SAME = 80  # characters of the title with which a description must begin to repeat it
_TAGS = re.compile(r"<[^<>]{1,200}>")
# Letters that have no decomposition, and signs that would be taken for letters.
_PLAIN = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ς": "σ"}
)
_OTHER = re.compile(f"[^a-z\u0370-\u03ff\u0400-\u04ff{LOST}]+")
_DROPPED_LIGATURE = re.compile(r"\b(d|en) ?o?uvre\b")  # "en œuvre" after a source that dropped the ligature


def fold(text: str) -> str:
    """Lower case, without accents, letters of the Latin, Greek and Cyrillic scripts only, single spaces between words.

    HTML entities are read twice, because some sources escape what was escaped; a lost character stays as U+FFFD.
    """
    text = _TAGS.sub(" ", unescape(unescape(text[:_LONGEST])))
    text = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN))
    text = "".join(c for c in text if not unicodedata.combining(c)).translate(_PLAIN)
    return _DROPPED_LIGATURE.sub(r"\1 oeuvre", " ".join(_OTHER.sub(" ", text).split()))


def views(title: str, description: str | None = None) -> tuple[str, ...]:
    """Fold what a text is judged by: its title, then the title with the description's beginning, then with more of it.

    Where the description adds nothing there is the title alone. Each view is a row of its own to the model, because a
    long description drowns the title, and a title alone often says too little.
    """
    seen = [fold(title)]
    if not description:
        return tuple(seen)
    repeats = description[: _SAME * 2].casefold().startswith(title[:_SAME].casefold())
    for length in READ:
        text = fold(description[:length] if repeats else f"{title} {description[:length]}")
        if len(text) > len(seen[-1]) + _MORE:
            seen.append(text)
    return tuple(seen)
