"""The classifier of two processes: the same verdicts as one gives, whatever happens to the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer.classifier import Subject, Verdict
from indexer.halved import LEAST, Halved
from indexer.shipped import shipped_classifier
from tests.indexer.cpv.test_shipped import TRADES

pytestmark = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two processors")
SUBJECTS = [Subject(title=f"{trade} {number}") for number in range(LEAST // len(TRADES) + 1) for trade in TRADES]
ASKING = """
from indexer.halved import Halved
from indexer.shipped import shipped_classifier
from tests.indexer.test_halved import SUBJECTS
halved = Halved(shipped_classifier)
halved.classify(SUBJECTS)
print(halved._second[0].pid, flush=True)
input()
"""


def told(verdicts: list[Verdict]) -> list[tuple[str | None, list[tuple[str, float]]]]:
    return [
        (v.asserted and v.asserted.code, [(guess.code, round(guess.probability, 6)) for guess in v.cpv])
        for v in verdicts
    ]


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        return False


def test_two_judge_as_one_does_and_the_second_ends_with_the_block() -> None:
    with Halved(shipped_classifier) as halved:
        both = halved.classify(SUBJECTS)
        assert halved._second is not None
        second = halved._second[0]
        assert second.is_alive()
    assert told(both) == told(shipped_classifier().classify(SUBJECTS))
    assert second.exitcode == 0


def test_few_texts_start_no_process() -> None:
    with Halved(shipped_classifier) as halved:
        assert len(halved.classify(SUBJECTS[: LEAST - 1])) == LEAST - 1
        assert halved._second is None


def test_where_the_second_is_killed_the_first_does_all() -> None:
    with Halved(shipped_classifier) as halved:
        first = halved.classify(SUBJECTS)
        assert halved._second is not None
        os.kill(halved._second[0].pid or 0, signal.SIGKILL)
        halved._second[0].join()
        assert told(halved.classify(SUBJECTS)) == told(first)
        assert told(halved.classify(SUBJECTS)) == told(first)


def test_where_the_first_is_killed_the_second_ends() -> None:
    command = [sys.executable, "-c", ASKING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        second = int(asking.stdout.readline())
        assert lives(second)
        asking.kill()
    end = time.monotonic() + 10
    while lives(second) and time.monotonic() < end:
        time.sleep(0.05)
    assert not lives(second)
