"""Bring ``tenders/locale/fr.po`` up to what the code and the templates say: ``make catalogues``.

What is new comes without a translation; what nobody says any more goes. Write the French, then run the tests.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from tenders.translations import CATALOGUE

ROOT = Path(__file__).parents[1]
ROOMS = ("tenders", "indexer", "crawlers", "search_api", "alerts")
_METHODS = [("**.py", "python"), ("**.jinja", "jinja2")]
_OPTIONS = {"**.jinja": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}
_KEYWORDS = {**DEFAULT_KEYWORDS, "NN_": (1, 2)}
_WIDTH = 120
_HEADER = """# French of Tenderwatch: `make catalogues` brings new messages in.
msgid ""
msgstr ""
"Project-Id-Version: Tenderwatch\\n"
"Language: fr\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""


def extract() -> Catalog:
    """Return every message of the tree."""
    found = Catalog(locale="fr", project="Tenderwatch", charset="utf-8")
    for room in ROOMS:
        for _, _, message, comments, context in extract_from_dir(ROOT / room, _METHODS, _OPTIONS, _KEYWORDS):
            found.add(message, auto_comments=comments, context=context)
    return found


def read() -> Catalog:
    """Return the catalogue as it stands."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="fr")


def main() -> None:
    """Write the catalogue anew, keeping what is translated."""
    held = read()
    held.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
    held.obsolete.clear()
    with CATALOGUE.open("wb") as file:
        file.write(_HEADER.encode())
        write_po(file, held, width=_WIDTH, no_location=True, sort_output=True, ignore_obsolete=True, omit_header=True)


if __name__ == "__main__":
    main()
