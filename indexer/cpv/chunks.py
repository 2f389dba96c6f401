"""Lines as they come: as many at once as are there, so that a file goes fast and one who types is answered."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

_READ = 256 * 1024  # bytes taken at once
_TOGETHER = 512  # lines given at once


def read_chunks(descriptor: int, longest: int) -> Iterator[list[bytes]]:
    """Give the lines of a file descriptor, without their ends, as soon as any is whole.

    Of a line that is longer than `longest` only the first `longest` + 1 bytes are given, so that it cannot fill memory.
    """
    rest = bytearray()
    while piece := os.read(descriptor, _READ):
        *whole, last = piece.split(b"\n")
        if whole:
            _extend(rest, whole[0], longest)
            yield from _cut([bytes(rest), *whole[1:]])
            rest.clear()
        _extend(rest, last, longest)
    if rest:
        yield [bytes(rest)]


def _extend(rest: bytearray, piece: bytes, longest: int) -> None:
    rest += piece[: longest + 1 - len(rest)]


def _cut(lines: list[bytes]) -> Iterable[list[bytes]]:
    return (lines[at : at + _TOGETHER] for at in range(0, len(lines), _TOGETHER))
