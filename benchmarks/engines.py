"""tantivy beside a real Elasticsearch on one corpus, interleaved in one run: indexing, disk, searches, results pages.

    python -m benchmarks.engines [SIZE ...]        (default 100000 300000 1000000; each grows the one before)

Both are asked through the same door, `SearchEngine`, so the plan of a query and the client stand on both sides. CPU
is that of this process and of the server's processes. Elasticsearch is measured at its best: TLS off, two GB of heap,
its index merged to one segment before it is asked; tantivy as the service leaves it. The figures beside are ratios,
Elasticsearch's over tantivy's: above 1, tantivy is ahead. Prints a table a size and, last, one JSON object.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from benchmarks.corpus import Corpus, now
from indexer.document import read_document
from indexer.elastic_door import open_door
from indexer.engine import SearchEngine, open_engine
from tenders.query import Facet, Sort
from tenders.query_url import from_url
from tests.elasticsearch_server import ElasticsearchServer, running_server

SIZES = (100_000, 300_000, 1_000_000)
BATCH = 5_000  # tenders a commit, as in the service
ROUNDS, PAGES = 12, 60
REPEATS = 3


def _server_cpu(server: ElasticsearchServer) -> float:
    """CPU seconds of the server's processes (Linux: /proc)."""
    assert server.process is not None
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == server.process.pid:  # its process group
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _chunks(numbers: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(numbers)
    while chunk := list(islice(rest, BATCH)):
        yield chunk


def grow(
    corpus: Corpus, engines: Mapping[str, SearchEngine], server: ElasticsearchServer, first: int, last: int
) -> dict:
    """Put the tenders from `first` to `last` into both, batch by batch in turn; returns what each spent a tender."""
    wall = dict.fromkeys(engines, 0.0)
    client = analysis = sample = 0.0  # CPU of this thread: Elasticsearch's client, the analysis, what is neither's
    began, server_began = time.process_time(), _server_cpu(server)
    chunks = _chunks(corpus.tenders(first, last))
    while True:
        begun = time.thread_time()
        chunk = next(chunks, None)
        sample += time.thread_time() - begun
        if chunk is None:
            break
        begun = time.thread_time()
        for tender in chunk[: BATCH // 10]:
            read_document(tender)
        spent = time.thread_time() - begun
        sample += spent
        analysis += spent * len(chunk) / len(chunk[: BATCH // 10])
        for name, engine in engines.items():
            begun, on_clock = time.thread_time(), time.perf_counter()
            engine.put(chunk)
            engine.commit(chunk[-1].version)
            wall[name] += time.perf_counter() - on_clock
            client += time.thread_time() - begun if name == "elasticsearch" else 0.0
    engines["tantivy"].close()  # its merges run in threads of this process, and are waited for
    theirs = client + _server_cpu(server) - server_began
    ours = time.process_time() - began - client - sample
    count = last - first + 1
    micros = {"tantivy": ours, "elasticsearch": theirs, "analysis": analysis}
    return {
        **{f"{name}_us": round(cpu / count * 1e6) for name, cpu in micros.items()},
        **{f"{name}_wall_s": round(seconds, 1) for name, seconds in wall.items()},
        "ratio_cpu_apart": round((theirs - analysis) / (ours - analysis), 2),
        "ratio_cpu": round(theirs / ours, 2),
        "ratio_wall": round(wall["elasticsearch"] / wall["tantivy"], 2),
    }


def _quantiles(milliseconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(milliseconds, n=100)
    return {"p50": round(cuts[49], 2), "p90": round(cuts[89], 2), "p99": round(cuts[98], 2)}


def compare(
    engines: Mapping[str, SearchEngine],
    server: ElasticsearchServer,
    forms: list[str],
    at: datetime,
    *,
    facets: Collection[Facet],
) -> dict[str, Any]:
    """Ask both the same things in turn; returns wall quantiles, CPU and ratios, and in how many the answers differ."""
    queries = [from_url(form) for form in forms]
    walls: dict[str, list[float]] = {name: [] for name in engines}
    for query in queries:  # once for nothing, and for the answers
        for engine in engines.values():
            engine.search(query, at, facets=facets)
    differing = 0
    for _ in range(REPEATS):
        for query in queries:
            answers = {}
            for name, engine in engines.items():
                begun = time.perf_counter()
                answers[name] = engine.search(query, at, facets=facets)
                walls[name].append((time.perf_counter() - begun) * 1000)
            one, other = answers.values()
            same = one.total == other.total and one.facets == other.facets
            if query.order is not Sort.RELEVANCE:
                same = same and [hit.id for hit in one.hits] == [hit.id for hit in other.hits]
            differing += not same
    cpu = {}
    for name, engine in engines.items():
        own, theirs = time.process_time(), _server_cpu(server)
        for query in queries:
            engine.search(query, at, facets=facets)
        spent = time.process_time() - own + (_server_cpu(server) - theirs if name == "elasticsearch" else 0)
        cpu[name] = spent / len(queries) * 1000
    quantiles = {name: _quantiles(times) for name, times in walls.items()}
    ratios = {
        f"ratio_{q}": round(quantiles["elasticsearch"][q] / quantiles["tantivy"][q], 2) for q in ("p50", "p90", "p99")
    }
    cpus = {f"{name}_cpu_ms": round(ms, 2) for name, ms in cpu.items()}
    ratio = round(cpu["elasticsearch"] / cpu["tantivy"], 2)
    return {**quantiles, **ratios, **cpus, "ratio_cpu": ratio, "asked": len(walls["tantivy"]), "differing": differing}


def overlap(engines: Mapping[str, SearchEngine], forms: list[str], at: datetime) -> float:
    """How many of the ten best by relevance both give, on the mean; ties count for both."""
    shared = []
    for form in forms:
        query = from_url(f"{form}&size=30")
        if query.order is not Sort.RELEVANCE:
            continue
        one, other = (engine.search(query, at).hits for engine in engines.values())
        if len(one) >= 10:
            able = {hit.id for hit in other if hit.score >= other[9].score * (1 - 1e-6)}
            shared.append(len({hit.id for hit in one[:10]} & able))
    return round(statistics.mean(shared), 2)


def _merge_to_one_segment(url: str) -> None:
    door = open_door(url)
    door.client.options(request_timeout=3600).indices.forcemerge(index=door.name, max_num_segments=1)


def main(sizes: list[int]) -> None:
    """Run it all and print."""
    figures: dict[str, Any] = {}
    with running_server(secure=False, heap="2g") as server, tempfile.TemporaryDirectory() as folder:
        url = server.url("benchmark")
        engines = {"tantivy": open_engine(f"tantivy:{folder}"), "elasticsearch": open_engine(url)}
        corpus, reached = Corpus(), 0
        for engine in engines.values():
            engine.rebuild(lambda _: None)
        for size in sizes:
            part: dict[str, Any] = {"indexing": grow(corpus, engines, server, reached + 1, size)}
            reached = size
            part["disk_mb"] = {name: round(int(engine.about()["bytes"]) / 1e6) for name, engine in engines.items()}
            _merge_to_one_segment(url)
            part["disk_mb_merged"] = round(int(engines["elasticsearch"].about()["bytes"]) / 1e6)
            mix, at = [form for _, form in corpus.queries(size, ROUNDS)], now(size)
            part["mix"] = compare(engines, server, mix, at, facets=())
            part["page"] = compare(engines, server, corpus.pages(size, PAGES), at, facets=tuple(Facet))
            part["disjunctive_page"] = compare(engines, server, corpus.narrowed(size, PAGES), at, facets=tuple(Facet))
            part["top_10_overlap"] = overlap(engines, mix, at)
            figures[str(size)] = part
            print(f"\n{size} tenders")
            for name, value in part.items():
                print(f"  {name:18} {value}", flush=True)
    print(orjson.dumps(figures).decode())


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
