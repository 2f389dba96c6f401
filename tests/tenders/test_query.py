"""The search text and the URL form: what they mean, and what they refuse, with the cure in the message."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.errors import BadQuery
from tenders.query import Sort
from tenders.query_text import Either, Every, Not, Phrase, Prefix, Word, parse_text
from tenders.query_url import NAMES, from_url, to_url

A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", None),
        (" ,;. ", None),
        ("()", None),
        ('""', None),
        ("a", A),
        ("a b", Every((A, B))),
        ("a ET b", Every((A, B))),
        ("a AND b", Every((A, B))),
        ("a, b", Every((A, B))),
        ("a OU b", Either((A, B))),
        ("a|b | c", Either((A, B, C))),
        ("a OU b c", Every((Either((A, B)), C))),
        ("c a OR b", Every((C, Either((A, B))))),
        ("(c a) OU b", Either((Every((C, A)), B))),
        ("a -b", Every((A, Not(B)))),
        ("-b", Not(B)),
        ("a SAUF b", Every((A, Not(B)))),
        ("NOT NOT a", Not(Not(A))),
        ("-(a b)", Not(Every((A, B)))),
        ("(-a)", Not(A)),
        ('-"a b"', Not(Phrase("a b"))),
        ("a - b", Every((A, B))),
        ("a-b", Word("a-b")),
        ("a – b", Every((A, B))),
        ("ou et sauf", Every((Word("ou"), Word("et"), Word("sauf")))),
        ("électr*", Prefix("électr")),
        ("électr*,", Prefix("électr")),
        ("a*b", Every((A, B))),
        ("* a", A),
        ("«a b»", Phrase("a b")),
        ("“a b”", Phrase("a b")),
        ("Voirie - lot 2", Every((Word("Voirie"), Word("lot"), Word("2")))),
        ("l'eau d’Ouche", Every((Word("l'eau"), Word("d’Ouche")))),
        ("R&D n°4", Every((Word("R"), Word("D"), Word("n"), Word("4")))),
        ("a_b", Every((A, B))),
    ],
)
def test_a_text_means(text: str, tree: object) -> None:
    assert parse_text(text) == tree


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('a "b c', 2),
        ("(a OU b", 0),
        ("a) b", 1),
        ("a OU", 2),
        ("OU a", 0),
        ("a OU OU b", 2),
        ("a ET", 2),
        ("ET a", 0),
        ("a ET ET b", 5),
        ("SAUF", 0),
        ("a SAUF", 2),
        ("a (OU b)", 3),
        ("a OU ()", 2),
        ("a OU )", 2),
        ("| a", 0),
        ("a -()", 2),
    ],
)
def test_a_wrong_text_says_where(text: str, at: int) -> None:
    with pytest.raises(BadQuery) as caught:
        parse_text(text)
    assert caught.value.at == at
    assert caught.value.name == "q"


@pytest.mark.parametrize(
    "text", ["(" * 10_000, "a " * 500, "a" * 100_000, "-" * 501, "(" * 21 + "a" + ")" * 21, "NOT " * 21 + "a"]
)
def test_a_text_past_the_caps_is_refused_at_once(text: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(BadQuery):
        parse_text(text)
    assert time.perf_counter() - begun < 1


def test_the_caps_themselves_are_allowed() -> None:
    assert parse_text("(" * 20 + "a" + ")" * 20) == A
    assert isinstance(parse_text(" ".join("abcdefghij"[n % 10] for n in range(64))), Every)
    assert parse_text("a" * 500) == Word("a" * 500)


@settings(max_examples=1500, deadline=None)
@given(st.text(alphabet="ab \"()-|*'’OUETSAF«”_é\u0301½", max_size=60) | st.text(max_size=80))
def test_any_text_is_a_tree_or_a_clear_error(text: str) -> None:
    try:
        parse_text(text)
    except BadQuery as problem:
        assert str(problem)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("nope=1", "the names are q, cpv"),
        ("cpv=99", "cpv=99"),
        ("cpv=45261000-9", "check digit of 45261000 is 4"),
        ("cpv=abc", "cpv=abc"),
        ("nuts=ZZ9", "nuts=ZZ9"),
        ("dept=1", "01"),
        ("dept=xx", "dept=xx"),
        ("status=ouvert", "open"),
        ("nature=travaux", "works"),
        ("procedure=mapa", "adapted"),
        ("kind=award", "result"),
        ("buyer_type=mairie", "body-pl"),
        ("epci=212102313", "243300316"),
        ("epci=Bordeaux", "/observatory/territories"),
        ("buyer_category=mairie", "municipality"),
        ("buyer=!!!", "SIRET"),
        ("source=BOAMP!", "/api/v1/sources"),
        ("published_after=2024-02-31", "YYYY-MM-DD"),
        ("published_after=20240201", "YYYY-MM-DD"),
        ("deadline_before=tomorrow", "YYYY-MM-DD"),
        ("deadline_within=7", "7d"),
        ("deadline_within=0d", "7d"),
        ("value_min=-5", "90000"),
        ("value_min=1e9", "90000"),
        ("value_max=NaN", "90000"),
        ("value_unknown=maybe", "keep"),
        ("green=true", "yes"),
        ("lang=xx", "fr"),
        ("sort=date", "-published"),
        ("size=0", "100"),
        ("size=101", "100"),
        ("size=ten", "100"),
        ("size=²", "100"),
        ("sort=deadline&sort=-seq", "twice"),
        ("q=a&q=b", "twice"),
        ("value_min=10&value_max=5", "swap"),
        ("published_after=2024-02-02&published_before=2024-02-01", "swap"),
        ("q=a+OU", "operator"),
        ("cpv=45,71", "cpv=45,71"),
        ("q=caf%E9", "UTF-8"),
        ("buyer=\udce9", "UTF-8"),
        ("&".join(["cpv=45"] * 301), "parameters"),
    ],
)
def test_a_bad_parameter_says_how_to_mend_it(form: str, says: str) -> None:
    with pytest.raises(BadQuery) as caught:
        from_url(form)
    assert says in str(caught.value)


def test_values_of_a_name_are_gathered_and_codes_mean_what_is_under_them() -> None:
    query = from_url("?cpv=45261000-4&cpv=45000000&cpv=45&dept=21&dept=2A&q=toiture&cpv_any=&sort=deadline")
    assert query.cpv == ("45261", "45")
    assert query.dept == ("21", "2A")
    assert query.order is Sort.DEADLINE
    assert to_url(query) == "q=toiture&cpv=45&cpv=45261&dept=21&dept=2A&sort=deadline"


def test_a_saved_query_keeps_its_set_and_drops_its_page() -> None:
    assert to_url(from_url("q=a&sort=deadline&size=5&after=xyz").saved()) == "q=a"


def test_default_orders() -> None:
    assert from_url("q=a").order is Sort.RELEVANCE
    assert from_url("q=,").order is Sort.SEQ
    assert from_url("sort=relevance").order is Sort.SEQ, "without words nothing is more relevant"
    assert from_url("sort=deadline").order is Sort.DEADLINE


def test_every_name_of_the_form_is_read() -> None:
    assert set(NAMES) == {
        *"q cpv cpv_any nuts dept epci buyer buyer_type buyer_category nature procedure status source kind".split(),
        *"published_after published_before deadline_after deadline_before deadline_within".split(),
        *"value_min value_max value_unknown green social reserved innovation sme framework eu_funded".split(),
        *"winner winner_dept local relaunch known unknown lang sort size after".split(),
    }
