"""A tender as every evaluator sees it: the field table read once, texts analysed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer import analysis, fields
from indexer.analysis import stem_all, words
from indexer.fields import CODE_LENGTH, FIELDS, Kind
from tenders.model import Tender

FORMAT = f"analysis {analysis.VERSION}, fields {fields.VERSION}"  # an index of another format must be rebuilt


@dataclass(frozen=True, slots=True)
class Document:
    """The values of a tender by field name.

    `stems` and `words` hold a list of tokens for each distinct value of a text field; a value in two languages is
    stemmed in both. `codes` are sets, `numbers` and `orders` single values (absent when unknown).
    """

    id: str
    stems: Mapping[str, list[list[str]]]
    words: Mapping[str, list[list[str]]]
    codes: Mapping[str, frozenset[str]]
    numbers: Mapping[str, int]
    orders: Mapping[str, int]


def read_document(tender: Tender) -> Document:
    """Read every field of a tender."""
    stems: dict[str, list[list[str]]] = {}
    surface: dict[str, list[list[str]]] = {}
    codes: dict[str, frozenset[str]] = {}
    numbers: dict[str, int] = {}
    orders: dict[str, int] = {}
    for field in FIELDS:
        if field.kind is Kind.TEXT:
            stems[field.name], surface[field.name] = [], []
            for text in dict.fromkeys(field.read(tender)):
                assert isinstance(text, tuple)
                language, value = text
                tokens = words(value)
                if tokens:
                    surface[field.name].append(tokens)
                    stems[field.name].append(stem_all(tokens, language))
        elif field.kind is Kind.CODE:
            codes[field.name] = frozenset(str(code)[:CODE_LENGTH] for code in field.read(tender))
        else:
            target = orders if field.kind is Kind.ORDER else numbers
            for number in field.read(tender):
                assert isinstance(number, int)
                target[field.name] = number
    return Document(tender.id, stems, surface, codes, numbers, orders)
