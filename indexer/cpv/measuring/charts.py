"""The charts of an evaluation as SVG, made from the JSON of its report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import cycle
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from indexer.cpv.measuring.report import Json
from indexer.cpv.measuring.report_markdown import division_label

_COLOURS = ("#1c4587", "#c2410c", "#0f766e", "#7c3aed", "#a16207", "#505d6d")
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 690, 70, 460  # the plotting area of plot.svg.jinja

_TEMPLATES = Environment(
    loader=PackageLoader("indexer.cpv.measuring"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def draw(report: Json) -> dict[str, str]:
    """Return the charts by file name: ``reliability.svg``, ``coverage.svg``, ``confusion.svg``."""
    return {
        "reliability.svg": _reliability(report),
        "coverage.svg": _coverage(report),
        "confusion.svg": _confusion(report),
    }


def _place(share: float, low: float, high: float, start: float, stop: float) -> float:
    return round(start + (share - low) / (high - low) * (stop - start), 1)


def _plot(lines: Sequence[tuple[str, Sequence[tuple[float, float]]]], floor: float, **words: Any) -> str:
    """Draw lines whose points are shares; the vertical axis begins at `floor`."""
    steps = [at / 10 for at in range(11)]
    return _TEMPLATES.get_template("plot.svg.jinja").render(
        across=[{"at": _place(step, 0, 1, _LEFT, _RIGHT), "text": f"{step:.0%}"} for step in steps],
        up=[{"at": _place(step, floor, 1, _BOTTOM, _TOP), "text": f"{step:.0%}"} for step in steps if step >= floor],
        series=[
            {
                "label": label,
                "colour": colour,
                "points": [(_place(x, 0, 1, _LEFT, _RIGHT), _place(y, floor, 1, _BOTTOM, _TOP)) for x, y in points],
            }
            for (label, points), colour in zip(lines, cycle(_COLOURS), strict=False)
        ],
        **words,
    )


def _reliability(report: Json) -> str:
    lines = [
        (
            f"{name}: error {view['calibration']['error']:.3f}",
            [(each["said"], each["right"]) for each in view["calibration"]["bins"]],
        )
        for name, view in report["views"].items()
    ]
    return _plot(
        lines,
        0.0,
        title="Does the probability keep its word?",
        about=f"First division, in bins of as many texts each ({report['data']})",
        across_label="Probability said (mean of the bin)",
        up_label="Texts where it was right",
        diagonal=True,
        dots=True,
    )


def _coverage(report: Json) -> str:
    curves = {name: [(x, y) for x, y in view["precision_curve"]] for name, view in report["views"].items()}
    lowest = min((y for curve in curves.values() for _, y in curve), default=0.0)
    return _plot(
        [
            (f"{name}: {_percent(report['views'][name]['precision_at_coverage']['60%'])} right at 60 %", curve)
            for name, curve in curves.items()
        ],
        min(math.floor(lowest * 10) / 10, 0.9),
        title="How right, when only the surest texts are answered?",
        about=f"First division, texts by falling probability ({report['data']})",
        across_label="Texts answered, the surest first",
        up_label="Right among these",
        diagonal=False,
        dots=False,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _confusion(report: Json) -> str:
    name, view = next(iter(report["views"].items()))
    divisions, counts = view["confusion"]["divisions"], view["confusion"]["counts"]
    cells = [
        {
            "row": row,
            "column": column,
            "fill": _shade(count / sum(counts[row])),
            "text": f"{divisions[row]} {division_label(divisions[row])} said to be {divisions[column]} "
            f"{division_label(divisions[column])}: {count} of {sum(counts[row])} texts",
        }
        for row in range(len(divisions))
        for column, count in enumerate(counts[row])
        if count
    ]
    return _TEMPLATES.get_template("confusion.svg.jinja").render(
        names=[
            {"code": code, "label": division_label(code), "texts": sum(row)}
            for code, row in zip(divisions, counts, strict=True)
        ],
        cells=cells,
        scale=[{"fill": _shade(share), "text": f"{share:.0%}"} for share in (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1)],
        title="Which divisions are taken for which?",
        about=f"Shown: {name} ({report['data']}); the buyer and the classifier agree on the framed diagonal",
    )


def _shade(share: float) -> str:
    """Return paper to blue; the square root lets rare confusions be seen."""
    depth = math.sqrt(share)
    red, green, blue = (round(light + (dark - light) * depth) for light, dark in ((245, 18), (247, 46), (250, 110)))
    return f"#{red:02x}{green:02x}{blue:02x}"
