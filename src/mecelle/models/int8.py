"""Model folders with 8-bit weights: a quarter of the size on disk, ordinary float32 models once they are used.

folder/model.int8.safetensors   in place of model.safetensors, in each folder of the model: matrices as int8 with a
                                float32 scale for each row (`name` and `name.scale`), vectors in float32 as they were
Everything else is an ordinary model folder. `find_folder` gives such a folder unpacked, from a cache, so that whatever
can use a model can use this one. Source of the scheme: symmetric per-channel quantisation, Krishnamoorthi 2018 (arXiv
1806.08342), §2.
"""

import atexit
import os
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from mecelle.base.artifacts import MARKER
from mecelle.base.errors import ArtifactError, InputError, require
from mecelle.base.locks import lock

PLAIN, PACKED = ".safetensors", ".int8.safetensors"
SCALE = ".scale"
STEPS = 127
"""Largest absolute value of a weight: -128 stays unused, so that both signs are treated alike."""
CACHE = Path("~/.cache/mecelle/models")

Tensors = Mapping[str, NDArray[Any]]


def quantise(tensors: Tensors) -> dict[str, NDArray[Any]]:
    """Matrices become int8 rows with their scales; all else stays. Raises InputError for NaN and infinity."""
    packed: dict[str, NDArray[Any]] = {}
    for name, tensor in tensors.items():
        if tensor.ndim != 2 or not np.issubdtype(tensor.dtype, np.floating):
            packed[name] = tensor
            continue
        if not np.isfinite(tensor).all():
            raise InputError(f"weight '{name}' is NaN or infinite somewhere; train the model again")
        rows = np.abs(tensor).max(axis=1).astype(np.float32) / STEPS
        scale = np.where(rows > 0, rows, np.float32(1))
        packed[name] = np.rint(tensor / scale[:, None]).astype(np.int8)
        packed[name + SCALE] = scale
    return packed


def dequantise(packed: Tensors) -> dict[str, NDArray[Any]]:
    """The tensors in float32, as `quantise` was given them but for rounding: at most half a scale for each weight."""
    return {
        name: tensor.astype(np.float32) * packed[name + SCALE][:, None] if name + SCALE in packed else tensor
        for name, tensor in packed.items()
        if not (name.endswith(SCALE) and name.removesuffix(SCALE) in packed)
    }


def is_packed(folder: Path) -> bool:
    """Whether weights in `folder` are stored in 8 bits."""
    return any(folder.rglob("*" + PACKED))


def pack(folder: Path, out: Path) -> None:
    """Copy the model `folder` to `out` with 8-bit weights and tokenizer files without blanks.

    Raises ArtifactError if there are no safetensors in it, or they are packed already.
    """
    if is_packed(folder) or not any(folder.rglob("*" + PLAIN)):
        raise ArtifactError(f"{folder}: expected a model folder with *.safetensors in 16 or 32 bits; give such a one")
    for source, target in _files(folder, out):
        if source.name.endswith(PLAIN):
            _save(quantise(_load(source)), target.with_name(target.name.removesuffix(PLAIN) + PACKED))
        elif source.name == "tokenizer.json":
            target.write_bytes(orjson.dumps(orjson.loads(source.read_bytes())))
        else:
            shutil.copyfile(source, target)


def unpack(folder: Path, out: Path) -> None:
    """Copy the packed model `folder` to `out` as an ordinary one in float32. Same folder, same bytes."""
    for source, target in _files(folder, out):
        if source.name.endswith(PACKED):
            _save(dequantise(_load(source)), target.with_name(target.name.removesuffix(PACKED) + PLAIN))
        else:
            shutil.copyfile(source, target)


def unpacked(folder: Path, digest: str) -> Path:
    """The packed model `folder` as an ordinary one, written into CACHE when it is first asked for.

    Where CACHE cannot be written to (a service without a home), it lies in a temporary folder until the process ends.
    digest: of the folder's content, which names the copy.
    """
    place = CACHE.expanduser() / f"int8-{digest[:16]}"
    if place.is_dir():
        return place
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        is_writable = os.access(place.parent, os.W_OK)
    except OSError:
        is_writable = False
    if not is_writable:
        return _unpacked_for_now(folder)
    with lock(place.with_name(place.name + ".lock"), doing=f"unpacking {folder.name}", wait=True):
        if not place.is_dir():
            partial = place.with_name(place.name + ".partial")
            shutil.rmtree(partial, ignore_errors=True)
            unpack(folder, partial)
            partial.rename(place)
    return place


@cache
def _unpacked_for_now(folder: Path) -> Path:
    place = Path(mkdtemp(prefix="mecelle-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    unpack(folder, place)
    return place


def _files(folder: Path, out: Path) -> Iterator[tuple[Path, Path]]:
    """Every file and its place in the copy, but for the marker, whose hashes would not be those of the copy."""
    for source in sorted(path for path in folder.rglob("*") if path.is_file()):
        target = out / source.relative_to(folder)
        if target.name != MARKER:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield source, target


def _load(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors by name; those in bfloat16, which numpy does not have, in float32."""
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        names = list(file.keys())
        brain = dict.fromkeys(name for name in names if file.get_slice(name).get_dtype() == "BF16")
        tensors = {name: file.get_tensor(name) for name in names if name not in brain}
    if brain:
        require("torch", extra="train", why=f"{path}, in bfloat16,")
        with safe_open(path, framework="pt") as file:
            tensors |= {name: file.get_tensor(name).float().numpy() for name in brain}
    return tensors


def _save(tensors: Mapping[str, NDArray[Any]], path: Path) -> None:
    from safetensors.numpy import save_file

    # transformers reads the format from here, and refuses a file without it.
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, path, metadata={"format": "pt"})
