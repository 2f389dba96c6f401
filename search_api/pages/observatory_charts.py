"""The observatory's charts, ready for their template: columns by month, bars by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from indexer.observatory.figures import Line, Month
from indexer.observatory.naming import name_month, name_value
from search_api.pages.chart import Bar, draw_bars
from search_api.pages.lettering import (
    ALL_BUT_WIDE_LEAVE_OUT,
    COLUMN,
    MIDDLE,
    PHONE,
    PHONE_LEAVES_OUT,
    WIDE,
    fit,
    measure_number,
    thin_out,
)
from tenders.phrasing import say_number
from tenders.translations import translator

_LABELS = 12  # labels that a chart of months has room for
_SPOKEN = 12  # numbers that are said of a chart; the table under it has them all
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
    """A month: its bar, the part of it that is drawn dark, its number, and the classes of where these are left out."""

    bar: Bar
    dark: int  # pixels from the base up
    number: str
    unfinished: bool
    numbered: str
    labelled: str


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

    lines: tuple[tuple[str, str, str, float], ...]  # label, the same for a phone, number, per cent of the width
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
    highest = next((at for at, (_, count) in enumerate(named) if count == most), -1)
    needed = measure_number(say_number(most, language)) * len(named)
    others = ALL_BUT_WIDE_LEAVE_OUT if needed > MIDDLE else PHONE_LEAVES_OUT if needed > PHONE else ""
    crowded = small or needed > WIDE
    classes = iter(thin_out([bar.label for bar in bars if bar.label]))
    return Columns(
        tuple(
            Column(
                bar,
                _dark(bar, month),
                "" if not bar.count or (crowded and at != highest) else say_number(bar.count, language),
                month.unfinished,
                "" if at == highest else others,
                next(classes) if bar.label else "",
            )
            for at, (bar, month) in enumerate(zip(bars, months, strict=True))
        ),
        base,
        base + 20,
        _say(title, [(name_month(m.month, language), m.number.count) for m in months], language),
    )


def _dark(bar: Bar, month: Month) -> int:
    """Return the height of the tenders that were read with a call; an unfinished month has none that is dark."""
    if month.unfinished or not bar.count:
        return 0
    return bar.height if month.called is None else round(bar.height * month.called.count / bar.count)


def draw_lines(
    figure: str, lines: Sequence[Line], title: str, language: str, told: Mapping[str, str] = MappingProxyType({})
) -> Bars:
    """Draw values, the longest bar the most frequent; what is `told` of a value stands before its number."""
    most = max((line.number.count for line in lines), default=0) or 1
    lengths = [
        (
            name_value(figure, line.value, language),
            " ".join(filter(None, (told.get(line.value), say_number(line.number.count, language)))),
            line.number.count / most,
        )
        for line in lines
    ]
    return draw_shares(lengths, title, language)


def draw_shares(shares: Sequence[tuple[str, str, float]], title: str, language: str) -> Bars:
    """Draw shares, given as label, what is said of it, and 0 to 1: a whole is the whole width."""
    return Bars(tuple(_write_bars(shares)), _join(title, [f"{label} {said}" for label, said, _ in shares], language))


def _write_bars(lengths: Sequence[tuple[str, str, float]]) -> Iterator[tuple[str, str, str, float]]:
    """Cut each label to what its number leaves of the line that they share."""
    for label, said, length in lengths:
        beside = measure_number(said)
        yield fit(label, COLUMN - beside), fit(label, PHONE - beside), said, round(100 * length, 1)


def _say(title: str, named: Sequence[tuple[str, int]], language: str) -> str:
    return _join(title, [f"{label} {say_number(count, language)}" for label, count in named], language)


def _join(title: str, said: Sequence[str], language: str) -> str:
    """Say a chart: its title, and its last numbers, with how many there are where these are not all."""
    _ = translator(language).gettext
    if len(said) > _SPOKEN:
        title += _(", the last %(count)d of %(all)d") % {"count": _SPOKEN, "all": len(said)}
    return f"{title}{_(': ')}{', '.join(said[-_SPOKEN:])}"
