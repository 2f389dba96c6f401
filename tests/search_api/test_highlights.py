"""Marks stand where the analyser found the words; pieces are cut at spaces and keep their marks."""

from __future__ import annotations

import pytest

from indexer.marks import find_marks, read_wanted
from search_api.highlights import cut_snippets
from tenders.query import Query


def marked(q: str, text: str, language: str | None = "fr", lang: tuple[str, ...] = ()) -> list[str]:
    wanted = read_wanted(Query(q=q, lang=lang))
    assert wanted is not None
    return [text[start:end] for start, end in find_marks(text, language, wanted)]


@pytest.mark.parametrize(
    ("q", "text", "language", "found"),
    [
        ("éclairage", "L'ÉCLAIRAGE public, l’eclairage privé", "fr", ["ÉCLAIRAGE", "eclairage"]),
        ("travaux", "TRAVAUX de voirie ; travail du bois", "fr", ["TRAVAUX"]),
        (
            "gros-œuvre",
            "lot 1 : gros œuvre, gros-oeuvre (GROS OEUVRE)",
            "fr",
            ["gros œuvre", "gros-oeuvre", "GROS OEUVRE"],
        ),
        ("cafe", "un cafe\u0301 chaud", "fr", ["cafe\u0301"]),
        ("menuis*", "Menuiserie/serrurerie menuisier", "fr", ["Menuiserie", "menuisier"]),
        ("stavební", "Stavební práce", "cs", ["Stavební"]),
        ("práce", "Stavební práce", None, ["práce"]),
        ("école -toiture", "toiture de l'école", "fr", ["école"]),
        ("école SAUF (toiture OU mur)", "mur de l'école", "fr", ["école"]),
        ('"de la mairie"', "rue de la mairie, mairie de la ville", "fr", ["de la mairie"]),
        ("strasse", "Straße", None, ["Straße"]),
        ("n°4", "marché n°4", "fr", ["n", "4"]),
        ("x", "", "fr", []),
    ],
)
def test_words_are_marked_as_the_analyser_reads_them(q: str, text: str, language: str | None, found: list[str]) -> None:
    assert marked(q, text, language) == found


def test_a_word_of_another_language_is_marked_by_its_own_stem() -> None:
    assert marked("roofs", "A roof, a roofer and roofs", "en", ("en",)) == ["roof", "roofs"]


def test_a_text_without_spaces_or_without_end_is_marked_in_time() -> None:
    assert marked("toiture", "x" * 50_000 + " toiture") == []
    assert marked("toiture", "toiture " + "œ" * 1_000_000) == ["toiture"]


def test_a_short_text_is_shown_whole() -> None:
    assert cut_snippets("la toiture", [(3, 10)]) == [{"text": "la toiture", "marks": [[3, 10]]}]


def test_a_long_text_is_cut_at_spaces_around_its_marks() -> None:
    text = " ".join(f"mot{n}" for n in range(400))
    wanted = ["mot5", "mot7", "mot200", "mot399"]
    marks = [(text.index(word), text.index(word) + len(word)) for word in wanted]
    snippets = cut_snippets(text, marks)
    assert [[s["text"][a:b] for a, b in s["marks"]] for s in snippets] == [["mot5", "mot7"], ["mot200"], ["mot399"]]
    assert not snippets[0]["text"].startswith("…") and snippets[0]["text"].endswith(" …")
    assert snippets[1]["text"].startswith("… mot") and snippets[1]["text"].endswith(" …")
    assert not snippets[2]["text"].endswith("…")
    for snippet in snippets:
        assert len(snippet["text"]) < 300
        assert set(snippet["text"].strip("… ").split()) <= set(text.split()), "no word is cut in two"


def test_no_more_than_three_pieces_are_cut() -> None:
    text = ("toiture " + "x" * 300 + " ") * 10
    marks = [(at, at + 7) for at in range(0, len(text), 309)]
    snippets = cut_snippets(text, marks)
    assert len(snippets) == 3
    assert all(s["text"][a:b] == "toiture" for s in snippets for a, b in s["marks"])
