"""Where the words of a query stand in a text, found with the analyser and the plan that found the tender.

The text is read once, however many words are asked for: a page marks thousands of words of text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from indexer.analysis import fold, stem_all, words
from indexer.plan import All, Beginning, Leaf, Run, Term, plan_text
from indexer.plan import Any as AnyOf
from tenders.query import Query
from tenders.query_text import Either, Every, Node, Not

SCANNED = 20_000  # characters of a text that are looked at
_USUAL = 40  # characters of a word; what is longer comes once
_CHUNK = re.compile(r"\S+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query looks for: stems, surface words, beginnings, runs of stems. What it excludes is not marked."""

    stems: frozenset[str]
    words: frozenset[str]
    beginnings: tuple[str, ...]
    runs: frozenset[tuple[str, ...]]


def read_wanted(query: Query) -> Wanted | None:
    """Return what a query looks for, None without words."""
    return None if query.text is None else _wanted(query.text, query.languages)


def wanted_terms(query: Query) -> Iterator[Wanted]:
    """Give what a query looks for, each word, phrase or prefix apart."""
    yield from (_wanted(term, query.languages) for term in _terms(query.text))


def _terms(node: Node | None) -> Iterator[Node]:
    if isinstance(node, Every | Either):
        for part in node.parts:
            yield from _terms(part)
    elif node is not None and not isinstance(node, Not):
        yield node


def _wanted(node: Node, languages: tuple[str, ...]) -> Wanted:
    leaves = list(_leaves(plan_text(node, languages)))
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


def _spans(chunk: str) -> tuple[tuple[str, int, int], ...]:
    """Return the folded words of a run of characters without spaces, each with where it stands."""
    return _kept_spans(chunk) if len(chunk) <= _USUAL else _find_spans(chunk)


def _find_spans(chunk: str) -> tuple[tuple[str, int, int], ...]:
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


_kept_spans = lru_cache(maxsize=50_000)(_find_spans)  # the same words come again and again


def find_marks(text: str, language: str | None, wanted: Wanted) -> list[Span]:
    """Return where (start, end) the wanted words stand in a text, in order, the words of a phrase as one."""
    places = [
        (word, start + found.start(), end + found.start())
        for found in _CHUNK.finditer(text[:SCANNED])
        for word, start, end in _spans(found[0])
    ]
    surface = [word for word, _, _ in places]
    stems = stem_all(surface, language)
    marks: list[Span] = []
    for run in wanted.runs:
        width = len(run)
        marks += [
            (places[i][1], places[i + width - 1][2])
            for i in range(len(stems) - width + 1)
            if stems[i] == run[0] and tuple(stems[i : i + width]) == run
        ]
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
