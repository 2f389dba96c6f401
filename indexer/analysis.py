"""The one analyser: texts to tokens, the same for tenders and queries, for every engine and the matcher.

Folding comes before stemming, because many notices are upper case without accents: "ELECTRICITE" must meet
"électricité". Two streams come out: stems (words and phrases) and folded surface words (prefixes and exact words). No
stop words are removed, so that "pour" or "-de" mean something.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence

import Stemmer

VERSION = 2  # raise it at any change of what comes out: an index of another version must be rebuilt

_SNOWBALL = {
    "fr": "french",
    "en": "english",
    "de": "german",
    "es": "spanish",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "sv": "swedish",
    "da": "danish",
    "fi": "finnish",
    "no": "norwegian",
    "hu": "hungarian",
    "ro": "romanian",
    "ru": "russian",
    "el": "greek",
    "ca": "catalan",
    "eu": "basque",
}
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "ʼ": "'"})
_ELISION = re.compile(r"\b(?:[ldjmtscn]|qu|jusqu|lorsqu|puisqu|quoiqu)'(?=\w)")
_ACCENT = re.compile(r"[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_TOKEN = re.compile(r"[^\W_]+")
_MAX_TOKEN = 100  # characters; longer runs of letters are noise and would bloat the index
_MEMO_SIZE = 400_000  # stems remembered a language


def fold(text: str) -> str:
    """Fold a text: NFKC, lower case, ligatures opened, accents dropped."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).lower().translate(_LIGATURES)
    if text.isascii():
        return text
    return _ACCENT.sub("", unicodedata.normalize("NFD", text))


def words(text: str) -> list[str]:
    """Return the folded surface words of a text, in order, elided articles dropped: ``l'Éclairage`` gives eclairage."""
    folded = fold(text)
    if "'" in folded:
        folded = _ELISION.sub("", folded)
    return [word[:_MAX_TOKEN] for word in _TOKEN.findall(folded)]


class _Stems(dict[str, str]):
    """A remembered stem for each word of one language; a Snowball stemmer serves one thread at a time."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._stemmer = Stemmer.Stemmer(_SNOWBALL[language])
        self._lock = threading.Lock()

    def __missing__(self, word: str) -> str:
        with self._lock:
            stem: str = self._stemmer.stemWord(word) or word  # a few Greek words have nothing left
        if len(self) < _MEMO_SIZE:
            self[word] = stem
        return stem


_stems: dict[str, _Stems] = {}


def stem_all(tokens: Sequence[str], language: str | None) -> list[str]:
    """Stem folded words in a language (ISO 639-1); a language without a stemmer keeps them as they are."""
    if language not in _SNOWBALL:
        return list(tokens)
    memo = _stems.get(language)
    if memo is None:
        memo = _stems.setdefault(language, _Stems(language))
    return [memo[token] for token in tokens]
