"""What a source wrote, made fit to keep: text without control characters, and noise about labels that nobody reads."""

from __future__ import annotations

import html
import logging
import re
from functools import lru_cache
from typing import Final

from tenders.errors import Refused

log = logging.getLogger(__name__)

LONGEST_TITLE: Final = 5_000  # characters; the longest among 230,000 real notices has 1,500
LONGEST_TEXT: Final = 200_000  # eForms allows 10,000 in a description, BOAMP's free texts reach 50,000

# C0 and C1 controls, soft hyphens, byte order marks, halves of surrogate pairs (no UTF-8 can hold them), and the marks
# that turn the direction of writing (a title could show something else than it says).
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff]"
)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_SPACES: Final = re.compile(r"\s+")
_LINE_SPACES: Final = re.compile(r"[^\S\n]+")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
_DOUBLY_ENCODED: Final = re.compile("[\u00c2-\u00c5\u00e2][\u0080-\u00bf\u0152-\u2122]")


def _windows() -> dict[int, str]:
    """Return what the bytes 0x80 to 0x9f mean in Windows-1252; BOAMP passes them on as C1 controls (``l\\x92art``)."""
    table = {}
    for byte in range(0x80, 0xA0):
        try:
            table[byte] = bytes([byte]).decode("cp1252")
        except UnicodeDecodeError:
            continue
    return table


_WINDOWS: Final = _windows()


def decode(body: bytes) -> str:
    """Decode UTF-8, or UTF-16 where a byte order mark says so; raises Refused for anything else."""
    name = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return body.decode(name)
    except UnicodeDecodeError as error:
        wrong = f"byte 0x{body[error.start]:02x} at {error.start}"
        raise Refused(f"not {name[:6].rstrip('-').upper()} text: {wrong}; save it as UTF-8") from None


def refuse_nothing(body: bytes) -> None:
    """Raise Refused for a body that holds no notice at all: nothing, or a web page."""
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise Refused("empty: 0 bytes of content, so no notice")
    if start[:1] == b"<" and (start[:14].lower() == b"<!doctype html" or b"<html" in start.lower()):
        raise Refused("an HTML page, not a notice")


def _encode_once(text: str) -> str:
    """Return what was meant where UTF-8 was read as another encoding; only a wholly such text makes UTF-8 again."""
    for wrong in ("cp1252", "latin-1"):
        try:
            return text.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _mend(text: str) -> str:
    """Undo what went wrong on the way: entities, Windows-1252 read as Latin-1, UTF-8 read as Windows-1252."""
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    if _DOUBLY_ENCODED.search(text):
        text = _encode_once(text)
    return _UNWANTED.sub("", text.translate(_WINDOWS))


def clean_line(text: str | None) -> str | None:
    """Return a text as one line, white space collapsed and control characters gone, or None if nothing is left."""
    if text is None:
        return None
    if not text.isprintable() or "&" in text or "  " in text or "Ã" in text or "â" in text:
        text = _SPACES.sub(" ", _mend(text))
    return text.strip() or None


def clean_text(text: str | None) -> str | None:
    """Return a text with its line breaks, otherwise as :func:`clean_line`; raises Refused beyond LONGEST_TEXT."""
    if text is None:
        return None
    if len(text) > LONGEST_TEXT:
        raise Refused(f"a text of {len(text):,} characters: at most {LONGEST_TEXT:,} are read")
    text = _mend(text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))
    lines = (line.strip() for line in _LINE_SPACES.sub(" ", text).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip() or None


def title(text: str | None) -> str:
    """Return a title; raises Refused for none, or one beyond LONGEST_TITLE."""
    if text is not None and len(text) > LONGEST_TITLE:
        raise Refused(f"a title of {len(text):,} characters: at most {LONGEST_TITLE:,} are read")
    line = clean_line(text)
    if line is None:
        raise Refused("no title")
    return line


def web_address(text: str | None) -> str | None:
    """Return a web address that a browser may open, None for what is none (``javascript:``, ``voir RC``)."""
    line = clean_line(text)
    if line is None or " " in line or len(line) > 2_000:
        return None
    if line[:4].lower() == "www.":
        line = "https://" + line
    return line if re.match(r"https?://[^/\s]", line, re.IGNORECASE) else None


@lru_cache(maxsize=4096)
def note_unread(source: str, what: str, label: str) -> None:
    """Say once that a label is not understood where the rest of its notice still can be read."""
    log.warning("%s: %s %r is not understood and left out", source, what, label[:80])
