"""Why a code: the words of a text without which it would be less probable, checked by leaving them out.

What each word adds to a code's log-odds is read off the learners (along their slope at this text), the strongest are
named, and the text is judged again without them. Where that lowers nothing, the words are tried one by one.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

import numpy as np

from indexer.cpv.features import F32, I64
from indexer.cpv.model import HALF, LEAK, CpvModel, Seen, log_softmax
from indexer.cpv.text import fold
from indexer.cpv.tree import DIVISION

TERMS = 3  # words named a code, at most
_SHARE = 0.3  # of the strongest word's weight that a further one must have
_TRIED = 8  # words tried one by one
_AT_ONCE = 100_000  # values of rows that are weighed at once
_LEAST_DOUBT = np.float32(1e-4)
_LETTERS = 3  # shorter words are articles: not named
# Longer ones that say nothing of a trade either, folded.
_EMPTY = frozenset(
    """aux avec ces cet cette dans des dont elle est les leur leurs ses son sont sous sur par pas pour que qui une vos
    votre rue and for from the with der die das den dem des ein eine und von zur zum del della delle con los las una
    para por het een van voor""".split()
)
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Question:
    """Why this code for this text (its number in the batch)?"""

    text: int
    code: str


def explain(
    model: CpvModel, seen: Seen, questions: Sequence[Question], *, checked: bool = True
) -> list[tuple[str, ...]]:
    """Return for each question the folded words that speak for the code, the strongest first; none where none does.

    Unchecked, one in two hundred asserted codes of BOAMP's titles has words whose absence does not lower it.
    """
    if not questions:
        return []
    branch = model.branch(seen)
    gains = _weigh(model, seen, branch, questions)
    named = [_strongest(words) for words in gains]
    if not checked:
        return named
    before = _chances(model, seen, branch, questions)
    after = _without(model, seen, questions, named)
    failed = [at for at in range(len(questions)) if not named[at] or after[at] >= before[at]]
    tried = [(at, (word,)) for at in failed for word in _ranked(gains[at])[:_TRIED]]
    lower = _without(model, seen, [questions[at] for at, _ in tried], [words for _, words in tried])
    best: dict[int, tuple[float, tuple[str, ...]]] = {}
    for (at, words), odd in zip(tried, lower.tolist(), strict=True):
        best[at] = min(best.get(at, (float(before[at]), ())), (odd, words))
    for at in failed:
        named[at] = best.get(at, (0.0, ()))[1]
    return named


def chances(model: CpvModel, seen: Seen, questions: Sequence[Question]) -> F32:
    """Return the probability of each code asked about: that the buyer's code is it or stands below it."""
    return _chances(model, seen, model.branch(seen), questions)


def _chances(model: CpvModel, seen: Seen, branch: F32, questions: Sequence[Question]) -> F32:
    divisions = model.divide(seen)
    place = {name: at for at, name in enumerate(model.divisions)}
    odds = np.empty(len(questions), np.float32)
    for at, q in enumerate(questions):
        steps = (_step(model, seen, branch, q.text, node)[0] for node in model.tree.way(q.code))
        odds[at] = divisions[q.text, place[q.code[:DIVISION]]] * math.prod(steps)
    return odds


def show(words: Sequence[str], text: str) -> tuple[str, ...]:
    """Return folded words as they stand in the text as published, in small letters where that has capitals only.

    Words that lost a letter there are left out: nobody would find them.
    """
    published: dict[str, str] = {}
    for token in _TOKEN.findall(unescape(unescape(text))):
        shown = token.lower() if token.isupper() else token
        for word in _fold_token(token):
            published.setdefault(word, shown)
    return tuple(dict.fromkeys(published[word] for word in words if word in published))


@lru_cache(maxsize=100_000)
def _fold_token(token: str) -> tuple[str, ...]:
    return tuple(fold(token).split())


def _step(model: CpvModel, seen: Seen, branch: F32, text: int, node: int) -> tuple[float, F32]:
    """Return the probability of a node given its parent, and how its logarithm grows with the hidden values."""
    tree = model.tree
    parent = tree.parent[node]
    low, high = tree.first[parent], tree.first[parent + 1]
    if parent < tree.roots:
        odds, heat = branch[text, low:high], np.float32(model.blend.group[0])
    else:
        heat = np.float32(model.blend.deep)
        odds = np.exp((tree.kernel[low:high] @ seen.hidden[text] + tree.bias[low:high]) * heat)
        odds = odds / odds.sum()
    return float(odds[node - low]), (tree.kernel[node] - odds @ tree.kernel[low:high]) * heat


def _slopes(model: CpvModel, seen: Seen, branch: F32, questions: Sequence[Question]) -> tuple[F32, F32]:
    """Return how each code's log-odds grow with the linear layer's scores, and with the hidden values.

    Not its log-probability: that hardly moves where a code is sure, and would hide the very word that makes it so.
    """
    texts = np.array([q.text for q in questions])
    asked = np.array([model.divisions.index(q.code[:DIVISION]) for q in questions])
    odds = np.exp(log_softmax(seen.logs[texts]))
    linear = -HALF * odds
    linear[np.arange(len(asked)), asked] += HALF
    parts = [HALF / len(model.nets) * (net.head[asked] - odds @ net.head) for net in model.nets]
    doubt = np.maximum(1 - odds[np.arange(len(asked)), asked], _LEAST_DOUBT)[:, None]
    linear, hidden = linear / doubt, np.concatenate(parts, axis=1) / doubt
    for at, q in enumerate(questions):
        for node in model.tree.way(q.code):
            odd, slope = _step(model, seen, branch, q.text, node)
            hidden[at] += slope / np.float32(max(1 - odd, float(_LEAST_DOUBT)))
    return linear, hidden


