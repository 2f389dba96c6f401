"""What a SIREN tells, the groupings of communes, and names that stand for a body where no number is stated."""

import json
import re
import subprocess
import sys

import pytest

from tenders import reference
from tenders.bodies import Epci, categorise, groupings, groupings_of, groupings_of_commune, name_epci, read_siren
from tenders.body_names import recognise
from tenders.errors import Refused
from tenders.query import BUYER_CATEGORIES

BORDEAUX, DIJON = "243300316", "242100410"


@pytest.mark.parametrize(
    ("number", "country", "siren"),
    [
        ("21210231300012", "FR", "212102313"),
        ("212 102 313 00012", "FR", "212102313"),
        ("212102313", "FR", "212102313"),
        ("21210231300012", None, "212102313"),
        ("212102313", "RE", "212102313"),
        ("212102313", "TF", "212102313"),
        ("212102313", None, None),  # Norway's numbers have 9 digits too
        ("212102313", "NO", None),
        ("212102319", "FR", None),
        ("000000000", "FR", None),
        ("FR12345", "FR", None),
        ("2121023130001", "FR", None),
        ("٢١٢١٠٢٣١٣", "FR", None),
        ("", "FR", None),
        (None, None, None),
    ],
)
def test_a_number_states_a_siren_or_nothing(number, country, siren):
    assert read_siren(number, country) == siren


@pytest.mark.parametrize(
    ("siren", "category"),
    [
        ("212102313", "municipality"),  # Dijon
        ("200063402", "municipality"),  # Annecy, since 2017
        ("929939411", "municipality"),  # Saint-Denis, since 2025
        (BORDEAUX, "intermunicipal"),
        ("200057867", "intermunicipal"),  # Plaine Commune
        ("246000616", "grouping"),  # a syndicate of the communes of a school
        ("257500017", "grouping"),
        ("222100018", "department"),
        ("200094332", "department"),  # Alsace
        ("200053726", "region"),  # Bourgogne-Franche-Comté
        ("233500016", "region"),  # Bretagne
        ("110020013", "state"),
        ("267500452", "health"),
        ("193819125", "education"),
        ("275400034", "housing"),
        ("200030013", None),  # a hospital by its name, told by no digits
        ("130018989", None),
        ("287500078", None),
        ("552032534", None),  # a company
    ],
)
def test_the_category_of_a_number_is_known_or_not_at_all(siren, category):
    assert categorise(siren) == category


def test_every_commune_and_every_grouping_has_its_category():
    assert {categorise(row.siren) for row in reference.communes().values() if row.siren} == {"municipality"}
    assert {categorise(siren) for siren in reference.epci()} == {"intermunicipal"}
    assert {categorise(f"{digits:02}0000000") for digits in range(100)} - {None} < set(BUYER_CATEGORIES)


def test_a_commune_belongs_to_its_grouping_and_in_the_grand_paris_to_two():
    assert groupings_of("213300635") == (BORDEAUX,)
    assert groupings_of(BORDEAUX) == (BORDEAUX,)
    assert groupings_of("222100018") == ()
    assert {name_epci(siren) for siren in groupings_of_commune("93066")} == {
        "Métropole du Grand Paris",
        "Établissement public territorial Plaine Commune",
    }
    assert groupings_of_commune("29155") == ()  # Ouessant, an island alone
    for siren, grouping in groupings().items():
        assert all(siren in groupings_of_commune(code) for code in grouping.members)


@pytest.mark.parametrize(
    ("siren", "name", "departments"),
    [
        ("200000172", "Communauté de communes Faucigny-Glières", ("74",)),
        (BORDEAUX, "Bordeaux Métropole", ("33",)),
        ("200046977", "Métropole de Lyon", ("69",)),
        ("242500361", "Grand Besançon Métropole", ("25",)),
        ("200040277", "Agglo du Pays de Dreux", ("27", "28")),
        ("246200364", "Communauté d’agglomération de Lens-Liévin", ("62",)),
        ("200057867", "Établissement public territorial Plaine Commune", ("93",)),
    ],
)
def test_a_grouping_has_the_name_that_people_say(siren, name, departments):
    assert (groupings()[siren].name, groupings()[siren].departments) == (name, departments)


def test_names_are_written_as_french_is():
    names = [grouping.name for grouping in groupings().values()]
    assert not [name for name in names if "'" in name or '"' in name]
    assert not [name for name in names if "'" in name or "  " in name or " - " in name]
    assert not [name for name in names if re.match(r"(CC|CA|CU|EPT|de|du|des|d’)\b", name)]


def test_of_another_number_an_error_says_what_to_write():
    assert Epci.parse(BORDEAUX) == BORDEAUX
    for text in ("243300317", "212102313", "Bordeaux", "24330031600011"):
        with pytest.raises(Refused, match="243300316"):
            Epci.parse(text)


