"""Build a notice for a test in one line; what is not said is plain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from indexer.build import Built, build
from indexer.classifier import Classifier
from indexer.engine import SearchEngine
from indexer.filling import open_index
from tenders.model import Buyer, Notice, NoticeKind
from tenders.store.database import Store, open_store
from tenders.store.notices import Reading, Taken, take
from tests.databases import database_url

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


def notice(source_id: str = "26-1", title: str = "Réfection de la toiture de l'école", **said: Any) -> Notice:
    plain: dict[str, Any] = {
        "source": "boamp",
        "kind": NoticeKind.COMPETITION,
        "language": "fr",
        "buyer": Buyer(name="Commune de Vallebrune", country="FR"),
        "published": date(2026, 5, 20),
        "deadline": datetime.fromisoformat("2026-06-17T12:00:00+02:00"),
    }
    return Notice(**{**plain, "source_id": source_id, "title": title, **said})


def keep(store: Store, notices: Iterable[Notice], *, richness: int = 20, live: bool = True) -> Taken:
    """Take notices into a store as one batch."""
    with store.writing() as connection:
        return take(connection, [Reading(n, richness) for n in notices], at=NOON, live=live)


class House:
    """A store and an index in a folder of a test."""

    def __init__(self, path: Path, search_url: str = "", classifier: Classifier | None = None) -> None:
        self.path = path
        self.classifier = classifier
        self.store = open_store(database_url(path / "tenders.db"), str(path / "raw"))
        self.engine: SearchEngine = open_index(self.store, search_url or f"tantivy:{path / 'index'}")

    def bring(self, *notices: Notice, richness: int = 20, live: bool = True) -> Taken:
        """Take notices and index them."""
        taken = keep(self.store, notices, richness=richness, live=live)
        self.build()
        return taken

    def build(self, again: int | None = None) -> Built:
        """Index what was taken, and judge again what another classifier judged."""
        built = build(self.store, self.engine, classifier=self.classifier, again=again)
        self.engine.close()
        return built

    def close(self) -> None:
        self.engine.close()
        self.store.close()
