"""``tenders cpv train``."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from indexer.cpv.learning.corpus import Corpus
    from indexer.cpv.measuring.report import Json


def train(
    data: Annotated[Path, typer.Argument(help="Folder of data: see below.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the model; by default the one that ships.")] = None,
    folds: Annotated[int, typer.Option(help="Folds on which it is measured, of five by buyer.", min=1, max=5)] = 5,
    corrections: Annotated[
        Path | None, typer.Option(help="What `tenders cpv corrections --export` wrote: rows of weight 2.")
    ] = None,
    store: Annotated[bool, typer.Option(help="Learn from the notices of the store, too.")] = False,
    seed: Annotated[int, typer.Option(help="What chance is drawn from.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Train the CPV classifier, measure it on the fixed folds, and keep it unless it loses against the current one.

    DATA holds cpv/train_pool.jsonl.gz (classified texts, one JSON object a line) and, where there is more to learn
    from: cpv/upm-spanish/train10.csv, cpv/boamp_descriptor_map.py, boamp-daily/csv.tar.xz, reference/
    eforms-codes-24-languages.tar.xz. It never learns from its own predictions. Needs the extra `train` (numba).

    Exit status: 0 the model was kept, 1 it lost or the data cannot be used, 2 wrong use.

    Example: tenders cpv train ../shared/data --folds 2
    """
    from dataclasses import replace

    import numpy as np

    from indexer.cpv import artefact
    from indexer.cpv.learning.corpus import read_corpus
    from indexer.cpv.learning.keeping import keep, name_version
    from tenders.errors import Refused

    try:
        from indexer.cpv.learning.prepared import prepare
        from indexer.cpv.learning.proving import prove
        from indexer.cpv.learning.training import train as learn
    except ImportError as problem:
        raise Refused(f"training needs {problem.name}: install the extra, pip install 'tenderwatch[train]'") from None

    begun = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - begun:5.0f} s  {what}", file=sys.stderr)

    skipped: Counter[str] = Counter()
    corpus = _extend(read_corpus(data, skipped), corrections, store=store)
    for reason, count in skipped.most_common():
        print(f"{count} texts left out: {reason}", file=sys.stderr)
    say(f"{len(corpus.pool):,} classified texts, {len(corpus.filed):,} notices with descriptors")
    prepared = prepare(corpus, say)
    proof = prove(prepared, range(folds), say)
    start = time.monotonic()
    model = learn(prepared, np.arange(len(corpus.pool)), say, seed=seed)
    model = replace(model, version=name_version(corpus, seed), blend=proof.blend)
    say(f"trained in {time.monotonic() - start:.0f} s")
    report = {**proof.report, "version": model.version, "corpus": corpus.digest}
    refusal = keep(model, report, out or artefact.SHIPPED)
    print(orjson.dumps(report).decode() if as_json else _summary(report))
    if refusal:
        raise Refused(refusal)
    say(f"kept in {out or artefact.SHIPPED}")


def _extend(corpus: Corpus, corrections: Path | None, *, store: bool) -> Corpus:
    from indexer.cpv.learning.gathering import correct, gather

    if store:
        from tenders.settings import load_settings
        from tenders.store.database import open_store

        settings = load_settings()
        with open_store(settings.database, settings.raw).reading() as connection:
            corpus = gather(connection, corpus)
    return correct(corpus, corrections) if corrections else corpus


def _summary(report: Json) -> str:
    lines = [f"model {report['version']}, measured on {report['data']}"]
    for view, figures in report["views"].items():
        division, group, code = figures["division"], figures["group"], figures["code"]
        lines.append(
            f"{view}: division {division['top1']:.1%} / {division['top3']:.1%} / {division['top5']:.1%}, "
            f"group {group['top1']:.1%} / {group['top3']:.1%}, code (own depth) {code['own_depth']['top5']:.1%} in five"
        )
    return "\n".join([*lines, "the whole report: tenders cpv evaluate"])
