"""Errors as the trade of HTTP writes them: problem details (RFC 9457), which say how to mend the question."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from tenders.errors import BadQuery, StaleIndex, TooLarge, TooOften, Unavailable

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = 5
_REBUILD_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong. `parameter` and `position` (index of the first wrong character) where known."""

    status: int
    kind: str
    title: str
    detail: str
    parameter: str | None = None
    position: int | None = None
    retry_after: int | None = None  # seconds
    fault: BadQuery | None = None  # that says the detail in other languages

    def body(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        members: dict[str, Any] = {
            "type": f"urn:tenderwatch:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.parameter is not None:
            members["parameter"] = self.parameter
        if self.position is not None:
            members["position"] = self.position
        return members

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that go with it."""
        headers = {"Cache-Control": "no-store"}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return headers

    def response(self) -> Response:
        """Return it as an answer."""
        return Response(orjson.dumps(self.body()), self.status, self.headers, MEDIA_TYPE)


def bad_parameter(error: BadQuery) -> Problem:
    """Say what is wrong with a question (400)."""
    return Problem(
        400,
        "bad-parameter",
        "The question cannot be run as asked",
        str(error),
        error.name or None,
        error.at,
        fault=error,
    )


def too_large(error: TooLarge) -> Problem:
    """Say that a question is larger than we hold (413)."""
    return Problem(413, "too-large", "The question is too large", str(error), error.name or None)


def too_often(error: TooOften) -> Problem:
    """Say that one reader asks more than a share (429)."""
    detail = f"{error}; ask again in {error.wait} seconds"
    return Problem(429, "too-often", "Asked too often", detail, retry_after=error.wait)


def unavailable(error: Unavailable) -> Problem:
    """Say that we cannot answer now (503); what a part says of itself, such as paths, stays in the log."""
    if isinstance(error, StaleIndex):
        detail = "the index has to be built anew first: ask again in a few minutes"
        return Problem(503, "unavailable", "Not available now", detail, retry_after=_REBUILD_SECONDS)
    detail = "a part of the service does not answer now: ask again in a few seconds"
    return Problem(503, "unavailable", "Not available now", detail, retry_after=_RETRY_SECONDS)


def not_found(detail: str) -> Problem:
    """Say that there is no such thing (404)."""
    return Problem(404, "not-found", "Not found", detail)


def refused(status: int, detail: str) -> Problem:
    """Say what HTTP itself refuses, such as a wrong method (405)."""
    return Problem(status, HTTPStatus(status).phrase.lower().replace(" ", "-"), HTTPStatus(status).phrase, detail)


def unexpected() -> Problem:
    """Say that the fault is ours (500), and nothing of our insides."""
    detail = "the fault is ours and has been written down: ask again later"
    return Problem(500, "unexpected", "Something went wrong here", detail)
