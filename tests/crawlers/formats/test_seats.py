"""Where a winner sits: as finely as it is stated, and never more."""

from __future__ import annotations

import pytest

from crawlers.formats.seats import seat_of


@pytest.mark.parametrize(
    ("nuts", "postcode", "country", "seat"),
    [
        ("FRC11", "21000", "FR", "FRC11"),
        ("FRK26", "21000", "FR", "FRK26"),  # the code of the form is nearer the seat than the post
        (None, "21000", "FR", "FRC11"),
        ("FRC", "21000", "FR", "FRC11"),
        ("FR813", "34500", "FR", "FRJ13"),  # a code of NUTS 2013, whose place NUTS calls otherwise since
        ("FR813", None, "FR", "FR813"),
        ("FRC1", None, "FR", "FRC1"),
        (None, None, "FR", "FR"),
        (None, "98800", "FR", "FR"),  # a collectivity without a code of NUTS
        (None, "98800", "NC", "FR"),
        (None, "98714", "PF", "FR"),
        (None, "97500", "PM", "FR"),
        (None, "97150", "MF", "FR"),
        (None, "97133", "BL", "FR"),
        (None, "98600", "WF", "FR"),
        ("NC", "98800", "NC", "FR"),
        ("NC", None, None, "FR"),
        ("FRZZZ", "98800", "NC", "FRZZZ"),
        (None, "98000", "MC", "MC"),
        (None, "97400", "RE", "FRY40"),
        (None, None, "RE", "FRY40"),
        ("DE131", "79098", "DE", "DE131"),
        (None, "76135", "DE", "DE"),
        (None, "10557", "GR", "EL"),
        ("UKJ14", "OX28 4BN", "GB", "UKJ14"),
        (None, "OX2 7DL", "GB", "UK"),
        ("FRC11", "79098", "DE", None),
        (None, "33694", None, "FRI12"),
        (None, "97 165", None, "FRY10"),
        (None, "20004", None, None),  # a winner in Shanghai, in a form that has no country
        (None, None, None, None),
        ("nowhere", "", None, None),
    ],
)
def test_a_seat_is_as_fine_as_it_is_stated(
    nuts: str | None, postcode: str | None, country: str | None, seat: str | None
) -> None:
    assert seat_of("boamp", nuts, postcode, country) == seat
