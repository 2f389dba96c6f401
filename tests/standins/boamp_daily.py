"""Real days of BOAMP for the stand-in: rows of its daily CSV turned into records of the API v2.1.

From the row, as it stands: number, object, family, départements, dates of publication and of the end of display, buyer
(name, postcode, town), nature, status, descriptors, criteria, winners. RECONSTRUCTED, because the row does not say it:
`gestion` (the same facts in the shape of the API), and `donnees`, which the daily files do not have at all: the root of
the family (MAPA, FNSimple, DSP, DIVERS, the older blocks for notices of the EU families) with buyer, object and winners
and nothing else. No deadline, CPV, lot or procedure is invented: they are null. `etat` and `nature` are the row's
labels in capitals; annonce_lie stays null, for the row does not name the notice that it corrects.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.standins.boamp_fields import Record, complete
from tests.standins.sample_records import FAMILIES, NATURES

Json = dict[str, Any]
Row = Mapping[str, str]

_NATURES: Final = {
    "appeloffre": "APPEL_OFFRE",
    "attribution": "ATTRIBUTION",
    "rectificatif": "RECTIFICATIF",
    "modification": "MODIFICATION",
    "intentionconclure": "INTENTION_CONCLURE",
    "preinformation": "PRE-INFORMATION",
    "periodique": "PERIODIQUE",
}
_SUFFIX: Final = "_csv_boamp_extrait_quot.csv"
_ROOTS: Final = {"mapa": "MAPA", "fns": "FNSimple", "dsp": "DSP", "divers": "DIVERS"}


def real_days(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each daily file under a folder, oldest first: unpacked ones, else those of the archive.

    Nothing is yielded where neither is there.
    """
    unpacked = sorted(folder.rglob(f"*{_SUFFIX}"), key=lambda path: path.name)
    for path in unpacked:
        yield path.name, path.read_bytes()
    archives = [] if unpacked else sorted(folder.rglob("boamp-daily/csv.tar.xz"))
    for archive in archives[:1]:
        with tarfile.open(archive, "r|xz") as members:
            for member in members:
                body = members.extractfile(member) if member.name.endswith(_SUFFIX) else None
                if body:
                    yield Path(member.name).name, body.read()


def records_of_day(body: bytes) -> list[Record]:
    """Return the records of one daily file, without the rows that are no notices (merge conflict marks, short rows)."""
    return list(records_of_rows(csv.DictReader(io.StringIO(body.decode(), newline=""))))


def records_of_rows(rows: Iterable[Row]) -> Iterator[Record]:
    """Yield the record of each row; a row that has not all of its columns is passed over."""
    for row in rows:
        if None not in row.values() and None not in row and row.get("g01_02_03_nature"):
            yield _record({name: "" if text == "None" else text for name, text in row.items()})


def _list(row: Row, name: str) -> list[Any]:
    text = (row.get(name) or "").strip()
    found = ast.literal_eval(text) if text.startswith("[") else []
    return found if isinstance(found, list) else []


def _record(row: Row) -> Record:
    idweb, family = row["a00_cle_idweb"], row["g01_02_01_famille"]
    nature = _NATURES.get(row["g01_02_03_nature"], row["g01_02_03_nature"].upper())
    state = row["g01_02_04_statut"].upper()
    category, label = NATURES.get(nature, (f"{row['g01_02_03_nature']}/", row["g01_02_03_nature"].capitalize()))
    codes = [str(code) for code in _list(row, "g04_051_descripteurs_codes")]
    ticked = {"sociaux": "g04_061_criteres_sociaux", "environnementaux": "g04_062_criteres_environnementaux"}
    winners = _list(row, "d08_09_decision_titulaireandRENSEIGNEMENT")
    return complete(
        {
            "idweb": idweb,
            "id": idweb.replace("-", "_"),
            "objet": row["g04_09_resume_objet"],
            "filename": idweb,
            "famille": family.upper(),
            "famille_libelle": FAMILIES.get(family.upper()),
            "code_departement": [str(code) for code in _list(row, "g04_07_dep_publication")] or None,
            "dateparution": row["g04_01_date_publication"] or None,
            "datefindiffusion": row.get("g04_03_date_fin_diffusion") or None,
            "nomacheteur": row["d01_01_denomination"],
            "titulaire": [entry[1] for entry in winners if entry[1]] or None,
            "perimetre": row["g01_02_02_perimetre"].upper(),
            "nature": nature,
            "nature_libelle": label,
            "nature_categorise": category,
            "nature_categorise_libelle": f"{label}/",
            "criteres": [name for name, column in ticked.items() if row.get(column) == "oui"] or None,
            "etat": state,
            "descripteur_code": codes or None,
            "dc": codes or None,
            "descripteur_libelle": _list(row, "g04_052_descripteurs_libelles") or None,
            "source_schema": "2.3.0",
            "gestion": json.dumps(_gestion(row, nature, state, codes), ensure_ascii=False),
            "donnees": json.dumps(_donnees(row, nature, winners), ensure_ascii=False),
            "url_avis": f"https://www.boamp.fr/pages/avis/?q=idweb:{idweb}",
        }
    )


