"""Build the tables of tenders/reference from two published packages, named, pinned and hashed below.

    python infra/reference/build_tables.py                     fetch with mvn and npm, write the tables
    python infra/reference/build_tables.py --check             fetch, compare with the tables here, write nothing
    python infra/reference/build_tables.py --sdk JAR --decoupage TGZ [--into DIR]

A table is a gzip-compressed TSV: UTF-8, one row a line, no header, rows in the order of their codes. The gzip header
carries no time and no name, so that the same packages give the same bytes. PROVENANCE.md stands beside the tables.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from lxml import etree

SDK = "eu.europa.ted.eforms:eforms-sdk:1.13.0:jar"
SDK_HASH = "ebec2d0c2555bce3d53affd2280d377d3b0bc964240be511ed0dd30dcbea12e3"
DECOUPAGE = "@etalab/decoupage-administratif@6.0.0"
DECOUPAGE_HASH = "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a"
TABLES = Path(__file__).parents[2] / "tenders" / "reference"
LANGUAGES = {  # ISO 639-1, as tenders.reference names them -> ISO 639-3, as the code lists do
    "fr": "fra",
    "en": "eng",
    "de": "deu",
    "it": "ita",
    "nl": "nld",
    "es": "spa",
    "cs": "ces",
    "sv": "swe",
    "pt": "por",
    "pl": "pol",
    "ro": "ron",
}
Rows = list[tuple[str, ...]]

# The check digit of a CPV code is its weighted sum modulo 10. The 2008 revision moved whole branches and kept digits of
# their older numbers, so that Annex I of Regulation (EC) No 213/2008 departs from the rule below these prefixes: what
# is added to the sum, the longest prefix winning.
CPV_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7)
_DEPARTURES = """
033+8 0333+0 0334+0 034+9 09+6 090+0 31711154+3 31711155+3 33141113+9 342111+9 342112+8 342113+7 34421+3 34422+6
3511311+7 351253+3 353313+7 35642+1 374421+9 374422+8 3744230+7 374424+6 374425+5 374426+4 374427+3 3744280+2 374429+1
38941+4 38942+7 38944+3 38945+6 38946+9 38947+2 421+3 45233139+1 48628+3 510+7 65122+6 65123+2 71351920+4 71351921+7
71351923+3 71351924+6 72212+5 722120+0 72267+5 722670+0 7233+5 724+5 726+5 727+5 728+5 729+5 7934241+4 8521+9 922251+2
"""
CPV_DEPARTURES = {prefix: int(added) for prefix, added in (pair.split("+") for pair in _DEPARTURES.split())}


def check_digit(code: str) -> str:
    """Return the official check digit of a CPV 2008 code of 8 digits."""
    added = next((CPV_DEPARTURES[code[:n]] for n in range(8, 1, -1) if code[:n] in CPV_DEPARTURES), 0)
    total = sum(weight * int(digit) for weight, digit in zip(CPV_WEIGHTS, code, strict=True))
    return str((total + added) % 10)


def read_codelist(sdk: zipfile.ZipFile, name: str) -> Iterator[dict[str, str]]:
    """Read the rows of a Genericode list of the eForms SDK as {column: text}, runs of white space made one space."""
    with sdk.open(f"eforms-sdk/codelists/{name}.gc") as body:
        for _, row in etree.iterparse(body, tag="Row", resolve_entities=False):
            yield {value.get("ColumnRef", ""): " ".join((value.findtext("SimpleValue") or "").split()) for value in row}
            row.clear()


def cpv_tables(sdk: zipfile.ZipFile) -> dict[str, Rows]:
    """Return ``cpv`` (code, check digit) and a ``cpv-LANG`` (label, row by row beside ``cpv``) per language."""
    rows = sorted(read_codelist(sdk, "cpv"), key=lambda row: row["code"])
    for row in rows:
        # The list names the parent only now and then and skips levels; ours follows from the digits, and must agree.
        parent = row.get("parentCode", "")
        if parent and not row["code"].startswith(parent[:2] + parent[2:].rstrip("0")):
            sys.exit(f"CPV {row['code']}: its parent {parent} is not above it")
    tables: dict[str, Rows] = {"cpv": [(row["code"], check_digit(row["code"])) for row in rows]}
    for short, long in LANGUAGES.items():
        tables[f"cpv-{short}"] = [(row[f"{long}_label"],) for row in rows]
    return tables


def nuts_tables(sdk: zipfile.ZipFile) -> dict[str, Rows]:
    """Return ``nuts`` (code, name in the country's own language) and ``nuts-countries`` (code, name per language)."""
    rows = sorted((row["code"], row["fra_label"]) for row in read_codelist(sdk, "nuts"))
    countries: Rows = []
    for row in read_codelist(sdk, "country_nuts-country"):
        # The country list goes by ISO 3166 alpha-3 (FRA); its list of NUTS-3 codes tells the two letters of NUTS (FR).
        code = next(read_codelist(sdk, f"nuts_nuts-{row['code'].lower()}-lvl3"))["code"][:2]
        countries.append((code, *(row[f"{long}_label"] for long in LANGUAGES.values())))
    return {"nuts": list(rows), "nuts-countries": sorted(countries)}


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower())
    return re.sub(r"[^a-z]+", " ", "".join(c for c in letters if not unicodedata.combining(c))).strip()


