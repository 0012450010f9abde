"""Vectors of one model that are computed once: for all tasks, runs and damaged forms.

FOLDER/<model>/<role>/keys.bin      16 bytes of each text's hash, in the order of
FOLDER/<model>/<role>/vectors.bin   rows of float32 (or float16), read through a memory map

<model> is a hash of the model's fingerprint and of the precision of its arithmetic and of the numbers.
Rows are added block by block, vectors before keys: what a killed run wrote is kept, and a torn end is cut off.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mecelle.base.document import content_hash
from mecelle.base.errors import ConfigError
from mecelle.base.locks import lock
from mecelle.base.protocols import Role, TextEncoder

KEY_BYTES = 16
BLOCK_TEXTS = 2_048
"""Texts that a killed run loses at most, and whose vectors are in memory at a time while they are made."""


def model_name(fingerprint: str, *, precision: str = "fp32", dtype: DTypeLike = np.float32) -> str:
    """The folder of a model in the cache. precision: of its arithmetic; dtype: of the numbers on disk."""
    # Vectors of other arithmetic are others; the name of those in fp32 is that of caches before there was a choice.
    told = f"\x1f{precision} weights" if precision != "fp32" else ""
    return content_hash(f"{fingerprint}\x1f{np.dtype(dtype).name}{told}")


class Vectors:
    """A model with a memory on disk. Counts what it encoded and how long that took."""

    def __init__(
        self, encoder: TextEncoder, folder: Path | None, *, dtype: DTypeLike = np.float32, cut: int | None = None
    ) -> None:
        """folder: of the cache, shared by models; None remembers nothing. dtype: of the numbers on disk.

        cut: leading components that are used, as of a Matryoshka model; whole vectors are remembered.
        Raises ConfigError if `cut` is more than the model has.
        """
        if cut is not None and not 1 <= cut <= encoder.dimension:
            raise ConfigError(f"{encoder.name}: {cut} of its {encoder.dimension} components cannot be taken")
        self.encoder, self.dtype, self.cut = encoder, np.dtype(dtype), cut
        precision = getattr(encoder, "precision", "fp32")
        name = model_name(encoder.fingerprint, precision=precision, dtype=self.dtype)
        self._folder = folder / name if folder else None
        self._stores: dict[Role, _Store] = {}
        self.encoded_texts = 0
        self.embedding_seconds = 0.0
        """Time in the encoder itself."""

    def encode(self, texts: Sequence[str], *, role: Role) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension or cut).

        Raises LockedError if another process adds to this model.
        """
        vectors = self._whole(texts, role)
        if self.cut is None:
            return vectors
        vectors = np.ascontiguousarray(vectors[:, : self.cut])
        norms: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(norms > 0, norms, 1)
        return vectors

    def _whole(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        if self._folder is None:
            return self._encode(list(texts), role)
        store = self._stores.setdefault(role, _Store(self._folder / role, self.encoder.dimension, self.dtype))
        keys = [bytes.fromhex(content_hash(text)) for text in texts]
        store.refresh()
        if any(key not in store.rows for key in keys):
            with lock(self._folder / "lock", doing=f"encoding with {self.encoder.name}"):
                store.refresh(mend=True)
                missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in store.rows}
                self._add(store, missing, role)
        return store.gather(keys)

    def _add(self, store: "_Store", missing: dict[bytes, str], role: Role) -> None:
        # Longest first over all blocks: a text that does not fit fails at once, and blocks are of like length.
        order = sorted(missing, key=lambda key: (-len(missing[key]), key))
        for start in range(0, len(order), BLOCK_TEXTS):
            block = order[start : start + BLOCK_TEXTS]
            store.append(block, self._encode([missing[key] for key in block], role))

    def _encode(self, texts: list[str], role: Role) -> NDArray[np.float32]:
        start = time.perf_counter()
        vectors = self.encoder.encode(texts, role=role)
        self.embedding_seconds += time.perf_counter() - start
        self.encoded_texts += len(texts)
        return vectors


class _Store:
    """The rows of one role."""

    def __init__(self, folder: Path, dimension: int, dtype: np.dtype) -> None:  # type: ignore[type-arg]
        folder.mkdir(parents=True, exist_ok=True)
        self.keys, self.vectors = folder / "keys.bin", folder / "vectors.bin"
        self.dimension, self.dtype = dimension, dtype
        self.rows: dict[bytes, int] = {}
        self._read_bytes = -1

    def refresh(self, *, mend: bool = False) -> None:
        """See what another process added. mend: cut off what a killed one left half-written; hold the lock."""
        for path in (self.keys, self.vectors):
            path.touch()
        width = self.dimension * self.dtype.itemsize
        whole = min(self.keys.stat().st_size // KEY_BYTES, self.vectors.stat().st_size // width)
        if mend:
            for path, size in ((self.keys, KEY_BYTES), (self.vectors, width)):
                with path.open("r+b") as file:
                    file.truncate(whole * size)
        if whole * KEY_BYTES != self._read_bytes:
            data = self.keys.read_bytes()[: whole * KEY_BYTES]
            self.rows = {data[at : at + KEY_BYTES]: at // KEY_BYTES for at in range(0, len(data), KEY_BYTES)}
            self._read_bytes = len(data)

    def append(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        with self.vectors.open("ab") as file:
            file.write(np.ascontiguousarray(vectors, dtype=self.dtype).tobytes())
        with self.keys.open("ab") as file:
            file.write(b"".join(keys))
        first = self._read_bytes // KEY_BYTES
        self.rows.update({key: first + place for place, key in enumerate(keys)})
        self._read_bytes += KEY_BYTES * len(keys)

    def gather(self, keys: Sequence[bytes]) -> NDArray[np.float32]:
        if not keys:
            return np.zeros((0, self.dimension), dtype=np.float32)
        mapped = np.memmap(self.vectors, self.dtype, mode="r", shape=(len(self.rows), self.dimension))
        return np.asarray(mapped[[self.rows[key] for key in keys]], dtype=np.float32)
