"""The outlines of the départements: all there, light, and without gaps between neighbours."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from itertools import accumulate

from search_api.pages.observatory_map import write_shapes
from search_api.pages.shapes import department_shapes
from tenders.codes import departments

_LIGHT = 40_000  # bytes
_RING = re.compile(r"M(-?\d+) (-?\d+)l([-\d ]+)z")


def rings(path: str) -> list[list[tuple[int, int]]]:
    """The corners of a path, which is nothing but rings of whole steps."""
    assert not _RING.sub("", path)
    found = []
    for x, y, steps in _RING.findall(path):
        numbers = [int(one) for one in re.findall(r"-?\d+", steps)]
        walked = zip(numbers[::2], numbers[1::2], strict=True)
        found.append(
            list(accumulate(walked, lambda at, step: (at[0] + step[0], at[1] + step[1]), initial=(int(x), int(y))))
        )
    return found


def test_each_departement_has_one_outline_and_those_around_paris_a_large_one() -> None:
    shapes = department_shapes()
    assert {str(code) for code in departments()} <= {shape.code for shape in shapes if not shape.large}
    assert [shape.code for shape in shapes if shape.large] == ["75", "92", "93", "94"]
    assert len({shape.name for shape in shapes}) == len(shapes)


def test_the_file_is_light() -> None:
    assert len(write_shapes()) < _LIGHT
    assert len(gzip.compress(write_shapes())) < _LIGHT // 2


def test_an_outline_lies_in_its_box_with_its_middle() -> None:
    for shape in department_shapes():
        left, top, right, bottom = shape.box
        corners = [corner for ring in rings(shape.path) for corner in ring]
        assert all(left <= x <= right and top <= y <= bottom for x, y in corners), shape.name
        assert left < shape.middle[0] < right and top < shape.middle[1] < bottom, shape.name


def test_neighbours_share_their_borders_without_gaps() -> None:
    """Of a département inside the country each side is a side of a neighbour, walked the other way or the same."""
    sides: Counter[frozenset[tuple[int, int]]] = Counter()
    by_code = {}
    for shape in department_shapes():
        if not shape.large:
            own = [
                frozenset(pair) for ring in rings(shape.path) for pair in zip(ring, [*ring[1:], ring[0]], strict=True)
            ]
            own = [side for side in own if len(side) == 2]
            by_code[shape.code] = own
            sides.update(own)
    for code in ("21", "58", "18", "63", "87", "45", "10", "77"):
        alone = [side for side in by_code[code] if sides[side] == 1]
        assert len(alone) <= len(by_code[code]) // 10, f"{code}: {len(alone)} of {len(by_code[code])} sides stand alone"
