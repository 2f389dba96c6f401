"""How ODSQL compares words: ``like``, ``search()`` (fuzzy, the last word a prefix) and ``suggest()`` (prefixes)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def words(value: Any) -> list[str]:
    """Return the folded words of a text or of a list of texts."""
    texts = value if isinstance(value, list) else [value]
    return [word for text in texts if text is not None for word in re.findall(r"\w+", _fold(str(text)))]


def like(found: Sequence[str], pattern: str) -> bool:
    """Whether each word of the pattern, with ``*`` or ``%`` as wildcards, is among the words."""
    globs = _fold(pattern).replace("%", "*").split()
    wanted = [glob for glob in (re.sub(r"[^\w*?]", "", glob) for glob in globs) if glob.strip("*")]
    return all(any(fnmatchcase(word, glob) for word in found) for glob in wanted)


def suggest(found: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether each wanted text begins a word."""
    return all(any(word.startswith(start) for word in found) for start in wanted)


def search(found: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether each wanted word is there: fuzzy (distance 2 above 5 letters, 1 above 2), the last one or a prefix."""
    for number, term in enumerate(wanted, 1):
        far = 2 if len(term) > 5 else 1 if len(term) > 2 else 0
        last = number == len(wanted)
        if not any((last and word.startswith(term)) or _distance(word, term, far) <= far for word in found):
            return False
    return True


def _distance(left: str, right: str, most: int) -> int:
    """Return the Levenshtein distance, or something beyond `most` as soon as it is beyond."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]
