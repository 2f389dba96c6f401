"""Engines that hold the tenders of a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.engine import SearchEngine, open_engine
from tenders.model import Tender

Shelf = Callable[..., SearchEngine]


def fill(engine: SearchEngine, tenders: list[Tender]) -> None:
    def put(draft: SearchEngine) -> None:
        assert not draft.put(tenders)
        draft.commit(len(tenders) or 1)

    engine.rebuild(put)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    def make(*tenders: Tender) -> SearchEngine:
        engine = open_engine(f"tantivy:{tmp_path}")
        fill(engine, list(tenders))
        return engine

    return make
