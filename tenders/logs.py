"""Logs go to stderr, one line an event: what happened, then its facts as ``name=value`` (logfmt)."""

from __future__ import annotations

import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# What no log may keep: addresses, and the tokens of links, which are keys.
_PRIVATE = re.compile(r"[^\s@<>\"'=:]+@[^\s@<>\"',;:]+|(?<=/alerts/)(confirm|unsubscribe|manage)/[^\s\"?]+")


def _hide(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write addresses as …@… and tokens as …"""

    def hidden(found: re.Match[str]) -> str:
        return f"{found[1]}/…" if found[1] else "…@…"

    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _PRIVATE.sub(hidden, value)
    return event


def configure_logs() -> None:
    """Set the logs up, once, by whoever wires the process. A traceback stands in its line, without variables."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _hide,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
