"""When two titles name one contract, and what tells sister contracts apart."""

from __future__ import annotations

import pytest

from indexer.linking.titles import Likeness, clean_title, compare, read_reference, read_title, without_relaunch


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
        ("Services de nettoyage des écoles", "Marché de nettoyage des écoles", Likeness.EXTRA),
        ("Maîtrise d'uvre de la crèche Saint Jean", "Maîtrise d'1/2uvre de la crèche St Jean", Likeness.SAME),
        ("Nettoyage des locaux municipaux", "Nettoyage des locaux municipaux et de la vitrerie", Likeness.EXTRA),
        ("Isolation du patrimoine", "Isolation du patrimoine, bâtiments du centre et sans maximum", Likeness.EXTRA),
        ("Isolation du patrimoine", "Isolation du patrimoine, bâtiment B", Likeness.OTHER),
        ("2026S0110AOO", "2026S0111AOO", Likeness.OTHER),
        ("Prises de vues de 1900km2 de la vallée", "Prises de vues de 1600km2 de la vallée", Likeness.OTHER),
        ("26N0218 réfection du musée des Tilleuls", "26V0218 réfection du musée des Tilleuls", Likeness.TYPO),
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


def test_titles_near_the_cut_that_end_otherwise_are_two() -> None:
    same = "La branche des métiers du bois organise une mise en concurrence en vue de recommander au plus quatre "
    same += "organismes afin d'assurer et de gérer le régime de protection "
    assert len(same) < 170 < len(same + "complémentaire")
    health, pension = (read_title(f"{same} complémentaire {cover}") for cover in ("santé", "prévoyance"))
    assert compare(health, pension)[0] is Likeness.OTHER
    assert compare(read_title(f"{same} complémentaire prévoy"), pension)[0] is Likeness.SAME


@pytest.mark.parametrize(
    ("title", "reference"),
    [
        ("26B70", "26b70"),
        ("2026-021", "2026021"),
        ("20.002", "20002"),
        ("26V0706 - Achat de coupes", "26v0706"),
        ("2026", ""),
        ("RD1083 : aménagement d'un giratoire", ""),
        ("Voirie", ""),
        ("Programme 2026", ""),
    ],
)
def test_a_title_may_be_a_reference_or_begin_with_one(title: str, reference: str) -> None:
    assert read_reference(read_title(title)) == reference


def test_a_title_without_what_says_that_it_is_put_out_again() -> None:
    assert without_relaunch(read_title("Relance de la toiture de la mairie - Relance")).text == "toiture de la mairie"
    assert without_relaunch(read_title("Toiture de la mairie")).text == "toiture de la mairie"
