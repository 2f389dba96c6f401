"""Texts and links that somebody else wrote, made fit to be shown or written by a program: sources are not trusted."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# What XML 1.0 (section 2.2) and HTML cannot carry: control characters, lone surrogates, two non-characters; and the
# marks that turn the direction of all the writing after them (UAX 9, sections 2.1 to 2.5).
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WEB: Final = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_UNSEEN: Final = ("Cf", "Cs", "Co", "Cn")


def clean(text: str) -> str:
    """Drop the characters that XML and HTML cannot carry, and those that turn the direction of writing."""
    return _ILLEGAL.sub("", text)


def one_line(text: str | None, limit: int) -> str:
    """Return a text as one line of at most `limit` characters, without control, format or surrogate characters.

    What is cut ends in an ellipsis.
    """
    if not text:
        return ""
    if len(text) <= limit and text.isprintable() and "  " not in text:
        return text.strip()
    text = text[: 8 * limit]  # a title of 10 MB costs no more than a long one
    kept = "".join(" " if c.isspace() or unicodedata.category(c) == "Cc" else c for c in text)
    line = " ".join("".join(c for c in kept if unicodedata.category(c) not in _UNSEEN).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip(" ,;:.-") + "…"


def web_link(url: str | None) -> str | None:
    """Return a link that a reader may follow, http or https only."""
    bare = clean(url or "").strip()
    return bare if _WEB.fullmatch(bare) else None


def shorten(text: str, most: int) -> str:
    """Cut a text at a word, so that it has at most so many characters."""
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:.-(") + "…"
