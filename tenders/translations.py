"""What people read, in their language: messages stand in English in the code, their French in ``locale/fr.po``.

Code asks ``_ = translator(language).gettext`` and then ``_("No deadline known")``; a message that is chosen elsewhere
than it is said is marked with :func:`N_`, with its plural :func:`NN_`. The catalogue is read once, when French is first
asked for.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tenders.vocabulary import spoken

CATALOGUE: Final = Path(__file__).parent / "locale" / "fr.po"
_ENGLISH: Final = NullTranslations()


def translator(language: str) -> NullTranslations:
    """Return what says messages in a language: its ``gettext`` and ``ngettext``."""
    return _ENGLISH if spoken(language) == "en" else _french()


def N_(message: str) -> str:  # noqa: N802  # gettext's own name
    """Mark a message that a translator is to find; return it as it is."""
    return message


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802  # as N_
    """Mark a message that is said by a count, for one and for many; return both."""
    return one, many


@cache
def _french() -> GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(CATALOGUE.read_bytes()), locale="fr"))
    compiled.seek(0)
    return GNUTranslations(compiled)
