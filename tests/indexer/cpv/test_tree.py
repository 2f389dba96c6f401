"""The tree of CPV 2008: every code has one way down."""

from __future__ import annotations

import pytest

from indexer.cpv.tree import divisions, first_level, grow, path
from tenders import reference
from tenders.codes import Cpv


def test_every_code_is_reached_by_its_own_way() -> None:
    tree = grow()
    ways = {code: path(Cpv(code)) for code in reference.cpv_check_digits()}
    assert len(set(ways.values())) == len(ways)
    for code, way in ways.items():
        parent = divisions().index(code[:2])
        for node in way:
            assert tree.parent[node] == parent
            parent = node + len(divisions())
        assert tree.names[way[-1]].rstrip(".") == Cpv(code).prefix


def test_siblings_stand_side_by_side() -> None:
    tree = grow()
    assert (len(divisions()), len(tree.first)) == (45, 45 + len(tree.names) + 1)
    roof = len(divisions()) + tree.names.index("4526")
    children = tree.names[tree.first[roof] : tree.first[roof + 1]]
    assert children[:3] == ("4526.", "45261", "45262")
    assert set(first_level()) >= {"45.", "451", "452", "03.", "031"}
    assert tree.leaf[tree.names.index("45.")] and not tree.leaf[tree.names.index("452")]


@pytest.mark.parametrize(("code", "last"), [("45000000", "45."), ("45261213", "45261213"), ("45261000", "45261.")])
def test_the_way_to_a_code(code: str, last: str) -> None:
    assert grow().names[path(Cpv(code))[-1]] == last


def test_an_unknown_code_is_followed_as_far_as_it_is_known() -> None:
    assert [grow().names[node] for node in path(Cpv("45269999"))] == ["452", "4526"]
