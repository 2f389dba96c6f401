"""The room that a chart's texts need: cut to it, or left out where there is none."""

from __future__ import annotations

import pytest

from search_api.pages.lettering import PHONE, fit, measure, thin_out


@pytest.mark.parametrize(
    "text", ["SCE DEPARTEMENTAL INCENDIE ET SECOURS", "Val", "", "M" * 90, "Communauté de communes du Val de Saône"]
)
def test_a_text_is_cut_to_its_room_and_no_shorter_than_it_must(text: str) -> None:
    cut = fit(text, 120)
    assert measure(cut) <= 120
    assert cut == text if measure(text) <= 120 else cut.endswith("…") and len(cut) > 3


def test_what_stands_on_a_phone_has_room_there() -> None:
    for count in range(1, 13):
        classes = thin_out(["sept. 20"] * count)
        assert classes[0] == "" and len(classes) == count
        assert classes.count("") * measure("sept. 20") <= PHONE
    assert set(thin_out(["sept. 20"] * 3)) == {""}
