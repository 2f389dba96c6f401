"""The building trades of invented notices, with CPV 2008 codes and BOAMP descriptors."""

from __future__ import annotations

from typing import Final

from tests.standins.sample_trade import Trade

WORKS: Final = (
    Trade(
        "works",
        ("45261210", "45261000"),
        (("74", "Couverture"), ("57", "Charpente"), ("372", "Zinguerie")),
        (
            "Réfection de la toiture {de}",
            "Travaux de couverture et de zinguerie {de}",
            "Remplacement de la couverture {de}",
        ),
        "Dépose de la couverture en tuiles, reprise ponctuelle de la charpente bois, pose d'un écran sous "
        "toiture et d'une "
        "couverture neuve, réfection des chéneaux et descentes en zinc.",
        (("Charpente bois", "45261100"), ("Couverture - zinguerie", "45261210"), ("Étanchéité", "45261420")),
    ),
    Trade(
        "works",
        ("45421000", "45421130"),
        (("222", "Menuiserie"), ("321", "Serrurerie")),
        ("Remplacement des menuiseries extérieures {de}", "Fourniture et pose de fenêtres et de portes {de}"),
        "Remplacement des fenêtres et portes-fenêtres par des menuiseries à double vitrage, occultations "
        "comprises, y compris "
        "dépose, évacuation et raccords de plâtrerie.",
        (
            ("Menuiseries extérieures aluminium", "45421130"),
            ("Menuiseries intérieures bois", "45421150"),
            ("Serrurerie", "45421140"),
        ),
        green=True,
    ),
    Trade(
        "works",
        ("45310000", "45311000"),
        (("105", "Electricité (travaux)"), ("102", "Eclairage public")),
        (
            "Mise en conformité de l'installation électrique {de}",
            "Travaux d'électricité {de}",
            "Rénovation de l'éclairage {de}",
        ),
        "Reprise du tableau général basse tension, remplacement de l'éclairage par des luminaires à diodes, "
        "alarme incendie "
        "et éclairage de sécurité.",
        (("Courants forts", "45311200"), ("Courants faibles", "45314300"), ("Éclairage de sécurité", "45316000")),
        green=True,
    ),
    Trade(
        "works",
        ("45331000", "45330000"),
        (("61", "Chauffage (travaux)"), ("270", "Plomberie (travaux)"), ("360", "Ventilation")),
        ("Remplacement de la chaufferie {de}", "Travaux de plomberie, chauffage et ventilation {de}"),
        "Remplacement de la chaudière fioul par une chaufferie à granulés de bois, régulation, ventilation "
        "double flux et "
        "reprise des réseaux.",
        (("Chauffage - ventilation", "45331000"), ("Plomberie - sanitaires", "45332000")),
        green=True,
    ),
    Trade(
        "works",
        ("45442100", "45430000"),
        (("264", "Peinture (travaux)"), ("308", "Revêtements de sols"), ("63", "Cloison, faux plafond")),
        ("Travaux de peinture et de sols souples {de}", "Rafraîchissement des locaux {de}"),
        "Peinture des murs et plafonds, remplacement des sols souples, faux plafonds acoustiques dans les "
        "circulations.",
        (("Peinture", "45442100"), ("Sols souples", "45432100"), ("Plafonds suspendus", "45421146")),
    ),
    Trade(
        "works",
        ("45233140", "45233141"),
        (("365", "Voirie"), ("366", "Voirie et réseaux divers")),
        (
            "Travaux d'entretien de la voirie communale",
            "Aménagement de la traversée du bourg",
            "Réfection de chaussées et de trottoirs",
        ),
        "Rabotage, enrobés à chaud, reprofilage, bordures et trottoirs accessibles, mise à niveau des "
        "ouvrages, signalisation "
        "horizontale.",
        (("Terrassement - voirie", "45233140"), ("Réseaux humides", "45231300"), ("Espaces verts", "45112710")),
    ),
    Trade(
        "works",
        ("45232410", "45231300"),
        (("18", "Assainissement"), ("6", "Alimentation en eau potable"), ("48", "Canalisations")),
        (
            "Renouvellement de canalisations d'eau potable",
            "Mise en séparatif du réseau d'assainissement",
            "Réhabilitation d'un collecteur d'eaux usées",
        ),
        "Pose de canalisations en fonte et en PEHD, reprise des branchements, regards de visite, essais et "
        "remise en état des chaussées.",
        (("Eau potable", "45231300"), ("Eaux usées", "45232410")),
    ),
    Trade(
        "works",
        ("45210000", "45214200"),
        (("33", "Bâtiment"), ("144", "Gros oeuvre"), ("345", "Tous corps d'état")),
        (
            "Construction d'un groupe scolaire",
            "Restructuration et extension {de}",
            "Réhabilitation thermique {de}",
            "Construction d'une crèche de 24 berceaux",
        ),
        "Opération tous corps d'état : gros œuvre, charpente, façades, cloisons, équipements techniques et "
        "aménagements extérieurs. "
        "Chantier à faibles nuisances ; clause d'insertion par l'activité économique.",
        (
            ("Gros œuvre - maçonnerie", "45223220"),
            ("Charpente - couverture", "45261000"),
            ("Menuiseries extérieures", "45421100"),
            ("Plâtrerie - isolation", "45410000"),
            ("Électricité", "45311200"),
            ("Plomberie - chauffage", "45330000"),
            ("Peinture", "45442100"),
        ),
        green=True,
        social=True,
    ),
    Trade(
        "works",
        ("45262660", "45111100"),
        (("479", "Amiante (désamiantage)"), ("87", "Démolition")),
        ("Désamiantage et déconstruction {de}", "Travaux de démolition {de}"),
        "Retrait de matériaux contenant de l'amiante, déconstruction sélective, tri et valorisation des "
        "déchets de chantier.",
        (("Désamiantage", "45262660"), ("Déconstruction", "45111100")),
        green=True,
    ),
    Trade(
        "works",
        ("45112710", "77310000"),
        (("116", "Espaces verts"), ("400", "Aire de jeux"), ("64", "Clôture")),
        ("Création d'une aire de jeux et d'un parc paysager", "Végétalisation des cours {de}"),
        "Terrassements, plantations, sols perméables, mobilier, clôtures et jeux pour enfants de 3 à 12 ans.",
        (("Plantations", "45112710"), ("Jeux et sols amortissants", "37535200")),
        green=True,
    ),
    Trade(
        "works",
        ("45261215", "09331200"),
        (("476", "Photovoltaïque"),),
        (
            "Installation d'une centrale photovoltaïque en autoconsommation {de}",
            "Fourniture et pose d'ombrières photovoltaïques",
        ),
        "Étude d'exécution, pose de panneaux en toiture, onduleurs, raccordement et maintenance pendant cinq ans.",
        green=True,
    ),
)
