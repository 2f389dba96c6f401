"""Measuring a classifier on classified texts, and the report beside a shipped model, which its training measured."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import orjson

from indexer.classifier import Classifier, Subject
from indexer.cpv.measuring.charts import draw
from indexer.cpv.measuring.judged import Judged, View, judge
from indexer.cpv.measuring.report import FORMAT, Cost, Json, report
from indexer.cpv.measuring.report_markdown import write_markdown
from indexer.cpv.pool import PoolRow
from tenders.errors import Refused

STORED = "evaluation.json"  # beside the model's files


def measure(classifier: Classifier, rows: Sequence[PoolRow], data: str, *, size: int = 0, load: float = 0.0) -> Json:
    """Return the report of a classifier on these rows in every view, with its speed here.

    `data` says what the rows are; `size` (bytes on disk) and `load` (seconds) are what opening it was seen to cost.
    The classifier must not have learned from these rows, nor from their twins.
    """
    classifier.classify([Subject(title="réfection de la toiture", language="fr")])  # what loads late is no speed
    judged: dict[str, Judged] = {}
    rates: dict[str, float] = {}
    for view in View:
        begun = time.perf_counter()
        judged[view] = judge(classifier, rows, view)
        rates[view] = len(rows) / (time.perf_counter() - begun)
    return report(classifier.version, judged, Cost(rates=rates, size=size, load=load), data)


def read_report(folder: Path) -> Json:
    """Read the report beside a model; raises Refused where there is none that this version understands."""
    path = folder / STORED
    try:
        found = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise Refused(f"{path} is not there: train the model anew, or name a file of classified texts") from None
    except (OSError, orjson.JSONDecodeError) as problem:
        raise Refused(f"{path} cannot be read ({problem}): train the model anew") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Refused(f"{path} is the report of another version: train the model anew")
    return found


def write_report(found: Json, folder: Path) -> list[Path]:
    """Write report.json, report.md and the charts into a folder, made if need be; returns what was written."""
    written = orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n"
    files = {"report.json": written, "report.md": write_markdown(found), **draw(found)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise Refused(f"{folder} cannot be written ({problem}): name another folder") from None
    return [folder / name for name in files]
