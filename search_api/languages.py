"""The language of an answer: what the address begins with, ``/fr`` or ``/en``, else what Accept-Language likes best."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Scope

LANGUAGES = ("fr", "en")  # the languages of labels and pages, the first where nothing else is asked
_FORCED = "tenderwatch.language"  # a scope's note of the language that its address forces


def force_language(scope: Scope) -> Scope:
    """Return the scope (ASGI) of a request; of one under ``/fr`` or ``/en``, with that prefix as its root path.

    So routes are written once, and a redirect to another spelling of an address keeps the prefix.
    """
    language = plain_path(scope)[1:].partition("/")[0]
    if language not in LANGUAGES:
        return scope
    return {**scope, "root_path": f"{scope.get('root_path', '')}/{language}", _FORCED: language}


def plain_path(scope: Scope) -> str:
    """Return the path that is asked, without what we are mounted under and without the prefix of a language."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


def forced_language(scope: Scope) -> str | None:
    """Return the language that an address forces, None where it leaves it to the reader."""
    language: str | None = scope.get(_FORCED)
    return language


def assume_language(scope: Scope, language: str) -> None:
    """Let a request speak a language whose address leaves it to the reader: a mail's link, of its subscriber."""
    if forced_language(scope) is None:
        scope[_FORCED] = language


def prefix_of(request: Request) -> str:
    """Return what our addresses begin with beside an address that forces a language, ``/en``; else nothing."""
    forced = forced_language(request.scope)
    return f"/{forced}" if forced else ""


def pick_language(accepted: str | None, known: tuple[str, ...] = LANGUAGES) -> str:
    """Return the language that an Accept-Language header (RFC 9110) likes best, the first of `known` without one."""
    best, liked = known[0], 0.0
    for part in (accepted or "")[:500].split(","):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower()[:2]
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if language in known and quality > liked:
            best, liked = language, quality
    return best


def language_of(request: Request) -> str:
    """Return the language of labels for a request: fr, or en where the address or Accept-Language asks for it."""
    return forced_language(request.scope) or pick_language(request.headers.get("accept-language"))
