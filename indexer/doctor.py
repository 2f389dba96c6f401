"""A look at the index: what runs where, how much it holds, how far it is behind the store."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.document import FORMAT
from indexer.engine import SearchEngine
from tenders.doctor import Finding, Health, failed
from tenders.errors import TendersError
from tenders.store.database import Store, counter
from tenders.store.database import mark as mark_of
from tenders.store.notices import count_since
from tenders.store.quarantine import count_aside
from tenders.store.tenders import count_tenders


def look_at_index(store: Store, engine: SearchEngine) -> Iterator[Finding]:
    """Compare the index with the store; nothing is changed."""
    try:
        mark = engine.mark()
        if mark is None:
            with store.reading() as connection:
                health = Health.WRONG if count_tenders(connection) else Health.DOUBTFUL
            yield Finding("index", health, mend="there is no index: run `tenders index`")
            return
        facts: dict[str, str | int] = {**engine.about(), "format": FORMAT, "tenders": engine.count(), "version": mark}
        with store.reading() as connection:
            behind, stored = counter(connection, "version") - mark, count_tenders(connection)
            unmerged, refused = count_since(connection, mark_of(connection, "merged")), count_aside(connection, "index")
    except TendersError as problem:
        yield failed("index", problem)
        return
    facts |= {"behind": behind, "notices to merge": unmerged}
    if behind < 0:
        mend = "it knows more than the store does (another store, or an older one): run `tenders index --rebuild`"
        yield Finding("index", Health.WRONG, facts, mend)
    elif behind or unmerged:
        yield Finding("index", Health.DOUBTFUL, facts, "it does not know every write of the store: run `tenders index`")
    elif not stored - refused <= int(facts["tenders"]) <= stored:
        mend = f"it holds {facts['tenders']} tenders and the store {stored}: run `tenders index --rebuild`"
        yield Finding("index", Health.WRONG, facts, mend)
    elif refused:
        mend = f"the engine refuses {refused} tenders for good (quarantine, format index): please report it"
        yield Finding("index", Health.DOUBTFUL, facts, mend)
    else:
        yield Finding("index", Health.WELL, facts)
