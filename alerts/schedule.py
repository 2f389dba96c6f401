"""The clock of a running service: a hint, never the truth. What is due is read from the ledger at each tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger()


def start_schedule(jobs: Mapping[str, tuple[int, Callable[[], object]]]) -> BackgroundScheduler:
    """Run each job every so many seconds, beginning now, one at a time a job; a job that fails runs again next time.

    A tick that was missed is made up for once, however late.
    """
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    for name, (seconds, job) in jobs.items():
        scheduler.add_job(_guarded(name, job), "interval", seconds=seconds, id=name, next_run_time=datetime.now(UTC))
    scheduler.start()
    return scheduler


def _guarded(name: str, job: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            job()
        except Exception as problem:  # noqa: BLE001  a tick must never end the schedule
            log.error("schedule.job_failed", job=name, reason=f"{type(problem).__name__}: {problem}")

    return run
