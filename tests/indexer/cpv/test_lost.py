"""Lost letters are filled in by what makes a known word."""

from __future__ import annotations

import pytest

from indexer.cpv.learning.rows import choose_vocabulary
from indexer.cpv.lost import mend
from indexer.cpv.text import fold

KNOWN = [
    "renovation energetique",
    "renovation d une ecole",
    "energetique",
    "ecole",
    "ecole",
    "facade d un hotel",
    "facade",
] * 2
VOCABULARY, _ = choose_vocabulary(KNOWN)


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("R\ufffdnovation \ufffdnerg\ufffdtique", "renovation energetique"),
        ("fa\ufffdade", "facade"),
        ("d\ufffdune \ufffdcole", "d une ecole"),
        ("inconnu\ufffd", "inconnue"),
        ("\ufffd\ufffd\ufffd\ufffd\ufffd", "eeeee"),
        ("sans perte", "sans perte"),
        ("", ""),
    ],
)
def test_mending(broken: str, mended: str) -> None:
    assert mend([fold(broken)], VOCABULARY) == [mended]


def test_each_text_is_mended_apart() -> None:
    assert mend(["facade", "fa\ufffdade", "ecole"], VOCABULARY) == ["facade", "facade", "ecole"]
