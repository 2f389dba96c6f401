"""A model on disk: ``config.json`` and ``weights.npz.xz``, numpy arrays of bytes and small numbers. No pickle.

Weights are kept as whole numbers of eight bits with a scale a row; a model read back is a little coarser than the one
written, so measure what was read back.
"""

from __future__ import annotations

import io
import lzma
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from scipy import sparse

from indexer.cpv.features import F32, Vocabulary
from indexer.cpv.memory import Memory
from indexer.cpv.model import NATURES, Blend, CpvModel, Net
from indexer.cpv.tree import Tree, divisions, grow
from tenders.errors import Refused

FORMAT = 1
COMPONENT = "cpv_classifier"  # the component's name, and its folder in a pipeline's
SHIPPED = Path(__file__).parent / "shipped"  # a spaCy pipeline: spacy.load(SHIPPED)
CONFIG, WEIGHTS = "config.json", "weights.npz.xz"
_ROOM = 200_000_000  # bytes of arrays that a model may have
_LEVELS = 127


def _coarse(rows: F32) -> tuple[np.ndarray, np.ndarray]:
    """Return rows as whole numbers of eight bits, and the scale of each row."""
    scale = np.maximum(np.abs(rows).max(axis=1) / _LEVELS, 1e-4).astype(np.float16)
    return np.round(rows / scale[:, None].astype(np.float32)).astype(np.int8), scale


def _fine(coarse: np.ndarray, scale: np.ndarray) -> F32:
    return coarse.astype(np.float32) * scale.astype(np.float32)[:, None]