def _weigh(model: CpvModel, seen: Seen, branch: F32, questions: Sequence[Question]) -> list[dict[str, float]]:
    """Return what each word of a text adds to the log-odds of the code asked about, over all its views."""
    linear, hidden = _slopes(model, seen, branch, questions)
    texts = np.array([q.text for q in questions])
    low, high = np.searchsorted(seen.owner, texts), np.searchsorted(seen.owner, texts, side="right")
    question = np.repeat(np.arange(len(texts)), high - low)
    view = _spans(low, high)
    sums: list[dict[str, float]] = [defaultdict(float) for _ in questions]
    words = [text.split() for text in seen.texts]
    occurrences = _Occurrences.sort(seen, words)
    room = np.cumsum(np.diff(seen.rows.indptr)[view]) // _AT_ONCE
    for part in np.split(np.arange(len(view)), np.flatnonzero(np.diff(room)) + 1):
        bent = np.where(seen.layers[view[part]] < 0, LEAK, np.float32(1)) * hidden[question[part]]
        weights = occurrences.weigh(model, seen, view[part], linear[question[part]], bent)
        for number, at, weight in zip(question[part].tolist(), view[part].tolist(), weights, strict=True):
            share = float(seen.share[at])
            for word, gain in zip(words[at], weight.tolist(), strict=True):
                sums[number][word] += share * gain
    return sums


def _spans(low: I64, high: I64) -> I64:
    """Return the numbers from each `low` up to its `high`, one after the other."""
    sizes = high - low
    return np.asarray(np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes - low, sizes), np.int64)


@dataclass(frozen=True, slots=True)
class _Occurrences:
    """Where each known feature of each view occurs: sorted by view, with its place in the vocabulary and its word."""

    begin: I64
    place: I64
    word: I64
    counts: I64  # words of each view

    @classmethod
    def sort(cls, seen: Seen, words: Sequence[Sequence[str]]) -> _Occurrences:
        """Sort the features of a batch by view."""
        known = seen.places >= 0
        order = np.argsort(seen.found.text[known], kind="stable")
        counts = np.array([len(of_view) for of_view in words])
        view = seen.found.text[known][order]
        begin = np.searchsorted(view, np.arange(len(words) + 1))
        return cls(
            begin, seen.places[known][order], seen.found.word[known][order] - (np.cumsum(counts) - counts)[view], counts
        )

    def weigh(self, model: CpvModel, seen: Seen, views: I64, linear: F32, hidden: F32) -> list[F32]:
        """Return what each word of each view adds, given how the score grows with what its features add."""
        rows = seen.rows[views]
        of = np.repeat(np.arange(len(views)), np.diff(rows.indptr))
        gains = np.einsum("ij,ij->i", model.linear[rows.indices], linear[of])
        column = model.column[rows.indices]
        inner = column >= 0
        gains[inner] += np.einsum("ij,ij->i", model.embeddings[column[inner]], hidden[of[inner]])
        gains *= rows.data
        mine = _spans(self.begin[views], self.begin[views + 1])
        pair = np.repeat(np.arange(len(views)), self.begin[views + 1] - self.begin[views])
        size = len(model.vocabulary.hashes)
        at = np.searchsorted(of * size + rows.indices, pair * size + self.place[mine])
        times = np.bincount(at, minlength=len(gains))
        starts = np.cumsum(self.counts[views]) - self.counts[views]
        total = np.bincount(
            starts[pair] + self.word[mine], weights=gains[at] / times[at], minlength=self.counts[views].sum()
        )
        return np.split(total, starts[1:])


def _ranked(words: dict[str, float]) -> list[str]:
    """Return the words that may be named, the strongest first."""
    named = (word for word in words if len(word) >= _LETTERS and word not in _EMPTY)
    return sorted(named, key=lambda word: (-words[word], word))


def _strongest(words: dict[str, float]) -> tuple[str, ...]:
    best = _ranked(words)[:TERMS]
    return tuple(word for word in best if words[word] > 0 and words[word] >= _SHARE * words[best[0]])


def _without(model: CpvModel, seen: Seen, questions: Sequence[Question], left_out: Sequence[Sequence[str]]) -> F32:
    """Return the probability of each code asked about when some words are left out of its text."""
    if not questions:
        return np.zeros(0, np.float32)
    low = np.searchsorted(seen.owner, np.arange(len(seen.logs) + 1)).tolist()
    bare = [
        [
            " ".join(word for word in view.split() if word not in out)
            for view in seen.texts[low[q.text] : low[q.text + 1]]
        ]
        for q, out in zip(questions, left_out, strict=True)
    ]
    asked = [q.text for q in questions]
    again = model.look(bare, seen.evidence[asked], seen.foreign[asked])
    return chances(model, again, [Question(at, q.code) for at, q in enumerate(questions)])
