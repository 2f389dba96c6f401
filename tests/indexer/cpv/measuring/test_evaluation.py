"""An evaluation from a file of texts to the report a person reads."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest

from indexer.classifier import Classifier, Subject, Verdict
from indexer.cpv.measuring.evaluation import STORED, measure, read_report, write_report
from indexer.cpv.measuring.judged import View, compare, judge, nature_of
from indexer.cpv.measuring.report import Json, report
from indexer.cpv.pool import PoolRow, read_pool
from tenders.errors import Refused
from tenders.model import Nature
from tests.indexer.cpv.keywords import Keywords

SAID = {
    "toiture": ("45261", 0.9),
    "roof": ("45261", 0.85),
    "ecole": ("452142", 0.3),
    "nettoyage": ("9091", 0.8),
    "repas": ("5552", 0.7),
    "papier": ("301976", 0.65),
    "assurance": ("6651", 0.95),
}
TEXTS = [
    ("fr", "Toiture de l'école", "45261000", []),
    ("fr", "Toiture", "45000000", []),  # the buyer was short; the guess agrees as far as he went
    ("fr", "Nettoyage des locaux de l'école", "90910000", []),
    ("fr", "École : repas", "55520000", []),
    ("fr", "Travaux divers", "45000000", []),  # nothing is said
    ("fr", "Papier pour l'école", "45214200", ["30197600"]),  # first guess 30, second 45
    ("en", "Roof", "44100000", []),  # wrong
    (None, "Assurance", "66510000", []),
]


def rows(path: Path, texts: list[tuple[str | None, str, str, list[str]]] = TEXTS) -> list[PoolRow]:
    lines = [
        orjson.dumps(
            {"id": str(n), "lang": lang, "title": title, "cpv_main": code, "cpv_additional": more, "source": "a|<b>"}
        )
        for n, (lang, title, code, more) in enumerate(texts)
    ]
    (path / "texts.jsonl").write_bytes(b"\n".join(lines))
    return read_pool(path / "texts.jsonl")


@pytest.fixture
def found(tmp_path: Path) -> Json:
    return measure(Keywords(SAID), rows(tmp_path, TEXTS * 10), "ten times eight texts", size=1_500_000, load=0.25)


def test_the_figures_are_those_counted_by_hand(found: Json) -> None:
    view = found["views"]["title"]
    assert (found["version"], found["data"], view["texts"]) == ("words-1", "ten times eight texts", 80)
    assert [view["division"][k] for k in ("top1", "top3", "top5")] == [0.625, 0.75, 0.75]
    assert [view["group"][k] for k in ("top1", "top3")] == [0.5, 0.625]
    assert [view["group"]["own_depth"][k] for k in ("top1", "top3")] == [0.625, 0.75]
    assert [view["code"][k] for k in ("top1", "top3")] == [0.5, 0.625]
    assert [view["code"]["own_depth"][k] for k in ("top1", "top3")] == [0.625, 0.75]
    # 45: 2 of 4 found, 3 said: 4/7; 90, 55, 66: 1; 44: 0
    assert view["division"]["macro_f1"] == pytest.approx((4 / 7 + 3) / 5, abs=1e-4)
    # all divisions: 9 in gold; said 45, 45, 90 45, 55 45, -, 30 45, 45, 66 = 10, right 7
    assert view["several"]["micro_f1"] == pytest.approx(2 * 7 / 19, abs=1e-4)
    assert view["asserted"]["share"] == 0.875
    assert view["asserted"]["right"] == pytest.approx(5 / 7, abs=1e-4)
    # 9091, 5552, 6651: right; 45261: right, right as far as "45" goes, wrong for 441; 30197: wrong
    assert view["asserted"]["by_depth"] == [
        {"digits": 4, "texts": 30, "right": 1.0},
        {"digits": 5, "texts": 40, "right": 0.5},
    ]
    assert [(row["name"], row["texts"]) for row in view["by_language"]] == [("fr", 60)]  # 10 are too few to say
    assert view["confusion"]["most"] == [
        {"gold": "44", "said": "45", "texts": 10},
        {"gold": "45", "said": "30", "texts": 10},
    ]


def test_each_view_shows_what_it_says(tmp_path: Path) -> None:
    seen: list[Subject] = []

    class Listening(Keywords):
        def classify(self, subjects: list[Subject]) -> list[Verdict]:  # type: ignore[override]
            seen.extend(subjects)
            return super().classify(subjects)

    (row,) = rows(tmp_path, [("fr", "Repas", "55520000", [])])
    for view in View:
        judge(Listening(SAID), [row], view)
    assert seen[0] == Subject(title="Repas", language="fr")
    assert seen[1] == Subject(title="Repas", language="fr", nature=Nature.SERVICES)
    assert seen[2] == Subject(title="Repas", language="fr")
    assert [nature_of(row.cpv_main) for row in rows(tmp_path)][:7] == [
        Nature.WORKS,
        Nature.WORKS,
        Nature.SERVICES,
        Nature.SERVICES,
        Nature.WORKS,
        Nature.WORKS,
        Nature.SUPPLIES,
    ]


class Mute(Keywords):
    """Says nothing, as a classifier may of any text."""

    def __init__(self) -> None:
        super().__init__({}, "mute")


ONE_CLASS = [("fr", "Toiture", "45261000", [])] * 30
GERMAN = [("de", f"Dach {n}", "45261000", []) for n in range(30)]


@pytest.mark.parametrize("classifier", [Keywords(SAID), Mute()])
@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:1], ONE_CLASS, GERMAN], ids=["mixed", "one", "one class", "german"])
def test_every_file_that_can_be_read_makes_a_report(tmp_path: Path, classifier: Classifier, texts: list) -> None:
    found = measure(classifier, rows(tmp_path, texts), "texts")
    for path in write_report(found, tmp_path / "out" / "deep"):
        text = path.read_text(encoding="utf-8")
        assert "nan" not in re.findall(r"[a-z]+", text.lower())
        if path.suffix == ".svg":
            ElementTree.fromstring(text)


def test_the_report_is_written_and_read_back(tmp_path: Path, found: Json) -> None:
    written = write_report(found, tmp_path / "out")
    assert [path.name for path in written] == [
        "report.json", "report.md", "reliability.svg", "coverage.svg", "confusion.svg",
    ]  # fmt: skip
    written[0].rename(tmp_path / STORED)
    assert read_report(tmp_path) == found


def test_the_markdown_has_whole_tables(tmp_path: Path, found: Json) -> None:
    text = write_report(found, tmp_path)[1].read_text(encoding="utf-8")
    assert "| title | 80 | 62.5 / 75.0 / 75.0 |" in text
    assert "- on disk: 1.5 MB" in text
    assert "| a/<b> | 80 |" in text
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        lines = table.splitlines()
        assert len({line.count("|") for line in lines}) == 1, table
        assert re.fullmatch(r"\|(---\|)+", lines[1]), table


def test_the_charts_put_shares_where_their_axes_say(tmp_path: Path, found: Json) -> None:
    paths = {path.name: path for path in write_report(found, tmp_path)}
    chart = ElementTree.parse(paths["reliability.svg"]).getroot()
    name = "{http://www.w3.org/2000/svg}"
    ticks = {
        element.text: float(element.attrib["x"])
        for element in chart.iter(f"{name}text")
        if element.attrib.get("y") == "478"
    }
    line = next(chart.iter(f"{name}polyline"))
    first_x = float(line.attrib["points"].split()[0].split(",")[0])
    said = found["views"]["title"]["calibration"]["bins"][0]["said"]
    assert first_x == pytest.approx(ticks["0%"] + said * (ticks["100%"] - ticks["0%"]), abs=0.1)
    squares = ElementTree.parse(paths["confusion.svg"]).getroot().iter(f"{name}title")
    assert any(
        "44 Construction structures" in (square.text or "") and "10 of 10" in (square.text or "") for square in squares
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "is not there"),
        (b"{", "cannot be read"),
        (b"[]", "another version"),
        (b'{"format": 0}', "another version"),
    ],
)
def test_a_stored_report_that_is_none_is_refused(tmp_path: Path, content: bytes | None, why: str) -> None:
    if content is not None:
        (tmp_path / STORED).write_bytes(content)
    with pytest.raises(Refused, match=why):
        read_report(tmp_path)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, found: Json) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="name another folder"):
        write_report(found, tmp_path / "file")


def test_views_may_be_parts_of_the_texts(tmp_path: Path) -> None:
    texts = rows(tmp_path)
    verdicts = Keywords(SAID).classify([View.TITLE.subject(row) for row in texts])
    french = [at for at, row in enumerate(texts) if row.lang == "fr"]
    parts = {"French titles": compare([texts[at] for at in french], [verdicts[at] for at in french])}
    found = report("x-1", parts, None, "held-out folds")
    assert found["views"]["French titles"]["texts"] == 6
    assert "## Cost" not in write_report(found, tmp_path)[1].read_text(encoding="utf-8")
