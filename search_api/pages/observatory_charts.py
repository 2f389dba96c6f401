"""The observatory's charts, ready for their template: columns by month, bars by value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from indexer.observatory.figures import Line, Month
from indexer.observatory.naming import name_month, name_value
from search_api.pages.chart import Bar, draw_bars
from tenders.phrasing import say_number
from tenders.plain import shorten
from tenders.translations import translator

_LABELS = 12  # labels that a chart of months has room for
_PRINTED = 24  # months whose numbers are printed on their columns
_NARROW = 4  # digits that a phone has no room for on every column
_NAME = 44  # characters of a label over a bar
# What the stylesheet gives on a page, as attributes: a picture of its own must not bring a style, which our policy of
# content forbids. Texts are escaped, so that none of these can stand in one.
_BLUE, _WASH = "#1f5fa8", "#e3edf8"
_SHADES = ("#ffffff", "#e3edf8", "#c5dbf0", "#a0c3e4", "#7aa9d6", _BLUE)
_LOOKS = (
    ('class="bar"', f'fill="{_BLUE}"'),
    ('class="rest"', f'fill="{_WASH}" stroke="{_BLUE}"'),
    ('class="part"', f'fill="{_WASH}" stroke="{_BLUE}" stroke-dasharray="3 2"'),
    ('class="track"', f'fill="{_WASH}"'),
    ("<line ", '<line stroke="#8a9097" '),
    *((f'class="step{step}"', f'fill="{shade}" stroke="#8a9097"') for step, shade in enumerate(_SHADES)),
    ('class="on5"', 'fill="#ffffff"'),
)


def dress(picture: str) -> str:
    """Give a chart that stands alone the colours that it has on the page."""
    for plain, dressed in _LOOKS:
        picture = picture.replace(plain, dressed)
    return picture


@dataclass(frozen=True, slots=True)
class Column:
    """A month: its bar, the part of it that is drawn dark, its number, and whether a phone leaves the number out."""

    bar: Bar
    dark: int  # pixels from the base up
    number: str
    unfinished: bool
    alternate: bool


@dataclass(frozen=True, slots=True)
class Columns:
    """Months as columns."""

    bars: tuple[Column, ...]
    base: int
    height: int
    spoken: str
    kind: str = "columns"


@dataclass(frozen=True, slots=True)
class Bars:
    """Values as bars, each under its label."""

    lines: tuple[tuple[str, str, float], ...]  # label, number, per cent of the width
    spoken: str
    kind: str = "bars"

    @property
    def height(self) -> int:
        """In pixels."""
        return 40 * len(self.lines) - 8


def draw_months(months: Sequence[Month], title: str, language: str, *, small: bool = False) -> Columns:
    """Draw months; small charts have their highest number alone."""
    base = 60 if small else 180
    named = [(name_month(month.month, language, short=True), month.number.count) for month in months]
    most = max((count for _, count in named), default=0)
    bars = draw_bars(named, base=base, step=max(1, -(-len(named) // _LABELS)))
    wide = len(str(most)) >= _NARROW or len(named) > _LABELS
    shown = [
        say_number(bar.count, language)
        if bar.count and (bar.count == most or (not small and len(named) <= _PRINTED))
        else ""
        for bar in bars
    ]
    return Columns(
        tuple(
            Column(bar, _dark(bar, month), number, month.unfinished, wide and bar.count != most)
            for bar, number, month in zip(bars, shown, months, strict=True)
        ),
        base,
        base + 20,
        _say(title, ((name_month(m.month, language), m.number.count) for m in months), language),
    )


def _dark(bar: Bar, month: Month) -> int:
    """Return the height of the tenders that were read with a call; an unfinished month has none that is dark."""
    if month.unfinished or not bar.count:
        return 0
    return bar.height if month.called is None else round(bar.height * month.called.count / bar.count)


def draw_lines(figure: str, lines: Sequence[Line], title: str, language: str) -> Bars:
    """Draw values, the longest bar the most frequent."""
    named = [(shorten(name_value(figure, line.value, language), _NAME), line.number.count) for line in lines]
    most = max((count for _, count in named), default=0) or 1
    return Bars(
        tuple((label, say_number(count, language), round(100 * count / most, 1)) for label, count in named),
        _say(title, named, language),
    )


def draw_shares(shares: Sequence[tuple[str, str, float]], title: str, language: str) -> Bars:
    """Draw shares, given as label, what is said of it, and 0 to 1: a whole is the whole width."""
    return Bars(
        tuple((shorten(label, _NAME), said, round(100 * share, 1)) for label, said, share in shares),
        _join(title, (f"{label} {said}" for label, said, _ in shares), language),
    )


def _say(title: str, named: Iterable[tuple[str, int]], language: str) -> str:
    """Say a chart: its title, and its first numbers; the table under it has them all."""
    return _join(title, (f"{label} {say_number(count, language)}" for label, count in named), language)


def _join(title: str, said: Iterable[str], language: str) -> str:
    numbers = ", ".join(islice(said, _LABELS))
    return f"{title}{translator(language).gettext(': ')}{numbers}"
