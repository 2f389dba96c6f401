"""CPV classifiers side by side, in one run: ours, spaCy's text categoriser (two architectures), the labels alone.

    TENDERS_REAL_DATA=DIR python -m benchmarks.cpv [--only NAME ...]
    TENDERS_REAL_DATA=DIR python -m benchmarks.cpv --upm [--only NAME ...]

DIR holds ``cpv/train_pool.jsonl.gz``. All are asked for the division of the French DECP titles of fold 0, none having
seen its buyers or a text alike. spaCy learns from the French titles of the other folds; ours from those of all
languages and the BOAMP notices beside them, which is its way. `--upm` is the open benchmark of oeg-upm/cpv-classifier
(``cpv/upm-spanish``): learned from train10.csv alone (ours: and the official labels), micro-F1 on test10.csv at a
threshold that was best on folds of train10. Prints a table and, last, one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import orjson

from benchmarks.cpv_ours import Ours
from benchmarks.cpv_rivals import BOW, ENSEMBLE, LabelMatch, TextCategoriser
from indexer.classifier import Classifier
from indexer.cpv.measuring.judged import Judged, View, compare, judge
from indexer.cpv.measuring.measures import f1, one_hot
from indexer.cpv.measuring.report import figures
from indexer.cpv.pool import PoolRow, choose, folds, read_pool, training_rows
from tenders.codes import Cpv
from tenders.settings import load_settings

MEASURED = 5_000  # texts at least, for a rate
THRESHOLDS = np.arange(0.02, 0.8, 0.01)


class Contender(Classifier, Protocol):
    """A classifier that says how large it is."""

    def size(self) -> int: ...


T = TypeVar("T")
Make = Callable[[Sequence[PoolRow], str, Path | None], Contender]  # rows, language, the folder that they are of


CONTENDERS: Mapping[str, Make] = {
    "ours": lambda rows, _, data: Ours(rows, data),
    "textcat-bow": lambda rows, language, _: TextCategoriser(BOW, choose(rows, language), language),
    "textcat-ensemble": lambda rows, language, _: TextCategoriser(ENSEMBLE, choose(rows, language), language),
    "labels": lambda _, language, __: LabelMatch(language),
}


def compare_on_fold(data: Path, names: Sequence[str]) -> Iterator[dict[str, object]]:
    """Give the figures of each contender on the French DECP titles of fold 0."""
    rows = read_pool(data / "cpv" / "train_pool.jsonl.gz")
    fold_of = folds(rows)
    learned = [rows[at] for at in training_rows(rows, fold_of, 0).tolist()]
    tested = [
        row for row, fold in zip(rows, fold_of, strict=True) if fold == 0 and row.lang == "fr" and row.kind == "decp"
    ]
    for name in names:
        classifier, seconds = _timed(lambda name=name: CONTENDERS[name](learned, "fr", data))
        of = figures(judge(classifier, tested, View.TITLE))
        often = tested * (MEASURED // len(tested) + 1)
        _, spent = _timed(lambda often=often, classifier=classifier: judge(classifier, often, View.TITLE))
        yield {
            "name": name,
            "texts": len(tested),
            **{k: of["division"][k] for k in ("top1", "top3", "top5", "macro_f1")},
            "calibration_error": of["calibration"]["error"],
            "train_s": round(seconds, 1),
            "texts_per_s": round(len(often) / spent),
            "mb": round(classifier.size() / 1e6, 1),
        }


def compare_on_upm(folder: Path, names: Sequence[str]) -> Iterator[dict[str, object]]:
    """Give the micro-F1 of each contender on test10, at the threshold that is best on the folds of train10."""
    learned, tested = _read_upm(folder / "train10.csv"), _read_upm(folder / "test10.csv")
    for name in names:
        held_out: list[PoolRow] = []
        verdicts = []
        fold_of = folds(learned)
        for fold in np.unique(fold_of).tolist():
            rows = [row for row, of in zip(learned, fold_of, strict=True) if of == fold]
            kept = [learned[at] for at in training_rows(learned, fold_of, fold).tolist()]
            classifier = CONTENDERS[name](kept, "es", None)
            held_out += rows
            verdicts += classifier.classify([View.TITLE.subject(row) for row in rows])
        judged = compare(held_out, verdicts)
        best = max(THRESHOLDS.tolist(), key=lambda threshold: _micro(judged, threshold))
        classifier, seconds = _timed(lambda name=name: CONTENDERS[name](learned, "es", None))
        final = judge(classifier, tested, View.TITLE)
        yield {
            "name": name,
            "texts": len(tested),
            "micro_f1": round(_micro(final, best), 4),
            "threshold": round(best, 2),
            "on_folds": round(_micro(judged, best), 4),
            "train_s": round(seconds, 1),
        }


def _micro(judged: Judged, threshold: float) -> float:
    """Score all divisions of the texts against those of the first five that reach the threshold."""
    classes = sorted(set().union(*judged.gold_divisions, judged.divisions.ravel().tolist()) - {""})
    gold = np.array([[each in texts for each in classes] for texts in judged.gold_divisions], bool)
    said = np.zeros_like(gold)
    for rank in range(judged.divisions.shape[1]):
        said |= one_hot(judged.divisions[:, rank].tolist(), classes) & (judged.sure[:, rank, None] >= threshold)
    return f1(gold, said)[0]


def _read_upm(path: Path) -> list[PoolRow]:
    with path.open(newline="", encoding="utf-8") as file:
        entries = list(csv.DictReader(file))
    rows = []
    for entry in entries:
        codes = [Cpv.of(name) for name, flag in entry.items() if len(name) == 2 and flag == "1"]
        rows.append(
            PoolRow(
                id=entry[""],
                lang="es",
                title=entry["descripcion"].strip('"'),
                description="",
                cpv_main=codes[0],
                cpv_additional=tuple(codes[1:]),
                buyer="",
                source=path.stem,
                kind="labelled",
            )
        )
    return rows


def _timed(act: Callable[[], T]) -> tuple[T, float]:
    begun = time.perf_counter()
    done = act()
    return done, time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description="CPV classifiers side by side")
    asked.add_argument("--upm", action="store_true", help="the Spanish benchmark of UPM")
    asked.add_argument("--only", nargs="+", choices=tuple(CONTENDERS), default=tuple(CONTENDERS))
    given = asked.parse_args()
    data = load_settings().real_data
    if data is None:
        raise SystemExit("TENDERS_REAL_DATA must name the folder of real notices")
    upm = data / "cpv" / "upm-spanish"
    found = []
    for row in compare_on_upm(upm, given.only) if given.upm else compare_on_fold(data, given.only):
        if not found:
            print(" ".join(f"{name:>18}" for name in row))
        print(" ".join(f"{value!s:>18}" for value in row.values()), flush=True)
        found.append(row)
    print(orjson.dumps(found).decode())


if __name__ == "__main__":
    main()
