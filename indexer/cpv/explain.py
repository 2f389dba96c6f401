"""Why a code: the words of a text without which it would be less probable, checked by leaving them out.

What each word adds to a code's log-probability is read off the model (along its slope at this text), the strongest are
named, and the text is judged again without them. Where that does not lower the code, the words are tried one by one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

import numpy as np

from indexer.cpv.features import F32, count_distinct
from indexer.cpv.model import CpvModel, Seen
from indexer.cpv.text import fold

TERMS = 3  # words named a code, at most
_SHARE = 0.3  # of the strongest word's weight that a further one must have
_TRIED = 8  # words tried one by one
_LETTERS = 3  # shorter words are articles: not named
_TOKEN = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Question:
    """Why this code for this text (its number in the batch)?"""

    text: int
    code: str


def explain(model: CpvModel, seen: Seen, questions: Sequence[Question]) -> list[tuple[str, ...]]:
    """Return for each question the folded words that speak for the code, the strongest first; none where none does."""
    before = chances(model, seen, questions)
    gains = _weigh(model, seen, questions)
    named = [_strongest(words) for words in gains]
    after = _without(model, seen, questions, named)
    failed = [at for at in range(len(questions)) if not named[at] or after[at] >= before[at]]
    tried = [(at, (word,)) for at in failed for word in _ranked(gains[at])[:_TRIED]]
    lower = _without(model, seen, [questions[at] for at, _ in tried], [words for _, words in tried])
    for at in failed:
        odds = ((odd, words) for (of, words), odd in zip(tried, lower.tolist(), strict=True) if of == at)
        odd, words = min(odds, default=(1.0, ()))
        named[at] = words if odd < before[at] else ()
    return named


def chances(model: CpvModel, seen: Seen, questions: Sequence[Question]) -> F32:
    """Return the probability of each code asked about: that the buyer's code is it or stands below it."""
    divisions = model.divide(seen)
    return np.array(
        [
            divisions[q.text, model.divisions.index(q.code[:2])]
            * np.exp(model.tree.descend(q.code, seen.hidden[q.text], model.heat)[0])
            for q in questions
        ],
        np.float32,
    )


def show(words: Sequence[str], text: str) -> tuple[str, ...]:
    """Return folded words as they stand in the text as published, in small letters where that has capitals only."""
    published: dict[str, str] = {}
    for token in _TOKEN.findall(unescape(unescape(text))):
        shown = token.lower() if token.isupper() else token
        for word in fold(token).split():
            published.setdefault(word, shown)
    return tuple(dict.fromkeys(published.get(word, word) for word in words))


def _weigh(model: CpvModel, seen: Seen, questions: Sequence[Question]) -> list[dict[str, float]]:
    """Return what each word of a text adds to the log-probability of the code asked about, over all its views."""
    views = [
        (number, view) for number, q in enumerate(questions) for view in np.flatnonzero(seen.owner == q.text).tolist()
    ]
    places, known = model.vocabulary.find(seen.found.hash)
    size = len(model.vocabulary.hashes)
    keys = seen.found.text[known] * size + places[known]
    at, times = _place(keys)
    words = [text.split() for text in seen.texts]
    ends = np.cumsum([len(of_view) for of_view in words])
    order = np.argsort(seen.found.text[known], kind="stable")
    begins = np.searchsorted(seen.found.text[known][order], np.arange(len(seen.texts) + 1))
    sums: list[dict[str, float]] = [defaultdict(float) for _ in questions]
    for number, view in views:
        row = slice(seen.rows.indptr[view], seen.rows.indptr[view + 1])
        gain = (model.table[seen.rows.indices[row]] @ model.slope(seen, view, questions[number].code)) * seen.rows.data[
            row
        ]
        mine = order[begins[view] : begins[view + 1]]
        start = ends[view] - len(words[view])
        share = gain[at[mine] - row.start] / times[at[mine]]
        total = np.bincount(seen.found.word[known][mine] - start, weights=share, minlength=len(words[view]))
        for word, weight in zip(words[view], total.tolist(), strict=True):
            sums[number][word] += weight
    return sums


def _place(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return of each occurrence of a feature its place among the rows' values, and how often each value occurs."""
    distinct, times = count_distinct(keys)
    return np.searchsorted(distinct, keys), times


def _ranked(words: dict[str, float]) -> list[str]:
    """Return the words that may be named, the strongest first."""
    return sorted((word for word in words if len(word) >= _LETTERS), key=lambda word: (-words[word], word))


def _strongest(words: dict[str, float]) -> tuple[str, ...]:
    best = _ranked(words)[:TERMS]
    return tuple(word for word in best if words[word] > 0 and words[word] >= _SHARE * words[best[0]])


def _without(model: CpvModel, seen: Seen, questions: Sequence[Question], left_out: Sequence[Sequence[str]]) -> F32:
    """Return the probability of each code asked about when some words are left out of its text."""
    if not questions:
        return np.zeros(0, np.float32)
    views: list[list[str]] = [[] for _ in seen.logs]
    for text, owner in zip(seen.texts, seen.owner.tolist(), strict=True):
        views[owner].append(text)
    bare = [
        [" ".join(word for word in view.split() if word not in out) for view in views[q.text]]
        for q, out in zip(questions, left_out, strict=True)
    ]
    again = model.look(bare, seen.evidence[[q.text for q in questions]])
    return chances(model, again, [Question(at, q.code) for at, q in enumerate(questions)])
