"""The names of codes in French and English, as results, feeds and pages show them."""

from __future__ import annotations

from tenders.codes import Cpv, Department, Nuts

_LANGUAGE = {"fr": 0, "en": 1}

STATUS = {
    "cancelled": ("Annulé", "Cancelled"),
    "awarded": ("Attribué", "Awarded"),
    "closed": ("Clos", "Closed"),
    "open": ("Ouvert", "Open"),
    "planned": ("Annoncé", "Planned"),
}
CHANGED = ("Modifié", "Changed")
NATURE = {"works": ("Travaux", "Works"), "supplies": ("Fournitures", "Supplies"), "services": ("Services", "Services")}
PROCEDURE = {
    "open": ("Appel d’offres ouvert", "Open procedure"),
    "restricted": ("Appel d’offres restreint", "Restricted procedure"),
    "negotiated": ("Procédure avec négociation", "Negotiated procedure"),
    "competitive-dialogue": ("Dialogue compétitif", "Competitive dialogue"),
    "innovation": ("Partenariat d’innovation", "Innovation partnership"),
    "adapted": ("Procédure adaptée", "Adapted procedure (MAPA)"),
    "other": ("Autre procédure", "Other procedure"),
}
KIND = {
    "planning": ("Programmation", "Planning"),
    "consultation": ("Consultation préalable", "Market consultation"),
    "competition": ("Appel à concurrence", "Call for competition"),
    "change": ("Rectificatif", "Correction"),
    "result": ("Résultat", "Result"),
    "modification": ("Modification du contrat", "Contract modification"),
    "direct-award": ("Attribution directe", "Direct award"),
    "completion": ("Fin du contrat", "Contract completion"),
    "cancellation": ("Annulation", "Cancellation"),
}
BUYER_TYPE = {
    "body-pl": ("Organisme de droit public", "Body governed by public law"),
    "body-pl-cga": ("Organisme de droit public, État", "Body governed by public law, central"),
    "body-pl-la": ("Organisme de droit public, local", "Body governed by public law, local"),
    "body-pl-ra": ("Organisme de droit public, régional", "Body governed by public law, regional"),
    "cga": ("État", "Central government"),
    "def-cont": ("Acheteur de défense", "Defence contractor"),
    "eu-ins-bod-ag": ("Institution de l’Union européenne", "EU institution, body or agency"),
    "grp-p-aut": ("Groupement d’autorités publiques", "Group of public authorities"),
    "int-org": ("Organisation internationale", "International organisation"),
    "la": ("Autorité locale", "Local authority"),
    "org-sub": ("Organisme subventionné", "Subsidised organisation"),
    "org-sub-cga": ("Organisme subventionné par l’État", "Organisation subsidised by central government"),
    "org-sub-la": ("Organisme subventionné, local", "Organisation subsidised by a local authority"),
    "org-sub-ra": ("Organisme subventionné, régional", "Organisation subsidised by a regional authority"),
    "pub-undert": ("Entreprise publique", "Public undertaking"),
    "pub-undert-cga": ("Entreprise publique, État", "Public undertaking, central"),
    "pub-undert-la": ("Entreprise publique locale", "Public undertaking, local"),
    "pub-undert-ra": ("Entreprise publique régionale", "Public undertaking, regional"),
    "ra": ("Autorité régionale", "Regional authority"),
    "rl-aut": ("Autorité régionale ou locale", "Regional or local authority"),
    "spec-rights-entity": ("Entité à droits spéciaux ou exclusifs", "Entity with special or exclusive rights"),
}
FLAG = {
    "green": ("Critère environnemental", "Environmental criterion"),
    "social": ("Clause sociale", "Social clause"),
    "innovation": ("Innovation", "Innovation"),
    "reserved": ("Marché réservé", "Reserved contract"),
    "sme": ("Adapté aux PME", "Suitable for SMEs"),
    "framework": ("Accord-cadre", "Framework agreement"),
    "dps": ("Système d’acquisition dynamique", "Dynamic purchasing system"),
    "eu_funded": ("Fonds européens", "EU funds"),
}
SOURCE = {"boamp": "BOAMP", "ted": "TED"}
_WORDS = {
    "status": STATUS,
    "nature": NATURE,
    "procedure": PROCEDURE,
    "kind": KIND,
    "buyer_type": BUYER_TYPE,
    "flag": FLAG,
}


def name_of(name: str, value: str, language: str) -> str:
    """Return what to show for a value of a parameter or facet; the value itself where it is its own name."""
    words = _WORDS.get(name)
    if words is not None:
        return words[value][_LANGUAGE[language]] if value in words else value
    if name in ("cpv", "cpv_any"):
        return Cpv.of(value).label(language) or value
    if name == "nuts":
        return Nuts(value).label(language) or value
    if name == "dept":
        return Department(value).label() or value
    return SOURCE.get(value, value) if name == "source" else value


def changed_word(language: str) -> str:
    """Return the word for a tender that has changed materially."""
    return CHANGED[_LANGUAGE[language]]
