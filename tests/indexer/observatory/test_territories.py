"""Territories: what each is, which may be chosen where, and the same name back."""

import pytest

from indexer.observatory.territories import (
    EVERYWHERE,
    FIRST,
    find_territory,
    list_territories,
    name_scope,
    name_territory,
    places_of,
    title_scope,
)
from tenders.bodies import groupings
from tenders.query import Query
from tenders.query_url import from_url


def listed(form: str) -> list[str]:
    return [name for _, names in list_territories(from_url(form)) for name in names]


def test_france_its_regions_and_departements_can_be_chosen_everywhere() -> None:
    wide = listed("")
    assert wide[0] == EVERYWHERE
    assert wide[1:3] == list(FIRST)
    assert len(set(wide)) == len(wide) == 1 + 18 + 101 + 1
    places = [places_of(name) for name in wide if name.startswith("region-")]
    assert sum(len(place.dept) for place in places if place) == 101


@pytest.mark.parametrize("form", ["dept=21", "epci=242100410"])
def test_of_a_place_its_own_groupings_can_be_chosen(form: str) -> None:
    near = set(listed(form)) - set(listed(""))
    assert near == {f"epci-{siren}" for siren, one in groupings().items() if "21" in one.departments}


def test_each_territory_is_found_again_and_has_a_name() -> None:
    for territory in (*listed(""), *(f"epci-{siren}" for siren in groupings())):
        places = places_of(territory)
        assert places is not None
        found = find_territory(places)  # overseas, a region is its only département
        assert found is not None
        assert places_of(found) == places
        assert name_territory(territory, "fr")


@pytest.mark.parametrize(
    "form", ["nuts=FRC1", "epci=242100410&dept=21", "epci=242100410&epci=243300316", "dept=21&dept=33"]
)
def test_other_places_are_no_territory(form: str) -> None:
    assert find_territory(from_url(form)) is None


@pytest.mark.parametrize("name", ["epci-212102313", "epci-", "region-99", "dept-99", "", "21"])
def test_other_names_are_none(name: str) -> None:
    assert places_of(name) is None


def test_a_scope_is_titled_by_its_grouping() -> None:
    assert title_scope(Query(epci=("243300316",)), "fr") == "Bordeaux Métropole"
    assert title_scope(from_url("epci=243300316&q=toiture"), "en") == "toiture, Bordeaux Métropole"


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ("", "Partout"),
        ("dept=21&published_after=2026-01-01", "Côte-d’Or (21)"),
        ("q=toiture&nature=works&dept=21", "toiture, Côte-d’Or (21)"),
        ("buyer=Vallebrune&published_before=2026-01-01", "Vallebrune"),
    ],
)
def test_a_heading_says_what_a_scope_is_after_and_where(form: str, named: str) -> None:
    assert name_scope(from_url(form), "fr") == named
