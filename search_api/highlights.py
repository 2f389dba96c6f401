"""Pieces of a tender's own texts in which the words of a query stand."""

from __future__ import annotations

from typing import Any

from indexer.marks import SCANNED, Span, Wanted, find_marks
from tenders.model import Tender

MAX_SNIPPETS = 3  # a field
_WHOLE = 300  # a text up to this length is shown whole
_BEFORE, _AFTER = 90, 160  # characters shown around a mark

Text = tuple[str | None, str]  # language, value


def cut_snippets(text: str, marks: list[Span]) -> list[dict[str, Any]]:
    """Cut the places around the marks; each is its text and where the marks stand in it, in characters."""
    if len(text) <= _WHOLE:
        return [{"text": text, "marks": [list(mark) for mark in marks]}]
    snippets: list[dict[str, Any]] = []
    rest = marks
    while rest and len(snippets) < MAX_SNIPPETS:
        first = rest[0]
        start = _word_edge(text, max(0, first[0] - _BEFORE), first[0])
        stop = min(len(text), first[1] + _AFTER)
        if stop < len(text) and (space := text.rfind(" ", first[1], stop)) > 0:
            stop = space
        head, tail = "… " if start else "", " …" if stop < len(text) else ""
        shift = len(head) - start
        inside = [mark for mark in rest if mark[1] <= stop]
        marked = [[a + shift, b + shift] for a, b in inside]
        snippets.append({"text": head + text[start:stop] + tail, "marks": marked})
        rest = rest[len(inside) :]
    return snippets


def _word_edge(text: str, start: int, before: int) -> int:
    if start == 0:
        return 0
    space = text.find(" ", start, before)
    return space + 1 if space >= 0 else start


def highlight(tender: Tender, wanted: Wanted) -> dict[str, list[dict[str, Any]]]:
    """Return snippets with the wanted words marked, by field; a field without any is left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, texts in _fields(tender).items():
        snippets: list[dict[str, Any]] = []
        for language, value in dict.fromkeys(texts):
            if len(snippets) >= MAX_SNIPPETS:
                break
            text = " ".join(value[:SCANNED].split())
            if marks := find_marks(text, language, wanted):
                snippets += cut_snippets(text, marks)
        if snippets:
            found[name] = snippets[:MAX_SNIPPETS]
    return found


def _fields(tender: Tender) -> dict[str, list[Text]]:
    """Return every text that words are looked for in, the merged record's first."""
    fields: dict[str, list[Text]] = {name: [] for name in ("title", "buyer", "reference", "description", "lots")}

    def add(name: str, language: str | None, value: str | None) -> None:
        if value:
            fields[name].append((language, value))

    for notice in (tender.merged, *tender.notices):
        language = notice.language
        add("title", language, notice.title)
        add("description", language, notice.description)
        add("reference", language, notice.reference)
        for buyer in notice.buyers:
            add("buyer", language, buyer.name)
        for lot in notice.lots:
            add("lots", language, lot.title)
            add("lots", language, lot.description)
        for other, translation in notice.translations.items():
            add("title", other, translation.title)
            add("description", other, translation.description)
    return fields
