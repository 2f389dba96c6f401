"""Sources in the store: what they say of themselves, their runs, their cursors, and how fresh they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from tenders.store.notices import Taken
from tenders.store.schema import cursors, runs, sources

LONGEST_REASON = 500
RECENT_RUNS = 10  # whose yields are told


class RunState(StrEnum):
    """How a crawl stands. `suspect`: it went to its end, but something of it is doubtful, and `reason` says what."""

    RUNNING = "running"
    DONE = "done"
    SUSPECT = "suspect"
    FAILED = "failed"


class State(StrEnum):
    """How fresh a source is: `suspect` when its last walk came to its end and something of it is doubtful, `late` past
    its usual hours, `silent` when nothing new came for longer than ever."""  # fmt: skip

    FRESH = "fresh"
    SUSPECT = "suspect"
    LATE = "late"
    SILENT = "silent"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a source says of itself. `late_hours` and `silent_hours` are its longest healthy gaps, `weekday` the fewest
    notices of a healthy working day."""  # fmt: skip

    name: str
    title: str
    homepage: str
    licence: str
    late_hours: int
    silent_hours: int
    weekday: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A crawl of a source, as its row stands."""

    id: int
    source: str
    started: datetime
    ended: datetime | None
    state: RunState
    reason: str | None
    requests: int
    new: int
    revised: int
    unchanged: int
    quarantined: int

    @property
    def read(self) -> int:
        """How many notices it was given."""
        return self.new + self.revised + self.unchanged + self.quarantined


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How a source is doing. `last_success` is the end of the last run that went to its end, `last_item` that of the
    last run that brought something new; `runs` are the recent ones, newest first."""  # fmt: skip

    source: Described
    state: State
    last_success: datetime | None
    last_item: datetime | None
    expected_by: datetime | None
    cursor: str | None
    again_at: datetime | None
    runs: tuple[Run, ...]


def describe_sources(connection: Connection, described: Iterable[Described]) -> None:
    """Write what sources say of themselves, in a writing transaction; what is known of their quotas stays."""
    for source in described:
        values = {name: getattr(source, name) for name in Described.__slots__}
        if not connection.execute(update(sources).where(sources.c.name == source.name).values(values)).rowcount:
            connection.execute(insert(sources).values(values))


def begin_run(connection: Connection, source: str, at: datetime) -> int:
    """Begin a run and return its id. A run that is still `running` was killed: it failed, and says so."""
    connection.execute(
        update(runs)
        .where(runs.c.source == source, runs.c.state == RunState.RUNNING)
        .values(state=RunState.FAILED, ended=at, reason="stopped in the middle; the next run went on from its cursor")
    )
    number = connection.execute(
        insert(runs)
        .values(
            source=source, started=at, state=RunState.RUNNING, requests=0, new=0, revised=0, unchanged=0, quarantined=0
        )
        .returning(runs.c.id)
    ).scalar_one()
    return int(number)


def count_answer(connection: Connection, run: int, requests: int, taken: Taken, quarantined: int) -> None:
    """Add what one answer brought to its run."""
    connection.execute(
        update(runs)
        .where(runs.c.id == run)
        .values(
            requests=runs.c.requests + requests,
            new=runs.c.new + taken.new,
            revised=runs.c.revised + taken.revised,
            unchanged=runs.c.unchanged + taken.unchanged,
            quarantined=runs.c.quarantined + quarantined,
        )
    )


def doubt_run(connection: Connection, run: int, reason: str) -> None:
    """Note why a run that goes on is doubtful; it will end `suspect`. The first reasons are kept."""
    before = connection.execute(select(runs.c.reason).where(runs.c.id == run)).scalar()
    if before and reason in before:
        return
    whole = f"{before}; {reason}" if before else reason
    connection.execute(update(runs).where(runs.c.id == run).values(reason=whole[:LONGEST_REASON]))


def end_run(connection: Connection, run: int, at: datetime, *, failed: str | None = None) -> None:
    """End a run that is still running: failed for a reason, suspect when it was doubted, else done."""
    row = connection.execute(select(runs.c.reason, runs.c.state).where(runs.c.id == run)).one()
    if row.state != RunState.RUNNING:
        return
    reason = "; ".join(text for text in (failed, row.reason) if text) or None
    state = RunState.FAILED if failed else RunState.SUSPECT if reason else RunState.DONE
    connection.execute(
        update(runs).where(runs.c.id == run).values(state=state, ended=at, reason=reason and reason[:LONGEST_REASON])
    )


