"""What Elasticsearch is told of a tender: mapping, settings and documents, derived from the field table."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from indexer.document import FORMAT, read_document
from indexer.fields import FIELDS, Field, Kind
from tenders.model import Tender

# Our tokens come ready: the built-in analyser by its name, which every build of the server has.
_STEM = {"type": "text", "analyzer": "whitespace", "index_options": "positions"}
_WORD = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
_NUMBERS: dict[Kind, dict[str, Any]] = {
    Kind.NUMBER: {"type": "long"},
    Kind.ORDER: {"type": "long"},
    Kind.DAY: {"type": "date", "format": "strict_date"},
    Kind.MOMENT: {"type": "date", "format": "epoch_millis"},
}
DIGEST = sha256(FORMAT.encode()).hexdigest()[:8]  # an index answers under its format's name only
_KINDS = {f.name: f.kind for f in FIELDS}


def mapping(mark: int) -> dict[str, Any]:
    """Return the mapping of an index that has come to a version. Documents are not kept: the store has them."""
    properties = {name: definition for field in FIELDS for name, definition in _properties(field)}
    return {"dynamic": "strict", "_source": {"enabled": False}, "_meta": meta(mark), "properties": properties}


def meta(mark: int) -> dict[str, Any]:
    """Return what an index says of itself."""
    return {"service": "tenderwatch", "format": FORMAT, "mark": mark}


def _properties(field: Field) -> list[tuple[str, dict[str, Any]]]:
    if field.kind is Kind.TEXT:
        return [(f"{field.name}_stem", _STEM), (f"{field.name}_word", _WORD)]
    if field.kind is Kind.CODE:
        if field.name == "id":  # it is the document's own
            return []
        return [(field.name, {"type": "keyword", "doc_values": field.facet is not None})]
    return [(field.name, _NUMBERS[field.kind])]


def document(tender: Tender) -> dict[str, Any]:
    """Return a tender as a document of this mapping."""
    read = read_document(tender)
    fields: dict[str, Any] = {}
    for stream, texts in (("stem", read.stems), ("word", read.words)):
        for name, values in texts.items():
            if values:
                fields[f"{name}_{stream}"] = [" ".join(tokens) for tokens in values]
    fields |= {name: sorted(codes) for name, codes in read.codes.items() if codes and name != "id"}
    fields |= {name: number(name, value) for name, value in read.numbers.items()}
    return fields | dict(read.orders)


def number(field: str, value: int) -> int | str:
    """Return a number as its field is mapped: a day as YYYY-MM-DD."""
    if _KINDS[field] is Kind.DAY:
        return date.fromordinal(min(max(value, 1), date.max.toordinal())).isoformat()
    return value
