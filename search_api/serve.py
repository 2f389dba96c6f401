"""The API, feeds and pages over HTTP: a port that can be had, and uvicorn on it."""

from __future__ import annotations

import gc
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
import uvicorn
from fastapi import APIRouter

from indexer.filling import open_index
from search_api.app import create_app
from tenders.errors import BadSettings
from tenders.settings import Settings
from tenders.store.database import open_store

DEFAULT_PORT = 8000
# A question of 100,000 letters must reach our own caps, which say what is wrong with it.
_MAX_HEAD = 512 * 1024  # bytes of a request's first line and headers
_SHUTDOWN = 10  # seconds given to requests under way


def bind(host: str, port: int) -> socket.socket:
    """Take a port; where it is taken by another, take a free one and say so on stderr.

    Raises BadSettings for a host that is not of this machine.
    """
    try:
        return _listen(host, port)
    except (OSError, OverflowError) as problem:
        reason = problem
    try:
        listening = _listen(host, 0)
    except OSError as problem:
        raise BadSettings(
            f"cannot listen on {host}: {problem.strerror}; give --host an address of this machine"
        ) from None
    typer.echo(f"port {port} cannot be had ({reason}): taking {listening.getsockname()[1]} instead", err=True)
    return listening


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except BaseException:
        listening.close()
        raise
    return listening


def local_address(listening: socket.socket) -> str:
    """Return the http address of a socket that listens, as a browser on this machine would write it."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def make_server(
    settings: Settings, routers: Sequence[APIRouter] = (), *, base_url: str | None = None
) -> uvicorn.Server:
    """Build the server on the settings' store and index; run it with `run(sockets=[...])`."""
    store = open_store(settings.database, settings.raw)
    app = create_app(
        store,
        open_index(store, settings.search),
        base_url=base_url or settings.base_url,
        routers=routers,
        secret=settings.signing_key(),
        contact=settings.crawl_contact,
        embed_on=settings.embed_on,
    )
    set_aside()
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            h11_max_incomplete_event_size=_MAX_HEAD,
            timeout_graceful_shutdown=_SHUTDOWN,
        )
    )


def set_aside() -> None:
    """Have the collector of cycles leave alone what stands from the start: it looked for a tenth of a second at it."""
    gc.collect()
    gc.freeze()


def serve(
    settings: Settings, routers: Sequence[APIRouter] = (), *, host: str = "127.0.0.1", port: int = DEFAULT_PORT
) -> None:
    """Serve until told to stop; prints the address, with which links begin where TENDERS_BASE_URL is not set."""
    listening = bind(host, port)
    address = local_address(listening)
    base_url = settings.base_url if "base_url" in settings.model_fields_set else address
    server = make_server(settings, routers, base_url=base_url)
    typer.echo(address)
    with listening, ended_by_signals():
        server.run(sockets=[listening])


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM end the server and nothing else: uvicorn raises them again once it has shut down."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
