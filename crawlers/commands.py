"""``tenders parse``, ``import``, ``crawl`` and ``sources``."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from crawlers.formats import FORMATS, Format
from tenders.errors import BadQuery

if TYPE_CHECKING:
    from tenders.store.sources import Freshness

app = typer.Typer()
SHOWN_REASONS = 20
_KIND = typer.Option(help="What the entries of a feed do that say it nowhere: competition, result, ...")
_JSON = typer.Option("--json", help="Print the counts as JSON.")
_SOURCE = typer.Option(help="The source to name in the notices, where it is not the format's own.")


def _find_format(name: str) -> Format:
    found = FORMATS.get(name)
    if found is None:
        raise BadQuery(f"unknown format {name!r}: the formats are {', '.join(FORMATS)}", name="format")
    return found


class _Noise(logging.Handler):
    """Says what a format left out of a notice that it could read, with the file it stands in."""

    file = ""

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        print(f"{self.file}: {record.getMessage()}", file=sys.stderr)


@app.command()
def parse(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")],
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files to read; - is standard input.")],
    source: Annotated[str, _SOURCE] = "",
    kind: Annotated[str, _KIND] = "",
) -> None:
    """Print the notices of files as canonical JSON, one a line; problems go to stderr, a line each. Touches no store.

    A label that is not understood in a notice that is read otherwise is such a line too, said once, and no refusal.

    Exit status: 0 all was read (a list page may say that it has no result), 1 something was refused or a file held no
    notice, 2 wrong use.

    Example: tenders parse boamp-daily 2021_02_08.csv
    """
    from dataclasses import replace

    from crawlers.formats import Refusal
    from tenders import canonical

    found_format = _find_format(form)
    read = found_format.read
    noise = _Noise()
    logging.getLogger("crawlers.formats").addHandler(noise)
    refused = False
    for name in files:
        noise.file = name
        try:
            body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as problem:
            print(f"{name}: {problem.strerror}", file=sys.stderr)
            refused = True
            continue
        found = False
        for one in read(body, f"{name}#kind={kind}" if kind else name):
            found = True
            if isinstance(one, Refusal):
                place = f"{name}: {one.where}" if one.where else name
                print(f"{place}: {one.reason}", file=sys.stderr)
                refused = True
            else:
                notice = replace(one, source=source) if source else one
                sys.stdout.buffer.write(canonical.dumps(notice) + b"\n")
        if not found and found_format.says_empty:
            print(f"{name}: the page says that there is no result", file=sys.stderr)
        elif not found:  # a crawl may well meet an empty answer; who names a file expects a notice in it
            print(f"{name}: it holds no notice", file=sys.stderr)
            refused = True
    sys.stdout.buffer.flush()
    if refused:
        raise typer.Exit(1)


@app.command("import")
def import_(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to read.")],
    kind: Annotated[str, _KIND] = "",
    as_json: Annotated[bool, _JSON] = False,
    source: Annotated[str, _SOURCE] = "",
) -> None:
    """Bring files into the store: read = new + revised + unchanged + quarantined. Idempotent.

    Exit status: 0 it ran to its end, 1 a file could not be read, 2 wrong use.

    Example: tenders import boamp-daily days/*.csv && tenders index
    """
    from crawlers.crawl import chosen, describe
    from crawlers.importing import Imported, import_files
    from tenders.settings import load_settings
    from tenders.store.database import open_store

    found = _find_format(form)
    settings = load_settings()
    store = open_store(settings.database, settings.raw)
    describe(store, chosen(settings))

    def say(path: Path, so_far: Imported) -> None:
        print(f"{path.name}: {so_far.read} read", file=sys.stderr)

    done = import_files(store, found, files, say, source, kind)
    for problem in done.unreadable:
        print(problem, file=sys.stderr)
    for reason, many in done.reasons.most_common(SHOWN_REASONS):
        print(f"quarantined {many} times: {reason}", file=sys.stderr)
    counts = {
        "read": done.read,
        "new": done.taken.new,
        "revised": done.taken.revised,
        "unchanged": done.taken.unchanged,
        "quarantined": done.quarantined,
    }
    if as_json:
        print(orjson.dumps(counts).decode())
    else:
        parts = " + ".join(f"{count} {name}" for name, count in counts.items() if name != "read")
        print(f"{done.read} read = {parts}")
    if done.unreadable:
        raise typer.Exit(1)


@app.command()
def crawl(
    names: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="The sources to walk.")],
    since: Annotated[str, typer.Option(help="Walk from this day, YYYY-MM-DD, whatever was read before.")] = "",
    until: Annotated[str, typer.Option(help="End with this day, YYYY-MM-DD; default today.")] = "",
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Walk sources from where the last walk came to, one request at a time. A stop is mended by crawling again.

    Exit status: 0 every walk came to its end (a suspect one says why), 1 one failed, 2 wrong use.

    Example: tenders crawl boamp --since 2026-05-01
    """
    from crawlers.crawl import crawl as walk
    from tenders.settings import load_settings

    runs = walk(load_settings(), names, _read_day("since", since), _read_day("until", until))
    if as_json:
        fields = ("source", "state", "reason", "requests", "new", "revised", "unchanged", "quarantined")
        print(
            orjson.dumps([{"read": run.read, **{name: getattr(run, name) for name in fields}} for run in runs]).decode()
        )
    for run in runs:
        counted = f"{run.new} new + {run.revised} revised + {run.unchanged} unchanged + {run.quarantined} quarantined"
        said = f"{run.source}: {run.state}, {run.requests} requests, {run.read} read = {counted}"
        print(said, file=sys.stderr if as_json else sys.stdout)
        if run.reason:
            print(f"{run.source}: {run.reason}", file=sys.stderr)
    if any(run.state == "failed" for run in runs):
        raise typer.Exit(1)


def _read_day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadQuery(f"--{name} {text}: write a day as 2026-05-01", name=name) from None


@app.command()
def sources(as_json: Annotated[bool, _JSON] = False) -> None:
    """Say how fresh each source is, and what its last runs brought.

    Example: tenders sources
    """
    from crawlers.crawl import chosen, describe
    from tenders.settings import load_settings
    from tenders.store.database import open_store
    from tenders.store.sources import freshness, write_freshness

    settings = load_settings()
    store = open_store(settings.database, settings.raw)
    describe(store, chosen(settings))
    with store.reading() as connection:
        known = freshness(connection, datetime.now(UTC))
    if as_json:
        print(orjson.dumps([write_freshness(one) for one in known]).decode())
        return
    titles = ("source", "state", "last success", "last item", "read to", "last runs (new)", "last reason")
    rows = [_freshness_row(one) for one in known]
    if not sys.stdout.isatty():
        print("\n".join("\t".join(row) for row in (titles, *rows)))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*titles)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _freshness_row(one: Freshness) -> tuple[str, ...]:
    moments = (at.isoformat(timespec="minutes") if at else "never" for at in (one.last_success, one.last_item))
    yields = " ".join(str(run.new) for run in one.runs[:5])
    reason = next((run.reason for run in one.runs[:1] if run.reason), "")
    return (one.source.name, one.state.value, *moments, one.cursor or "", yields, reason)