def save(model: CpvModel, folder: Path) -> int:
    """Write a model's files into a folder; returns the bytes they take."""
    linear = sparse.csr_matrix(model.linear)
    step = float(np.abs(linear.data).max() / _LEVELS)
    arrays: dict[str, np.ndarray] = {
        # Neighbouring values differ little: differences and columns pack better than numbers and rows.
        "hashes": np.diff(model.vocabulary.hashes.astype(np.int64), prepend=0).astype(np.uint32),
        "piece": np.packbits(model.vocabulary.piece),
        "idf": model.vocabulary.idf.astype(np.float16),
        "linear": np.round(linear.data / step).astype(np.int8),
        "linear_columns": linear.indices.astype(np.uint8),
        "linear_counts": np.diff(linear.indptr).astype(np.uint8),
        "linear_bias": model.linear_bias,
        "embedded": np.packbits(np.isin(np.arange(len(model.vocabulary.hashes)), model.embedded)),
        "first": np.diff(model.tree.first).astype(np.uint16),
        "tree_bias": model.tree.bias.astype(np.float16),
        "memory_classes": model.memory.classes.astype(np.uint16),
        "memory_weights": model.memory.weights.astype(np.float16),
        "natures": model.natures,
        "descriptors": np.array(list(model.descriptors.values()), np.float16).reshape(-1, len(model.divisions)),
    }
    for name, rows in (("tree", model.tree.kernel), ("memory", model.memory.points)):
        coarse, arrays[f"{name}_scale"] = _coarse(rows)
        arrays[name] = np.ascontiguousarray(coarse.T)
    for at, net in enumerate(model.nets):
        coarse, arrays[f"net{at}_scale"] = _coarse(net.embeddings)
        arrays[f"net{at}"] = np.ascontiguousarray(coarse.T)
        arrays |= {f"net{at}_bias": net.bias, f"net{at}_head": net.head.astype(np.float16)}
        arrays[f"net{at}_head_bias"] = net.head_bias
    plain = io.BytesIO()
    np.savez(plain, allow_pickle=False, **arrays)
    config = {
        "format": FORMAT,
        "version": model.version,
        "divisions": model.divisions,
        "names": " ".join(model.tree.names),
        "nets": len(model.nets),
        "linear_step": step,
        "descriptors": list(model.descriptors),
        "descriptor_weight": model.descriptor_weight,
        "blend": asdict(model.blend),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_bytes(orjson.dumps(config, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    (folder / WEIGHTS).write_bytes(lzma.compress(plain.getvalue(), preset=6))
    return weigh(folder)


def load(folder: Path | None = None) -> CpvModel:
    """Read a model, the shipped one where no folder is named; raises Refused with one line for what is none."""
    folder = home(folder or SHIPPED)
    config = _read_config(folder)
    try:
        return _read(config, _arrays(folder / WEIGHTS))
    except OSError as problem:
        raise Refused(_absent(folder, problem)) from None
    except (ValueError, KeyError, TypeError, IndexError, lzma.LZMAError, EOFError, MemoryError) as problem:
        why = str(problem).partition("\n")[0][:200]
        raise Refused(f"the CPV model in {folder} is damaged ({why}): train one with `tenders cpv train`") from None


def read_version(folder: Path | None = None) -> str:
    """Return the version of a model without reading its weights; raises Refused as `load` does."""
    return str(_read_config(home(folder or SHIPPED)).get("version"))


def home(folder: Path) -> Path:
    """Return where a model's files lie: in a folder itself, or in the component's folder of a spaCy pipeline."""
    return folder / COMPONENT if (folder / COMPONENT).is_dir() else folder


def weigh(folder: Path | None = None) -> int:
    """Return the bytes that a model takes."""
    return sum((home(folder or SHIPPED) / name).stat().st_size for name in (CONFIG, WEIGHTS))


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config = orjson.loads((folder / CONFIG).read_bytes())
    except OSError as problem:
        raise Refused(_absent(folder, problem)) from None
    except orjson.JSONDecodeError as problem:
        raise Refused(f"the CPV model in {folder} is damaged ({problem}): train one with `tenders cpv train`") from None
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise Refused(f"{folder} holds no CPV model of format {FORMAT}: train one with `tenders cpv train`")
    return config


def _absent(folder: Path, problem: OSError) -> str:
    return f"{folder} holds no CPV model ({problem.strerror or problem}): train one with `tenders cpv train`"


def _arrays(path: Path) -> dict[str, np.ndarray]:
    unpacker = lzma.LZMADecompressor()
    plain = unpacker.decompress(path.read_bytes(), max_length=_ROOM)
    if not unpacker.eof:
        raise ValueError("its weights are cut short, or too large")
    with np.load(io.BytesIO(plain), allow_pickle=False) as arrays:
        return dict(arrays)


def _read(config: dict[str, Any], arrays: dict[str, np.ndarray]) -> CpvModel:
    names = tuple(config["names"].split())
    size = len(arrays["hashes"])
    nets = tuple(
        Net(
            _rows(arrays, f"net{at}"),
            arrays[f"net{at}_bias"],
            arrays[f"net{at}_head"].astype(np.float32),
            arrays[f"net{at}_head_bias"],
        )
        for at in range(config["nets"])
    )
    starts = np.concatenate(([0], np.cumsum(arrays["linear_counts"], dtype=np.int64)))
    values = arrays["linear"].astype(np.float32) * np.float32(config["linear_step"])
    columns = arrays["linear_columns"].astype(np.int32)
    first = np.concatenate(([0], np.cumsum(arrays["first"], dtype=np.int64)))
    classes, weights = arrays["memory_classes"].astype(np.int64), arrays["memory_weights"].astype(np.float32)
    blend = {name: tuple(map(float, said)) for name, said in config["blend"].items() if name != "deep"}
    model = CpvModel(
        version=str(config["version"]),
        divisions=tuple(config["divisions"]),
        vocabulary=Vocabulary(
            np.cumsum(arrays["hashes"], dtype=np.uint64).astype(np.uint32),
            np.unpackbits(arrays["piece"], count=size).astype(bool),
            arrays["idf"].astype(np.float32),
        ),
        linear=sparse.csr_matrix((values, columns, starts), shape=(size, len(config["divisions"]))).toarray(),
        linear_bias=arrays["linear_bias"],
        embedded=np.flatnonzero(np.unpackbits(arrays["embedded"], count=size)),
        nets=nets,
        tree=Tree(names, first, _rows(arrays, "tree"), arrays["tree_bias"].astype(np.float32)),
        memory=Memory(_rows(arrays, "memory"), classes, weights),
        natures=arrays["natures"],
        descriptors=dict(zip(config["descriptors"], arrays["descriptors"].astype(np.float32), strict=True)),
        descriptor_weight=float(config["descriptor_weight"]),
        blend=Blend(**blend, deep=float(config["blend"]["deep"])),  # type: ignore[arg-type]  # checked below
    )
    _check(model)
    return model


def _rows(arrays: dict[str, np.ndarray], name: str) -> F32:
    return _fine(np.ascontiguousarray(arrays[name].T), arrays[f"{name}_scale"])


def _check(model: CpvModel) -> None:
    """Raise ValueError unless the parts of a model have the shapes that go together."""
    hidden, count, nodes = sum(model.widths), len(model.divisions), len(model.tree.names)
    blend = model.blend
    fits = (
        model.divisions == divisions(),
        model.tree.names == grow().names and np.array_equal(model.tree.first, grow().first),
        model.tree.kernel.shape == (nodes, hidden) and model.tree.bias.shape == (nodes,),
        model.memory.points.shape == (len(model.memory.classes), hidden),
        model.memory.classes.max() < model.tree.first_level and len(model.memory.weights) == len(model.memory.classes),
        model.natures.shape == (count, len(NATURES)),
        all(net.embeddings.shape == (len(model.embedded), len(net.bias)) for net in model.nets),
        all(net.head.shape == (count, len(net.bias)) for net in model.nets),
        {len(getattr(blend, each.name)) for each in fields(blend) if each.name != "deep"} == {3},
    )
    if not all(fits):
        raise ValueError("its parts do not fit together")
