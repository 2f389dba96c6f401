"""What stands under a search URL, and taking it away: by files for tantivy, by the shelf for Elasticsearch."""

from __future__ import annotations

import shutil
from pathlib import Path

from indexer.elastic_door import open_door
from indexer.elastic_index import Shelf


def left_behind(search_url: str) -> list[str]:
    """The indexes under a name, by their own names: one that answers, and what died unfinished."""
    if search_url.startswith("tantivy:"):
        return sorted(path.name for path in Path(search_url.removeprefix("tantivy:")).iterdir() if path.is_dir())
    return list(Shelf(open_door(search_url)).standing())


def take_away(search_url: str) -> None:
    """Remove all of it, as a careless operator would."""
    if search_url.startswith("tantivy:"):
        shutil.rmtree(search_url.removeprefix("tantivy:"), ignore_errors=True)
    else:
        shelf = Shelf(open_door(search_url))
        shelf.remove(shelf.standing())
