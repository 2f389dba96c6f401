"""Why a search selects a tender: which words, where; which code, which place."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.model import Reason
from indexer.document import read_document
from indexer.marks import find_marks, wanted_terms
from tenders.model import Tender
from tenders.query import Query

_CODES = ("buyer_type", "buyer_category", "nature", "procedure", "source", "kind", "winner", "winner_dept")
_MOST = 6  # reasons kept a tender: a mail shows a line of them


def _texts(tender: Tender) -> Iterator[tuple[str, str | None, str]]:
    """The tender's texts, most telling first: where, language, text."""
    for notice in tender.notices:
        yield "title", notice.language, notice.title
    for notice in tender.notices:
        for lot in notice.lots:
            yield from (("lot", notice.language, text) for text in (lot.title, lot.description) if text)
    for notice in tender.notices:
        for language, text in notice.translations.items():
            yield from (("title", language, part) for part in (text.title,) if part)
        if notice.description:
            yield "description", notice.language, notice.description
        for buyer in notice.buyers:
            if buyer.name:
                yield "buyer", notice.language, buyer.name
        if notice.reference:
            yield "reference", notice.language, notice.reference


def explain(query: Query, tender: Tender) -> tuple[Reason, ...]:
    """Return the reasons of a match, words first."""
    return tuple(reason for _, reason in zip(range(_MOST), _reasons(query, tender), strict=False))


def _reasons(query: Query, tender: Tender) -> Iterator[Reason]:
    for wanted in wanted_terms(query):
        for where, language, text in _texts(tender):
            if marks := find_marks(text, language, wanted):
                start, end = marks[0]
                yield Reason("q", text[start:end], where)
                break
    codes = read_document(tender).codes
    for name in ("cpv", "cpv_any", "nuts", "dept", "epci"):
        for asked in getattr(query, name):
            if asked in codes[name]:
                under = max((code for code in codes[name] if code.startswith(asked)), key=len)
                yield Reason(name, asked, under)
    if query.buyer:
        yield Reason("buyer", ", ".join(query.buyer), "buyer")
    for name in _CODES:
        yield from (Reason(name, asked, asked) for asked in getattr(query, name) if asked in codes[name])
    if query.local is not None:
        yield Reason("local", "yes" if query.local else "no", "local")
