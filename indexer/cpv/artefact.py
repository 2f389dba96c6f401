"""A model on disk: ``config.json`` and ``weights.npz.xz``, numpy arrays of bytes and small numbers. No pickle.

Weights are kept as whole numbers of eight bits with a scale a row; a model read back is a little coarser than the one
written, so measure what was read back.
"""

from __future__ import annotations

import io
import lzma
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from scipy import sparse

from indexer.cpv.features import F32, Vocabulary
from indexer.cpv.model import CpvModel, Net, Tree
from tenders.errors import Refused

FORMAT = 1
SHIPPED = Path(__file__).parent / "shipped"
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
    """Write a model into a folder; returns the bytes it takes."""
    linear = model.linear.tocsr()
    step = float(np.abs(linear.data).max() / _LEVELS)
    embedded = np.any([net.embeddings.any(axis=1) for net in model.nets], axis=0)
    arrays: dict[str, np.ndarray] = {
        # Neighbouring values differ little: differences and columns pack better than numbers and rows.
        "hashes": np.diff(model.vocabulary.hashes.astype(np.int64), prepend=0).astype(np.uint32),
        "piece": np.packbits(model.vocabulary.piece),
        "idf": model.vocabulary.idf.astype(np.float16),
        "linear": np.round(linear.data / step).astype(np.int8),
        "linear_columns": linear.indices.astype(np.uint8),
        "linear_counts": np.diff(linear.indptr).astype(np.uint8),
        "linear_bias": model.linear_bias,
        "embedded": np.packbits(embedded),
        "first": np.diff(model.tree.first).astype(np.uint16),
        "tree_bias": model.tree.bias.astype(np.float16),
        "natures": model.natures,
        "descriptors": np.array(list(model.descriptors.values()), np.float16).reshape(-1, len(model.divisions)),
    }
    kernel, arrays["tree_scale"] = _coarse(model.tree.kernel)
    arrays["tree"] = np.ascontiguousarray(kernel.T)
    for at, net in enumerate(model.nets):
        rows, arrays[f"net{at}_scale"] = _coarse(net.embeddings[embedded])
        arrays[f"net{at}"] = np.ascontiguousarray(rows.T)
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
        "temperatures": model.temperatures,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_bytes(orjson.dumps(config, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    (folder / WEIGHTS).write_bytes(lzma.compress(plain.getvalue(), preset=6))
    return sum((folder / name).stat().st_size for name in (CONFIG, WEIGHTS))


def load(folder: Path | None = None) -> CpvModel:
    """Read a model, the shipped one where no folder is named; raises Refused with one line for what is none."""
    folder = folder or SHIPPED
    try:
        config = orjson.loads((folder / CONFIG).read_bytes())
        if not isinstance(config, dict) or config.get("format") != FORMAT:
            raise Refused(f"{folder} holds no CPV model of format {FORMAT}: train one with `tenders cpv train`")
        return _read(config, _arrays(folder / WEIGHTS))
    except OSError as problem:
        raise Refused(
            f"{folder} holds no CPV model ({problem.strerror or problem}): train one with `tenders cpv train`"
        ) from None
    except (ValueError, KeyError, TypeError, IndexError, lzma.LZMAError, EOFError, MemoryError) as problem:
        why = str(problem).partition("\n")[0][:200]
        raise Refused(f"the CPV model in {folder} is damaged ({why}): train one with `tenders cpv train`") from None


def _arrays(path: Path) -> dict[str, np.ndarray]:
    unpacker = lzma.LZMADecompressor()
    plain = unpacker.decompress(path.read_bytes(), max_length=_ROOM)
    if not unpacker.eof:
        raise ValueError("its weights are cut short, or too large")
    with np.load(io.BytesIO(plain), allow_pickle=False) as arrays:
        return dict(arrays)


def _read(config: dict[str, Any], arrays: dict[str, np.ndarray]) -> CpvModel:
    divisions, names = tuple(config["divisions"]), tuple(config["names"].split())
    size = len(arrays["hashes"])
    embedded = np.unpackbits(arrays["embedded"], count=size).astype(bool)
    nets = []
    for at in range(config["nets"]):
        rows = _fine(np.ascontiguousarray(arrays[f"net{at}"].T), arrays[f"net{at}_scale"])
        embeddings = np.zeros((size, rows.shape[1]), np.float32)
        embeddings[embedded] = rows
        head, head_bias = arrays[f"net{at}_head"].astype(np.float32), arrays[f"net{at}_head_bias"]
        nets.append(Net(embeddings, arrays[f"net{at}_bias"], head, head_bias))
    starts = np.concatenate(([0], np.cumsum(arrays["linear_counts"], dtype=np.int64)))
    values = arrays["linear"].astype(np.float32) * np.float32(config["linear_step"])
    linear = sparse.csr_matrix(
        (values, arrays["linear_columns"].astype(np.int32), starts), shape=(size, len(divisions))
    )
    hidden = sum(len(net.bias) for net in nets)
    model = CpvModel(
        version=str(config["version"]),
        divisions=divisions,
        vocabulary=Vocabulary(
            np.cumsum(arrays["hashes"], dtype=np.uint64).astype(np.uint32),
            np.unpackbits(arrays["piece"], count=size).astype(bool),
            arrays["idf"].astype(np.float32),
        ),
        linear=linear,
        linear_bias=arrays["linear_bias"],
        nets=tuple(nets),
        tree=Tree(
            names,
            np.concatenate(([0], np.cumsum(arrays["first"], dtype=np.int64))),
            _fine(np.ascontiguousarray(arrays["tree"].T), arrays["tree_scale"]),
            arrays["tree_bias"].astype(np.float32),
        ),
        natures=arrays["natures"],
        descriptors=dict(zip(config["descriptors"], arrays["descriptors"].astype(np.float32), strict=True)),
        descriptor_weight=float(config["descriptor_weight"]),
        temperatures=tuple(map(float, config["temperatures"])),  # type: ignore[arg-type]  # three, checked below
    )
    shapes = (model.tree.kernel.shape, len(model.tree.first), len(model.temperatures), model.natures.shape)
    if shapes != ((len(names), hidden), len(divisions) + len(names) + 1, 3, (len(divisions), 3)):
        raise ValueError("its parts do not fit together")
    return model
