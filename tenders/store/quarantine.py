"""What could not be understood: kept with its reason, so that a mended reader can be tried on it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, groupby  # noqa: F401
from typing import Any
