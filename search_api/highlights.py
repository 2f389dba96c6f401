"""Where the words of a query stand in a tender's own texts, found with the analyser that found the tender."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from indexer.analysis import fold, stem_all, words
from indexer.plan import All, Beginning, Leaf, Run, Term, plan_text
from indexer.plan import Any as AnyOf
from tenders.model import Tender
from tenders.query import Query

MAX_SNIPPETS = 3  # a field
_SCANNED = 20_000  # characters of a text that are looked at
_WHOLE = 300  # a text up to this length is shown whole
_BEFORE, _AFTER = 90, 160  # characters shown around a mark
_CHUNK = re.compile(r"\S+")

Span = tuple[int, int]
Text = tuple[str | None, str]  # language, value


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query looks for: stems, surface words, beginnings, runs of stems. What it excludes is not marked."""

    stems: frozenset[str]
    words: frozenset[str]
    beginnings: tuple[str, ...]
    runs: frozenset[tuple[str, ...]]


def read_wanted(query: Query) -> Wanted | None:
    """Return what a query looks for, None without words."""
    node = query.text
    if node is None:
        return None
    leaves = list(_leaves(plan_text(node, query.languages)))
    terms = [leaf for leaf in leaves if isinstance(leaf, Term)]
    return Wanted(
        frozenset(t.token for t in terms if t.field.endswith("_stem")),
        frozenset(t.token for t in terms if t.field.endswith("_word")),
        tuple(dict.fromkeys(leaf.prefix for leaf in leaves if isinstance(leaf, Beginning))),
        frozenset(leaf.tokens for leaf in leaves if isinstance(leaf, Run)),
    )


def _leaves(leaf: Leaf) -> Iterator[Leaf]:
    if isinstance(leaf, All | AnyOf):
        for part in leaf.parts:
            yield from _leaves(part)
    elif isinstance(leaf, Term | Run | Beginning):
        yield leaf


@lru_cache(maxsize=50_000)
def _spans(chunk: str) -> tuple[tuple[str, int, int], ...]:
    """Return the folded words of a run of characters without spaces, each with where it stands."""
    tokens = words(chunk)
    if len(tokens) == 1 and chunk.isalnum():
        return ((tokens[0], 0, len(chunk)),)
    folded, origin = "", []
    for place, character in enumerate(chunk):
        opened = fold(character)  # may be none, or two: œ
        folded += opened
        origin += [place] * len(opened)
    found, at = [], 0
    for token in tokens:
        start = folded.find(token, at)
        if start < 0:
            continue
        at = start + len(token)
        end = origin[at - 1] + 1
        while end < len(chunk) and unicodedata.combining(chunk[end]):
            end += 1
        found.append((token, origin[start], end))
    return tuple(found)


def find_marks(text: str, language: str | None, wanted: Wanted) -> list[Span]:
    """Return where (start, end) the wanted words stand in a text, in order, the words of a phrase as one."""
    places = [
        (word, start + found.start(), end + found.start())
        for found in _CHUNK.finditer(text[:_SCANNED])
        for word, start, end in _spans(found[0])
    ]
    surface = [word for word, _, _ in places]
    stems = stem_all(surface, language)
    marks: list[Span] = []
    for run in wanted.runs:
        width = len(run)
        for i in range(len(stems) - width + 1):
            if stems[i] == run[0] and tuple(stems[i : i + width]) == run:
                marks.append((places[i][1], places[i + width - 1][2]))
    for word, stem, (_, start, end) in zip(surface, stems, places, strict=True):
        if stem in wanted.stems or word in wanted.words or (wanted.beginnings and word.startswith(wanted.beginnings)):
            marks.append((start, end))
    return _joined(marks)


def _joined(marks: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(marks):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


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
            text = " ".join(value[:_SCANNED].split())
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
        for buyer in (notice.buyer, *notice.co_buyers):
            add("buyer", language, buyer.name)
        for lot in notice.lots:
            add("lots", language, lot.title)
            add("lots", language, lot.description)
        for other, translation in notice.translations.items():
            add("title", other, translation.title)
            add("description", other, translation.description)
    return fields
