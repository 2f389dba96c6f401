"""Which saved searches select a tender: exact, in memory, every search against each tender that was written.

A search is tried only when one of its anchors, tokens without which it cannot hold, stands in the tender. The
bit-parallel matcher will stand behind this same interface.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from indexer.document import Document
from indexer.plan import All, Any, Beginning, Leaf, No, Run, Span, Term, plan
from tenders.query import Query

_Anchors = frozenset[tuple[str, str]]


class Matcher:
    """Saved searches by id, as of one moment. `match` gives (search id, index of the document), in no order."""

    def __init__(self, searches: Mapping[str, Query], now: datetime) -> None:
        self._leaves = {id_: plan(query, now).whole for id_, query in searches.items()}
        self._anchored: dict[tuple[str, str], list[str]] = {}
        self._always: list[str] = []
        for id_, leaf in self._leaves.items():
            anchors = _anchors(leaf)
            if anchors is None:
                self._always.append(id_)
            else:
                for atom in anchors:
                    self._anchored.setdefault(atom, []).append(id_)

    def match(self, documents: Sequence[Document]) -> Iterator[tuple[str, int]]:
        """Give every pair of a search and a document that it selects, once."""
        for index, document in enumerate(documents):
            atoms = _atoms(document)
            candidates = dict.fromkeys(self._always)
            for atom in atoms & self._anchored.keys():
                candidates.update(dict.fromkeys(self._anchored[atom]))
            for id_ in candidates:
                if _holds(self._leaves[id_], document, atoms):
                    yield id_, index


def _atoms(document: Document) -> set[tuple[str, str]]:
    atoms = {(field, code) for field, codes in document.codes.items() for code in codes}
    for suffix, streams in (("stem", document.stems), ("word", document.words)):
        for field, values in streams.items():
            name = f"{field}_{suffix}"
            atoms.update((name, token) for tokens in values for token in tokens)
    return atoms


def _anchors(leaf: Leaf) -> _Anchors | None:
    """Tokens of which a document must have one for the leaf to hold; None when there is no such set."""
    if isinstance(leaf, Term):
        return frozenset({(leaf.field, leaf.token)})
    if isinstance(leaf, Run):
        return frozenset({(leaf.field, max(leaf.tokens, key=len))})
    if isinstance(leaf, All):
        known = [anchors for anchors in map(_anchors, leaf.parts) if anchors is not None]
        return min(known, key=_breadth, default=None)
    if isinstance(leaf, Any):
        each = [_anchors(part) for part in leaf.parts]
        return None if None in each else frozenset().union(*(anchors for anchors in each if anchors is not None))
    return None


# Codes that most tenders share make poor anchors; a guess is enough, any choice is exact.
_COMMON = frozenset({"stage", "source", "kind", "nature", "procedure", "flag", "known"})


def _breadth(anchors: _Anchors) -> int:
    return sum(1000 if field in _COMMON else 1 for field, _ in anchors)


def _holds(leaf: Leaf, document: Document, atoms: set[tuple[str, str]]) -> bool:
    if isinstance(leaf, Term):
        return (leaf.field, leaf.token) in atoms
    if isinstance(leaf, All):
        return all(_holds(part, document, atoms) for part in leaf.parts)
    if isinstance(leaf, Any):
        return any(_holds(part, document, atoms) for part in leaf.parts)
    if isinstance(leaf, No):
        return not _holds(leaf.part, document, atoms)
    if isinstance(leaf, Span):
        number = document.numbers.get(leaf.field)
        return (
            number is not None
            and (leaf.low is None or leaf.low <= number)
            and (leaf.high is None or number <= leaf.high)
        )
    if isinstance(leaf, Beginning):
        values = document.words[leaf.field.removesuffix("_word")]
        return any(token.startswith(leaf.prefix) for tokens in values for token in tokens)
    return any(_runs(tokens, leaf.tokens) for tokens in document.stems[leaf.field.removesuffix("_stem")])


def _runs(tokens: list[str], run: tuple[str, ...]) -> bool:
    first, length = run[0], len(run)
    return any(token == first and tuple(tokens[at : at + length]) == run for at, token in enumerate(tokens))
