"""A model on disk comes back nearly as it was; what is no model is refused in one line."""

from __future__ import annotations

import lzma
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pytest

from indexer.classifier import Subject
from indexer.cpv import artefact
from indexer.cpv.classify import judge
from tenders.errors import Refused
from tests.indexer.cpv.learning.small import model, titles

SUBJECTS = [Subject(title=title) for title, _ in titles()[::5]]


def test_a_model_comes_back(tmp_path: Path) -> None:
    size = artefact.save(model(), tmp_path)
    assert size == sum(path.stat().st_size for path in tmp_path.iterdir())
    back = artefact.load(tmp_path)
    assert back.vocabulary.hashes.tolist() == model().vocabulary.hashes.tolist()
    assert (back.tree.names, back.blend, back.version) == (model().tree.names, model().blend, "")
    for one, other in zip(judge(model(), SUBJECTS), judge(back, SUBJECTS), strict=True):
        assert [g.code for g in one.divisions[:2]] == [g.code for g in other.divisions[:2]]
        assert one.divisions[0].probability == pytest.approx(other.divisions[0].probability, abs=0.02)


def test_nothing_in_it_is_a_pickle_or_a_text(tmp_path: Path) -> None:
    artefact.save(model(), tmp_path)
    plain = lzma.decompress((tmp_path / artefact.WEIGHTS).read_bytes())
    assert b"couverture" not in plain and b"\x80\x04\x95" not in plain
    assert b"couverture" not in (tmp_path / artefact.CONFIG).read_bytes()


def _config(change: Callable[[dict[str, object]], object]) -> Callable[[Path], object]:
    def spoil(folder: Path) -> object:
        config = orjson.loads((folder / artefact.CONFIG).read_bytes())
        change(config)
        return (folder / artefact.CONFIG).write_bytes(orjson.dumps(config))

    return spoil


def _weights(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda folder: (folder / artefact.WEIGHTS).write_bytes(change((folder / artefact.WEIGHTS).read_bytes()))


def _bomb(_: bytes) -> bytes:
    return lzma.compress(bytes(300_000_000), preset=0)


def _object_array(_: bytes) -> bytes:
    import io

    plain = io.BytesIO()
    np.savez(plain, hashes=np.array([{"a": 1}], object), allow_pickle=True)
    return lzma.compress(plain.getvalue())


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda folder: (folder / artefact.CONFIG).unlink(), id="no config"),
        pytest.param(lambda folder: (folder / artefact.WEIGHTS).unlink(), id="no weights"),
        pytest.param(lambda folder: (folder / artefact.CONFIG).write_bytes(b"[1, 2"), id="no JSON"),
        pytest.param(lambda folder: (folder / artefact.CONFIG).write_bytes(b"[]"), id="another JSON"),
        pytest.param(_config(lambda c: c.update(format=99)), id="another format"),
        pytest.param(_config(lambda c: c.pop("divisions")), id="a part is missing"),
        pytest.param(_config(lambda c: c.update(names="031 032")), id="another tree"),
        pytest.param(_config(lambda c: c.update(nets=3)), id="more nets"),
        pytest.param(_config(lambda c: c.update(blend={"deep": 1})), id="half a blend"),
        pytest.param(_weights(lambda b: b[: len(b) // 2]), id="cut short"),
        pytest.param(_weights(lambda b: bytes(reversed(b))), id="no archive"),
        pytest.param(_weights(lambda _: lzma.compress(b"hello")), id="no arrays"),
        pytest.param(_weights(_bomb), id="a bomb"),
        pytest.param(_weights(_object_array), id="a pickle"),
    ],
)
def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    artefact.save(model(), tmp_path)
    spoil(tmp_path)
    with pytest.raises(Refused) as refused:
        artefact.load(tmp_path)
    assert "\n" not in str(refused.value) and "tenders cpv train" in str(refused.value)


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.cfg").write_text("[nlp]\nlang = 'fr'\n")
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Refused, match="holds no CPV model"):
            artefact.load(folder)
