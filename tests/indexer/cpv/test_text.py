"""Folding: what the model sees of a text, and by which views."""

from __future__ import annotations

import pytest

from indexer.cpv.text import LOST, fold, views


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("RÉNOVATION d&amp;#039;une école", "renovation d une ecole"),
        ("Mise en œuvre", "mise en oeuvre"),
        ("mise en uvre d'une aire", "mise en oeuvre d une aire"),
        ("Straße, Łódź, Ærø", "strasse lodz aero"),
        ("<b>Gros &lt;i&gt;œuvre</b>", "gros oeuvre"),
        ("Υπηρεσίες καθαρισμού", "υπηρεσιεσ καθαρισμου"),
        ("Доставка на хляб", "доставка на хляб"),
        ("r\ufffdnovation", f"r{LOST}novation"),
        ("Lot 2 : 45261000-4", "lot"),
        ("\x00\u202e\U0001f3d7 ", ""),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_folding_again_changes_nothing() -> None:
    once = fold("L&eacute;gumes &amp; fruits : « été » — Œufs")
    assert fold(once) == once == "legumes fruits ete oeufs"


def test_a_title_alone_is_one_view() -> None:
    assert views("Toiture") == views("Toiture", "") == views("Toiture", "Toiture.") == ("toiture",)


def test_a_description_adds_views_as_far_as_it_goes() -> None:
    short, long = "Réfection de la couverture du gymnase", "Réfection de la couverture du gymnase. " * 40
    assert views("Lot 1", short) == ("lot", "lot refection de la couverture du gymnase")
    first, second, third = views("Lot 1", long)
    assert (first, second == third[: len(second)]) == ("lot", True)
    assert len(second) < 620 < len(third)


def test_a_description_that_repeats_the_title_is_not_said_twice() -> None:
    title = "Travaux de couverture"
    assert views(title, f"{title} et de zinguerie du gymnase municipal")[-1].count("couverture") == 1
    long = "Travaux de couverture et de zinguerie du gymnase municipal de la commune de Sombernon-le-Haut"
    assert views(long, f"{long}, y compris la charpente et l'isolation")[-1].count("couverture") == 1


def test_a_huge_text_is_read_in_part() -> None:
    assert len(fold("toiture " * 1_000_000)) < 21_000
