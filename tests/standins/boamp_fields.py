"""The fields of the dataset `boamp`, as a v2.1 record has them (FEEDS: Explore API v2.1), with their types and facets.

An Opendatasoft "multi-valued" field is a text whose value is a list; `=` on it means "contains".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the dataset: its name, type, label, and whether it is a list and a facet."""

    name: str
    type: Literal["text", "date", "datetime"]
    label: str
    multiple: bool = False
    facet: bool = False


def _text(name: str, label: str) -> Field:
    return Field(name, "text", label)


def _facet(name: str, label: str) -> Field:
    return Field(name, "text", label, facet=True)


def _list(name: str, label: str, *, facet: bool = True) -> Field:
    return Field(name, "text", label, multiple=True, facet=facet)


_FIELDS: Final = (
    _text("idweb", "Numéro d'annonce"),
    _text("id", "Identifiant"),
    _text("contractfolderid", "Identifiant de procédure"),
    _text("annonce_reference_schema_v110", "Annonce de référence (schéma V110)"),
    _text("objet", "Objet"),
    _text("filename", "Fichier"),
    _facet("famille", "Famille"),
    _list("code_departement", "Départements"),
    _text("code_departement_prestation", "Département de la prestation"),
    _facet("famille_libelle", "Famille (libellé)"),
    Field("dateparution", "date", "Date de parution", facet=True),
    Field("datefindiffusion", "date", "Date de fin de diffusion"),
    Field("datelimitereponse", "datetime", "Date limite de réponse"),
    _text("nomacheteur", "Acheteur"),
    _list("titulaire", "Titulaires", facet=False),
    _facet("perimetre", "Périmètre"),
    _facet("type_procedure", "Procédure"),
    _facet("soustype_procedure", "Sous-type de procédure"),
    _facet("procedure_libelle", "Procédure (libellé)"),
    _facet("procedure_categorise", "Procédure (catégorie)"),
    _facet("nature", "Nature de l'avis"),
    _facet("sousnature", "Sous-nature de l'avis"),
    _facet("nature_libelle", "Nature (libellé)"),
    _facet("sousnature_libelle", "Sous-nature (libellé)"),
    _facet("nature_categorise", "Nature (catégorie)"),
    _facet("nature_categorise_libelle", "Nature (catégorie, libellé)"),
    _list("criteres", "Critères sociaux ou environnementaux"),
    _facet("marche_public_simplifie", "Marché public simplifié"),
    _facet("marche_public_simplifie_label", "Marché public simplifié (libellé)"),
    _facet("etat", "État"),
    _list("descripteur_code", "Descripteurs (codes)"),
    _list("dc", "Descripteurs"),
    _list("descripteur_libelle", "Descripteurs (libellés)"),
    _list("type_marche", "Type de marché"),
    _list("type_marche_facette", "Type de marché (libellé)"),
    _list("type_avis", "Type d'avis"),
    _list("annonce_lie", "Annonces liées", facet=False),
    _list("annonces_anterieures", "Annonces antérieures", facet=False),
    _text("annonces_anterieures_schema_v110", "Annonces antérieures (schéma V110)"),
    _text("source_schema", "Schéma"),
    _text("gestion", "Gestion"),
    _text("donnees", "Données"),
    _text("url_avis", "Adresse de l'avis"),
)

FIELDS: Final = {field.name: field for field in _FIELDS}


def complete(values: Record) -> Record:
    """Return a record with every field of the dataset in its order, null where `values` says nothing."""
    unknown = values.keys() - FIELDS.keys()
    if unknown:
        raise KeyError(f"the dataset boamp has no field {sorted(unknown)}")
    return {name: values.get(name) for name in FIELDS}


def describe(count: int) -> Record:
    """Return what ``/catalog/datasets/boamp`` answers: the schema and how many records there are."""
    fields = [
        {
            "name": field.name,
            "label": field.label,
            "type": field.type,
            "description": None,
            "annotations": ({"facet": True} if field.facet else {})
            | ({"multivalued": ",", "disjunctive": True} if field.multiple else {}),
        }
        for field in _FIELDS
    ]
    return {
        "dataset_id": "boamp",
        "dataset_uid": "da_boampstandin",
        "has_records": True,
        "data_visible": True,
        "features": ["analyze"],
        "metas": {"default": {"title": "BOAMP", "language": "fr", "records_count": count}},
        "attachments": [],
        "fields": fields,
    }
