"""The schedule begins at once, goes on after a failure, and never runs a job beside itself."""

from __future__ import annotations

import threading
import time

from alerts.schedule import start_schedule


def test_a_job_runs_at_once_and_again_after_it_failed() -> None:
    ran: list[float] = []
    twice = threading.Event()

    def fails() -> None:
        ran.append(time.monotonic())
        if len(ran) == 2:
            twice.set()
        raise RuntimeError("the platform is down")

    begun = time.monotonic()
    schedule = start_schedule({"fails": (1, fails)})
    try:
        assert twice.wait(10)
    finally:
        schedule.shutdown(wait=True)
    assert ran[0] - begun < 1


def test_a_job_that_takes_long_is_not_run_beside_itself() -> None:
    inside = threading.Semaphore(1)
    overlaps: list[bool] = []
    done = threading.Event()

    def slow() -> None:
        free = inside.acquire(blocking=False)
        overlaps.append(not free)
        time.sleep(1.5)
        if free:
            inside.release()
        if len(overlaps) >= 2:
            done.set()

    schedule = start_schedule({"slow": (1, slow)})
    try:
        assert done.wait(20)
    finally:
        schedule.shutdown(wait=True)
    assert not any(overlaps)
