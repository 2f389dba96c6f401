"""From the tenders in the store to the index: what was written since its last commit, or all of it anew.

The engine keeps the last version it committed. Nothing here changes a tender, so nothing here alerts anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import structlog

from indexer.batches import rarely_collected
from indexer.engine import SearchEngine, open_engine
from tenders.errors import StaleIndex, TendersError, Unavailable
from tenders.store.alone import alone
from tenders.store.database import Store, counter
from tenders.store.database import mark as mark_of
from tenders.store.notices import is_waiting
from tenders.store.quarantine import Quarantined, forget_aside, put_aside
from tenders.store.tenders import count_tenders, load_tenders, written_since

BATCH = 5000  # tenders a commit of the engine
Progress = Callable[[str, int], None]  # stage, how many more are done
_LATE = timedelta(minutes=10)  # a notice that has waited longer than this is behind, whatever runs beside
_ASIDE = "index"  # the name in quarantine of what an engine will never take
_log = structlog.get_logger()


def say_nothing(stage: str, count: int) -> None:
    """Report no progress."""
    del stage, count


def open_index(store: Store, search_url: str) -> SearchEngine:
    """Open the engine of a search URL; a store without tenders gets an empty index, so that it can be asked."""
    engine = open_engine(search_url)
    try:
        with store.reading() as connection:
            empty = counter(connection, "version") == 0
        if empty and engine.mark() is None:
            rebuild(store, engine)
    except TendersError as problem:  # it is asked again at every answer
        _log.warning("index.not_ready", reason=str(problem))
    return engine


def index_written(store: Store, engine: SearchEngine, progress: Progress = say_nothing) -> int:
    """Put every tender that was written since the engine's last commit into it; all of them where there is no index."""
    mark = engine.mark()
    if mark is None:
        return rebuild(store, engine, progress)
    with store.reading() as connection:
        if mark > counter(connection, "version"):  # its store is another, or an older one
            raise StaleIndex("the index knows more than the store does: run `tenders index --rebuild`")
    refused: dict[str, str] = {}
    indexed = _follow(store, engine, progress, refused)
    _put_aside(store, refused)
    return indexed


def require_current(store: Store, engine: SearchEngine, arrival: int, now: datetime) -> None:
    """Raise Unavailable where the index is behind the store: it must hold the notices up to an arrival number.

    Of later ones it may lack what came just now: a crawl that runs beside brings some all the time.
    """
    mark = engine.mark()
    with store.reading() as connection:
        unmerged = is_waiting(connection, mark_of(connection, "merged"), arrival, now - _LATE)
        written = counter(connection, "version")
    if mark != written or unmerged:
        raise Unavailable("the index does not hold all that the store has: run `tenders index`")


def rebuild(store: Store, engine: SearchEngine, progress: Progress = say_nothing) -> int:
    """Make the index anew from the store, while the old one goes on answering; returns how many tenders it holds.

    Raises Unavailable when another rebuild runs, or when the new index does not hold what the store does; the old one
    then stays.
    """
    refused: dict[str, str] = {}
    held = 0
    with alone(store, "rebuild", "another rebuild of the index runs now; wait for it"), ExitStack() as still:

        def fill(draft: SearchEngine) -> None:
            nonlocal held
            _follow(store, draft, progress, refused)
            draft.close()  # merges are waited for before others have to wait
            connection = still.enter_context(store.writing())  # nothing more is written until it has taken its place
            _follow(store, draft, progress, refused)
            held, stored = draft.count(), count_tenders(connection)
            if held + len(refused) != stored:
                raise Unavailable(
                    f"the new index holds {held} tenders and the store {stored}: the old one stays; "
                    "run `tenders index --rebuild` again"
                )

        engine.rebuild(fill)
    with store.writing() as connection:
        forget_aside(connection, _ASIDE)  # the new index has taken what it can
    _put_aside(store, refused)
    return held


def _follow(store: Store, engine: SearchEngine, progress: Progress, refused: dict[str, str]) -> int:
    indexed = 0
    with rarely_collected():
        while True:
            with store.reading() as connection:
                rows = written_since(connection, engine.mark() or 0, BATCH)
                if not rows:
                    return indexed
                tenders = load_tenders(connection, (row.id for row in rows if row.absorbed_into is None))
            engine.drop({row.id: row.version for row in rows if row.absorbed_into is not None})
            for row in rows:
                refused.pop(row.id, None)  # refused at an earlier version
            refused |= engine.put(tenders.values())
            engine.commit(rows[-1].version)
            indexed += len(rows)
            progress("indexed", len(rows))


def _put_aside(store: Store, refused: dict[str, str]) -> None:
    if refused:
        _log.error("index.refused", tenders=len(refused), first=next(iter(refused.items())))
        with store.writing() as connection:
            rows = [Quarantined(_ASIDE, "tenders", id_, reason) for id_, reason in refused.items()]
            put_aside(connection, rows, at=datetime.now(UTC))