def french_tables(decoupage: tarfile.TarFile, nuts: Iterable[Sequence[str]]) -> dict[str, Rows]:
    """Return ``departments`` (code, name, NUTS-3, region) and ``regions`` (code, name, NUTS codes with spaces between).

    Overseas collectivities are among the departments, without NUTS and region. A département and its NUTS-3 area have
    the same name; a region is the fewest NUTS codes that hold its départements and no others.
    """
    areas = {_plain(name): code for code, name in nuts if code.startswith("FR") and len(code) == 5}
    departments: Rows = []
    of_region: dict[str, list[str]] = {}
    for row in _read_json(decoupage, "departements"):
        if row["zone"] == "com":
            departments.append((row["code"], row["nom"], "", ""))
            continue
        area = areas.pop(_plain(row["nom"]))
        departments.append((row["code"], row["nom"], area, row["region"]))
        of_region.setdefault(row["region"], []).append(area)
    if set(areas.values()) != {"FRZZZ"}:
        sys.exit(f"NUTS-3 areas without a département: {areas}")
    every = [area for held in of_region.values() for area in held]
    regions: Rows = []
    for row in _read_json(decoupage, "regions"):
        if row["zone"] != "com":
            codes = _fewest_codes(of_region[row["code"]], every)
            regions.append((row["code"], row["nom"], " ".join(codes)))
    return {"departments": sorted(departments), "regions": sorted(regions)}


def _fewest_codes(held: list[str], every: list[str]) -> list[str]:
    def highest(area: str) -> str:
        levels = (area[:length] for length in (3, 4, 5))
        return next(code for code in levels if all(other in held for other in every if other.startswith(code)))

    return sorted({highest(area) for area in held})


def body_tables(decoupage: tarfile.TarFile) -> dict[str, Rows]:
    """Return ``communes`` and ``epci``: today's communes, and the groupings of communes that they are members of.

    ``communes``: INSEE code, name, SIREN ("" for the collectivities overseas that state none), département, postcodes
    with spaces between, population ("" where none is given). ``epci``: SIREN, type, name without its type's letters,
    INSEE codes of the members with spaces between; the territories of the Grand Paris (EPT) are among them.
    """
    communes: Rows = [
        (
            row["code"],
            row["nom"],
            row.get("siren", ""),
            row["departement"],
            " ".join(row.get("codesPostaux", [])),
            str(row.get("population", "")),
        )
        for row in _read_json(decoupage, "communes")
        if row["type"] == "commune-actuelle"
    ]
    known = {row[0] for row in communes}
    epci: Rows = []
    for row in (*_read_json(decoupage, "epci"), *_read_json(decoupage, "ept")):
        members = sorted(member["code"] for member in row["membres"])
        if not known.issuperset(members):
            sys.exit(f"EPCI {row['code']}: members that are no communes: {set(members) - known}")
        name = " ".join(row["nom"].removeprefix(f"{row['type']} ").split())
        epci.append((row["code"], row["type"], name, " ".join(members)))
    return {"communes": sorted(communes), "epci": sorted(epci)}


def _read_json(decoupage: tarfile.TarFile, name: str) -> list[dict[str, Any]]:
    body = decoupage.extractfile(f"package/data/{name}.json")
    assert body is not None
    rows: list[dict[str, Any]] = json.load(body)
    return rows


def pack(rows: Rows) -> bytes:
    """Write rows as a gzip-compressed TSV that depends on nothing but them."""
    text = "".join("\t".join(row) + "\n" for row in rows)
    if text.count("\t") != sum(len(row) - 1 for row in rows) or text.count("\n") != len(rows):
        sys.exit("a value has a tab or a line end in it")
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def fetch(into: Path) -> tuple[Path, Path]:
    """Fetch both packages through the clients of their registries; return the paths of the jar and the tarball."""
    subprocess.run(
        ["mvn", "--quiet", "--batch-mode", "dependency:copy", f"-Dartifact={SDK}", f"-DoutputDirectory={into}"],
        check=True,
        cwd=into,
    )
    subprocess.run(["npm", "pack", "--silent", DECOUPAGE], check=True, cwd=into, stdout=subprocess.DEVNULL)
    return next(into.glob("*.jar")), next(into.glob("*.tgz"))


def verify(path: Path, expected: str) -> None:
    """Stop unless a package is the one these tables are pinned to."""
    found = sha256(path.read_bytes()).hexdigest()
    if found != expected:
        sys.exit(
            f"{path.name} has the SHA-256 {found}, not {expected}: another version? Look before you change the pin"
        )


def build(sdk: Path, decoupage: Path) -> dict[str, Rows]:
    """Return every table by name."""
    verify(sdk, SDK_HASH)
    verify(decoupage, DECOUPAGE_HASH)
    with zipfile.ZipFile(sdk) as jar, tarfile.open(decoupage) as tar:
        tables = cpv_tables(jar) | nuts_tables(jar)
        return tables | french_tables(tar, [(row[0], row[1]) for row in tables["nuts"]]) | body_tables(tar)


def main() -> None:
    """Build, then write or compare."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--sdk", type=Path, help="the eForms SDK jar, where it is already here")
    options.add_argument("--decoupage", type=Path, help="the decoupage-administratif tarball, where it is already here")
    options.add_argument("--into", type=Path, default=TABLES, help="folder of the tables")
    options.add_argument("--check", action="store_true", help="compare, write nothing, exit 1 on a difference")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        here = (given.sdk, given.decoupage) if given.sdk and given.decoupage else fetch(Path(scratch))
        tables = build(*here)
    differing = []
    for name, rows in tables.items():
        path, body = given.into / f"{name}.tsv.gz", pack(rows)
        # Another zlib may compress otherwise: what counts is the text.
        same = path.exists() and gzip.decompress(path.read_bytes()) == gzip.decompress(body)
        if not same:
            differing.append(name)
        if not given.check:
            path.write_bytes(body)
        print(f"{name}: {len(rows)} rows, {len(body)} bytes, {'as before' if same else 'different'}")
    if given.check and differing:
        sys.exit(f"different from what the packages give: {', '.join(differing)}")


if __name__ == "__main__":
    main()
