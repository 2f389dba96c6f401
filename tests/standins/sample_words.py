"""Words for invented notices: the trades, sites, towns, buyers and suppliers.

Towns, buyers and suppliers are invented; départements, NUTS and CPV codes are real. No persons.
"""

from __future__ import annotations

from typing import Final

from tests.standins.sample_services import SERVICES_AND_SUPPLIES
from tests.standins.sample_works import WORKS

TRADES: Final = WORKS + SERVICES_AND_SUPPLIES

SITES: Final = (
    "de la salle des fêtes",
    "du groupe scolaire Les Tilleuls",
    "de l'école maternelle",
    "de l'hôtel de ville",
    "du gymnase",
    "de la médiathèque",
    "du centre technique municipal",
    "de la maison de santé",
    "de l'église",
    "du centre aquatique",
    "de la résidence autonomie",
    "de l'ancien presbytère",
    "du pôle petite enfance",
    "du collège",
)

# département, town, postcode: the towns do not exist
TOWNS: Final = (
    ("21", "Valbrune-sur-Tille", "21998"),
    ("21", "Montcerf-en-Plaine", "21997"),
    ("01", "Saint-Évrard-du-Lac", "01998"),
    ("71", "Charnoy-le-Vieux", "71998"),
    ("25", "Roche-les-Aulnes", "25998"),
    ("39", "Bois-d'Ambre", "39998"),
    ("69", "Villeclaire", "69998"),
    ("38", "Pont-de-Brévenne", "38998"),
    ("63", "Aurillane", "63998"),
    ("13", "Mas-Rouvière", "13998"),
    ("06", "Castelfiore", "06998"),
    ("84", "Les Oliviers-du-Comtat", "84998"),
    ("2A", "Portivecciu-Novu", "20198"),
    ("2B", "Castagniccia-Alta", "20298"),
    ("33", "Lamothe-Gironde", "33998"),
    ("64", "Oloritz", "64998"),
    ("87", "Saint-Yrieix-le-Bois", "87998"),
    ("31", "Montarnaud-Lèze", "31998"),
    ("34", "Saint-Guirand", "34998"),
    ("44", "Le Pellerin-Neuf", "44998"),
    ("49", "Brissarthe-sur-Loir", "49998"),
    ("35", "Saint-Malgorn", "35998"),
    ("29", "Plouzarvel", "29998"),
    ("56", "Kerlouhan", "56998"),
    ("76", "Bosc-Aumont", "76998"),
    ("14", "Courseulles-l'Abbaye", "14998"),
    ("59", "Wambrecourt", "59998"),
    ("62", "Hesdigneulles", "62998"),
    ("67", "Oberwillersheim", "67998"),
    ("54", "Pont-sur-Seille", "54998"),
    ("75", "Paris-Montclair", "75998"),
    ("93", "Noisy-les-Prés", "93998"),
    ("78", "Saint-Cyrille-en-Yvelines", "78998"),
    ("45", "Sully-la-Forêt", "45998"),
    ("37", "Azay-les-Vignes", "37998"),
    ("971", "Anse-Bertille", "97198"),
    ("972", "Case-Corail", "97298"),
    ("973", "Saut-Montagne", "97398"),
    ("974", "Saint-Expédit", "97498"),
    ("974", "Rivière-des-Galets", "97499"),
    ("976", "Mtsapérou", "97698"),
)

# pattern, eForms buyer-legal-type; {of}: "de Villeclaire", "d'Aurillane"
BUYERS: Final = (
    ("Commune {of}", "la"),
    ("Ville {of}", "la"),
    ("MAIRIE {OF}", "la"),
    ("Communauté de communes du Pays {of}", "la"),
    ("Communauté d'agglomération {of}", "la"),
    ("Centre hospitalier {of}", "body-pl-ra"),
    ("Office public de l'habitat {of}", "body-pl-la"),
    ("Syndicat intercommunal des eaux {of}", "body-pl-la"),
    ("Lycée polyvalent {of}", "body-pl-ra"),
    ("Centre communal d'action sociale {of}", "body-pl-la"),
    ("Syndicat mixte de collecte et de traitement {of}", "body-pl-la"),
    ("Université {of}", "body-pl-cga"),
    ("Société publique locale {of} Aménagement", "pub-undert-la"),
)

# Invented companies: a first and a second part each
SUPPLIERS: Final = (
    (
        "Ateliers",
        "Couvreurs",
        "Bâtisseurs",
        "Menuiserie",
        "Établissements",
        "Entreprise",
        "Groupe",
        "Société",
        "Cabinet",
        "Services",
    ),
    (
        "Valmont",
        "Orsane",
        "Tréguel",
        "Nordmer",
        "Belleroche",
        "Clairlande",
        "Hautbois",
        "Sylvargent",
        "Grandcourbe",
        "Mireval",
    ),
    ("SARL", "SAS", "SA", "SCOP", "EURL"),
)
SIZES: Final = ("micro", "small", "medium", "large")
