"""The map: each département of the territory with its count, its list, its shade; what is not counted has no number."""

from __future__ import annotations

from indexer.observatory.figures import Line
from indexer.observatory.scope import Number
from search_api.pages.observatory_map import STEPS, Map, draw_map
from tenders.codes import departments
from tenders.query import Query
from tenders.query_url import to_url


def draw(counts: dict[str, int], scope: Query = Query()) -> Map | None:  # noqa: B008  # frozen
    lines = [Line(code, Number(count, Query(dept=(code,)))) for code, count in counts.items()]
    return draw_map(lines, scope, "Tenders", "en", lambda query: f"/?{to_url(query)}")


def test_no_place_no_map() -> None:
    assert draw({}) is None
    assert draw({}, Query(dept=("21",))) is None
    assert draw({"999": 4}) is None, "a place that has no outline"


def test_a_region_is_zoomed_to_and_a_departement_stands_in_its_own() -> None:
    whole = draw({"21": 5, "71": 2})
    alone = draw({"21": 5}, Query(dept=("21",)))
    assert whole and alone
    assert whole.box[:3] == alone.box[:3]
    codes = {"21", "25", "39", "58", "70", "71", "89", "90"}
    assert {area.shape for area in whole.areas} == {f"d{code}" for code in codes}
    said = {area.shape: (area.said, area.address, area.label) for area in whole.areas}
    assert said["d21"] == ("Côte-d’Or (21): 5", "/?dept=21", ("5", "21"))
    assert said["d58"] == ("Nièvre (58): 0", "", ("0", "58"))
    outside = {area.shape: (area.said, area.address, area.label) for area in alone.areas}
    assert outside["d58"] == ("Nièvre (58)", "", ("58",)), "nobody counted there: no nought"


def test_many_regions_are_the_whole_country_with_what_is_overseas_and_paris_large() -> None:
    drawn = draw({"21": 5, "33": 2, "75": 9, "59": 1})
    assert drawn
    names = [area.shape for area in drawn.areas]
    assert {f"d{code}" for code in departments()} | {"l75", "l92", "l93", "l94"} == set(names)
    assert not any(area.label for area in drawn.areas), "no room"


def test_shades_part_the_departements_evenly_and_equal_counts_have_one_shade() -> None:
    counts = {str(code): 10 * at for at, code in enumerate(departments(), 1)}
    drawn = draw(counts)
    assert drawn
    shades = [area.shade for area in drawn.areas if not area.shape.startswith("l")]
    assert sorted(set(shades)) == [1, 2, 3, 4, 5]
    assert all(19 <= shades.count(shade) <= 22 for shade in range(1, STEPS + 1))
    assert [shade.shade for shade in drawn.legend] == [1, 2, 3, 4, 5]
    assert (drawn.legend[0].least, drawn.legend[-1].most) == ("10", "1,010")
    same = draw({"21": 7, "71": 7, "58": 7})
    assert same
    assert {area.shade for area in same.areas if area.address} == {4}
    assert [(shade.least, shade.most) for shade in same.legend] == [("0", ""), ("7", "")]


def test_absurd_counts_leave_shades_to_the_others() -> None:
    drawn = draw({"21": 1, "25": 2, "39": 3, "58": 4, "70": 5, "71": 6, "89": 7, "90": 10_000_000})
    assert drawn
    assert len({area.shade for area in drawn.areas}) == STEPS
