"""The server over real HTTP: ports, long questions, many at once."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from search_api.serve import bind, local_address, make_server
from tenders.errors import BadSettings
from tenders.settings import Settings
from tests.notices import House
from tests.search_api.samples import NOTICES


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    settings = Settings(home=tmp_path, _env_file=None)  # type: ignore[call-arg]
    house = House(tmp_path)
    house.bring(*NOTICES)
    house.close()
    listening = bind("127.0.0.1", 0)
    server = make_server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield local_address(listening)
    server.should_exit = True
    thread.join(20)
    listening.close()
    assert not thread.is_alive()


def test_a_taken_port_is_replaced_by_a_free_one_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with bind("127.0.0.1", taken) as listening:
            port = listening.getsockname()[1]
    assert port != taken
    said = capsys.readouterr()
    assert str(taken) in said.err and str(port) in said.err and said.out == ""


def test_an_address_that_is_not_of_this_machine_is_refused_with_the_cure() -> None:
    with pytest.raises(BadSettings, match="--host"):
        bind("192.0.2.1", 8000)


def test_a_very_long_question_is_told_what_is_wrong_with_it(address: str) -> None:
    for text, says in (("x" * 100_000, "500"), ("(" * 10_000, "limit"), ("a+" * 500, "limit")):
        asked = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
        asked.request("GET", f"/api/v1/tenders?q={text}")
        answer = asked.getresponse()
        assert answer.status == 400
        assert says in json.loads(answer.read())["detail"]
        asked.close()


def test_a_long_question_that_comes_in_pieces_is_told_the_same(address: str) -> None:
    host, _, port = urlsplit(address).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as asked:
        asked.sendall(b"GET /api/v1/tenders?q=" + b"x" * 90_000)
        time.sleep(0.3)
        asked.sendall(b"x" * 10_000 + b" HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := asked.recv(65_536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"the text has 100000 characters" in answer


def test_many_ask_at_once_and_each_gets_its_answer(address: str) -> None:
    paths = ["/api/v1/tenders?q=mobilier", "/tenders.atom?dept=71", "/?q=charpente", "/api/v1/cpv?q=toiture"] * 25
    began = time.monotonic()
    with httpx.Client(base_url=address) as client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(client.get, paths))
    assert {answer.status_code for answer in answers} == {200}
    tags = {path: {a.headers["etag"] for p, a in zip(paths, answers, strict=True) if p == path} for path in paths}
    assert all(len(found) == 1 for found in tags.values())
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_in_order(tmp_path: Path, number: signal.Signals) -> None:
    code = "from search_api.serve import serve; from tenders.settings import Settings; import pathlib, sys;"
    code += "serve(Settings(home=pathlib.Path(sys.argv[1]), _env_file=None), port=0); print('ended')"
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert httpx.get(f"{address}/health/live").status_code == 200
        process.send_signal(number)
        said, complained = process.communicate(timeout=20)
    assert (process.returncode, said, complained) == (0, "ended\n", "")
