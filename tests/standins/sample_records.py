"""Invented notices as records of BOAMP's API (Explore API v2.1), `gestion` and `donnees` being JSON in a string."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any, Final

from tests.standins.boamp_fields import Record, complete
from tests.standins.sample_eforms import eforms_donnees
from tests.standins.sample_facts import Facts
from tests.standins.sample_national import WINTER, national_donnees, stamped

Json = dict[str, Any]

FAMILIES: Final = {
    "JOUE": "Marchés européens",
    "FNS": "Marchés entre 90 k€ et seuils européens",
    "MAPA": "Marchés <90 k€ (MAPA)",
    "DSP": "Délégations de service public",
    "DIVERS": "Divers",
}
_PERIMETERS: Final = {"JOUE": "DIRECTIVE-24", "FNS": "FNSimple", "MAPA": "MAPA", "DSP": "DSP", "DIVERS": "DIVERS"}
NATURES: Final = {
    "APPEL_OFFRE": ("appeloffre/standard", "Avis de marché"),
    "ATTRIBUTION": ("attribution/standard", "Résultat de marché"),
    "RECTIFICATIF": ("rectificatif/", "Rectificatif"),
    "ANNULATION": ("annulation/", "Annulation"),
    "PRE-INFORMATION": ("preinformation/", "Pré-information"),
    "MODIFICATION": ("modification/", "Modification"),
    "INTENTION_CONCLURE": ("intentionconclure/", "Intention de conclure"),
}
_PROCEDURES: Final = {
    "OUVERT": "Procédure Ouverte",
    "RESTREINT": "Procédure Restreinte",
    "NEGOCIE": "Procédure Négociée",
    "PROCEDURE_ADAPTE": "Procédure Adaptée",
}
_TYPES: Final = {
    "works": ("TRAVAUX", "Travaux"),
    "supplies": ("FOURNITURES", "Fournitures"),
    "services": ("SERVICES", "Services"),
}
SUMMARY: Final = 200  # characters at which BOAMP cuts `objet` of the forms it summarises


def nature_and_state(facts: Facts) -> tuple[str, str]:
    """Return `nature` and `etat`: eForms corrections keep the nature of a call, national ones have one of their own."""
    if facts.form == "EFORMS" and facts.act in ("change", "cancel"):
        return "APPEL_OFFRE", {"change": "RECTIFICATIF", "cancel": "ANNULATION"}[facts.act]
    if facts.act == "change":
        return "RECTIFICATIF", "RECTIFICATIF" if facts.form == "MAPA" else "INITIAL"
    if facts.act == "cancel":
        return "ANNULATION", "INITIAL"
    natures = {
        "call": "APPEL_OFFRE",
        "planning": "PRE-INFORMATION",
        "award": "ATTRIBUTION",
        "modification": "MODIFICATION",
        "direct-award": "INTENTION_CONCLURE",
    }
    return natures[facts.act], "MODIFICATION" if facts.act == "modification" else "INITIAL"


def published_deadline(facts: Facts) -> str | None:
    """Return `datelimitereponse`, in UTC; the portal takes a naive hour of Paris for UTC, as captured records show."""
    if facts.deadline is None or facts.stamp in ("changed", "told"):
        return None
    zones = {"naive": UTC, "winter": WINTER}
    wrong = zones.get(facts.stamp)
    moment = facts.deadline.replace(tzinfo=wrong) if wrong else facts.deadline
    return moment.astimezone(UTC).isoformat()


def _department(code: str) -> str:
    """Return a code as BOAMP writes it: ``1`` for 01, ``20A`` for 2A."""
    return {"2A": "20A", "2B": "20B"}.get(code, code.lstrip("0"))


def summary(facts: Facts) -> str:
    """Return `objet`: the title, cut where it is long."""
    return facts.title if facts.form == "EFORMS" else facts.title[:SUMMARY].rstrip()


def record(facts: Facts) -> Record:
    """Return the v2.1 record of a notice, every field of the dataset in it."""
    nature, state = nature_and_state(facts)
    category, label = NATURES[nature]
    donnees = eforms_donnees(facts) if facts.form == "EFORMS" else national_donnees(facts)
    standard = nature in ("APPEL_OFFRE", "ATTRIBUTION")
    kind, kind_label = _TYPES[facts.nature]
    codes, labels = [code for code, _ in facts.descriptors], [name for _, name in facts.descriptors]
    criteria = [name for name, ticked in (("sociaux", facts.social), ("environnementaux", facts.green)) if ticked]
    follows_plan = facts.act == "call" and bool(facts.earlier)
    return complete(
        {
            "idweb": facts.idweb,
            "id": facts.idweb.replace("-", "_"),
            "contractfolderid": facts.folder or None,
            "objet": summary(facts),
            "filename": facts.idweb,
            "famille": facts.family,
            "famille_libelle": FAMILIES[facts.family],
            "code_departement": [_department(code) for code in facts.departments],
            "dateparution": facts.published.isoformat(),
            "datefindiffusion": facts.display_until.isoformat(),
            "datelimitereponse": published_deadline(facts),
            "nomacheteur": facts.buyer.name,
            "titulaire": [won.supplier.name for won in facts.won] or None,
            "perimetre": _PERIMETERS[facts.family],
            "type_procedure": facts.procedure,
            "procedure_libelle": _PROCEDURES[facts.procedure],
            "procedure_categorise": f"{facts.procedure}/",
            "nature": nature,
            "sousnature": "STANDARD" if standard and facts.form == "EFORMS" else None,
            "nature_libelle": label,
            "nature_categorise": category,
            "nature_categorise_libelle": f"{label}/",
            "criteres": criteria or None,
            "etat": state,
            "descripteur_code": codes,
            "dc": codes,
            "descripteur_libelle": labels,
            "type_marche": [kind],
            "type_marche_facette": [kind_label],
            "type_avis": ["5", "1", ""],
            "annonce_lie": None if follows_plan else list(facts.earlier) or None,
            "annonces_anterieures": list(facts.earlier) if follows_plan else None,
            "source_schema": "3.2.5" if facts.form != "ARCHIVE" else "2.4.0",
            "gestion": json.dumps(_gestion(facts, nature, state), ensure_ascii=False),
            "donnees": json.dumps(donnees, ensure_ascii=False),
            "url_avis": f"https://www.boamp.fr/pages/avis/?q=idweb:{facts.idweb}",
        }
    )


def _gestion(facts: Facts, nature: str, state: str) -> Json:
    """Return the management block: enumerations are empty elements, one of a kind is no list."""
    descriptors = [{"CODE": code, "LIBELLE": name} for code, name in facts.descriptors]
    departments = [_department(code) for code in facts.departments]
    index: Json = {
        "SCHEMA": "3.2.5",
        "NOMORGANISME": facts.buyer.name,
        "TYPE_PROCEDURE": {facts.procedure: ""},
        "DATE_PUBLICATION": facts.published.isoformat(),
        "DATE_LIMITE_REPONSE": None,
        "DATE_FIN_DIFFUSION": facts.display_until.isoformat(),
        "DESCRIPTEURS": {"DESCRIPTEUR": descriptors[0] if len(descriptors) == 1 else descriptors},
        "NATURE_MARCHE": {_TYPES[facts.nature][0]: ""},
        "DEP_PUBLICATION": departments[0] if len(departments) == 1 else departments,
        "RESUME_OBJET": summary(facts),
    }
    if facts.deadline and facts.stamp not in ("changed", "told"):
        index["DATE_LIMITE_REPONSE"] = stamped(facts.deadline, facts.stamp)
    else:
        del index["DATE_LIMITE_REPONSE"]
    reference: Json = {
        "IDWEB": facts.idweb,
        "TYPE_AVIS": {
            "FAMILLE": {facts.family: ""},
            "PERIMETRE": {_PERIMETERS[facts.family]: ""},
            "NATURE": {nature: ""},
            "STATUT": {state: ""},
        },
    }
    block: Json = {"REFERENCE": reference, "INDEXATION": index}
    if facts.earlier:
        block["MARCHE"] = {"ANNONCE_ANTERIEUR": {"REFERENCE": {"IDWEB": facts.earlier[0]}}}
    return block
