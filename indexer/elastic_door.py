"""The door to Elasticsearch: its address, its client, and what its errors mean to us. No secret leaves here."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, NotFoundError, UnsupportedProductError
from elasticsearch.serializer import OrjsonSerializer

from tenders.errors import BadSettings, EngineBroken, EngineRefused, MissingIndex, Unavailable

ASK_SECONDS = 10  # an answer to a search that takes longer is no answer
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_EXAMPLE = "https://user:secret@host:9200/NAME"
_OPTIONS = ("api_key", "ca")
logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # its tracebacks of each try; our errors say it once


@dataclass(frozen=True, slots=True)
class Door:
    """A client, the name its indexes stand under, and the address as it may be shown."""

    client: Elasticsearch
    name: str
    shown: str

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Elasticsearch's errors end here, each as one of ours, in our words: theirs may repeat what they were sent."""
        try:
            yield
        except NotFoundError as problem:
            raise MissingIndex(f"there is no index at {self.shown}: `tenders index` makes it") from problem
        except UnsupportedProductError as problem:
            raise EngineBroken(f"what answers at {self.shown} is not Elasticsearch: {problem}") from problem
        except ApiError as problem:
            raise self._answer(problem) from problem
        except TlsError as problem:
            raise EngineRefused(
                f"no trusted connection to {self.shown}: give the certificate's authority as ?ca=FILE, or mend the "
                f"name in the certificate ({_first_line(problem)})"
            ) from problem
        except ConnectionTimeout as problem:
            raise Unavailable(f"Elasticsearch at {self.shown} does not answer in time; try again") from problem
        except TransportError as problem:
            raise Unavailable(f"Elasticsearch at {self.shown} cannot be reached: {_first_line(problem)}") from problem

    def _answer(self, problem: ApiError) -> Exception:
        status = problem.status_code
        said = f"{status} {problem.error}" if isinstance(problem.body, dict) else str(status)
        if status in (401, 403):
            return EngineRefused(
                f"Elasticsearch at {self.shown} does not let us in ({said}): mend user, secret or privileges in "
                "TENDERS_SEARCH_URL"
            )
        if status in (408, 429, 502, 503, 504):
            return Unavailable(f"Elasticsearch at {self.shown} is too busy or not ready ({said}); try again")
        return EngineBroken(
            f"Elasticsearch at {self.shown} answered {said}: see its log; `tenders doctor` looks around"
        )


def _first_line(problem: TransportError) -> str:
    return problem.message.splitlines()[0][:200] if problem.message else type(problem).__name__


def open_door(url: str) -> Door:
    """Read ``https://user:secret@host:9200/NAME`` (``?api_key=KEY`` instead of a user, ``?ca=FILE`` to trust).

    Asks nothing of the server. Raises BadSettings, which repeats no part of the address that may be secret.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 9200
    except ValueError:
        raise BadSettings(f"TENDERS_SEARCH_URL is no address: write {_EXAMPLE}") from None
    name = parts.path.strip("/")
    options = dict(parse_qsl(parts.query))
    if not host or not _NAME.fullmatch(name):
        raise BadSettings(
            f"TENDERS_SEARCH_URL must end in the name of the index, in small letters, digits, - and _: {_EXAMPLE}"
        )
    if unknown := sorted(set(options) - set(_OPTIONS)):
        raise BadSettings(f"TENDERS_SEARCH_URL: {unknown[0]} is not one of its options: {', '.join(_OPTIONS)}")
    if parts.scheme != "https" and not _is_this_machine(host):
        raise BadSettings(f"TENDERS_SEARCH_URL: http:// is for this machine only; to {host} use https://")
    shown = f"{parts.scheme}://{_bracketed(host)}:{port}"
    said: dict[str, Any] = {}
    if "api_key" in options:
        said["api_key"] = options["api_key"]
    elif parts.username:
        said["basic_auth"] = (unquote(parts.username), unquote(parts.password or ""))
    if parts.scheme == "https" and "ca" in options:
        if not Path(options["ca"]).is_file():
            raise BadSettings(f"TENDERS_SEARCH_URL: there is no certificate authority in {options['ca']}")
        said["ca_certs"] = options["ca"]
    try:
        client = Elasticsearch(
            shown,
            request_timeout=ASK_SECONDS,
            max_retries=1,
            retry_on_status=(),
            connections_per_node=32,
            serializer=OrjsonSerializer(),
            **said,
        )
    except (ValueError, OSError) as problem:
        raise BadSettings(f"TENDERS_SEARCH_URL cannot be used: {_without_secrets(str(problem), said)}") from None
    return Door(client, name, f"{shown}/{name}")


def _without_secrets(text: str, said: dict[str, Any]) -> str:
    secrets = [said.get("api_key"), *said.get("basic_auth", ())[1:]]
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
