"""``tenders cpv evaluate``."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from indexer.cpv.measuring.report import Json


def evaluate(
    file: Annotated[
        Path | None,
        typer.Argument(help="Classified texts, JSON lines or gzip; without it, the report of the model's training."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write report.json, report.md and three charts (SVG) into this folder.")
    ] = None,
    language: Annotated[str, typer.Option(help="Only texts of this language of FILE (ISO 639-1), such as fr.")] = "",
    kind: Annotated[str, typer.Option(help="Only texts of this kind of FILE, such as decp.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, not as Markdown.")] = False,
) -> None:
    """Say how good the CPV classifier is: top-1/3/5, F1, calibration, coverage, confusions, speed and size.

    Without FILE these are the figures of its training: every text judged by a model that had seen neither its buyer nor
    a text like it. A line of FILE is {"title", "description", "lang", "cpv_main", "cpv_additional", "buyer", "source"},
    of which only the title and the main code must be there; what the model has learned from should not be in it.

    Example: tenders cpv evaluate notices.jsonl.gz --language fr --out report
    """
    from indexer.cpv.measuring.evaluation import write_report
    from indexer.cpv.measuring.report_markdown import write_markdown
    from tenders.errors import BadQuery

    if file is None and (language or kind):
        raise BadQuery("--language and --kind choose texts of a file: name the FILE, too", name="language")
    found = _measure(file, language, kind) if file else _read()
    if out:
        for path in write_report(found, out):
            print(path, file=sys.stderr)
    if as_json:
        print(orjson.dumps(found).decode())
    elif not out:
        print(write_markdown(found), end="")


def _read() -> Json:
    from indexer.cpv.artefact import SHIPPED, home
    from indexer.cpv.measuring.evaluation import read_report

    return read_report(home(SHIPPED))


def _measure(file: Path, language: str, kind: str) -> Json:
    from indexer.cpv.measuring.evaluation import measure
    from indexer.cpv.pool import choose, read_pool

    skipped: Counter[str] = Counter()
    rows = choose(read_pool(file, skipped), language, kind)
    for reason, count in skipped.most_common():
        print(f"{count} lines left out: {reason}", file=sys.stderr)

    from indexer.cpv.artefact import load, weigh
    from indexer.cpv.pipeline import open_classifier

    begun = time.perf_counter()
    load()
    loaded = time.perf_counter() - begun
    data = " ".join(filter(None, [file.name, language, kind]))
    return measure(open_classifier(), rows, data, size=weigh(), load=loaded)
