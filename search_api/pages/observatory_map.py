"""The observatory's map: départements in five shades by their tenders, zoomed to the regions that they lie in."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Final

from indexer.observatory.figures import Line
from indexer.observatory.naming import name_value
from search_api.pages.shapes import Shape, department_shapes
from tenders.codes import departments, regions
from tenders.phrasing import say_number
from tenders.query import Query
from tenders.translations import translator

PATH: Final = "/static/france.svg"
STEPS: Final = 5
_REGIONS: Final = 3  # that are zoomed to; more are shown on the whole country
_TELLING: Final = 0.02  # of the tenders that lie in a region, for it to be shown
_ROUND: Final = 0.02  # of the width: room around what is shown
_TEXT: Final = 0.032  # of the width: a text's size
_LETTER: Final = 0.6  # of a text's size: how wide a digit is, at most


@dataclass(frozen=True, slots=True)
class Area:
    """A département on the map; `label` is its number and code as far as there is room, `address` its list, if any."""

    shape: str  # the name of its outline in the file of shapes
    path: str
    shade: int  # 0 for none, then 1 to 5
    said: str
    address: str
    label: tuple[str, ...]
    middle: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shade:
    """One colour of the legend, a bar with its least number under its left end, and the greatest of all at the last."""

    shade: int
    x: int
    width: int
    least: str
    most: str


@dataclass(frozen=True, slots=True)
class Map:
    """The map; lengths are in units of the shapes."""

    box: tuple[int, int, int, int]  # left, top, width, height, with the legend's room
    text: int  # size of the texts
    areas: tuple[Area, ...]
    legend: tuple[Shade, ...]
    legend_y: int
    spoken: str
    kind: str = "map"


@cache
def write_shapes() -> bytes:
    """Write the file of shapes that pages take their outlines from."""
    paths = "".join(f'<path id="{shape.name}" d="{shape.path}"/>' for shape in department_shapes())
    return f'<svg xmlns="http://www.w3.org/2000/svg">{paths}</svg>'.encode()


@cache
def shapes_version() -> str:
    """Return what changes with the file of shapes."""
    return sha256(write_shapes()).hexdigest()[:8]


def draw_map(
    lines: Sequence[Line], scope: Query, title: str, language: str, address: Callable[[Query], str]
) -> Map | None:
    """Draw départements, the darker the more tenders; None where none of them has an outline."""
    counted = {line.value: line for line in lines}
    shown = _choose(_telling(lines) | set(scope.dept))
    counts = {shape.code: _count(counted, shape) for shape in shown if not scope.dept or shape.code in scope.dept}
    if not any(counts.values()):
        return None
    bounds = _bounds([count for count in counts.values() if count])
    left, top, width, height = _box(shown)
    text = round(width * _TEXT)
    zoomed = not any(shape.large for shape in shown)

    def area(shape: Shape) -> Area:
        line, name = counted.get(shape.code), name_value("places", shape.code, language)
        number = say_number(counts[shape.code], language) if shape.code in counts else ""
        return Area(
            shape=shape.name,
            path=shape.path,
            shade=_shade(counts.get(shape.code, 0), bounds),
            said=f"{name}{translator(language).gettext(': ')}{number}" if number else name,
            address=address(line.number.query) if line and number else "",
            label=_label(shape, number, text) if zoomed else (),
            middle=shape.middle,
        )

    legend = _legend(sorted(set(counts.values())), bounds, (left, width), language)
    box = (left, top, width, height + 3 * text)
    return Map(box, text, tuple(map(area, shown)), legend, top + height + text // 2, title)


def _telling(lines: Sequence[Line]) -> set[str]:
    """The départements that the map must show: not those of a region with a tender here and there."""
    of_region: Counter[str] = Counter()
    home = {str(place): code for code, region in regions().items() for place in region.departments()}
    for line in lines:
        of_region[home.get(line.value, "")] += line.number.count
    least = of_region.total() * _TELLING
    return {line.value for line in lines if of_region[home.get(line.value, "")] >= least}


def _count(counted: dict[str, Line], shape: Shape) -> int:
    return counted[shape.code].number.count if shape.code in counted else 0


def _choose(codes: Iterable[str]) -> list[Shape]:
    """The shapes of the regions that these départements lie in, or of the whole country where these are many."""
    held = {region.code: frozenset(map(str, region.departments())) for region in regions().values()}
    touched = [places for places in held.values() if places.intersection(codes)]
    if len(touched) > _REGIONS:
        known = frozenset(map(str, departments()))
        return [shape for shape in department_shapes() if shape.code in known]
    inside = frozenset().union(*touched)
    return [shape for shape in department_shapes() if shape.code in inside and not shape.large]


def _box(shapes: Iterable[Shape]) -> tuple[int, int, int, int]:
    lefts, tops, rights, bottoms = zip(*(shape.box for shape in shapes), strict=True)
    round_it = round((max(rights) - min(lefts)) * _ROUND)
    left, top = min(lefts) - round_it, min(tops) - round_it
    return left, top, max(rights) + round_it - left, max(bottoms) + round_it - top


def _bounds(counts: list[int]) -> list[int]:
    """The greatest count of each shade but the darkest: as many départements in each."""
    ordered = sorted(counts)
    return sorted({ordered[(len(ordered) * step - 1) // STEPS] for step in range(1, STEPS)}) if ordered else []


def _shade(count: int, bounds: list[int]) -> int:
    return 0 if not count else STEPS - len(bounds) + bisect_left(bounds, count)


def _label(shape: Shape, number: str, text: int) -> tuple[str, ...]:
    """The number and the code, the code alone, or nothing, as the outline has room."""
    left, top, right, bottom = shape.box
    room = (right - left) / (_LETTER * text * 1.4)
    if number and room > len(number) and bottom - top > 3 * text:
        return number, shape.code
    return (shape.code,) if room > len(shape.code) and bottom - top > 2 * text else ()


def _legend(counts: list[int], bounds: list[int], across: tuple[int, int], language: str) -> tuple[Shade, ...]:
    classes: dict[int, list[int]] = {}
    for count in counts:
        classes.setdefault(_shade(count, bounds), []).append(count)
    left, width = across
    last = max(classes)
    most = say_number(classes[last][-1], language) if len(classes[last]) > 1 else ""
    room = width // (max(len(classes), STEPS) + bool(most))
    shades = [
        Shade(shade, left + at * room, room * 19 // 20, say_number(held[0], language), "")
        for at, (shade, held) in enumerate(classes.items())
    ]
    # Two numbers stand under the last, which is twice as long for them.
    return (*shades[:-1], replace(shades[-1], most=most, width=shades[-1].width + room) if most else shades[-1])
