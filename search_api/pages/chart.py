"""A chart of bars as SVG: x in per cent, so that text keeps its size; heights in pixels, values printed on the bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BASE = 112  # pixels from the top to the line the bars stand on
_HEAD = 18  # pixels above the tallest bar, for its value
_FILLED = 0.56  # of the room of one bar


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, ready for the template; `label` is empty where neighbours leave no room for it."""

    x: str
    width: str
    middle: str
    y: int
    height: int
    count: int
    label: str


def draw_bars(values: Sequence[tuple[str, int]], *, base: int = BASE, step: int = 2) -> list[Bar]:
    """Return the bars of (label, count) pairs; one of each `step` is labelled."""
    room, most = 100 / max(len(values), 1), max((count for _, count in values), default=0) or 1
    bars = []
    for number, (label, count) in enumerate(values):
        height = round((base - _HEAD) * count / most)
        left = room * number
        bars.append(
            Bar(
                x=f"{left + room * (1 - _FILLED) / 2:.2f}%",
                width=f"{room * _FILLED:.2f}%",
                middle=f"{left + room / 2:.2f}%",
                y=base - height,
                height=height,
                count=count,
                label=label if number % step == 0 else "",
            )
        )
    return bars
