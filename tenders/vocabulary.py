"""The words of the trade for our codes, in French and English: what a person reads where a Query has a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tenders.codes import Cpv, Department, Nuts

Words = Mapping[str, str]

NATURES: Final[Mapping[str, Words]] = {
    "fr": {"works": "travaux", "supplies": "fournitures", "services": "services"},
    "en": {"works": "works", "supplies": "supplies", "services": "services"},
}
PROCEDURES: Final[Mapping[str, Words]] = {
    "fr": {
        "open": "appel d’offres ouvert",
        "restricted": "appel d’offres restreint",
        "negotiated": "procédure avec négociation",
        "competitive-dialogue": "dialogue compétitif",
        "innovation": "partenariat d’innovation",
        "adapted": "procédure adaptée",
        "other": "autre procédure",
    },
    "en": {
        "open": "open procedure",
        "restricted": "restricted procedure",
        "negotiated": "negotiated procedure",
        "competitive-dialogue": "competitive dialogue",
        "innovation": "innovation partnership",
        "adapted": "adapted procedure (MAPA)",
        "other": "other procedure",
    },
}
# As they stand in a list of tenders: "ouverts", "attribués".
STATUSES: Final[Mapping[str, Words]] = {
    "fr": {
        "cancelled": "annulés",
        "awarded": "attribués",
        "closed": "clos",
        "open": "ouverts",
        "planned": "annoncés",
    },
    "en": {
        "cancelled": "cancelled",
        "awarded": "awarded",
        "closed": "closed",
        "open": "open",
        "planned": "announced",
    },
}
KINDS: Final[Mapping[str, Words]] = {
    "fr": {
        "planning": "préinformation",
        "consultation": "consultation du marché",
        "competition": "appel à concurrence",
        "change": "rectificatif",
        "result": "résultat",
        "modification": "modification de contrat",
        "direct-award": "attribution directe",
        "completion": "fin de contrat",
        "cancellation": "annulation",
    },
    "en": {
        "planning": "prior information",
        "consultation": "market consultation",
        "competition": "call for tenders",
        "change": "correction",
        "result": "result",
        "modification": "contract change",
        "direct-award": "direct award",
        "completion": "contract completion",
        "cancellation": "cancellation",
    },
}
# (yes, no): each is what the buyer declares; a tender that states nothing is found by neither.
FLAGS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "fr": {
        "green": ("avec clause environnementale", "déclarés sans clause environnementale"),
        "social": ("avec clause sociale", "déclarés sans clause sociale"),
        "reserved": ("déclarés réservés", "déclarés non réservés"),
        "innovation": ("achats innovants", "déclarés sans achat innovant"),
        "sme": ("déclarés adaptés aux PME", "déclarés non adaptés aux PME"),
        "framework": ("accords-cadres", "déclarés sans accord-cadre"),
        "eu_funded": ("avec fonds européens", "déclarés sans fonds européens"),
    },
    "en": {
        "green": ("with a green clause", "declared without a green clause"),
        "social": ("with a social clause", "declared without a social clause"),
        "reserved": ("declared reserved", "declared not reserved"),
        "innovation": ("innovative purchases", "declared without an innovative purchase"),
        "sme": ("declared suited to SMEs", "declared not suited to SMEs"),
        "framework": ("framework agreements", "declared without a framework agreement"),
        "eu_funded": ("with EU funds", "declared without EU funds"),
    },
}
WINNERS: Final[Mapping[str, Words]] = {
    "fr": {"sme": "gagnés par une PME", "large": "gagnés par une grande entreprise"},
    "en": {"sme": "won by an SME", "large": "won by a large company"},
}
LOCAL: Final = {
    "fr": ("gagnés par une entreprise du lieu", "gagnés par des entreprises d’ailleurs"),
    "en": ("won by a local firm", "won by firms from elsewhere"),
}
RELAUNCHES: Final = {
    "fr": ("relances", "sans mention de relance"),
    "en": ("relaunched", "not said to be relaunched"),
}
# What a record may state, by `tenders.query.STATED`.
STATED: Final[Mapping[str, Words]] = {
    "fr": {
        "call": "appel à la concurrence",
        "published": "date de publication",
        "answer": "temps pour répondre",
        "nature": "nature",
        "procedure": "procédure",
        "cpv": "code CPV publié",
        "cpv_any": "code CPV publié ou estimé",
        "dept": "lieu d’exécution",
        "buyer": "acheteur",
        "buyer_type": "type d’acheteur",
        "buyer_id": "numéro SIREN de l’acheteur",
        "buyer_category": "catégorie de l’acheteur selon son SIREN",
        "value": "valeur estimée en euros",
        "award_value": "montant attribué en euros",
        "lots": "lots",
        "offers": "nombre d’offres reçues",
        "winner": "taille des titulaires",
        "winner_dept": "siège des titulaires",
        "local": "titulaires du lieu ou d’ailleurs",
        "green": "clause environnementale",
        "social": "clause sociale",
        "reserved": "marché réservé",
        "innovation": "achat innovant",
        "sme": "adapté aux PME",
        "framework": "accord-cadre",
        "eu_funded": "fonds européens",
    },
    "en": {
        "call": "call for tenders",
        "published": "day of publication",
        "answer": "time to answer",
        "nature": "nature",
        "procedure": "procedure",
        "cpv": "published CPV code",
        "cpv_any": "published or estimated CPV code",
        "dept": "place of performance",
        "buyer": "buyer",
        "buyer_type": "type of buyer",
        "buyer_id": "SIREN number of the buyer",
        "buyer_category": "category of the buyer by its SIREN",
        "value": "estimated value in euros",
        "award_value": "awarded amount in euros",
        "lots": "lots",
        "offers": "number of offers received",
        "winner": "size of winners",
        "winner_dept": "seat of winners",
        "local": "winners local or from elsewhere",
        "green": "green clause",
        "social": "social clause",
        "reserved": "reserved contract",
        "innovation": "innovative purchase",
        "sme": "suited to SMEs",
        "framework": "framework agreement",
        "eu_funded": "EU funds",
    },
}
# BT-11 buyer-legal-type.
BUYER_TYPES: Final[Mapping[str, Words]] = {
    "fr": {
        "body-pl": "organisme de droit public",
        "body-pl-cga": "organisme contrôlé par l’État",
        "body-pl-la": "organisme contrôlé par une collectivité locale",
        "body-pl-ra": "organisme contrôlé par une région",
        "cga": "État",
        "def-cont": "entreprise de défense",
        "eu-ins-bod-ag": "institution de l’Union européenne",
        "grp-p-aut": "groupement de pouvoirs publics",
        "int-org": "organisation internationale",
        "la": "collectivité locale",
        "org-sub": "organisme subventionné",
        "org-sub-cga": "organisme subventionné par l’État",
        "org-sub-la": "organisme subventionné par une collectivité locale",
        "org-sub-ra": "organisme subventionné par une région",
        "pub-undert": "entreprise publique",
        "pub-undert-cga": "entreprise publique de l’État",
        "pub-undert-la": "entreprise publique locale",
        "pub-undert-ra": "entreprise publique régionale",
        "ra": "région",
        "rl-aut": "autorité régionale ou locale",
        "spec-rights-entity": "entité à droits exclusifs",
    },
    "en": {
        "body-pl": "body governed by public law",
        "body-pl-cga": "body controlled by central government",
        "body-pl-la": "body controlled by a local authority",
        "body-pl-ra": "body controlled by a regional authority",
        "cga": "central government",
        "def-cont": "defence contractor",
        "eu-ins-bod-ag": "EU institution",
        "grp-p-aut": "group of public authorities",
        "int-org": "international organisation",
        "la": "local authority",
        "org-sub": "subsidised body",
        "org-sub-cga": "body subsidised by central government",
        "org-sub-la": "body subsidised by a local authority",
        "org-sub-ra": "body subsidised by a regional authority",
        "pub-undert": "public undertaking",
        "pub-undert-cga": "public undertaking of central government",
        "pub-undert-la": "local public undertaking",
        "pub-undert-ra": "regional public undertaking",
        "ra": "regional authority",
        "rl-aut": "regional or local authority",
        "spec-rights-entity": "entity with exclusive rights",
    },
}
# What a buyer's SIREN tells of it, by `tenders.query.BUYER_CATEGORIES`.
BUYER_CATEGORIES: Final[Mapping[str, Words]] = {
    "fr": {
        "municipality": "commune",
        "intermunicipal": "communauté ou métropole (EPCI)",
        "grouping": "syndicat ou autre groupement de collectivités",
        "department": "département",
        "region": "région",
        "state": "État",
        "health": "établissement public de santé ou d’action sociale",
        "education": "établissement public d’enseignement",
        "housing": "office public de l’habitat",
    },
    "en": {
        "municipality": "municipality",
        "intermunicipal": "community of communes or metropolis (EPCI)",
        "grouping": "syndicate or other grouping of authorities",
        "department": "département",
        "region": "region",
        "state": "central government",
        "health": "public hospital or welfare body",
        "education": "public place of education",
        "housing": "public housing office",
    },
}
LANGUAGES: Final[Mapping[str, Words]] = {
    "fr": {
        "fr": "français",
        "en": "anglais",
        "de": "allemand",
        "es": "espagnol",
        "it": "italien",
        "nl": "néerlandais",
        "pt": "portugais",
        "sv": "suédois",
        "da": "danois",
        "fi": "finnois",
        "no": "norvégien",
        "hu": "hongrois",
        "ro": "roumain",
        "ru": "russe",
        "el": "grec",
        "ca": "catalan",
        "eu": "basque",
    },
    "en": {
        "fr": "French",
        "en": "English",
        "de": "German",
        "es": "Spanish",
        "it": "Italian",
        "nl": "Dutch",
        "pt": "Portuguese",
        "sv": "Swedish",
        "da": "Danish",
        "fi": "Finnish",
        "no": "Norwegian",
        "hu": "Hungarian",
        "ro": "Romanian",
        "ru": "Russian",
        "el": "Greek",
        "ca": "Catalan",
        "eu": "Basque",
    },
}
_SOURCES: Final = {
    "boamp": "BOAMP",
    "ted": "TED",
    "decp": "DECP",
    "ebourgogne": "e-bourgogne",
    "place": "PLACE",
    "maximilien": "Maximilien",
    "megalis": "Mégalis Bretagne",
    "alsace": "Alsace Marchés Publics",
    "ampa": "AMPA",
    "guadeloupe": "e-Guadeloupe",
}


def spoken(language: str) -> str:
    """Return the language that we write for a wanted one: ``fr``, or ``en`` for ``en``."""
    return "en" if language == "en" else "fr"


def source_name(source: str) -> str:
    """Return a source as people call it: ``boamp`` -> BOAMP."""
    return _SOURCES.get(source, source)


def department_name(code: str) -> str:
    """Return a département's name, its code where we know none."""
    return (Department(code).label() or code).replace("'", "’")


def nuts_name(code: str, language: str) -> str:
    """Return a place's name with its NUTS code, ``Bourgogne (FRC1)``; a country's name alone."""
    label = (Nuts(code).label(language) or "").replace("'", "’")
    if not label:
        return code
    return label if len(code) == 2 else f"{label} ({code})"


def cpv_name(code: str, language: str) -> str:
    """Return a CPV code or prefix with its official label: ``45261 Travaux de charpente ...``."""
    label = Cpv.of(code).label(language)
    return f"{code} {label}".replace("'", "’") if label else code
