"""`donnees` of the French national forms, as BOAMP's API gives them: FNSimple, MAPA, DSP, DIVERS, and the older blocks.

Shapes as captured (MAPA) or as public readers of the API walk them (FNSimple, DSP, MAPA awards, ``infosRectif``). Of
DIVERS no capture is known: its shape here is MAPA's.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Final

from tests.standins.sample_facts import Facts, LotFacts, Organisation, Won

Json = dict[str, Any]

_NATURE_KEYS: Final = {"works": "travaux", "supplies": "fournitures", "services": "services"}
_OLD_TYPES: Final = {"works": "TRAVAUX", "supplies": "FOURNITURES", "services": "SERVICES"}
WINTER: Final = timezone(timedelta(hours=1))  # what the older schemas write in summer, too
PROFILE: Final = "https://profil-acheteur.example/"


def stamped(moment: datetime, stamp: str) -> str:
    """Write a deadline as the source does: with its offset, without one, with +01:00 all year, with milliseconds."""
    if stamp == "naive":
        return moment.replace(tzinfo=None).isoformat()
    if stamp == "winter":
        return moment.replace(tzinfo=WINTER).isoformat()
    if stamp == "fraction":
        return moment.isoformat(timespec="milliseconds")
    return moment.isoformat()


def said(moment: datetime) -> str:
    """Write a moment as sentences do: ``12/06/2026 à 12h00``."""
    return f"{moment:%d/%m/%Y} à {moment:%Hh%M}"


def documents_of(facts: Facts) -> str:
    """Return where the invented buyer puts its documents."""
    return f"{PROFILE}consultation/{facts.reference.replace('_', '-')}"


def national_donnees(facts: Facts) -> Json:
    """Return the `donnees` object of a national form."""
    if facts.form == "ARCHIVE":
        return _archive(facts)
    write = {"FNSimple": _simple, "MAPA": _mapa, "DIVERS": _mapa, "DSP": _concession}[facts.form]
    return {facts.form: write(facts)}


def _cpv(*codes: str) -> Json:
    main, *more = codes
    others = [{"classPrincipale": code} for code in more]
    extra = {"objetComplementaire": others[0] if len(others) == 1 else others} if others else {}
    return {"objetPrincipal": {"classPrincipale": main}} | extra


def _one_or_list(items: list[Json]) -> Json | list[Json]:
    return items[0] if len(items) == 1 else items


# FNSimple: the national standard form


def _simple(facts: Facts) -> Json:
    buyer = facts.buyer
    grouped = f"{buyer.id[:3]} {buyer.id[3:6]} {buyer.id[6:9]} {buyer.id[9:]}"
    organisme = {
        "nomOfficiel": buyer.name,
        "typeIdentificationNational": {"siret": ""},
        "codeIdentificationNational": grouped if facts.sme else buyer.id,
        "ville": buyer.town,
        "cp": buyer.postcode,
        "grpCommandes": {"non": ""},
    }
    subject: Json = {"intitule": facts.title, "codeCPV": _cpv(*facts.cpv)}
    if facts.act == "award":
        text = "\n\n".join(_told(won) for won in facts.won)
        act = {"avisInitial": _named(facts), "natureMarche": subject, "attributionMarche": text}
        return {"organisme": organisme, "attribution": act}
    if facts.act == "cancel":
        text = "La procédure est déclarée sans suite pour motif d'intérêt général."
        return {
            "organisme": organisme,
            "annulation": {"avisInitial": _named(facts), "natureMarche": subject, "infosSup": text},
        }
    if facts.act == "change":
        act = {"avisInitial": _named(facts), "natureMarche": subject, "infosRectif": _correction(facts)}
        return {"organisme": organisme, "rectificatif": act}
    return {"organisme": organisme, "initial": _simple_call(facts, subject)}


def _named(facts: Facts) -> Json:
    return {"idWeb": facts.earlier[0]} if facts.earlier else {}


def _correction(facts: Facts) -> Json | str:
    new, old = facts.deadline, facts.old_deadline
    if new is None or old is None:
        return "Les autres renseignements sont inchangés."
    if facts.stamp == "told":
        return f"Date limite de réception des offres.\nAu lieu de {said(old)}, lire {said(new)}."
    change = {"rubDelais": "ReceptionOffres", "auLieuDeDate": stamped(old, "naive"), "lireDate": stamped(new, "offset")}
    return {"rectif": change}


def _told(won: Won) -> str:
    lot = f"Lot N° {won.lot}\n" if won.lot else ""
    amount = f"{won.value:,}".replace(",", " ")
    return (
        f"{lot}Nombre d'offres reçues : {won.bids}\nDate d'attribution : {won.day:%d/%m/%y}\n"
        f"{won.supplier.name}, 12 rue des Ateliers, {won.supplier.postcode} {won.supplier.town}\n"
        f"Montant Ht : {amount},00 Euros\nSous-traitance : non."
    )


def _simple_call(facts: Facts, subject: Json) -> Json:
    technique = {"accordCadreO": ""} if facts.framework else {"sansObjet": ""}
    procedure: Json = {
        "capaciteExercice": "Déclaration sur l'honneur",
        "capaciteEcoFin": "Chiffre d'affaires des trois derniers exercices",
        "capaciteTech": "Références de moins de cinq ans",
        "techAchat": technique,
        "criteresAttrib": "Prix 60 %, valeur technique 40 %",
    }
    adapted = facts.procedure == "PROCEDURE_ADAPTE"
    procedure |= {"procedureAdapteeO" if adapted else "procedureOuverteO": ""}
    if facts.deadline:
        procedure["dateReceptionOffres"] = stamped(facts.deadline, facts.stamp)
    subject |= {"description": facts.about, "lieuExecution": facts.buyer.town, "dureeMois": "24"}
    if facts.value:
        subject["valeurEstimee"] = {"@devise": "EUR", "valeur": str(facts.value)}
    act: Json = {
        "communication": {
            "urlProfilAch": PROFILE,
            "urlDocConsul": documents_of(facts),
            "identifiantInterne": facts.reference,
        },
        "procedure": procedure,
        "natureMarche": subject,
    }
    if facts.lots:
        lots = [
            {"description": f"{lot.number} : {lot.title}", "codeCPV": _cpv(lot.cpv), "lieuExecution": facts.buyer.town}
            for lot in facts.lots
        ]
        act["lots"] = {"lot": _one_or_list(lots)}
    return act


# MAPA: marché à procédure adaptée, without any CPV


def _mapa(facts: Facts) -> Json:
    buyer = facts.buyer
    organisme = {
        "acheteurPublic": buyer.name,
        "adr": {"voie": {"nomvoie": "1 place de la Mairie"}, "cp": buyer.postcode, "ville": buyer.town},
        "urlProfilAcheteur": PROFILE,
    }
    if facts.act == "award":
        return {"organisme": organisme, "attribution": _mapa_award(facts)}
    act: Json = {
        "natureMarche": {_NATURE_KEYS[facts.nature]: ""},
        "description": {
            "objet": facts.title,
            "lieuExecutionLivraison": {"cp": buyer.postcode, "ville": buyer.town},
        },
        "caracteristiques": {"principales": facts.about, "variantes": {"non": ""}},
        "duree": {"nbMois": "12"},
        "procedure": {"procedureAdaptee": ""},
        "renseignements": {"idMarche": facts.reference},
        "adressesComplt": {"document": {"coord": {"url": documents_of(facts)}}},
    }
    if facts.act == "cancel":
        return {"organisme": organisme, "annulation": act | {"avisInitial": _named(facts)}}
    if facts.deadline:
        act["delais"] = {"receptionOffres": stamped(facts.deadline, facts.stamp)}
    act |= (
        {"lots": {"lot": _one_or_list([_mapa_lot(lot) for lot in facts.lots])}} if facts.lots else {"marcheUnique": ""}
    )
    if facts.act == "change":
        return {
            "organisme": organisme,
            "rectificatif": act | {"avisInitial": _named(facts), "infosRectif": _correction(facts)},
        }
    return {"organisme": organisme, "initial": act}


def _mapa_lot(lot: LotFacts) -> Json:
    return {"numLot": str(lot.number), "intitule": lot.title}


def _mapa_award(facts: Facts) -> Json:
    results = [
        ({"numLot": str(won.lot)} if won.lot else {})
        | {
            "attribue": {
                "titulaire": {"PersonneMorale": won.supplier.name},
                "montant": {"@devise": "EUR", "valeur": str(won.value)},
            }
        }
        for won in facts.won
    ]
    return {
        "avisInitial": _named(facts),
        "natureMarche": {_NATURE_KEYS[facts.nature]: ""},
        "description": {"objet": facts.title},
        "attribution": {"resultat": _one_or_list(results)},
        "autresInformations": {"nbOffresRecues": str(facts.won[0].bids)},
    }


# DSP: concessions of a public service


def _concession(facts: Facts) -> Json:
    buyer = facts.buyer
    subject: Json = {
        "titreMarche": facts.title,
        "numeroReference": facts.reference,
        "CPV": _cpv(*facts.cpv),
        "description": facts.about,
        "lieuCodeNUTS": {"codeNUTS": buyer.nuts},
    }
    if facts.value:
        subject["valeurEstimee"] = {"@devise": "EUR", "valeur": str(facts.value)}
    if facts.lots:
        subject["lots"] = {
            "lot": [{"numLot": str(lot.number), "intitule": lot.title, "CPV": _cpv(lot.cpv)} for lot in facts.lots]
        }
    act: Json = {"descriptionMarche": subject}
    if facts.deadline:
        act["delais"] = {"receptionOffres": stamped(facts.deadline, facts.stamp)}
    organisme = {
        "acheteurPublic": buyer.name,
        "codeIdentificationNational": buyer.id,
        "adr": {"cp": buyer.postcode, "ville": buyer.town},
        "codeNUTS": buyer.nuts,
    }
    return {"organisme": organisme, "initial": act}


# The blocks of the older schemas, which ended with 2023


def _archive(facts: Facts) -> Json:
    subject: Json = {
        "TITRE_MARCHE": facts.title,
        "REF_MARCHE": facts.reference,
        "TYPE_MARCHE": {_OLD_TYPES[facts.nature]: ""},
        "OBJET_COMPLET": facts.about,
        "CPV": {"PRINCIPAL": facts.cpv[0], "SUPPLEMENTAIRE": list(facts.cpv[1:])},
        "LIEU_EXEC_LIVR": {"CODE_NUTS": facts.buyer.nuts},
    }
    if facts.lots:
        subject["LOTS"] = {
            "LOT": [
                {"NUM": str(lot.number), "INTITULE": lot.title, "CPV": {"PRINCIPAL": lot.cpv}} for lot in facts.lots
            ]
        }
    else:
        subject["DIV_EN_LOTS"] = {"NON": ""}
    data: Json = {"IDENTITE": archive_identity(facts.buyer), "OBJET": subject}
    if facts.value:
        subject["CARACTERISTIQUES"] = {"VALEUR": {"@DEVISE": "EUR", "#text": str(facts.value)}}
    if facts.deadline:
        data["CONDITION_DELAI"] = {"RECEPT_OFFRES": stamped(facts.deadline, facts.stamp)}
    if facts.won:
        data["ATTRIBUTION"] = {"DECISION": _one_or_list([_decision(won) for won in facts.won])}
    return data


def archive_identity(buyer: Organisation) -> Json:
    """Return the block of the buyer."""
    return {
        "DENOMINATION": buyer.name,
        "CODE_IDENT_NATIONAL": buyer.id,
        "CP": buyer.postcode,
        "VILLE": buyer.town,
        "URL_PROFIL_ACHETEUR": PROFILE,
    }


def _decision(won: Won) -> Json:
    return ({"NUM_LOT": str(won.lot)} if won.lot else {}) | {
        "TITULAIRE": {"DENOMINATION": won.supplier.name, "CP": won.supplier.postcode},
        "RENSEIGNEMENT": {
            "MONTANT": {"@DEVISE": "EUR", "#text": str(won.value)},
            "NB_OFFRE_RECU": str(won.bids),
            "DATE_ATTRIBUTION": won.day.isoformat(),
        },
    }
