"""Logs go to stderr, one line an event: what happened, then its facts as ``name=value`` (logfmt)."""

from __future__ import annotations

import sys

import structlog


def configure_logs() -> None:
    """Set the logs up, once, by whoever wires the process. A traceback stands in its line, without variables."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
