"""The pool: what is read, what is left out and why, and that no text is on both sides of a fold."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import words
from indexer.cpv import alike as likeness
from indexer.cpv.alike import alike, plain_title
from indexer.cpv.pool import PoolRow, choose, folds, read_pool, training_rows
from tenders.codes import Cpv
from tenders.errors import Refused

ROOF = {"id": "1", "lang": "FR", "title": "Toiture de l'école", "cpv_main": "45261000", "buyer": "Ville de Dijon"}


def write(path: Path, *entries: object) -> Path:
    path.write_bytes(b"".join(entry if isinstance(entry, bytes) else orjson.dumps(entry) + b"\n" for entry in entries))
    return path


def row(title: str, buyer: str = "", id_: str = "", code: str = "45261000") -> PoolRow:
    return PoolRow(
        id=id_, lang="fr", title=title, description="", cpv_main=Cpv(code), cpv_additional=(), buyer=buyer, source="s",
        kind="k",
    )  # fmt: skip


def test_a_row_is_read_whole(tmp_path: Path) -> None:
    entry = ROOF | {"description": "d", "cpv_additional": ["45262000", "nonsense", 7, "45262000"], "source": "s"}
    assert read_pool(write(tmp_path / "pool.jsonl", entry)) == [
        PoolRow(
            id="1",
            lang="fr",
            title="Toiture de l'école",
            description="d",
            cpv_main=Cpv("45261000"),
            cpv_additional=(Cpv("45262000"),),
            buyer="Ville de Dijon",
            source="s",
            kind="",
        )
    ]


@pytest.mark.parametrize("name", ["pool.jsonl", "pool.jsonl.gz"])
@pytest.mark.parametrize("zipped", [True, False])
def test_gzip_is_known_by_its_bytes_not_its_name(tmp_path: Path, name: str, zipped: bool) -> None:
    path = write(tmp_path / name, ROOF)
    if zipped:
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert [row.title for row in read_pool(path)] == [ROOF["title"]]


def test_bad_rows_are_counted_by_reason(tmp_path: Path) -> None:
    bad = [
        b"{half a line\n",
        b"\xff\xfe\n",
        b"\n",
        [1, 2],
        ROOF | {"title": "  "},
        ROOF | {"title": None},
        ROOF | {"title": {"fr": "toit"}},
        ROOF | {"cpv_main": "99999999"},
        ROOF | {"cpv_main": 45261000},
        {"title": "sans code"},
        ROOF | {"cpv_additional": "45262000"},
        ROOF | {"buyer": True},
    ]
    skipped: Counter[str] = Counter()
    assert len(read_pool(write(tmp_path / "pool.jsonl", *bad, ROOF), skipped)) == 1
    assert skipped == {
        "not a JSON object": 3,
        "no title": 2,
        "title is no text": 1,
        "cpv_main is no CPV 2008 code": 3,
        "cpv_additional is no list": 1,
        "buyer is no text": 1,
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"PK\x03\x04 a zip\n", "1 x not a JSON object"),
        (gzip.compress(orjson.dumps(ROOF), mtime=0)[:-12], "cannot be read"),
        (b"\x1f\x8bno gzip at all", "cannot be read"),
        (b'{"titel": "x"}\n', "1 x no title"),
    ],
)
def test_a_file_without_texts_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "pool.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(Refused, match=why):
        read_pool(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(Refused, match="cannot be read"):
            read_pool(path)


def test_choosing_nothing_says_what_there_is() -> None:
    rows = [row("a"), row("b")]
    assert choose(rows, "FR", "k") == rows
    with pytest.raises(Refused, match="the languages are fr, the kinds k"):
        choose(rows, "de")


def test_a_buyer_and_the_lots_of_a_notice_stay_in_one_fold() -> None:
    rows = [row(f"t{n}", "Ville de Dijon" if n % 2 else "VILLE DE DIJON ") for n in range(50)]
    assert len(set(folds(rows).tolist())) == 1
    assert len(set(folds([row(f"t{n}", id_=f"26-1#{n}") for n in range(50)]).tolist())) == 1
    assert set(folds([row(f"t{n}", id_=f"26-{n}") for n in range(100)]).tolist()) == set(range(5))


def test_the_folds_are_the_same_on_every_machine() -> None:
    assert folds([row("t", f"buyer {n}") for n in range(12)]).tolist() == [1, 4, 4, 1, 0, 3, 0, 0, 3, 2, 4, 2]


def test_twins_of_the_tested_are_not_learned_from() -> None:
    rows = [
        row("Réfection de la toiture de l&#39;école Jules Ferry"),
        row("REFECTION DE LA TOITURE DE L'ECOLE JULES FERRY."),
        row("Réfection de la toiture de l'école Jules Ferry - lot 2"),
        row("Nettoyage des locaux"),
    ]
    assert training_rows(rows, np.array([0, 1, 1, 1]), 0).tolist() == [3]
    assert training_rows(rows, np.array([0, 0, 0, 1]), 1).tolist() == [0, 1, 2]
    assert training_rows(rows, np.array([1, 1, 1, 1]), 0).tolist() == [0, 1, 2, 3]


WORDS = "travaux de toiture école nettoyage locaux lot 1 2 3 fourniture repas".split()


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), min_size=2, max_size=30), st.data())
def test_alike_finds_what_comparing_every_pair_finds(titles: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(titles) - 1))
    ours, theirs = titles[:cut], titles[cut:]
    plain = [plain_title(title) for title in titles]
    grams = likeness._weighed_grams(plain).toarray()
    cosines = grams[:cut] @ grams[cut:].T
    near = np.abs(cosines - likeness.ALIKE) < 1e-9
    wanted = (cosines > likeness.ALIKE).any(axis=1) | [title in plain[cut:] for title in plain[:cut]]
    assert ((alike(ours, theirs) == wanted) | near.any(axis=1)).all()


def test_nothing_is_alike_nothing() -> None:
    assert alike([], ["a"]).tolist() == []
    assert alike(["a", ""], []).tolist() == [False, False]
    assert alike(["", "🏗️", "?"], ["", "x"]).tolist() == [True, True, True]


@pytest.mark.real
def test_the_real_pool_is_read_whole_and_no_buyer_is_split(real_data: Path) -> None:
    skipped: Counter[str] = Counter()
    rows = read_pool(real_data / "cpv" / "train_pool.jsonl.gz", skipped)
    assert len(rows) > 14_000 and not skipped
    fold_of = folds(rows)
    assert np.bincount(fold_of).min() > len(rows) / 8
    of_buyer: dict[str, set[int]] = {}
    for entry, fold in zip(rows, fold_of.tolist(), strict=True):
        of_buyer.setdefault(" ".join(words(entry.buyer)), set()).add(fold)
    assert all(len(seen) == 1 for buyer, seen in of_buyer.items() if buyer)
    learned = training_rows(rows, fold_of, 3)
    tested = {plain_title(rows[at].title) for at in np.flatnonzero(fold_of == 3).tolist()}
    assert not any(plain_title(rows[at].title) in tested for at in learned.tolist())
    assert 0 < (fold_of != 3).sum() - len(learned) < 300
