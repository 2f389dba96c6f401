"""ODSQL where clauses as clients of BOAMP write them, on one record; the stand-in's tests show the refusals."""

from __future__ import annotations

import pytest

from tests.standins.boamp_fields import complete
from tests.standins.odsql import read_where

ROW = complete(
    {
        "idweb": "26-7",
        "dateparution": "2026-05-20",
        "objet": "Réfection de l'école : charpente et œuvres d'art",
        "code_departement": ["21", "71"],
        "dc": ["74", "57"],
        "datelimitereponse": "2026-06-12T10:00:00+00:00",
        "nature": "APPEL_OFFRE",
    }
)


@pytest.mark.parametrize(
    ("clause", "holds"),
    [
        ("dateparution >= date'2026-05-20'", True),
        ("dateparution > date'2026-05-20'", False),
        ("dateparution = date'2026/05/20'", True),
        ("dateparution >= '2026-05-20' AND dateparution <= \"2026-05-20\"", True),
        ("datelimitereponse > date'2026-06-12'", True),
        ("datelimitereponse > date'2026-06-12T10:00'", False),
        ("datelimitereponse >= date'2026-06-12T12:00:00+02:00'", True),
        ('idweb="26-7"', True),
        ("idweb != '26-7'", False),
        ("idweb <> '26-8'", True),
        ('code_departement="71"', True),
        ("code_departement=71", True),
        ('code_departement="7"', False),
        ('code_departement != "71"', False),
        ("code_departement in ('13', '21')", True),
        ("code_departement not in ('13', '21')", False),
        ('dc:"74"', True),
        ('nature IN ("APPEL_OFFRE","ATTRIBUTION")', True),
        ('objet like "charpente"', True),
        ('objet like "%charp%"', True),
        ('objet like "charp*" and objet like "ECOLE"', True),
        ('objet not like "toiture"', True),
        ("titulaire is null", True),
        ("titulaire is not null", False),
        ("titulaire = 'x'", False),
        ("not titulaire = 'x'", True),
        ("titulaire != 'x'", False),
        ('search(objet, "refection")', True),
        ('search(objet, "charpantes")', True),  # fuzzy
        ('search(objet, "ecole char")', True),  # the last word is a prefix
        ('search("OEUVRES")', True),
        ('search(objet, "plomberie")', False),
        ('suggest(objet, "charp")', True),
        ('startswith(objet, "Réf")', True),
        ('startswith(objet, "réf")', False),
        ('"charpente" and not "plomberie"', True),
        ("date_format(dateparution,'yyyy')='2026'", True),
        ("date_format(dateparution, 'yyyy-MM') = '2026-04'", False),
        ("year(dateparution) = 2026 and month(dateparution) > 4", True),
        ("idweb='1' or idweb='26-7' and nature='ATTRIBUTION'", False),  # and binds tighter
        ("(idweb='1' or idweb='26-7') and nature='APPEL_OFFRE'", True),
        ("objet like 'l\\'ecole' or idweb = 'x'", False),
        ("`idweb` = '26-7'", True),
    ],
)
def test_a_where_clause_selects_as_the_platform_does(clause: str, holds: bool) -> None:
    assert read_where([clause])(ROW) is holds
