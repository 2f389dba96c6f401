"""The code values: what they read, what they refuse, what lies above and under them."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenders import reference
from tenders.codes import Cpv, Department, Nuts, Siret, departments, find_cpv, find_nuts, regions
from tenders.errors import Refused

cpv_codes = st.sampled_from(list(reference.cpv_check_digits())).map(Cpv)
nuts_codes = st.sampled_from(list(reference.nuts_names())).map(Nuts)


class TestCpv:
    @pytest.mark.parametrize("text", ["45261000", "45261000-4", " 45261000-4\n", "45261000 - 4", "\t45261000"])
    def test_a_code_is_read_with_and_without_its_check_digit(self, text):
        assert Cpv.parse(text) == "45261000"
        assert isinstance(Cpv.parse(text), Cpv)

    @pytest.mark.parametrize(
        "text",
        ["", "45", "4526100", "452610001", "45261000-", "45261000-44", "4526 1000", "abcdefgh", "٤٥٢٦١٠٠٠", "4" * 5000],
    )
    def test_anything_else_is_refused_with_the_form_it_should_have(self, text):
        with pytest.raises(Refused, match="8 digits, such as 45261000 or 45261000-4") as refusal:
            Cpv.parse(text)
        assert len(str(refusal.value)) < 200

    def test_a_wrong_check_digit_is_refused_with_the_right_one(self):
        with pytest.raises(Refused, match="the check digit of 45261000 is 4, not 9"):
            Cpv.parse("45261000-9")

    def test_a_code_outside_cpv_2008_is_kept_and_says_so(self):
        older = Cpv.parse("74200000-1")
        assert older == "74200000"
        assert not older.known
        assert older.check_digit is None
        assert older.label() is None
        assert older.lineage() == ("74", "742")
        assert Cpv.parse("45261000").known

    def test_a_leading_zero_that_was_lost_comes_back_only_when_asked(self):
        with pytest.raises(Refused):
            Cpv.parse("3000000")
        assert Cpv.parse("3000000", lost_zero=True) == "03000000"
        assert Cpv.parse("3000000-1", lost_zero=True) == "03000000"
        assert Cpv.parse("45261000", lost_zero=True) == "45261000"
        for text in ("3000000-2", "4526100", "300000"):
            with pytest.raises(Refused):
                Cpv.parse(text, lost_zero=True)

    @pytest.mark.parametrize(
        ("code", "lineage"),
        [
            ("45261000", ("45", "452", "4526", "45261")),
            ("45000000", ("45",)),
            ("30000000", ("30",)),
            ("45100000", ("45", "451")),
            ("03111200", ("03", "031", "0311", "03111", "031112")),
            ("45261215", ("45", "452", "4526", "45261", "452612", "4526121", "45261215")),
        ],
    )
    def test_the_lineage_is_every_significant_prefix_from_the_division_down(self, code, lineage):
        assert Cpv(code).lineage() == lineage
        assert Cpv(code).prefix == lineage[-1]

    @given(st.from_regex("[0-9]{8}", fullmatch=True))
    def test_the_lineage_of_any_eight_digits_grows_by_one_and_gives_the_code_back(self, text):
        lineage = Cpv.parse(text).lineage()
        assert [len(prefix) for prefix in lineage] == list(range(2, len(lineage) + 2))
        assert all(text.startswith(prefix) for prefix in lineage)
        assert Cpv.of(lineage[-1]) == text

    @given(cpv_codes)
    def test_a_filter_on_any_level_of_a_known_code_is_understood_and_finds_the_code(self, code):
        for prefix in code.lineage():
            assert Cpv.under(prefix) in code.lineage()
        assert Cpv.under(code) == Cpv.under(f"{code}-{code.check_digit}") == code.prefix
        assert Cpv.parse(f"{code}-{code.check_digit}") == code

    @given(cpv_codes)
    def test_the_parent_is_known_and_nothing_known_lies_between(self, code):
        parent = code.parent
        if code.endswith("000000"):
            assert parent is None
        else:
            assert parent is not None
            assert parent.known
            assert parent.prefix in code.lineage()[:-1]
            between = code.lineage()[len(parent.lineage()) : -1]
            assert not any(Cpv.of(prefix).known for prefix in between)

    def test_a_parent_is_found_past_the_levels_that_cpv_leaves_out(self):
        assert Cpv("45261215").parent == "45261210"
        assert Cpv("45261000").parent == "45260000"
        assert Cpv("35611100").parent == "35610000"
        assert Cpv("45000000").parent is None

    @pytest.mark.parametrize(
        ("text", "prefix"),
        [
            ("45", "45"),
            ("452", "452"),
            ("4526", "4526"),
            ("45000000", "45"),
            ("45261000", "45261"),
            ("45261000-4", "45261"),
            (" 45261000-4 ", "45261"),
            ("30", "30"),
            ("300", "30"),
            ("4520", "452"),
        ],
    )
    def test_a_filter_means_its_significant_prefix(self, text, prefix):
        assert Cpv.under(text) == prefix

    @pytest.mark.parametrize(
        "text",
        ["99", "00", "450000001", "abc", "45261000-9", "4", "", "45-1", "74200000", "4526x", "45*", "-45", "4" * 5000],
    )
    def test_a_filter_that_is_no_cpv_2008_code_is_refused_by_name(self, text):
        with pytest.raises(Refused) as refusal:
            Cpv.under(text)
        assert repr(text[:30])[:-1] in str(refusal.value)
        assert len(str(refusal.value)) < 200

    @given(st.text(max_size=12))
    def test_no_text_does_anything_but_give_a_code_or_a_refusal(self, text):
        for read in (Cpv.parse, Cpv.under, Nuts.parse, Nuts.under, Department.parse, Siret.parse):
            try:
                assert read(text)
            except Refused as refusal:
                assert str(refusal)

    def test_labels_come_in_the_language_asked_for(self):
        assert Cpv("45261000").label() == "Travaux de charpente et de couverture et travaux connexes"
        assert Cpv("45000000").label("sv") == "Anläggningsarbete"
        assert Cpv("45000000").label("xx") == "Construction work"


class TestNuts:
    @pytest.mark.parametrize(
        ("text", "code"), [("FRC11", "FRC11"), ("frc11", "FRC11"), (" FR ", "FR"), ("UKI31", "UKI31")]
    )
    def test_a_code_of_any_version_and_case_is_read(self, text, code):
        assert Nuts.parse(text) == code

    @pytest.mark.parametrize("text", ["", "F", "1R", "FRC111", "FR-C1", "FR C1", "ÉR1", "ß1"])
    def test_anything_else_is_refused(self, text):
        with pytest.raises(Refused, match="two letters and up to three letters or digits"):
            Nuts.parse(text)

    def test_a_code_of_an_older_version_is_kept_and_says_so(self):
        assert Nuts("FRC11").known
        older = Nuts.parse("FR261")
        assert not older.known
        assert older.label() is None
        assert older.lineage() == ("FR", "FR2", "FR26", "FR261")
        assert older.departments() == ()

    @pytest.mark.parametrize(
        ("country", "code"), [("FR", "FR"), ("DE", "DE"), ("GR", "EL"), ("RE", "FRY40"), ("NC", "FR"), ("MC", "MC")]
    )
    def test_a_country_has_a_code_and_what_is_of_france_is_no_other_country(self, country, code):
        assert Nuts.of_country(country) == code

    @given(nuts_codes)
    def test_the_lineage_of_a_known_code_is_known_at_every_level(self, code):
        assert code.lineage()[0] == code[:2]
        assert code.lineage()[-1] == code
        assert all(Nuts.under(level.lower()) == level for level in code.lineage())

    @pytest.mark.parametrize("text", ["FRX", "XX", "FR26", "", "FRC1111"])
    def test_a_filter_on_an_unknown_code_is_refused_by_name(self, text):
        with pytest.raises(Refused, match=repr(text)):
            Nuts.under(text)

    def test_countries_are_named_in_the_language_asked_for_and_places_in_their_own(self):
        assert Nuts("DE").label() == "Allemagne"
        assert Nuts("DE").label("sv") == "Tyskland"
        assert Nuts("FRC1").label("de") == "Bourgogne"

    @pytest.mark.parametrize(
        ("code", "under"),
        [
            ("FRC11", ("21",)),
            ("FRC1", ("21", "58", "71", "89")),
            ("FRC", ("21", "25", "39", "58", "70", "71", "89", "90")),
            ("FRM0", ("2A", "2B")),
            ("FRY", ("971", "972", "973", "974", "976")),
            ("FR", ()),
            ("FRZ", ()),
            ("FRZZZ", ()),
            ("DE1", ()),
        ],
    )
    def test_the_departments_under_a_french_code_are_known(self, code, under):
        assert Nuts(code).departments() == under


class TestDepartment:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("1", "01"),
            ("01", "01"),
            (" 21 ", "21"),
            ("20A", "2A"),
            ("20b", "2B"),
            ("2a", "2A"),
            ("971", "971"),
            ("975", "975"),
            ("988", "988"),
            ("99", "99"),
        ],
    )
    def test_the_spellings_of_the_sources_are_read(self, text, code):
        assert Department.parse(text) == code

    @pytest.mark.parametrize("text", ["", "0", "00", "96", "970", "985", "2C", "001", "7 5", "１", "Ain", "-1", "+1"])
    def test_anything_else_is_refused(self, text):
        with pytest.raises(Refused, match="is no French département"):
            Department.parse(text)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("21000", "21"),
            ("01390", "01"),
            ("75 019", "75"),
            ("20000", "2A"),
            ("20167", "2A"),
            ("20290", "2B"),
            ("20600", "2B"),
            ("20304", "2A"),
            ("20537", "2A"),
            ("20700", "2A"),
            ("20410", "2B"),
            ("20601", "2B"),
            ("97400", "974"),
            ("97133", "977"),
            ("97150", "978"),
            ("98800", "988"),
            ("20004", None),
            ("99000", None),
            ("00370", None),
            ("2100", None),
            ("２１０００", None),
            ("OX2 7DL", None),
            ("", None),
            (None, None),
        ],
    )
    def test_a_postcode_tells_its_departement(self, text, code):
        assert Department.of_postcode(text) == code

    def test_corsica_as_one_is_refused_with_its_two_departments(self):
        with pytest.raises(Refused, match="write 2A or 2B"):
            Department.parse("20")

    @pytest.mark.parametrize(
        ("code", "nuts", "region"),
        [
            ("21", "FRC11", "27"),
            ("2A", "FRM01", "94"),
            ("75", "FR101", "11"),
            ("971", "FRY10", "01"),
            ("974", "FRY40", "04"),
            ("976", "FRY50", "06"),
        ],
    )
    def test_a_department_knows_its_nuts_code_and_its_region(self, code, nuts, region):
        assert Department(code).nuts == nuts
        assert Department(code).region.code == region

    def test_departments_and_nuts_lead_to_each_other(self):
        assert len(departments()) == 101
        for code in departments():
            assert code.nuts.departments() == (code,)
            assert code.nuts.label().replace("’", "'") == code.label()

    def test_a_collectivity_and_abroad_have_a_name_but_no_nuts_code_and_no_region(self):
        assert Department("988").label() == "Nouvelle-Calédonie"
        assert Department("99").label() == "Étranger"
        assert Department("96").label() is None
        for code in ("988", "99", "96"):
            assert Department(code).nuts is None
            assert Department(code).region is None

    def test_the_regions_share_out_the_departments_by_their_nuts_codes(self):
        assert len(regions()) == 18
        shared = [code for region in regions().values() for code in region.departments()]
        assert sorted(shared) == sorted(departments())
        for region in regions().values():
            assert region.departments() == tuple(code for area in region.nuts for code in area.departments())
        assert regions()["27"].name == "Bourgogne-Franche-Comté"
        assert regions()["27"].nuts == ("FRC",)


class TestSiret:
    @pytest.mark.parametrize("text", ["73282932000074", "732 829 320 00074", " 732.829.320.00074", "732 829 320 00074"])
    def test_a_number_is_read_with_its_spaces(self, text):
        assert Siret.parse(text) == "73282932000074"
        assert Siret.parse(text).siren == "732829320"

    def test_the_offices_of_la_poste_follow_their_own_rule(self):
        assert Siret.parse("35600000049837") == "35600000049837"
        with pytest.raises(Refused, match="check digit"):
            Siret.parse("35600000049838")

    @pytest.mark.parametrize(
        "text", ["", "732829320", "7328293200007A", "732829320000741", "00000000000000", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤"]
    )
    def test_another_form_is_refused(self, text):
        with pytest.raises(Refused, match="14 digits"):
            Siret.parse(text)

    @given(st.integers(0, 13), st.integers(1, 9))
    def test_one_mistyped_digit_is_always_refused(self, place, step):
        right = "73282932000074"
        wrong = right[:place] + str((int(right[place]) + step) % 10) + right[place + 1 :]
        with pytest.raises(Refused, match="check digit"):
            Siret.parse(wrong)


class TestFinding:
    def test_digits_find_the_codes_that_begin_with_them(self):
        assert find_cpv("4526", limit=3) == ["45260000", "45261000", "45261100"]
        assert find_cpv("45261000-4") == ["45261000"]
        assert find_cpv("99") == []

    @pytest.mark.parametrize(
        "text", ["réparation de toiture", "REPARATION TOITURE", "toitures réparation", "Répar toit"]
    )
    def test_words_find_labels_without_regard_to_accents_case_order_or_plural(self, text):
        assert "45261910" in find_cpv(text)

    def test_labels_that_begin_with_the_words_come_first_then_the_broader(self):
        assert find_cpv("travaux de construction")[0] == "45000000"
        assert find_cpv("Bauarbeiten", lang="de")[0] == "45000000"

    def test_places_are_found_by_code_and_by_name(self):
        assert find_nuts("frc1") == ["FRC1", "FRC11", "FRC12", "FRC13", "FRC14"]
        assert find_nuts("cote d'or") == ["FRC11"]
        assert find_nuts("grece") == ["EL"]
        assert find_nuts("Greece", lang="en") == ["EL"]

    def test_nothing_is_found_for_nothing_and_never_more_than_the_limit(self):
        assert find_cpv("") == find_cpv("  ") == find_cpv("?!") == find_nuts("") == []
        assert find_cpv("zzzz") == find_cpv("x" * 100_000) == []
        assert len(find_cpv("travaux", limit=7)) == 7


def test_importing_the_words_reads_no_table_and_no_framework():
    program = (
        "import sys, tenders.codes, tenders.reference as r; "
        "assert not r.cpv_check_digits.cache_info().currsize + r.departments.cache_info().currsize; "
        "print(sorted({'pydantic', 'sqlalchemy', 'scrapy', 'fastapi', 'tantivy', 'stdnum'} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