def load_run(connection: Connection, run: int) -> Run:
    """Load a run by its id."""
    return _run(connection.execute(select(runs).where(runs.c.id == run)).one())


def last_runs(connection: Connection, source: str, limit: int = RECENT_RUNS) -> tuple[Run, ...]:
    """Load the last runs of a source, newest first."""
    rows = connection.execute(select(runs).where(runs.c.source == source).order_by(runs.c.id.desc()).limit(limit))
    return tuple(_run(row) for row in rows)


def _run(row: Row[tuple[object, ...]]) -> Run:
    values = dict(row._mapping)
    return Run(**values | {"state": RunState(values["state"])})


def read_cursor(connection: Connection, name: str) -> str | None:
    """Return where a walk goes on, None before it ever got anywhere."""
    return connection.execute(select(cursors.c.value).where(cursors.c.source == name)).scalar()


def move_cursor(connection: Connection, name: str, value: str) -> None:
    """Remember how far a walk has come."""
    if not connection.execute(update(cursors).where(cursors.c.source == name).values(value=value)).rowcount:
        connection.execute(insert(cursors).values(source=name, value=value))


def drop_cursor(connection: Connection, name: str) -> None:
    """Forget a walk that came to its end."""
    connection.execute(delete(cursors).where(cursors.c.source == name))


def ask_again_at(connection: Connection, source: str, at: datetime | None) -> None:
    """Remember that a source is not to be asked before a moment; None: it may be asked."""
    connection.execute(update(sources).where(sources.c.name == source).values(again_at=at))


def asked_to_wait(connection: Connection, source: str, now: datetime) -> datetime | None:
    """Return until when a source asked not to be asked, None when it may be asked now."""
    until = connection.execute(select(sources.c.again_at).where(sources.c.name == source)).scalar()
    return until if until and until > now else None


def freshness(connection: Connection, now: datetime) -> list[Freshness]:
    """Judge every source that was described, by name."""
    rows = connection.execute(select(sources).order_by(sources.c.name))
    return [_judge(connection, row, now) for row in rows]


def write_freshness(one: Freshness) -> dict[str, object]:
    """Return what the API and the command line say of a source."""
    told = ("started", "ended", "state", "reason", "requests", "read", "new", "revised", "unchanged", "quarantined")
    return {
        "name": one.source.name,
        "title": one.source.title,
        "homepage": one.source.homepage,
        "licence": one.source.licence,
        "state": one.state,
        "last_success": one.last_success,
        "last_item": one.last_item,
        "expected_by": one.expected_by,
        "cursor": one.cursor,
        "again_at": one.again_at,
        "runs": [{name: getattr(run, name) for name in told} for run in one.runs],
    }


def _judge(connection: Connection, row: Row[tuple[object, ...]], now: datetime) -> Freshness:
    source = Described(**{name: row._mapping[name] for name in Described.__slots__})
    of_source = runs.c.source == source.name
    walked = connection.execute(
        select(runs.c.ended, runs.c.state)
        .where(of_source, runs.c.state.in_((RunState.DONE, RunState.SUSPECT)))
        .order_by(runs.c.ended.desc(), runs.c.id.desc())
        .limit(1)
    ).first()
    success: datetime | None = walked.ended if walked else None
    item = connection.execute(
        select(func.max(func.coalesce(runs.c.ended, runs.c.started))).where(of_source, runs.c.new + runs.c.revised > 0)
    ).scalar()
    late, silent = timedelta(hours=source.late_hours), timedelta(hours=source.silent_hours)
    if walked is None or success is None:
        state = State.NEVER
    elif now - success > silent or item is None or now - item > silent:
        state = State.SILENT
    elif now - success > late:
        state = State.LATE
    else:
        state = State.SUSPECT if walked.state == RunState.SUSPECT else State.FRESH
    return Freshness(
        source=source,
        state=state,
        last_success=success,
        last_item=item,
        expected_by=success and success + late,
        cursor=read_cursor(connection, source.name),
        again_at=row._mapping["again_at"],
        runs=last_runs(connection, source.name),
    )
