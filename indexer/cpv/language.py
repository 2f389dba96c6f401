"""Which language a text is in, where nobody said."""

from __future__ import annotations

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

LANGUAGES = ("fr", "en", "de", "it", "es", "ro", "nl", "pl", "cs", "sv", "pt", "da", "fi", "el", "hu", "bg")
UNKNOWN = "xx"  # spaCy's name for a pipeline of any language
_READ = 1000  # characters that are looked at


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def detect(text: str) -> str:
    """Return the language of a text (ISO 639-1), ``xx`` for one without letters."""
    if not any(c.isalpha() for c in text[:_READ]):
        return UNKNOWN
    return str(_identifier().classify(text[:_READ])[0])
