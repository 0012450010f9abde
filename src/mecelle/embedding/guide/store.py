"""Vectors of one guide, kept across runs: a folder of segments, each written whole or not at all."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.embedding.guide.vectors import KEY_TYPE, forget, stored


class VectorStore:
    """Segments `00000.npz` with `keys` and `vectors`. Hold a lock on the folder while adding.

    A segment appears by renaming, so that a killed run loses at most the one that it was at.
    """

    def __init__(self, folder: Path) -> None:
        """folder: made if absent; what a killed writer left half-written is removed."""
        folder.mkdir(parents=True, exist_ok=True)
        for torn in folder.glob("*.partial"):
            torn.unlink()
        self.folder = folder
        self._known: set[bytes] = set()
        for _, keys in self._segments():
            self._known.update(keys.tolist())

    def __contains__(self, key: bytes) -> bool:
        return key in self._known

    def add(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep one segment of vectors, as float16. A disk that fills up raises OSError and leaves no segment."""
        path = self.folder / f"{len(list(self.folder.glob('*.npz'))):05d}.npz"
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.savez(file, keys=np.array(keys, dtype=KEY_TYPE), vectors=vectors.astype(np.float16))
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        self._known.update(keys)

    def gather(self, keys: NDArray[np.bytes_], out: "np.memmap[Any, Any]") -> None:
        """Write the vector of each of the sorted, distinct `keys` into the row of `out` at the same place."""
        for path, known in self._segments():
            places = np.minimum(np.searchsorted(keys, known), len(keys) - 1)
            hits = np.flatnonzero(keys[places] == known)
            if len(hits):
                with np.load(path) as segment:
                    out[places[hits]] = stored(segment["vectors"][hits], out.dtype)
                forget(out)

    def _segments(self) -> Iterator[tuple[Path, NDArray[np.bytes_]]]:
        for path in sorted(self.folder.glob("*.npz")):
            with np.load(path) as segment:
                yield path, segment["keys"]
