"""When two titles name one contract, and what tells sister contracts apart."""

from __future__ import annotations

import pytest

from indexer.linking.titles import Likeness, clean_title, compare, read_title


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("Travaux de VOIRIE (rectificatif)", "travaux de voirie"),
        ("Avis d'attribution - Travaux de voirie", "travaux de voirie"),
        ("Avis d'attribution du marché : travaux de voirie", "travaux de voirie"),
        ("Avis d'appel public à la concurrence travaux de voirie", "travaux de voirie"),
        ("Annulation : travaux de voirie", "travaux de voirie"),
        ("Rectificatif", "rectificatif"),
    ],
)
def test_a_title_loses_what_says_only_which_act_it_is(title: str, cleaned: str) -> None:
    assert clean_title(title) == cleaned


@pytest.mark.parametrize(
    ("one", "other", "like"),
    [
        ("Réfection de la toiture", "REFECTION DE LA TOITURE", Likeness.SAME),
        ("Gros œuvre du gymnase municipal", "Grosoeuvre du gymnase municipal", Likeness.SAME),
        ("Construction d'une déchèterie à Vallebrune", "Construction d'une déchetterie à Vallebrune", Likeness.TYPO),
        ("Entretien des espaces verts", "Entretien espaces verts", Likeness.TYPO),
        ("DSP du crématorium de Vallebrune", "Délégation de service public du crématorium de Vallebrune",
         Likeness.TYPO),
        ("La Crau, aménagement du chemin des Aulnes, de la place", "La Crauaménagement du chemin des Aulnesde la place",
         Likeness.SAME),
        ("Vallebrune, toiture de la place du marché couvert", "Vallebrunetoiture de la place du marché couverts",
         Likeness.TYPO),
        ("Nettoyage des locaux municipaux", "Nettoyage des locaux municipaux et de la vitrerie", Likeness.EXTRA),
        ("20V0496 Fourniture de mimosa en branches", "Fourniture de mimosa en branches", Likeness.EXTRA),
        ("Collecte des cartons, prolongation au 11 septembre 2020 12h00", "Collecte des cartons", Likeness.EXTRA),
        ("Fourniture de produits laitiers", "Fourniture de produits surgelés", Likeness.OTHER),
        ("Travaux de voirie lot 2", "Travaux de voirie lot 3", Likeness.OTHER),
        ("Réfection des routes communales", "Réfection des routes communales lot 2", Likeness.OTHER),
        ("Réfection des routes communales", "Réfection des routes communales 2021", Likeness.OTHER),
        ("Colonies de vacances 2020", "Colonies de vacances 2021", Likeness.OTHER),
        ("19N0712 pose de glissières", "19N0813 pose de glissières", Likeness.OTHER),
        ("Réfection de l'école", "Maîtrise d'œuvre pour la réfection de l'école", Likeness.OTHER),
        ("Mission SPS, réfection de l'école", "Contrôle technique, réfection de l'école", Likeness.OTHER),
        ("Pose de canalisations sans tranchée", "Pose de canalisations en tranchée", Likeness.OTHER),
        ("Entretien secteur Nord de la commune", "Entretien secteur Sud de la commune", Likeness.OTHER),
        ("Fourniture de carburants en station", "Relance fourniture de carburants en station", Likeness.OTHER),
        ("Fourniture de CD pour la médiathèque municipale", "Fourniture de DVD pour la médiathèque municipale",
         Likeness.OTHER),
    ],
)  # fmt: skip
def test_two_titles(one: str, other: str, like: Likeness) -> None:
    assert compare(read_title(one), read_title(other))[0] is like
    assert compare(read_title(other), read_title(one))[0] is like


def test_a_title_that_its_source_cut_is_the_same_as_the_whole() -> None:
    whole = "Accord-cadre de fourniture de denrées alimentaires pour les restaurants scolaires " * 3
    assert compare(read_title(whole), read_title(whole[:195]))[0] is Likeness.SAME
