"""The real days of BOAMP's daily files."""

from __future__ import annotations

import tarfile
from pathlib import Path

from crawlers.formats import FORMATS
from tenders.model import Notice


def read_days(data: Path, folder: Path, count: int | None) -> list[Notice]:
    """Read the notices of the last days, None for all of them; the files are unpacked in a folder."""
    with tarfile.open(data / "boamp-daily" / "csv.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    days = sorted(folder.rglob("*.csv"))
    chosen = days if count is None else days[-count:]
    found = (one for day in chosen for one in FORMATS["boamp-daily"].read(day.read_bytes(), day.name))
    return [one for one in found if isinstance(one, Notice)]