def _gestion(row: Row, nature: str, state: str, codes: list[str]) -> Json:
    labels = _list(row, "g04_052_descripteurs_libelles")
    index: Json = {
        "NOMORGANISME": row["d01_01_denomination"],
        "DATE_PUBLICATION": row["g04_01_date_publication"],
        "DEP_PUBLICATION": [str(code) for code in _list(row, "g04_07_dep_publication")],
        "DESCRIPTEURS": {
            "DESCRIPTEUR": [{"CODE": code, "LIBELLE": label} for code, label in zip(codes, labels, strict=False)]
        },
        "RESUME_OBJET": row["g04_09_resume_objet"],
    }
    if row.get("g04_03_date_fin_diffusion"):
        index["DATE_FIN_DIFFUSION"] = row["g04_03_date_fin_diffusion"]
    notice = {"FAMILLE": row["g01_02_01_famille"].upper(), "NATURE": nature, "STATUT": state}
    kind = {name: {value: ""} for name, value in notice.items()}
    return {"REFERENCE": {"IDWEB": row["a00_cle_idweb"], "TYPE_AVIS": kind}, "INDEXATION": index}


def _donnees(row: Row, nature: str, winners: list[Any]) -> Json:
    buyer, subject = row["d01_01_denomination"], row["g04_09_resume_objet"]
    postcode, town = row.get("d01_07_cp") or "", row.get("d01_08_ville") or ""
    root = _ROOTS.get(row["g01_02_01_famille"])
    if root is None:
        return _blocks(row, winners)
    section = "attribution" if nature == "ATTRIBUTION" else "rectificatif" if nature == "RECTIFICATIF" else "initial"
    if root == "FNSimple":
        told = "\n\n".join(_told(entry) for entry in winners if entry[1])
        act: Json = {"natureMarche": {"intitule": subject}} | ({"attributionMarche": told} if told else {})
        return {root: {"organisme": {"nomOfficiel": buyer, "cp": postcode, "ville": town}, section: act}}
    organisme = {"acheteurPublic": buyer, "adr": {"cp": postcode, "ville": town}}
    key = "descriptionMarche" if root == "DSP" else "description"
    act = {key: {"titreMarche" if root == "DSP" else "objet": subject}}
    results = [{"attribue": _winner(entry)} for entry in winners if entry[1]]
    if results and section == "attribution":
        act["attribution"] = {"resultat": results}
    return {root: {"organisme": organisme, section: act}}


def _told(entry: Any) -> str:
    """Return the sentences in which an FNSimple form names a winner."""
    day, name, amount, _ = entry
    lines = [name]
    if day:
        lines.insert(0, f"Date d'attribution : {day[8:10]}/{day[5:7]}/{day[2:4]}")
    if amount and amount[1] == "EUR":
        lines.append(f"Montant Ht : {amount[0]:,.2f} Euros".replace(",", " ").replace(".", ","))
    return "\n".join(lines)


def _winner(entry: Any) -> Json:
    amount = {"montant": {"@devise": entry[2][1], "valeur": str(entry[2][0])}} if entry[2] else {}
    return {"titulaire": {"PersonneMorale": entry[1]}} | amount


def _blocks(row: Row, winners: list[Any]) -> Json:
    """Return the older blocks, which notices of the EU families had in those years."""
    identity = {
        "DENOMINATION": row["d01_01_denomination"],
        "CP": row.get("d01_07_cp") or "",
        "VILLE": row.get("d01_08_ville") or "",
    }
    data: Json = {"IDENTITE": identity, "OBJET": {"OBJET_COMPLET": row["g04_09_resume_objet"]}}
    decisions = []
    for day, name, amount, lot in winners:
        decision: Json = ({"INTITULE": lot} if lot else {}) | ({"TITULAIRE": {"DENOMINATION": name}} if name else {})
        told: Json = {"MONTANT": {"@DEVISE": amount[1], "#text": str(amount[0])}} if amount else {}
        told |= {"DATE_ATTRIBUTION": day} if day else {}
        decisions.append(decision | ({"RENSEIGNEMENT": told} if told else {}))
    if decisions:
        data["ATTRIBUTION"] = {"DECISION": decisions}
    return data
