"""What else invented buyers buy, services and supplies, with CPV 2008 codes and BOAMP descriptors."""

from __future__ import annotations

from typing import Final

from tests.standins.sample_trade import Trade

SERVICES_AND_SUPPLIES: Final = (
    Trade(
        "services",
        ("90910000", "90919200"),
        (("239", "Nettoyage de locaux"), ("363", "Vitrerie")),
        (
            "Nettoyage des locaux et de la vitrerie",
            "Prestations de nettoyage {de}",
            "Entretien ménager des bâtiments communaux",
        ),
        "Entretien courant et nettoyage de fond des bâtiments, vitrerie deux fois par an, produits "
        "écolabellisés, reprise du personnel.",
        (("Bâtiments administratifs", "90919200"), ("Écoles", "90919300"), ("Vitrerie", "90911300")),
        green=True,
        social=True,
    ),
    Trade(
        "services",
        ("55524000", "55523100"),
        (("304", "Repas, traiteur"), ("66", "Restauration collective")),
        (
            "Fourniture de repas en liaison froide pour la restauration scolaire",
            "Restauration scolaire et portage de repas à domicile",
        ),
        "Confection et livraison de repas en liaison froide, 50 % de produits durables dont 20 % "
        "biologiques, plans alimentaires et animations.",
        (("Restaurants scolaires", "55523100"), ("Portage à domicile", "55521100")),
        green=True,
    ),
    Trade(
        "services",
        ("72267000", "48000000"),
        (("163", "Informatique (prestations de services)"), ("186", "Logiciel")),
        (
            "Acquisition et maintenance d'un logiciel de gestion financière",
            "Refonte du site internet et hébergement",
            "Tierce maintenance applicative",
        ),
        "Fourniture de licences ou d'un service hébergé, reprise des données, formation, maintenance "
        "corrective et évolutive sur quatre ans.",
        (("Logiciel de gestion financière", "48440000"), ("Logiciel de ressources humaines", "48450000")),
    ),
    Trade(
        "supplies",
        ("30213100", "30200000"),
        (("162", "Informatique (matériel)"),),
        (
            "Fourniture de postes de travail informatiques",
            "Achat d'ordinateurs portables et de tablettes pour les écoles",
        ),
        "Accord-cadre à bons de commande de fourniture d'ordinateurs fixes et portables, écrans et "
        "accessoires, reconditionnés compris.",
        (("Ordinateurs portables", "30213100"), ("Tablettes", "30213200"), ("Vidéoprojecteurs", "38652120")),
        green=True,
    ),
    Trade(
        "services",
        ("71200000", "71221000"),
        (("197", "Maîtrise d'oeuvre"), ("455", "Ingénierie")),
        ("Mission de maîtrise d'œuvre pour la restructuration {de}", "Maîtrise d'œuvre : extension {de}"),
        "Mission de base avec diagnostic, études d'exécution partielles et ordonnancement ; équipe "
        "d'architecte, d'économiste et de "
        "bureaux d'études structure et fluides.",
    ),
    Trade(
        "services",
        ("71356200", "79411000"),
        (("433", "Assistance à maîtrise d'ouvrage"), ("118", "Etude")),
        (
            "Assistance à maîtrise d'ouvrage pour le schéma directeur des mobilités",
            "Étude de faisabilité d'un réseau de chaleur",
            "Étude préalable à la révision du plan local d'urbanisme",
        ),
        "Diagnostic, scénarios chiffrés, concertation, rédaction des pièces et accompagnement jusqu'à la décision.",
    ),
    Trade(
        "services",
        ("71530000", "71317200"),
        (("72", "Contrôle technique"), ("234", "Mission d'ordonnancement, pilotage, coordination (OPC)")),
        ("Missions de contrôle technique et de coordination SPS {de}",),
        "Contrôle technique (missions L, S, HAND, PS) et coordination en matière de sécurité et de "
        "protection de la santé.",
        (("Contrôle technique", "71630000"), ("Coordination SPS", "71317200")),
    ),
    Trade(
        "services",
        ("90511000", "90512000"),
        (
            ("249", "Ordures ménagères (prestations)"),
            ("82", "Collecte sélective"),
            ("404", "Déchets non ménagers (prestations)"),
        ),
        ("Collecte des ordures ménagères et des emballages", "Exploitation des déchèteries et transport des bennes"),
        "Collecte en porte-à-porte et en points d'apport volontaire, transport vers le centre de tri, suivi "
        "informatisé des tournées.",
        (
            ("Collecte en porte-à-porte", "90511200"),
            ("Points d'apport volontaire", "90511000"),
            ("Traitement", "90513000"),
        ),
        green=True,
    ),
    Trade(
        "services",
        ("77310000", "77340000"),
        (("116", "Espaces verts"),),
        (
            "Entretien des espaces verts communaux",
            "Élagage et abattage d'arbres d'alignement",
            "Tonte et fauchage des accotements",
        ),
        "Tonte, taille, désherbage sans produit phytosanitaire, fauchage raisonné, élagage et évacuation des "
        "déchets verts.",
        (("Tonte et taille", "77314100"), ("Élagage", "77340000")),
        green=True,
        social=True,
    ),
    Trade(
        "services",
        ("60130000", "60112000"),
        (("347", "Transport"),),
        (
            "Transport scolaire et périscolaire",
            "Transport d'élèves vers la piscine",
            "Navettes de transport à la demande",
        ),
        "Accord-cadre de transport par autocar, véhicules accessibles, suivi en temps réel.",
        (("Circuit nord", "60130000"), ("Circuit sud", "60130000")),
    ),
    Trade(
        "services",
        ("66510000", "66515000"),
        (("20", "Assurance"),),
        ("Souscription des contrats d'assurances", "Services d'assurances pour les besoins de la collectivité"),
        "Assurances dommages aux biens, responsabilité civile, flotte automobile et risques statutaires, quatre ans.",
        (("Dommages aux biens", "66515000"), ("Responsabilité civile", "66516000"), ("Flotte automobile", "66514110")),
    ),
    Trade(
        "services",
        ("79710000", "79713000"),
        (("138", "Gardiennage"), ("331", "Surveillance")),
        ("Gardiennage et surveillance {de}", "Prestations de sécurité et de télésurveillance"),
        "Rondes, filtrage des accès, levée de doute, télésurveillance des bâtiments et renfort lors des "
        "manifestations.",
        social=True,
    ),
    Trade(
        "services",
        ("80500000", "80531200"),
        (("410", "Formation"),),
        ("Actions de formation professionnelle des agents", "Formation à la langue française et aux savoirs de base"),
        "Accord-cadre multi-attributaire d'actions de formation en présence et à distance.",
        (("Sécurité au travail", "80550000"), ("Bureautique", "80533100")),
        social=True,
    ),
    Trade(
        "services",
        ("79800000", "79822500"),
        (("160", "Impression"), ("285", "Publicité, Communication")),
        ("Impression du bulletin municipal et des supports de communication", "Conception graphique et impression"),
        "Mise en page, impression sur papier recyclé, façonnage et livraison.",
        (("Bulletin", "79800000"), ("Affiches et grands formats", "79811000")),
        green=True,
    ),
    Trade(
        "services",
        ("50750000", "42416100"),
        (("17", "Ascenseur"), ("196", "Maintenance")),
        ("Maintenance des ascenseurs et monte-charges", "Entretien et dépannage des élévateurs {de}"),
        "Maintenance préventive et corrective, dépannage de personnes bloquées sous une heure, mise aux normes.",
    ),
    Trade(
        "supplies",
        ("15800000", "15300000"),
        (("88", "Denrées alimentaires"),),
        ("Fourniture de denrées alimentaires pour la cuisine centrale", "Achat de produits frais et biologiques"),
        "Accord-cadre de livraison de produits frais, surgelés, d'épicerie et issus de l'agriculture "
        "biologique ; producteurs locaux encouragés.",
        (
            ("Fruits et légumes frais", "15300000"),
            ("Viande fraîche et œufs", "15110000"),
            ("Produits laitiers", "15500000"),
            ("Épicerie", "15800000"),
        ),
        green=True,
    ),
    Trade(
        "supplies",
        ("34144000", "34100000"),
        (("475", "Véhicules (acquisition)"),),
        (
            "Acquisition de véhicules utilitaires électriques",
            "Fourniture d'une balayeuse de voirie",
            "Achat d'un camion-benne de 19 tonnes",
        ),
        "Fourniture, livraison, mise en main et entretien pendant la garantie ; reprise d'anciens véhicules.",
        (("Fourgonnettes électriques", "34144900"), ("Balayeuse", "34144431")),
        green=True,
    ),
    Trade(
        "supplies",
        ("39160000", "39130000"),
        (("230", "Mobilier"), ("231", "Mobilier urbain")),
        ("Fourniture et installation de mobilier scolaire", "Fourniture de mobilier de bureau"),
        "Tables, chaises et rangements, mobilier issu du réemploi bienvenu, montage et enlèvement des emballages.",
        (("Mobilier scolaire", "39160000"), ("Mobilier de bureau", "39130000")),
        green=True,
    ),
    Trade(
        "supplies",
        ("33140000", "33190000"),
        (("212", "Matériel médical"), ("69", "Consommables médicaux")),
        ("Fourniture de consommables médicaux", "Acquisition de lits médicalisés et de lève-malades"),
        "Pansements, gants d'examen, dispositifs de perfusion et matériel de transfert, livraisons hebdomadaires.",
        (("Pansements", "33141110"), ("Gants", "33141420"), ("Lits médicalisés", "33192120")),
    ),
    Trade(
        "supplies",
        ("09310000", "09123000"),
        (("443", "Electricité, gaz (fourniture)"),),
        ("Fourniture et acheminement d'électricité", "Fourniture de gaz naturel pour les bâtiments publics"),
        "Marchés subséquents de fourniture et d'acheminement, garanties d'origine renouvelable demandées.",
        (("Électricité", "09310000"), ("Gaz naturel", "09123000")),
        green=True,
    ),
    Trade(
        "supplies",
        ("18100000", "18110000"),
        (("150", "Habillement"), ("79", "Chaussures ou articles chaussants")),
        ("Fourniture de vêtements de travail et d'équipements de protection individuelle",),
        "Vêtements de haute visibilité, chaussures de sécurité et gants, coton biologique ou polyester recyclé.",
        (("Vêtements", "18110000"), ("Chaussures de sécurité", "18830000")),
        green=True,
        social=True,
    ),
)
