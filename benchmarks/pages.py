"""How soon pages begin to come, and how heavy they are. Prints a table and, last, one JSON object.

    python -m benchmarks.pages HOME

HOME is a folder with a filled store and index, such as one that `make bench` or `tenders import` and `tenders index` on
the real days left. The server is a process of its own on one processor, as of a day on which these tenders were open;
it is warm, and no page is asked twice. The peer beside each page is the API's answer to the same question, in the same
run: what a page costs more is what people see.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

import httpx
import orjson

from benchmarks.main_job import QUERIES
from tenders.codes import departments, divisions, regions

NOW = datetime(2021, 4, 15, 6, 40, tzinfo=UTC)
PORT = 8437
BASE = f"http://127.0.0.1:{PORT}"
GOAL = {"first_byte_p95_ms": 50, "observatory_first_byte_p95_ms": 150, "kilobytes": 60}
SCOPES = 200
PERIODS = (("2019-09-01", "2021-04-15"), ("2020-05-01", "2021-04-15"), ("2020-01-01", "2020-12-31"))


def serve(home: Path) -> None:
    """Serve the store and index of a folder as of NOW, on one processor."""
    import uvicorn

    from indexer.engine import open_engine
    from search_api.app import create_app
    from search_api.serve import set_aside
    from tenders.store.database import open_store

    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    store = open_store(f"sqlite:///{home / 'tenders.db'}", str(home / "raw"))
    app = create_app(store, open_engine(f"tantivy:{home / 'index'}"), base_url=BASE, clock=lambda: NOW, secret="s" * 40)
    set_aside()
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning", access_log=False)


def ask(client: httpx.Client, path: str) -> tuple[float, int]:
    """Return the milliseconds until the first byte of an answer, and its bytes."""
    begun = time.perf_counter()
    with client.stream("GET", BASE + path, headers={"Accept-Encoding": "identity"}) as answer:
        spent = (time.perf_counter() - begun) * 1000
        size = len(answer.read())
    assert answer.status_code == 200, (path, answer.status_code)
    return spent, size


def questions(client: httpx.Client) -> dict[str, list[tuple[str, str]]]:
    """Return the pages to ask by what they are, each with the address of the API that answers the same."""
    departments = [f"{number:02}" for number in range(1, 96) if number != 20]
    asked = [f"{query}&dept={code}" for code in departments[::7] for query in QUERIES if "dept" not in query]
    asked += list(QUERIES)
    ids = [
        item["id"]
        for code in departments
        for item in client.get(f"{BASE}/api/v1/tenders?dept={code}&size=3&q=travaux").json()["items"]
    ]
    return {
        "search": [(f"/fr/?{query}", f"/api/v1/tenders?{query}") for query in asked],
        "alert": [(f"/fr/alerts/new?{query}", f"/api/v1/tenders?{query}") for query in QUERIES],
        "tender": [(f"/fr/tenders/{id_}", f"/api/v1/tenders/{id_}") for id_ in ids],
        "observatory": [(f"/fr/observatory?{scope}", f"/api/v1/tenders?{search}") for scope, search in scopes()],
    }


def scopes() -> list[tuple[str, str]]:
    """Return scopes of the observatory, each as its page and as a search asks for it, none of them twice."""
    draw = random.Random(3)
    found: dict[str, str] = {}
    while len(found) < SCOPES:
        places = draw.choice([(), draw.choice(list(regions().values())).departments(), (draw.choice(departments()),)])
        division = draw.choice(["", draw.choice(divisions()).prefix])
        first, last = draw.choice(PERIODS)
        form = [f"dept={place}" for place in places] + ([f"cpv_any={division}"] if division else [])
        search = "&".join((*form, f"published_after={first}", f"published_before={last}"))
        found[search] = search + draw.choice(["", "&compare=region-27"])
    return [(page, search) for search, page in found.items()]


def measure(client: httpx.Client) -> list[dict[str, object]]:
    """Ask every page and its peer in turn."""
    style = len(client.get(BASE + "/static/tenderwatch.css").content)
    for path in ("/fr/?q=menuiserie", "/api/v1/tenders?q=menuiserie"):
        ask(client, path)
    rows: list[dict[str, object]] = []
    for kind, pairs in questions(client).items():
        pages, peers = [], []
        for page, peer in pairs:
            pages.append(ask(client, page))
            peers.append(ask(client, peer))
        for name, told in ((kind, pages), (f"{kind}, API", peers)):
            spent = [ms for ms, _ in told]
            heaviest = (max(size for _, size in told) + (style if name == kind else 0)) / 1000
            p95 = quantiles(spent, n=20)[18]
            rows.append(
                {"what": name, "asked": len(told), "p50_ms": median(spent), "p95_ms": p95, "max_kb": round(heaviest, 1)}
            )
        print(f"{kind}: {rows[-2]['p95_ms'] / rows[-1]['p95_ms']:.2f} times its peer at p95")  # type: ignore[operator]
    return rows


def main(home: Path) -> None:
    """Start the server, measure, and stop it."""
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.pages", str(home), "serve"])
    try:
        with httpx.Client(timeout=60) as client:
            for _ in range(200):
                try:
                    client.get(BASE + "/health/live")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            rows = measure(client)
    finally:
        server.terminate()
        server.wait()
    for row in rows:
        print(f"{row['what']:16} {row['asked']:>4} asked, first byte p50 {row['p50_ms']:6.1f} ms, "
              f"p95 {row['p95_ms']:6.1f} ms, heaviest with its style {row['max_kb']} kB")  # fmt: skip
    print(f"goals: {GOAL}")
    print(orjson.dumps(rows).decode())


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    if sys.argv[2:] == ["serve"]:
        serve(folder)
    else:
        main(folder)
