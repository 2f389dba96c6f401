"""The daily extract of BOAMP in CSV (``YYYY_MM_DD_csv_boamp_extrait_quot.csv``): the volume, poorer than the API.

Columns vary from day to day and are found by name; lists are written as Python would (``['75', '92']``).
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import StringIO
from typing import Any, Final

from crawlers.formats import Refusal
from crawlers.formats.boamp_labels import ID, department_of, family_of, kind_of, page_of
from crawlers.formats.text import clean_line, decode, note_unread, refuse_nothing, title
from crawlers.formats.values import read_date, read_money
from tenders.codes import Department
from tenders.errors import Refused
from tenders.model import Award, Buyer, Notice, Procedure, Strategic, Supplier

# what we call a column -> what its name begins with
COLUMNS: Final = {
    "id": "a00_cle_idweb",
    "published": "g04_01_date_publication",
    "display_until": "g04_03_date_fin_diffusion",
    "departments": "g04_07_dep_publication",
    "title": "g04_09_resume_objet",
    "family": "g01_02_01_famille",
    "nature": "g01_02_03_nature",
    "status": "g01_02_04_statut",
    "buyer": "d01_01_denomination",
    "postcode": "d01_07_cp",
    "town": "d01_08_ville",
    "awards": "d08_09_decision_titulaire",
    "descriptors": "g04_051_descripteurs_codes",
    "social": "g04_061_criteres_sociaux",
    "green": "g04_062_criteres_environnementaux",
}
# Ignored on purpose: the row's number, the perimeter (the law it falls under), the names of the descriptors' codes.
IGNORED: Final = frozenset({"index", "", "g01_02_02_perimetre", "g04_052_descripteurs_libelles"})
REQUIRED: Final = ("id", "title", "nature", "status")
LONGEST_LIST: Final = 200_000  # characters of a list; the longest real one has 38,851
_NOTHING: Final = frozenset({"", "None", "nan", "NaN"})


def read(body: bytes, origin: str) -> Iterator[Notice | Refusal]:  # noqa: ARG001
    """Read a daily file: every row after the header is a notice, or a refusal under its id or ``row 12``."""
    try:
        refuse_nothing(body)
        rows = _rows(decode(body))
        header = next(rows)
        if isinstance(header, Refused):
            raise header
        places = _places(header)
    except Refused as refused:
        yield Refusal("", str(refused))
        return
    for number, row in enumerate(rows, 2):
        if isinstance(row, Refused):
            yield Refusal(f"row {number}", str(row))
            continue
        try:
            yield _notice(row, places, len(header))
        except Refused as refused:
            yield Refusal(_where(row, places, number), str(refused))
        except (ValueError, ArithmeticError) as error:  # a number that Python itself will not write out
            yield Refusal(_where(row, places, number), f"cannot be read: {error}"[:200])


def _rows(text: str) -> Iterator[list[str] | Refused]:
    """Yield the rows that hold anything, the header first; a broken one as Refused.

    A quote that never ends would swallow the rows after it. So a row of several lines that has not as many columns
    as the header costs its first line only, and the next line is read as a row of its own.
    """
    lines = [*StringIO(text, newline="")]
    start, width = 0, None
    while start < len(lines):
        reader = csv.reader(lines[at] for at in range(start, len(lines)))
        read = 0  # lines of whole rows
        try:
            for row in reader:
                if reader.line_num - read > 1 and len(row) != (width or len(row)):
                    raise csv.Error(
                        f"the number of columns is {len(row)} where the header has {width}: a quote too much?"
                    )
                read = reader.line_num
                width = width or len(row)
                if row:
                    yield row
        except csv.Error as error:  # also a field beyond csv's limit of 131,072 characters
            yield Refused(str(error))
            read += 1
        else:
            return
        start += read


def _places(header: Sequence[str]) -> dict[str, int]:
    """Return where each column stands; raises Refused for a file that is none of these."""
    names = [name.strip() for name in header]
    places = {
        ours: at
        for ours, start in COLUMNS.items()
        for at, name in reversed([*enumerate(names)])
        if name.startswith(start)
    }
    missing = [COLUMNS[name] for name in REQUIRED if name not in places]
    if missing:
        raise Refused(f"not a daily file of BOAMP: no column {', '.join(missing)}")
    for at, name in enumerate(names):
        if at not in places.values() and name not in IGNORED:
            note_unread("boamp-daily", "column", name)
    return places


def _where(row: Sequence[str], places: dict[str, int], number: int) -> str:
    identifier = row[places["id"]].strip() if len(row) > places["id"] else ""
    return identifier if ID.fullmatch(identifier) else f"row {number}"


def _notice(row: Sequence[str], places: dict[str, int], width: int) -> Notice:
    if len(row) != width:
        if row and row[0][:7] in ("<<<<<<<", "=======", ">>>>>>>"):
            raise Refused("the mark of a merge conflict, not a notice")
        raise Refused(f"the number of columns is {len(row)} where the header has {width}")

    def cell(name: str) -> str | None:
        at = places.get(name)
        text = row[at] if at is not None else ""
        return None if text in _NOTHING else text

    identifier = (cell("id") or "").strip()
    if not ID.fullmatch(identifier):
        raise Refused(f"{identifier[:40]!r} is no notice number, such as 21-85788")
    if any("\0" in text for text in row):
        raise Refused("a NUL byte in the row: the file is damaged")
    family = family_of(cell("family"))
    return Notice(
        source="boamp",
        source_id=identifier,
        url=page_of(identifier),
        kind=kind_of(cell("nature"), cell("status")),
        language="fr",
        title=title(cell("title")),
        procedure=Procedure.ADAPTED if family == "mapa" else None,  # what MAPA means: marché à procédure adaptée
        buyer=_buyer(clean_line(cell("buyer")), clean_line(cell("town")), clean_line(cell("postcode"))),
        descriptors=_descriptors(cell("descriptors") or "[]"),
        departments=_departments(cell("departments") or "[]"),
        family=family,
        published=_day(cell("published")),
        display_until=_day(cell("display_until")),
        awards=_awards(cell("awards") or "[]"),
        links={"boamp": identifier},
        strategic=_strategic(cell("social"), cell("green")),
    )


@lru_cache(maxsize=4096)
def _buyer(name: str | None, town: str | None, postcode: str | None) -> Buyer:
    """Return the buyer. BOAMP is the bulletin of French buyers; a postcode may have lost its blank (``97 165``)."""
    return Buyer(name=name, town=town, postcode=postcode and postcode.replace(" ", ""), country="FR")


@lru_cache(maxsize=4096)
def _day(text: str | None) -> date | None:
    return read_date(text)


def _list(text: str, what: str) -> list[Any]:
    """Read a list as Python writes it; raises Refused. Only literals are read, nothing is run."""
    if text == "[]":
        return []
    if len(text) > LONGEST_LIST:
        raise Refused(f"{what} of {len(text):,} characters: at most {LONGEST_LIST:,} are read")
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise Refused(f"{what} is no list: {text[:60]!r}") from None
    if not isinstance(found, list):
        raise Refused(f"{what} is no list: {text[:60]!r}")
    return found


@lru_cache(maxsize=8192)
def _departments(text: str) -> tuple[Department, ...]:
    """Return the départements of publication, each once."""
    codes = (department_of(str(code)) for code in _list(text, "g04_07_dep_publication"))
    return tuple(dict.fromkeys(code for code in codes if code))


@lru_cache(maxsize=8192)
def _descriptors(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(code) for code in _list(text, "g04_051_descripteurs_codes")))


@lru_cache(maxsize=16)
def _strategic(social: str | None, green: str | None) -> Strategic:
    """Read the columns of social and environmental criteria, oui or non.

    A ``non`` is taken as declared: the column is always filled, so that it states one of two answers; where it is
    missing, nothing is stated. (The API shows the same box only when it is ticked; there, absence stays unknown.)
    """
    return Strategic(
        social=_answer(social, "g04_061_criteres_sociaux"), green=_answer(green, "g04_062_criteres_environnementaux")
    )


def _answer(text: str | None, what: str) -> bool | None:
    answers = {"": None, "oui": True, "non": False}
    if (text or "") not in answers:
        raise Refused(f"unknown label {(text or '')[:40]!r} in {what}")
    return answers[text or ""]


def _awards(text: str) -> tuple[Award, ...]:
    """Read ``[(date, supplier, (amount, currency), lot title or None), ...]``, one award for each entry."""
    return tuple(_award(entry) for entry in _list(text, "d08_09_decision_titulaire"))


def _award(entry: Any) -> Award:
    match entry:
        case (
            str() | None as day,
            str() | None as name,
            (int() | float() as amount, str() as currency),
            str() | None as lot,
        ) if not isinstance(amount, bool):
            value = read_money(f"{Decimal(str(amount)):f}", currency)
        case (str() | None as day, str() | None as name, None, str() | None as lot):
            value = None
        case _:
            raise Refused(f"an award that is not (date, supplier, (amount, currency), lot): {str(entry)[:60]!r}")
    who = clean_line(name)
    return Award(
        lot=clean_line(lot),
        suppliers=(Supplier(name=who),) if who else (),
        value=value,
        date=_day(day),
    )
