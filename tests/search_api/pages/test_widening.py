"""Ways on from a search that finds nothing: every text that can be read gives some, each of which can be asked."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_api.pages.widening import widen, write_text
from tenders.errors import BadQuery
from tenders.query import Query
from tenders.query_text import MAX_NESTING, Word, parse_text
from tests.notices import House
from tests.search_api.conftest import NOW, Client
from tests.search_api.pages.test_search import open_page

LONG = timedelta(minutes=1)
PIECES = ("toiture", "zzqq", "mobilier*", "OU", "OR", "ET", "SAUF", "NOT", "|", "(", ")", "-", '"', "«", "»", "*", "’")


def labels(house: House, language: str = "fr", **asked: object) -> list[tuple[str, str]]:
    found = widen(house.engine, Query(**asked), NOW, language, LONG)  # type: ignore[arg-type]
    return [(step.label, step.without) for step in found]


@pytest.mark.parametrize(
    "typed",
    [
        '"VOIRIE ET RESEAUX ZZQQ"',
        '"bois SAUF zzqq"',
        '"zzqq (bois"',
        '"OU" zzqq',
        '"zzqq) toiture" -("ET bois" OR toiture)',
        " ".join(f"{'toiture' * 5}abc{n}" for n in range(12)),
        "SAUF SAUF SAUF toiture zzqq",
        "(" * MAX_NESTING + "toiture OU zzqq" + ")" * MAX_NESTING + " mobilier OU yyxx",
    ],
)
def test_a_sound_search_that_finds_nothing_keeps_its_words_and_is_no_fault(client: Client, typed: str) -> None:
    page = open_page(client, "/?" + urlencode({"q": typed, "status": "open"}))
    assert page.xpath("//input[@id='q']/@value") == [typed]
    for address in page.xpath("//section[@aria-labelledby='widen']//a/@href"):
        assert client.get(address).status_code == 200


@given(st.lists(st.sampled_from(PIECES), max_size=14), st.sampled_from((" ", "")))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_text_that_can_be_read_gives_a_page(client: Client, pieces: list[str], between: str) -> None:
    typed = between.join(pieces)
    try:
        parse_text(typed.strip())
    except BadQuery:
        return
    assert client.get(f"/?status=open&dept=2A&q={quote(typed)}").status_code == 200


@given(st.lists(st.sampled_from(PIECES), max_size=14))
@settings(max_examples=300)
def test_what_is_written_of_a_text_means_the_same(pieces: list[str]) -> None:
    try:
        node = parse_text(" ".join(pieces))
        written = parse_text(write_text((node,))) if node is not None else None
    except BadQuery:
        return
    assert written == node


def test_the_words_of_a_phrase_that_look_like_operators_are_words(house: House) -> None:
    steps = widen(house.engine, Query(q='"zinguerie ET zzqq"', status=("open",)), NOW, "fr", LONG)
    assert steps[0].query.q == "zinguerie OR zzqq"
    assert write_text((Word("ET"), Word("toiture"))) == "et toiture"


def test_a_phrase_is_quoted_once(house: House) -> None:
    left = [without for _, without in labels(house, q='toiture "bois zzqq"', status=("open",))]
    assert "sans « bois zzqq »" in [" ".join(one.split()) for one in left]


def test_the_whole_region_does_not_take_the_place_of_another_one(house: House) -> None:
    asked = {"q": "zinguerie", "dept": ("71",)}
    assert "toute la région" in [without for _, without in labels(house, **asked)]
    assert "toute la région" not in [without for _, without in labels(house, **asked, nuts=("FRC1",))]


def test_steps_end_where_patience_does(house: House) -> None:
    asked = Query(q="toiture zzqq", dept=("21",), status=("open",))
    assert len(widen(house.engine, asked, NOW, "fr", LONG)) > 1
    assert widen(house.engine, asked, NOW, "fr", timedelta(0)) == []
