"""Where a query's words stand in a text: spans of the original, found with the same analyser that selects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.analysis import stem_all, words
from tenders.query import Query
from tenders.query_text import Either, Every, Node, Not, Phrase, Prefix, Word

_RUN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*(?:['’ʼ](?=\w))?")

Mark = tuple[int, int]  # start and end, in characters of the original text


def wanted_terms(node: Node | None) -> Iterator[Word | Phrase | Prefix]:
    """Give the words, phrases and prefixes that a text asks for; what it excludes is left out."""
    if isinstance(node, (Every, Either)):
        for part in node.parts:
            yield from wanted_terms(part)
    elif node is not None and not isinstance(node, Not):
        yield node


def _tokens(text: str) -> list[tuple[str, Mark]]:
    """The folded words of a text, each with the span it stands in."""
    found: list[tuple[str, Mark]] = []
    for run in _RUN.finditer(text):
        elided = run[0][-1] in "'’ʼ" and len(words(run[0] + "a")) == 1  # an article: the analyser drops it
        if not elided:
            found += [(token, run.span()) for token in words(run[0])]
    return found


def mark_term(term: Word | Phrase | Prefix, text: str, language: str | None, languages: tuple[str, ...]) -> list[Mark]:
    """Return the spans of a text where a term holds."""
    wanted, tokens = words(term.text), _tokens(text)
    if not wanted or not tokens:
        return []
    surface = [token for token, _ in tokens]
    if isinstance(term, Prefix):
        return [span for token, span in tokens if token.startswith(wanted[-1])]
    marks: list[Mark] = []
    stems = stem_all(surface, language)
    for run in {tuple(stem_all(wanted, asked)) for asked in languages}:
        places = (at for at in range(len(stems) - len(run) + 1) if tuple(stems[at : at + len(run)]) == run)
        marks += [(tokens[at][1][0], tokens[at + len(run) - 1][1][1]) for at in places]
    if isinstance(term, Word) and len(wanted) == 1:
        marks += [span for token, span in tokens if token == wanted[0]]
    return marks


def mark(query: Query, text: str, language: str | None) -> list[Mark]:
    """Return the spans of a text that the query's words meet, in order, overlapping ones joined."""
    found = sorted(
        span for term in wanted_terms(query.text) for span in mark_term(term, text, language, query.languages)
    )
    joined: list[Mark] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
