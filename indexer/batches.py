"""How work is done in batches of many objects that all go at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = 100_000  # objects made and kept before the collector looks at them; Python's own is 700


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Have the collector of cycles look seldom: a batch makes a hundred thousand objects and hardly a cycle.

    With Python's own threshold a fifth of a merge was spent looking.
    """
    before = gc.get_threshold()
    gc.set_threshold(_SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
