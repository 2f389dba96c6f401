"""Texts that strangers wrote, made fit to be shown: nothing unseen is left, and length costs nothing."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenders.plain import clean, one_line, web_link


@given(st.text(st.characters(codec=None), max_size=60), st.integers(1, 40))
def test_a_line_is_one_and_holds_nothing_that_is_not_seen(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit and line == line.strip()
    assert len(line.splitlines()) <= 1
    assert not {unicodedata.category(c) for c in line} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    line.encode()


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        ("Réfection de la toiture", 40, "Réfection de la toiture"),
        (" Réfection\r\n\tde  la\u2028toiture\x00 ", 40, "Réfection de la toiture"),
        ("facture\u202egnp.exe", 40, "facturegnp.exe"),
        ("n°\u00a04", 40, "n° 4"),
        ("Réfection de la toiture", 11, "Réfection…"),
        ("a\ud800b", 9, "ab"),
        (None, 9, ""),
        ("", 9, ""),
    ],
)
def test_lines_as_they_come_out(text: str | None, limit: int, line: str) -> None:
    assert one_line(text, limit) == line


def test_ten_million_characters_cost_no_more_than_many() -> None:
    began = time.process_time()
    assert len(one_line("é\n" * 5_000_000, 200)) <= 200
    assert time.process_time() - began < 1


def test_clean_keeps_lines_and_letters_of_every_script_and_drops_what_xml_cannot_carry() -> None:
    kept = "a\tb\r\nc δρ 漢字 😀 e\u0301 \u200f שלום"
    assert clean(kept) == kept
    assert clean("a\x00\x0b\x1f\ud800\ufffe\u202a\u202e\u2066\u2069b") == "ab"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://profil.example/dce?id=1", "https://profil.example/dce?id=1"),
        (" HTTP://profil.example ", "HTTP://profil.example"),
        ("javascript:alert(1)", None),
        ("java\x00script:alert(1)", None),
        ("data:text/html,x", None),
        ('https://a.example/"onclick="x', None),
        ("//a.example", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_links(url: str | None, link: str | None) -> None:
    assert web_link(url) == link
