"""Which model stands: a new one takes the place of the current one unless it loses against it on the fixed folds."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import orjson
import spacy

from indexer.cpv import artefact
from indexer.cpv.component import CpvClassifier
from indexer.cpv.language import UNKNOWN
from indexer.cpv.learning.corpus import Corpus
from indexer.cpv.measuring.evaluation import STORED
from indexer.cpv.measuring.report import Json
from indexer.cpv.model import CpvModel

_HERE = Path(__file__).parent
# What a model is made by: another line in one of these may make another model.
_CODE = (
    *(_HERE.parent / f"{name}.py" for name in ("features", "lost", "memory", "model", "text", "tree")),
    *(
        _HERE / name
        for name in (
            *("corpus.py", "examples.py", "filed.py", "learners.py", "natures.py", "natures.tsv"),
            *("prepared.py", "rows.py", "training.py", "weak.py"),
        )
    ),
)


def name_version(corpus: Corpus, seed: int = 0) -> str:
    """Return the name of the model that this code makes of a corpus: a hash of data, labels, seed and code."""
    total = sha256(f"{artefact.FORMAT} {seed} {corpus.digest}".encode())
    for path in _CODE:
        total.update(path.read_bytes())
    return total.hexdigest()[:12]


def compare(new: Json, current: Json) -> str:
    """Return why a new report loses against the current one, "" where it does not.

    It loses when it is right less often (first division, the mean of all views) on the same folds. Reports on other
    folds say nothing about each other: those are not compared, and the new model stands.
    """
    if new["data"] != current["data"]:
        return ""
    ours, theirs = _right(new), _right(current)
    if ours >= theirs:
        return ""
    return f"the new model is right {ours:.2%} of the time, the current one {theirs:.2%}: the current one stays"


def keep(model: CpvModel, report: Json, folder: Path) -> str:
    """Write a model and its report into a folder, unless it loses against the one there; then return why.

    The folder becomes a spaCy pipeline of no language of its own, with the model as its component.
    """
    place = artefact.home(folder) / STORED
    if place.exists() and (place.parent / artefact.WEIGHTS).exists():
        refusal = compare(report, orjson.loads(place.read_bytes()))
        if refusal:
            return refusal
    nlp = spacy.blank(UNKNOWN)
    component = nlp.add_pipe(artefact.COMPONENT)
    assert isinstance(component, CpvClassifier)
    component.use(model)
    nlp.to_disk(folder)
    report = {**report, "cost": {**report["cost"], "size_bytes": artefact.weigh(folder)}}
    place = artefact.home(folder) / STORED
    place.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return ""


def _right(report: Json) -> float:
    views = report["views"].values()
    return float(sum(view["division"]["top1"] for view in views) / len(views))
