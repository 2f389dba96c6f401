"""Ask a source for one page and say what was understood: ``make live-check SOURCE=ebourgogne``.

One request after robots.txt, as a crawl would make it, or with ``--details`` a second one for the page of its first
row. What comes is kept in a folder of its own, not in the service's store. Exit status: 0 rows were read and nothing
was refused, 1 something was not understood or no answer came, 2 wrong use.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import select

from crawlers.crawl import crawl, find_source
from crawlers.source import Source
from tenders import canonical
from tenders.errors import BadQuery, BadSettings, Refused, TendersError
from tenders.logs import configure_logs
from tenders.settings import Settings, load_settings
from tenders.store.database import Store, open_store
from tenders.store.schema import quarantine, readings
from tenders.store.sources import Run


def look(settings: Settings, name: str, *, details: bool) -> tuple[Store, Run]:
    """Ask for one page, or two; returns the store that holds what came, and how the asking went."""
    home = Path(mkdtemp(prefix=f"live-check-{name}-"))
    apart = {"home": home, "database_url": "", "raw_url": "", "crawl_hours": ""}
    alone = settings.model_copy(update=apart)
    (run,) = crawl(alone, [name], most=2 if details else 1)
    return open_store(alone.database, alone.raw), run


def tell(store: Store, run: Run, source: Source) -> Iterator[str]:
    """Say what was understood, a line each."""
    yield f"{source.name}: {source.title}, {source.homepage}"
    yield f"{run.requests} answers, {run.read} readings, {run.quarantined} put aside; {run.reason or 'nothing to say'}"
    with store.reading() as connection:
        held = connection.execute(select(readings.c.richness, readings.c.raw, readings.c.body)).all()
        aside = connection.execute(select(quarantine.c.place, quarantine.c.reason, quarantine.c.raw)).all()
    if held:
        first = min(row.richness for row in held)
        for name, value in _paging(source, store, next(row.raw for row in held if row.richness == first)).items():
            yield f"  {name:<14} {value}"
        for richness in sorted({row.richness for row in held}):
            notices = [canonical.to_json(canonical.loads(row.body)) for row in held if row.richness == richness]
            kind = "rows" if richness == first else "pages of details"
            yield f"fields of {len(notices)} {kind}, and one value of each:"
            yield from map(_field_line, _filled(notices))
    for row in aside:
        yield f"put aside: {row.place} {row.reason} (body {row.raw})"
    yield f"bodies: {store.engine.url.database and Path(store.engine.url.database).with_name('raw')}"


def _paging(source: Source, store: Store, raw: str) -> dict[str, object]:
    try:
        return dict(source.tell(store.raw.get(raw)))
    except Refused as problem:
        return {"paging": problem}


def _filled(notices: list[dict[str, Any]]) -> Iterator[tuple[str, int, int, Any]]:
    for name in notices[0]:
        said = [notice[name] for notice in notices if _says(notice[name])]
        yield name, len(said), len(notices), said[0] if said else None


def _says(value: Any) -> bool:
    return any(map(_says, value.values())) if isinstance(value, dict) else bool(value)


def _field_line(field: tuple[str, int, int, Any]) -> str:
    name, said, among, value = field
    if isinstance(value, dict):
        value = {key: inner for key, inner in value.items() if _says(inner)}
    return f"  {name:<14} {said:>3}/{among:<3} {'MISSING' if value is None else str(value)[:90]}"


def main() -> int:
    """Look at the source that the command names."""
    parser = argparse.ArgumentParser(prog="make live-check SOURCE=", description=__doc__)
    parser.add_argument("source")
    parser.add_argument("--details", action="store_true", help="ask for the page of the first row too")
    asked = parser.parse_args()
    configure_logs()
    try:
        settings = load_settings()
        source = find_source(asked.source, settings)
        store, run = look(settings, asked.source, details=asked.details)
    except (BadQuery, BadSettings) as problem:
        print(problem, file=sys.stderr)
        return 2
    except TendersError as problem:
        print(problem, file=sys.stderr)
        return 1
    print("\n".join(tell(store, run, source)))
    return 0 if run.read and not run.quarantined else 1


if __name__ == "__main__":
    raise SystemExit(main())
