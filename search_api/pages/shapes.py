"""The outlines of the départements, read from the package pygal-maps-fr and made light: whole units, few points.

A unit is about half a kilometre on the mainland; what is overseas, and Paris with its neighbours drawn large, has a
scale of its own. Borders that two départements share stay shared, thinned between the points where borders meet.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import hypot
from typing import Final

from lxml import etree

Point = tuple[int, int]
_TOKEN: Final = re.compile(r"[a-zA-Z]|-?(?:\d*\.\d+|\d+)(?:e-?\d+)?")
_NUMBERS: Final = {"m": 2, "l": 2, "c": 6}  # of a command
_MOVED: Final = re.compile(r"translate\(([-.\d]+),([-.\d]+)\)")
_MAINLAND: Final = "departements"
_LARGE: Final = "paris-petite-couronne"
_OFF: Final = 1.3  # units by which a thinned border may be off
_SMALLEST: Final = 14  # square units of an island that is drawn


@dataclass(frozen=True, slots=True)
class Shape:
    """A département's outline as SVG writes a path; the box around it; the middle of its largest part."""

    code: str
    path: str
    box: tuple[int, int, int, int]  # left, top, right, bottom
    middle: Point
    large: bool = False  # drawn a second time, beside the mainland

    @property
    def name(self) -> str:
        """What it is called where each has a name of its own."""
        return f"{'l' if self.large else 'd'}{self.code}"


@cache
def department_shapes() -> tuple[Shape, ...]:
    """Return the shapes: each département once, and those around Paris once more, large."""
    drawn = files("pygal_maps_fr").joinpath("fr.departments.svg").read_bytes()
    found = [
        (group, rings)
        for group in etree.fromstring(drawn).iter("{*}g")
        if group.get("class") and (rings := list(_read_group(group)))
    ]
    thin = _thin_all([ring for _, rings in found for ring in rings])
    shapes = []
    for group, rings in found:
        thinned = sorted((thin(ring) for ring in rings), key=_area, reverse=True)
        kept = [thinned[0], *(ring for ring in thinned[1:] if _area(ring) >= _SMALLEST)]
        code = group.get("class", "").split()[0].removeprefix("z").upper()
        large = _group_name(group) == _LARGE
        shapes.append(Shape(code, "".join(map(_write, kept)), _box(kept), _middle(kept[0]), large))
    return tuple(sorted(shapes, key=lambda shape: (shape.large, shape.code)))


def _group_name(group: etree._Element) -> str:
    parent = group.getparent()
    return "" if parent is None else parent.get("id", "")


def _read_group(group: etree._Element) -> Iterator[list[Point]]:
    parent = group.getparent()
    moved = _MOVED.fullmatch("" if parent is None else parent.get("transform", ""))
    right, down = map(float, moved.groups()) if moved else (0.0, 0.0)
    for path in group.iter("{*}path"):
        for ring in _read_path(path.get("d", "")):
            snapped = [(round(x + right), round(y + down)) for x, y in ring]
            bare = [point for at, point in enumerate(snapped) if point != snapped[at - 1]]
            if len(bare) > 2:
                yield bare


def _read_path(text: str) -> Iterator[list[tuple[float, float]]]:
    """Read the rings of a path of lines and curves; of a curve its end is enough, so short they are."""
    tokens, command, x, y = iter(_TOKEN.findall(text)), "", 0.0, 0.0
    ring: list[tuple[float, float]] = []
    for word in tokens:
        if word in "mMzZ" and ring:
            yield ring
            x, y = ring[0] if word in "zZ" else (x, y)
            ring = []
        if word in "zZ":
            continue
        numbers = [] if word.isalpha() else [float(word)]
        command = word if word.isalpha() else command
        numbers += [float(next(tokens)) for _ in range(_NUMBERS[command.lower()] - len(numbers))]
        x, y = (x + numbers[-2], y + numbers[-1]) if command.islower() else (numbers[-2], numbers[-1])
        ring.append((x, y))
        command = {"m": "l", "M": "L"}.get(command, command)
    if ring:
        yield ring


def _thin_all(rings: list[list[Point]]) -> Callable[[list[Point]], list[Point]]:
    """Return what thins a ring of these; where more than two borders meet, a point stays."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    for ring in rings:
        for one, other in pairwise([*ring, ring[0]]):
            beside[one].add(other)
            beside[other].add(one)

    def thin(ring: list[Point]) -> list[Point]:
        ends = [at for at, point in enumerate(ring) if len(beside[point]) > 2] or [ring.index(min(ring))]
        turned = [*ring[ends[0] :], *ring[: ends[0]], ring[ends[0]]]
        cuts = [at - ends[0] for at in ends] + [len(ring)]
        kept: list[Point] = []
        for first, last in pairwise(cuts):
            kept += _thin(turned[first : last + 1])[:-1]
        return kept

    return thin


def _thin(line: list[Point]) -> list[Point]:
    """Drop the points of a border that it can do without, the same ones whichever way it is walked."""
    return _keep(line) if line[0] <= line[-1] else _keep(line[::-1])[::-1]


def _keep(line: list[Point]) -> list[Point]:
    """Thin by the rule of Douglas and Peucker: the point that is farthest off stays, and so on between."""
    (x, y), (to_x, to_y) = line[0], line[-1]
    along, down = to_x - x, to_y - y
    length = hypot(along, down)

    def off(point: Point) -> float:
        right, below = point[0] - x, point[1] - y
        return abs(along * below - down * right) / length if length else hypot(right, below)

    at = max(range(1, len(line) - 1), key=lambda place: off(line[place]), default=0)
    if not at or off(line[at]) <= _OFF:
        return [line[0], line[-1]]
    return _keep(line[: at + 1])[:-1] + _keep(line[at:])


def _area(ring: list[Point]) -> float:
    return abs(sum(x * to_y - to_x * y for (x, y), (to_x, to_y) in pairwise([*ring, ring[0]]))) / 2


def _box(rings: list[list[Point]]) -> tuple[int, int, int, int]:
    across, down = ([point[axis] for ring in rings for point in ring] for axis in (0, 1))
    return min(across), min(down), max(across), max(down)


def _middle(ring: list[Point]) -> Point:
    """The centre of gravity."""
    parts = [(x, y, to_x, to_y, x * to_y - to_x * y) for (x, y), (to_x, to_y) in pairwise([*ring, ring[0]])]
    whole = 3 * sum(part[-1] for part in parts)
    return (
        round(sum((x + to_x) * part for x, _, to_x, _, part in parts) / whole),
        round(sum((y + to_y) * part for _, y, _, to_y, part in parts) / whole),
    )


def _write(ring: list[Point]) -> str:
    steps = "".join(f"{_number(to_x - x)}{_number(to_y - y)}" for (x, y), (to_x, to_y) in pairwise(ring))
    return f"M{ring[0][0]} {ring[0][1]}l{steps.strip()}z"


def _number(step: int) -> str:
    return f" {step}" if step >= 0 else str(step)
