"""Link every notice anew where the rules are others than last time, before any tender is made again.

Done in one go with the merging, tenders would come apart until the last of their notices was reached.
"""

from __future__ import annotations

from datetime import UTC, datetime

from indexer.filling import Progress
from indexer.linking.linker import VERSION, link
from tenders.store.database import Store, mark, move_mark
from tenders.store.links import ask_again
from tenders.store.notices import changed_since, load_notices

BATCH = 1000  # notices a transaction


def relink(store: Store, progress: Progress) -> None:
    """Write keys and links of every merged notice where they are of other rules; the next build groups them again."""
    while True:
        with store.writing() as connection:
            if mark(connection, "linking") == VERSION:
                return
            merged = mark(connection, "merged")  # what came after is linked as it is merged
            changed = changed_since(connection, mark(connection, "linked"), BATCH)
            rows = [(arrival, id_) for arrival, id_ in changed if arrival <= merged]
            if not rows:
                move_mark(connection, "linking", VERSION)
                move_mark(connection, "linked", 0)
                return
            fresh = load_notices(connection, (id_ for _, id_ in rows))
            ask_again(connection, link(connection, fresh, datetime.now(UTC)))
            move_mark(connection, "linked", rows[-1][0])
        progress("linked", len(rows))