@pytest.mark.parametrize(
    ("name", "postcode", "siren"),
    [
        ("COMMUNE D OYONNAX", "01100", "210102836"),
        ("Ville de Dijon", "21033", "212102313"),
        ("mairie Dijon", "21000", "212102313"),
        ("Commune du Vésinet", "78110", "217806504"),
        ("VILLE DE LA SOUTERRAINE", "23300", "212317606"),
        ("MAIRIE DE ST MAURICE DE BEYNOST", "01700", "210103768"),
        ("Ville de Saint-Priest (69)", "69800", "216902908"),
        ("COMMUNE D AJACCIO", "20304", "212000046"),
        ("Ville de Bastia", "20410", "212000335"),
        ("Commune de Saint-Denis", "97 400", "219740115"),
        ("BORDEAUX METROPOLE", "33076", BORDEAUX),
        ("Communauté de communes Faucigny-Glières", "74130", "200000172"),
        ("CC FAUCIGNY GLIERES", "74130", "200000172"),
        ("Cté de Cnes Faucigny Glières", "74130", "200000172"),
        ("COM D AGGL D HENIN CARVIN", "62253", "246200299"),
        # near, or another body
        ("Ville de Dijon", "71000", None),
        ("Ville de Dijon - Direction des sports", "21000", None),
        ("CCAS de Dijon", "21000", None),
        ("OPH de Dijon", "21000", None),
        ("Dijon", "21000", None),
        ("Mairie", "21000", None),
        ("Commune de Vésinet", "78110", None),
        ("Communauté d'agglomération Faucigny-Glières", "74130", None),
        ("Ville de Dijon", "21", None),
        ("Ville de Dijon", "٢١٠٠٠", None),
        ("!!!", "21000", None),
    ],
)
def test_a_body_is_known_by_its_whole_official_name_in_its_department(name, postcode, siren):
    assert recognise(name, postcode) == siren


def test_no_body_is_taken_for_another():
    communes = [row for row in reference.communes().values() if row.siren and row.postcodes]
    named = [(f"Ville de {row.name}", row.postcodes[0], row.siren) for row in communes]
    for siren, grouping in groupings().items():
        postcode = reference.communes()[grouping.members[0]].postcodes[0]
        named.append((grouping.name, postcode, siren))
    told = [(recognise(name, postcode), siren) for name, postcode, siren in named]
    # Of the others some communes have the postcode of another département, some EPCI their short name in brackets.
    assert sum(found == siren for found, siren in told) > 0.998 * len(told)
    assert not [pair for pair in told if pair[0] not in (None, pair[1])]


def test_importing_the_words_reads_no_table():
    script = (
        "import tenders.bodies, tenders.body_names, tenders.query_url, tenders.query_words\n"
        "from tenders import reference\n"
        "assert not reference.communes.cache_info().misses and not reference.epci.cache_info().misses"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def real_buyers(data):
    """Numbers and names of real buyers that stand in the award data of 2019, each pair once, Luhn digit right."""
    found = set()
    for path in sorted((data / "decp-2019").glob("*.json")):
        body = path.read_bytes()
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = body.decode("cp1252", "replace")
        for part in re.findall(r'"acheteur"\s*:\s*(\{[^{}]*\})', text):
            buyer = json.loads(part, strict=False)
            number = read_siren(str(buyer.get("id")), "FR")
            if number and buyer.get("nom"):
                found.add((number, buyer["nom"]))
    return found


@pytest.mark.real
def test_the_names_of_real_buyers_tell_their_numbers(real_data):
    """Those whose number has the département in it; one body was founded anew, under the same name."""
    buyers = [(siren, name) for siren, name in real_buyers(real_data) if siren[:2] in ("21", "24")]
    told = [(siren, recognise(name, department_of(siren))) for siren, name in buyers]
    named = [(siren, found) for siren, found in told if found]
    assert len(named) > 90
    assert [pair for pair in named if pair[0] != pair[1]] == [("240100354", "200040350")]


def department_of(siren):
    """A postcode of the département that stands in a number."""
    return f"{siren[2:5]}00" if siren[2:4] == "97" else f"{siren[2:4]}000"


# How the names of each kind of body begin.
BEGINNINGS = {
    "municipality": r"commune|ville|mairie",
    "intermunicipal": r"communaute|metropole|agglomeration|cc|ca",
    "grouping": r"syndicat|siaep|sm",
    "department": r"departement|conseil departemental",
    "region": r"region|conseil regional",
    "state": r"ministeres?|prefecture|drac|pfra",
    "health": r"c\.?c\.?a\.?s|chu?|centre hospitalier|hopita(?:l|ux)|caisse des ecoles",
    "education": r"universite|ecole|lycee|institut",
    "housing": r"oph|office",
}


@pytest.mark.real
def test_no_real_name_contradicts_what_a_number_tells(real_data):
    """But for a community that was founded anew: its former number tells a grouping, no more."""
    told, contradicted = 0, set()
    for siren, name in real_buyers(real_data):
        category, words = categorise(siren), reference.fold(name)
        said = {kind for kind, start in BEGINNINGS.items() if re.match(rf"(?:{start})\b", words)}
        if category and said:
            told += 1
            if category not in said:
                contradicted.add((siren, name))
    assert told > 150
    assert contradicted == {("240100354", "Communauté de communes Bugey Sud")}
