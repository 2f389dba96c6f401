"""Whose purchase a tender is: joint buyers each, by number before by name; a category by number alone."""

from indexer.buyers import categories, groupings, stated_sirens
from indexer.merge import merge
from tenders.model import Buyer
from tests.notices import notice

BORDEAUX, DIJON = "243300316", "242100410"
BEGLES = Buyer(name="Ville de Bègles", postcode="33130", country="FR")


def told(*buyers: Buyer) -> tuple[set[str], set[str], set[str]]:
    tender = merge([notice("26-1", buyer=buyers[0], co_buyers=buyers[1:])])
    return set(stated_sirens(tender)), set(categories(tender)), set(groupings(tender))


def test_a_commune_buys_for_its_grouping_and_joint_buyers_count_each() -> None:
    assert told(Buyer(id="21330039500019", country="FR")) == ({"213300395"}, {"municipality"}, {BORDEAUX})
    joint = told(Buyer(id=BORDEAUX, country="FR"), Buyer(id="212102313", country="FR"))
    assert joint == ({BORDEAUX, "212102313"}, {"intermunicipal", "municipality"}, {BORDEAUX, DIJON})


def test_without_a_number_a_name_tells_the_grouping_and_no_category() -> None:
    assert told(BEGLES) == (set(), set(), {BORDEAUX})
    for country in ("FR", "RE", None):
        assert told(Buyer(name="Commune de Saint-Denis", postcode="97400", country=country))[2] == {"249740119"}
    assert told(Buyer(name="CCAS de Bègles", postcode="33130")) == (set(), set(), set())
    assert told(Buyer(name="Ville de Bègles")) == (set(), set(), set())
    assert told(Buyer(name="Ville de Bègles", postcode="33130", country="BE")) == (set(), set(), set())


def test_a_number_counts_before_a_name_that_says_otherwise() -> None:
    numbered = Buyer(name="Ville de Bègles", postcode="33130", id="26750045200011", country="FR")
    assert told(numbered) == ({"267500452"}, {"health"}, set())


def test_a_number_that_is_none_leaves_the_name() -> None:
    mistyped = Buyer(name="Ville de Bègles", postcode="33130", id="213300398", country="FR")
    assert told(mistyped) == (set(), set(), {BORDEAUX})
