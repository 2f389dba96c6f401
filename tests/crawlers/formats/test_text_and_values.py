"""Texts made fit to keep; dates, moments and amounts as sources write them."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest

from crawlers.formats.text import clean_line, clean_text, decode, title, web_address
from crawlers.formats.values import PARIS, read_amount, read_date, read_moment, read_stamp
from tenders.errors import Refused


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Travaux \t de\n voirie\u00a0: lot 1 ", "Travaux de voirie : lot 1"),
        ("l&#039;Opéra &amp; Cie", "l'Opéra & Cie"),
        ("l\x92art \x96 2\x80", "l’art – 2€"),
        ("HyÃ¨res", "Hyères"),
        ("Ã‰tÃ©", "Été"),
        ("Bâtiment déjà écrit", "Bâtiment déjà écrit"),
        ("Pâte Ã tarte", "Pâte Ã tarte"),
        ("a\x00b\x07c\u202ed\ufeff\ud800", "abcd"),
        ("\x00\u200b ", None),
        ("", None),
        (None, None),
    ],
)
def test_a_line_is_clean(written: str | None, kept: str | None) -> None:
    assert clean_line(written) == kept


def test_a_clean_line_can_always_be_written_as_json() -> None:
    for code in [*range(0x3000), 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x1F600]:
        orjson.dumps(clean_line(f"a{chr(code)}b"))


def test_a_text_keeps_its_lines_but_not_its_gaps() -> None:
    assert clean_text("Un  \r\n\r\n\r\n\r\ndeux\t trois\r") == "Un\n\ndeux trois"


def test_texts_beyond_measure_are_refused_not_cut() -> None:
    with pytest.raises(Refused, match="characters"):
        clean_text("x" * 300_000)
    with pytest.raises(Refused, match="characters"):
        title("x" * 5_001)


def test_utf_16_is_read_where_its_mark_says_so() -> None:
    assert decode("été".encode("utf-16")) == "été"
    assert decode(b"\xef\xbb\xbfabc") == "abc"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://exemple.example/a?b=1&amp;c=2", "https://exemple.example/a?b=1&c=2"),
        ("www.exemple.example", "https://www.exemple.example"),
        ("javascript:alert(1)", None),
        ("voir le règlement", None),
        ("ftp://exemple.example", None),
    ],
)
def test_only_addresses_a_browser_may_open_are_kept(written: str, kept: str | None) -> None:
    assert web_address(written) == kept


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("120000", "120000.00"),
        ("935 220,00", "935220.00"),
        ("1.234.567,8", "1234567.80"),
        ("1,234,567.8", "1234567.80"),
        ("284782.86", "284782.86"),
        ("10.000000", "10.00"),
        ("0.005", "0.005"),
        ("0.00", None),
        ("-1", None),
        ("", None),
    ],
)
def test_amounts_have_one_spelling(written: str, amount: str | None) -> None:
    assert read_amount(written) == (Decimal(amount) if amount else None)
    assert str(read_amount(written)) == str(Decimal(amount) if amount else None)


@pytest.mark.parametrize("written", ["12 millions", "1e9", "NaN", "9" * 40, "１２"])
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(Refused):
        read_amount(written)


@pytest.mark.parametrize(
    ("day", "time", "moment"),
    [
        ("2026-07-17+02:00", "12:00:00+02:00", "2026-07-17T12:00:00+02:00"),
        ("2026-07-17+02:00", "12:00:00", "2026-07-17T12:00:00+02:00"),
        ("2026-07-17+02:00", "12:00:00Z", "2026-07-17T12:00:00+00:00"),
        ("2026-07-17", "12:00", "2026-07-17T12:00:00+02:00"),
        ("2026-01-17", "12:00:00.250", "2026-01-17T12:00:00+01:00"),
        ("2026-07-17Z", None, "2026-07-17T23:59:59+00:00"),
        ("2026-07-17+02:00", "24:00:00+02:00", "2026-07-17T23:59:59+02:00"),
    ],
)
def test_a_day_and_a_time_make_a_moment_with_its_offset(day: str, time: str | None, moment: str) -> None:
    assert read_moment(day, time, PARIS).isoformat() == moment  # type: ignore[union-attr]


@pytest.mark.parametrize("written", ["2024-02-31", "31/12/2024", "2024-13-01", "demain", "2024-1-1", "0001-01-01"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(Refused):
        read_date(written)
    with pytest.raises(Refused):
        read_stamp(written, PARIS)


@pytest.mark.parametrize("written", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+02:00"])
def test_a_moment_at_the_ends_of_time_is_refused(written: str) -> None:
    with pytest.raises(Refused):
        read_stamp(written, PARIS)
