"""What a model is made of: classified texts, official labels, notices with descriptors, and what ties these to CPV.

In a folder of data, by their names: ``cpv/train_pool.jsonl.gz`` (classified texts, needed), ``cpv/upm-spanish/
train10.csv`` (Spanish titles with divisions), ``cpv/boamp_descriptor_map.py`` (descriptor to CPV prefix, by hand),
``boamp-daily/csv.tar.xz`` (BOAMP's daily files), ``reference/eforms-codes-24-languages.tar.xz`` (labels in languages
that the project does not ship). What is absent is done without.
"""

from __future__ import annotations

import csv
import io
import re
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np

from indexer.cpv.features import F32
from indexer.cpv.pool import PoolRow, read_pool
from indexer.cpv.text import fold
from indexer.cpv.tree import divisions
from tenders import reference
from tenders.errors import Refused

POOL = "cpv/train_pool.jsonl.gz"
SPANISH = "cpv/upm-spanish/train10.csv"
BY_HAND = "cpv/boamp_descriptor_map.py"
NOTICES = "boamp-daily/csv.tar.xz"
LABELS = "reference/eforms-codes-24-languages.tar.xz"
FURTHER = ("bg", "da", "el", "fi", "hu", "sk", "sl", "et", "hr", "lt", "lv")  # languages of labels from there
_TITLE = 500  # characters of a notice's title that count
_MAPPED = re.compile(r"\b(\d{1,3}):(\d{2,8})\b")
_LABEL = re.compile(r'key="code\|name\|cpv\.(\d{8})"[^>]*>([^<]*)<')


@dataclass(frozen=True, slots=True)
class Filed:
    """A notice as BOAMP files it: folded title, codes of its descriptors."""

    title: str
    descriptors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """A folded title with the divisions that it belongs to, as probabilities."""

    title: str
    divisions: F32


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that is learned from; `digest` names it."""

    pool: Sequence[PoolRow]
    labels: Mapping[str, Mapping[str, str]]  # language -> code -> folded label
    filed: Sequence[Filed] = ()
    by_hand: Mapping[str, str] = field(default_factory=dict)  # descriptor -> CPV prefix
    spanish: Sequence[Sorted] = ()
    weights: Sequence[float] = ()  # of the rows of the pool, 1 where it is shorter

    @property
    def digest(self) -> str:
        """A hash of what it holds."""
        total = sha256()
        for row in self.pool:
            total.update(f"{row.title}\t{row.description}\t{row.cpv_main}\n".encode("utf-8", "replace"))
        for language in sorted(self.labels):
            total.update("\n".join(self.labels[language].values()).encode())
        for notice in self.filed:
            total.update(f"{notice.title}\t{notice.descriptors}\n".encode("utf-8", "replace"))
        for title in self.spanish:
            total.update(title.title.encode("utf-8", "replace"))
        total.update(repr((sorted(self.by_hand.items()), list(self.weights))).encode())
        return total.hexdigest()


def read_corpus(folder: Path, skipped: Counter[str] | None = None) -> Corpus:
    """Read a folder of data; raises Refused where there is no pool or a file cannot be read."""
    try:
        return Corpus(
            pool=read_pool(folder / POOL, skipped),
            labels=official_labels(folder / LABELS),
            filed=_read_filed(folder / NOTICES) if (folder / NOTICES).exists() else (),
            by_hand=dict(_MAPPED.findall((folder / BY_HAND).read_text("utf-8"))) if (folder / BY_HAND).exists() else {},
            spanish=read_sorted(folder / SPANISH) if (folder / SPANISH).exists() else (),
        )
    except (OSError, tarfile.TarError, EOFError, UnicodeDecodeError) as problem:
        raise Refused(
            f"{folder} is no folder of data to train on ({problem}): see `tenders cpv train --help`"
        ) from None


def official_labels(further: Path | None = None) -> dict[str, dict[str, str]]:
    """Return the folded official labels of all codes by language: those that we ship, and more from an archive."""
    labels = {
        language: {code: fold(label) for code, label in reference.cpv_labels(language).items()}
        for language in reference.LANGUAGES
    }
    if further and further.exists():
        with tarfile.open(further) as archive:
            for member in archive:
                language = member.name.removeprefix("code_").removesuffix(".xml")
                if language in FURTHER and (file := archive.extractfile(member)):
                    found = _LABEL.findall(file.read().decode())
                    labels[language] = {code: fold(label) for code, label in found}
    return labels


def read_sorted(path: Path) -> list[Sorted]:
    """Read titles with divisions: a CSV file with a title in its second column and one column a division (0 or 1)."""
    csv.field_size_limit(10**7)
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        try:
            columns = [divisions().index(name) for name in next(lines)[2:]]
            rows = []
            for line in lines:
                shares = np.zeros(len(divisions()), np.float32)
                shares[columns] = [float(value) for value in line[2:]]
                if shares.sum() and fold(line[1]):
                    rows.append(Sorted(fold(line[1]), shares / shares.sum()))
        except (ValueError, StopIteration, IndexError, csv.Error) as problem:
            raise Refused(f"{path} is no table of titles and divisions ({problem})") from None
    return rows


def _read_filed(path: Path) -> list[Filed]:
    """Read BOAMP's daily files; of notices with one title, one, with the descriptors that most of them have."""
    times: Counter[str] = Counter()
    found: dict[str, Counter[str]] = {}
    for title, descriptors in _daily_rows(path):
        folded = fold(title[:_TITLE])
        if len(folded) > 3:
            times[folded] += 1
            found.setdefault(folded, Counter()).update(set(descriptors))
    return [
        Filed(title, tuple(sorted(code for code, count in codes.items() if 2 * count > times[title])))
        for title, codes in found.items()
    ]


def _daily_rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    csv.field_size_limit(10**7)
    with tarfile.open(path) as archive:
        for member in sorted(archive.getmembers(), key=lambda m: m.name):
            file = archive.extractfile(member)
            if file is not None and member.name.endswith(".csv"):
                for row in csv.DictReader(io.TextIOWrapper(file, "utf-8", "replace", newline="")):
                    codes = re.findall(r"\d+", row.get("g04_051_descripteurs_codes") or "")
                    yield row.get("g04_09_resume_objet") or "", codes
