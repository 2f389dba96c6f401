"""P(nature | division), learned from notices that state both: works, supplies and services are evidence, no mask."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from indexer.cpv.features import F32
from indexer.cpv.model import NATURES
from indexer.cpv.tree import divisions
from tenders.codes import Cpv
from tenders.model import Nature

_COUNTED = Path(__file__).with_name("natures.tsv")
_BORROWED = 5.0  # notices' worth of its kind (goods, works, services) that each division has beside its own
_SERVICES = 50  # the divisions from here on are services; 45 is works


def learn_natures(stated: Iterable[tuple[Cpv, Nature]] = ()) -> F32:
    """Return the probabilities (divisions x `NATURES`), from counted notices and those that are handed in."""
    place = {name: at for at, name in enumerate(divisions())}
    counts = np.zeros((len(place), len(NATURES)))
    for line in _COUNTED.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            division, *numbers = line.split("\t")
            counts[place[division]] += [int(number) for number in numbers]
    for code, nature in stated:
        counts[place[code[:2]], NATURES.index(nature)] += 1
    kinds = np.array([0 if name == "45" else 2 if int(name) >= _SERVICES else 1 for name in place])
    profile = np.array([counts[kinds == kind].sum(axis=0) + 1 for kind in range(3)])
    profile /= profile.sum(axis=1, keepdims=True)
    counts += _BORROWED * profile[kinds]
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), np.float32)
