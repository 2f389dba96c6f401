"""When a mail for each tender would be a flood: one rule, whichever way an alert comes to be told at once."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from indexer.engine import SearchEngine
from search_api.looking_back import Volume, measure
from tenders.errors import Refused
from tenders.query import Query
from tenders.subscription import Rhythm
from tenders.translations import N_

MOST_AT_ONCE: Final = 70  # tenders a week
FLOOD: Final = N_("This search brings too many tenders for a mail each: choose daily or weekly, or sharpen it.")


def is_flood(volume: Volume) -> bool:
    """Whether a search brings too many tenders for a mail each."""
    return volume.weekly > MOST_AT_ONCE


def refuse_flood(engine: SearchEngine, query: Query, rhythm: Rhythm, now: datetime) -> None:
    """Raise Refused, in words that have a translation, for a search that is to be told at once and is a flood."""
    if rhythm is Rhythm.INSTANT and is_flood(measure(engine, query, now)):
        raise Refused(FLOOD)
