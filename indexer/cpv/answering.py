"""Answer the lines of files, from bytes in to bytes out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from indexer.classifier import Classifier
from indexer.cpv.chunks import read_chunks
from indexer.cpv.lines import LONGEST_LINE, answer_lines, read_line

_SAID_EVERY = 10_000  # lines


def answer_files(names: list[str], classifier: Classifier, out: BinaryIO, say: Callable[[str], None]) -> bool:
    """Write a line for each line of the files, ``-`` being standard input; returns whether all could be read.

    Lines are numbered through all files. Empty ones are passed over. What one line holds never stops the next. `say` is
    told which file could not be read.
    """
    all_read, number = True, 0
    for name in names:
        try:
            with _opened(name) as descriptor:
                for chunk in read_chunks(descriptor, LONGEST_LINE):
                    asked = [read_line(number + at, line) for at, line in enumerate(chunk, 1) if line.strip()]
                    number += len(chunk)
                    out.writelines(answer_lines(asked, classifier))
                    out.flush()
                    all_read &= all(one.error is None for one in asked)
                    if sys.stderr.isatty() and number // _SAID_EVERY > (number - len(chunk)) // _SAID_EVERY:
                        say(f"{number} lines")
        except BrokenPipeError:
            raise
        except OSError as problem:
            say(f"{name}: {problem.strerror}")
            all_read = False
    return all_read


@contextmanager
def _opened(name: str) -> Iterator[int]:
    if name == "-":
        yield sys.stdin.fileno()
        return
    descriptor = os.open(name, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
