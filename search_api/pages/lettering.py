"""How much room the texts of a chart need, so that none runs into another: in pixels, of text of twelve pixels.

A page does not know the reader's font: the widths are those of a wide one, so that others have room to spare.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from tenders.plain import shorten

# What a chart has at least on a phone, on what is wider, and on a wide screen, from 30 and from 60rem on.
PHONE: Final = 254
MIDDLE: Final = 412
WIDE: Final = 860
COLUMN: Final = 380  # where two charts stand beside one another
# The classes of what a phone, and what everything but a wide screen, leaves out.
PHONE_LEAVES_OUT: Final = "sparse"
ALL_BUT_WIDE_LEAVE_OUT: Final = "alternate"

_SIZE: Final = 12
_GAP: Final = 8
_BOLD: Final = 1.1
_LETTERS: Final = {
    **dict.fromkeys("MWmw@%—…", 1.0),
    **dict.fromkeys("fijlrtIJ.,:;'’()-·|!/ \u00a0\u202f", 0.4),
}


def measure(text: str) -> float:
    """Return how wide a text is at most."""
    return _SIZE * sum(_LETTERS.get(sign, 0.76 if sign.isupper() else 0.64) for sign in text)


def measure_number(text: str) -> float:
    """Return how wide a number is, which is bold, with the room that it keeps from its neighbours."""
    return _BOLD * measure(text) + _GAP


def fit(text: str, room: float) -> str:
    """Cut a text at a word, or within its first, to the room that there is."""
    most = len(text)
    while most > 1 and measure(shorten(text, most)) > room:
        most -= 1
    return shorten(text, most)


def thin_out(labels: list[str]) -> list[str]:
    """Return the class of each label of a row: all stand on a wide screen, as many as there is room for elsewhere."""
    needed = (max(map(measure, labels), default=0) + _GAP) * len(labels)
    middle = ceil(needed / MIDDLE)
    phone = middle * ceil(needed / PHONE / middle) if middle else 1
    return [
        ALL_BUT_WIDE_LEAVE_OUT if at % middle else PHONE_LEAVES_OUT if at % phone else "" for at in range(len(labels))
    ]
