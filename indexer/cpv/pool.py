"""The pool of classified texts that a model is made of and measured on, and its fixed folds.

One JSON object a line, plain or gzip: ``id``, ``lang`` (ISO 639-1, any case), ``title``, ``description``, ``cpv_main``
(8 digits), ``cpv_additional`` (a list), ``buyer``, ``source``, ``kind``. Only ``title`` and ``cpv_main`` must be there.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.analysis import words
from indexer.cpv.alike import alike, plain_title
from tenders.codes import Cpv
from tenders.errors import Refused

FOLDS = 5
_GZIP = b"\x1f\x8b"
_LANGUAGE = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    """A text and the CPV codes its buyer gave it; what was not said is empty, an unknown language None."""

    id: str
    lang: str | None  # ISO 639-1
    title: str
    description: str
    cpv_main: Cpv
    cpv_additional: tuple[Cpv, ...]
    buyer: str
    source: str
    kind: str  # the publication: ted, decp, boamp...


def read_pool(path: Path, skipped: Counter[str] | None = None) -> list[PoolRow]:
    """Read a file of classified texts; bad rows are left out and counted by reason in `skipped`.

    Raises Refused for a file that cannot be read or has no usable row.
    """
    reasons: Counter[str] = Counter() if skipped is None else skipped
    rows = []
    try:
        for line in filter(None, map(bytes.strip, _lines(path))):
            try:
                rows.append(_row(orjson.loads(line)))
            except orjson.JSONDecodeError:
                reasons["not a JSON object"] += 1
            except Refused as problem:
                reasons[str(problem)] += 1
    except (OSError, EOFError, zlib.error) as problem:
        raise Refused(f"{path} cannot be read ({problem}): give JSON lines, plain or gzip") from None
    if not rows:
        why = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(3)) or "it is empty"
        raise Refused(f'{path} has no classified text ({why}): each line is {{"title": ..., "cpv_main": "45261000"}}')
    return rows


def choose(rows: Sequence[PoolRow], lang: str = "", kind: str = "") -> list[PoolRow]:
    """Return the rows of a language and a kind, where one is named; raises Refused where none is left."""
    chosen = [row for row in rows if (not lang or row.lang == lang.lower()) and (not kind or row.kind == kind)]
    if not chosen:
        raise Refused(
            "no text is left: the languages are "
            f"{_listed(row.lang or 'unknown' for row in rows)}, the kinds {_listed(row.kind for row in rows)}"
        )
    return chosen


def folds(rows: Sequence[PoolRow], n: int = FOLDS) -> NDArray[np.int64]:
    """Give each row the number of its fold: all texts of a buyer are in one, the same one in every run.

    Rows without buyer go by their notice, lots together; those without id too, by their title.
    """
    return np.array([_draw(_family(row)) % n for row in rows], np.int64)


def training_rows(rows: Sequence[PoolRow], fold_of: NDArray[np.int64], f: int) -> NDArray[np.int64]:
    """Return the indices of the rows to learn from when fold `f` is the test, in order.

    Left out are the fold itself and every row whose title is nearly that of one in it.
    """
    others, tested = np.flatnonzero(fold_of != f), np.flatnonzero(fold_of == f)
    twins = alike([rows[at].title for at in others.tolist()], [rows[at].title for at in tested.tolist()])
    return others[~twins]


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(values) - {""})) or "not said"


def _family(row: PoolRow) -> str:
    buyer = " ".join(words(row.buyer))
    return f"buyer {buyer}" if buyer else f"id {row.id.partition('#')[0]}" if row.id else plain_title(row.title)


def _draw(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest())


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
        file.seek(0)
        with closing(gzip.open(file) if zipped else file) as lines:
            yield from lines


def _row(entry: Any) -> PoolRow:
    if not isinstance(entry, dict):
        raise Refused("not a JSON object")
    title, lang, main = _text(entry, "title"), _text(entry, "lang"), _code(entry.get("cpv_main"))
    additional = entry.get("cpv_additional") or []
    if not title.strip():
        raise Refused("no title")
    if main is None:
        raise Refused("cpv_main is no CPV 2008 code")
    if not isinstance(additional, list):
        raise Refused("cpv_additional is no list")
    return PoolRow(
        id=_text(entry, "id"),
        lang=lang.lower() if _LANGUAGE.fullmatch(lang) else None,
        title=title,
        description=_text(entry, "description"),
        cpv_main=main,
        cpv_additional=tuple(dict.fromkeys(code for code in map(_code, additional) if code)),
        buyer=_text(entry, "buyer"),
        source=_text(entry, "source"),
        kind=_text(entry, "kind"),
    )


def _text(entry: dict[str, Any], name: str) -> str:
    """Return a field's text, numbers as they are written; raises Refused for what is neither."""
    value = entry.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refused(f"{name} is no text")
    return str(value)


def _code(value: object) -> Cpv | None:
    try:
        code = Cpv.parse(value) if isinstance(value, str) else None
    except Refused:
        return None
    return code if code and code.known else None
