"""What the service itself gathers to learn from: notices whose buyers gave codes, and notices with descriptors.

Predicted codes stand in tenders, never in notices: a model cannot learn from its own guesses here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from indexer.cpv.alike import plain_title
from indexer.cpv.learning.corpus import Corpus, Filed
from indexer.cpv.pool import PoolRow, read_pool
from indexer.cpv.text import fold
from tenders.model import Notice
from tenders.store.notices import stream_notices

CORRECTED = 2.0  # weight of a correction that the operator accepted; a buyer's code has 1


def gather(connection: Connection, corpus: Corpus) -> Corpus:
    """Add the store's notices to a corpus: those with official codes to the pool, those with descriptors beside it.

    A title that the pool has already with the same code is not added twice.
    """
    known = {(plain_title(row.title), row.cpv_main) for row in corpus.pool}
    titles = {notice.title for notice in corpus.filed}
    rows, filed = list(corpus.pool), list(corpus.filed)
    for notice in stream_notices(connection):
        for row in _classified(notice):
            told = (plain_title(row.title), row.cpv_main)
            if told not in known:
                known.add(told)
                rows.append(row)
        folded = fold(notice.title)
        if notice.descriptors and notice.source == "boamp" and folded and folded not in titles:
            titles.add(folded)
            filed.append(Filed(folded, notice.descriptors))
    return replace(corpus, pool=rows, filed=filed)


def correct(corpus: Corpus, path: Path) -> Corpus:
    """Add accepted corrections to the pool, each with weight `CORRECTED`; they win over rows of the same title."""
    rows = read_pool(path)
    titles = {plain_title(row.title) for row in rows}
    kept = [row for row in corpus.pool if plain_title(row.title) not in titles]
    return replace(corpus, pool=[*rows, *kept], weights=[CORRECTED] * len(rows))


def _classified(notice: Notice) -> Iterable[PoolRow]:
    """Return a notice, and each of its lots, as a classified text where its buyer gave it codes."""
    lots = ((lot.title, lot.description, lot.cpv, f"{notice.key}#{lot.id}") for lot in notice.lots)
    for title, description, codes, id_ in ((notice.title, notice.description, notice.cpv, notice.key), *lots):
        if title and codes and codes[0].known:
            yield PoolRow(
                id=id_,
                lang=notice.language,
                title=title,
                description=description or "",
                cpv_main=codes[0],
                cpv_additional=tuple(code for code in codes[1:] if code.known),
                buyer=notice.buyer.name or "",
                source=notice.source,
                kind=notice.source,
            )
