"""The report of an evaluation as Markdown, made from its JSON; it shows the charts that lie beside it."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from indexer.cpv.measuring.report import Json
from tenders.codes import Cpv

_LABEL = 42  # characters of a division's name
_TEMPLATES = Environment(
    loader=PackageLoader("indexer.cpv.measuring"),
    autoescape=False,  # noqa: S701 - Markdown, where escaping would show
    undefined=StrictUndefined,
    trim_blocks=True,
)


def write_markdown(report: Json) -> str:
    """Return the tables that a person reads."""
    return _TEMPLATES.get_template("report.md.jinja").render(report, label=division_label)


def division_label(division: str) -> str:
    """Return the English name of a division, shortened to fit a table."""
    label = Cpv.of(division).label("en") or "unknown to CPV 2008"
    return label if len(label) <= _LABEL else label[: _LABEL - 1].rstrip(" ,") + "…"
