"""The main job on real days: import, index, search. Prints a table and, last, one JSON object.

    TENDERS_REAL_DATA=DIR python -m benchmarks.main_job [DAYS]

DIR holds ``boamp-daily/csv.tar.xz``. Rates are wall time of the real commands as child processes on this machine,
memory the largest child. The peer beside the index is SQLite's FTS5 over the same tokens, in the same run.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson

from indexer.document import read_document
from indexer.engine import open_engine
from tenders.query import Facet
from tenders.query_url import from_url
from tenders.settings import load_settings
from tenders.store.database import open_store
from tenders.store.tenders import load_tenders

NOW = datetime(2021, 5, 10, 8, 0, tzinfo=UTC)
QUERIES = (
    "q=toiture OU couverture&dept=21",
    "q=toiture OU couverture&nuts=FRC1&status=open",
    "q=menuiserie bois",
    "q=couverture zinguerie&dept=71",
    "q=nettoyage locaux -vitrerie&nuts=FRC1",
    'q="maîtrise d\'oeuvre"&dept=71',
    "q=électr*&dept=25",
    "q=transport scolaire&status=open",
    "q=repas liaison froide",
    "q=logiciel OU informatique",
    "q=voirie&status=open&sort=deadline",
    "q=ascenseur* maintenance",
    "q=espaces verts SAUF tonte",
    "q=gros-oeuvre&dept=69",
    "q=désamiantage",
    "q=amiante -diagnostic",
    "q=assurances&kind=competition",
    "q=vêtements travail",
    "q=rénovation école&dept=21",
    "q=travaux",
)
RANKED = ("travaux", "nettoyage", "voirie OR assurances OR transport OR repas", "electr*")


def _command(home: Path, *arguments: str) -> float:
    environment = {**os.environ, "TENDERS_HOME": str(home)}
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "tenders", *arguments], check=True, env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - begun


def _timed(act: Callable[[], object], times: int = 15) -> list[float]:
    act()
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        spent.append((time.perf_counter() - begun) * 1000)
    return spent


def _quantiles(spent: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(spent, n=100)
    return {"p50": round(cuts[49], 2), "p90": round(cuts[89], 2), "p99": round(cuts[98], 2)}


def measure(days: int | None) -> dict[str, object]:
    """Run it all in a temporary folder and return the figures."""
    data = load_settings().real_data
    if data is None:
        raise SystemExit("TENDERS_REAL_DATA must name the folder of real notices")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with tarfile.open(data / "boamp-daily" / "csv.tar.xz") as archive:
            archive.extractall(home / "csv", filter="data")
        files = sorted(map(str, (home / "csv").rglob("*.csv")))[:days]
        importing = _command(home / "var", "import", "boamp-daily", *files)
        indexing = _command(home / "var", "index")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        store = open_store(f"sqlite:///{home / 'var' / 'tenders.db'}", str(home / "var" / "raw"))
        engine = open_engine(f"tantivy:{home / 'var' / 'index'}")
        with store.reading() as connection:
            notices = connection.exec_driver_sql("SELECT count(*) FROM notices").scalar_one()
        asked = [from_url(query) for query in QUERIES]
        search = [ms for query in asked for ms in _timed(lambda query=query: engine.search(query, NOW))]
        page = [
            ms
            for query in asked
            for ms in _timed(lambda query=query: engine.search(query, NOW, facets=tuple(Facet)), 7)
        ]
        sizes = {
            name: round(sum(f.stat().st_size for f in (home / "var").glob(glob) if f.is_file()) / 1e6)
            for name, glob in (("store_mb", "tenders.db*"), ("index_mb", "index/*/*"))
        }
        return {
            "days": len(files),
            "notices": notices,
            "tenders": engine.count(),
            "import_s": round(importing, 1),
            "index_s": round(indexing, 1),
            "notices_per_s": round(notices / (importing + indexing)),
            "peak_mb": round(peak),
            **sizes,
            "search_ms": _quantiles(search),
            "faceted_page_ms": _quantiles(page),
            "ranked_against_fts5": _against_fts5(home, store, engine),
        }


def _against_fts5(home: Path, store: object, engine: object) -> dict[str, dict[str, float]]:
    """Median ms of ranked searches, ours and FTS5's over the same surface words, interleaved, and their ratio."""
    peer = sqlite3.connect(home / "fts5.db")
    peer.execute("CREATE VIRTUAL TABLE t USING fts5(words, content='', tokenize='ascii', prefix='')")
    ids = list(engine.stream(from_url(""), NOW))  # type: ignore[attr-defined]
    for start in range(0, len(ids), 5000):
        with store.reading() as connection:  # type: ignore[attr-defined]
            tenders = load_tenders(connection, ids[start : start + 5000])
        rows = []
        for tender in tenders.values():
            read = read_document(tender)
            rows.append((" ".join(token for values in read.words.values() for tokens in values for token in tokens),))
        peer.executemany("INSERT INTO t(words) VALUES (?)", rows)
    peer.commit()
    figures = {}
    for text in RANKED:
        query = from_url(f"q={text.replace('electr', 'électr')}")
        ranked = "SELECT rowid FROM t WHERE t MATCH ? ORDER BY bm25(t) LIMIT 20"
        ours, theirs = [], []
        for _ in range(7):
            ours += _timed(lambda query=query: engine.search(query, NOW), 1)  # type: ignore[attr-defined]
            theirs += _timed(lambda text=text, ranked=ranked: peer.execute(ranked, (text,)).fetchall(), 1)
        a, b = statistics.median(ours), statistics.median(theirs)
        figures[text] = {"ours_ms": round(a, 2), "fts5_ms": round(b, 2), "ratio": round(b / a, 1)}
    return figures


if __name__ == "__main__":
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    for name, value in found.items():
        print(f"{name:22} {value}")
    print(orjson.dumps(found).decode())
