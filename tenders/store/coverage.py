"""What was read: the freshness of sources summed up as a page's foot and a digest say it, and nothing else claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tenders.store.sources import Freshness, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many sources are read and how many of them in time; `late` ones by title with their last success."""

    sources: int
    fresh: int
    late: tuple[tuple[str, datetime | None], ...]
    doubtful: tuple[str, ...] = ()  # read in time, and something of it is suspect
    read_at: datetime | None = None  # the latest success of any


def cover(judged: Sequence[Freshness]) -> Coverage | None:
    """Sum up some sources; None where there are none."""
    if not judged:
        return None
    return Coverage(
        sources=len(judged),
        fresh=sum(one.state is State.FRESH for one in judged),
        late=tuple((one.source.title, one.last_success) for one in judged if one.state not in _IN_TIME),
        doubtful=tuple(one.source.title for one in judged if one.state is State.SUSPECT),
        read_at=max((one.last_success for one in judged if one.last_success), default=None),
    )


_IN_TIME = (State.FRESH, State.SUSPECT)
