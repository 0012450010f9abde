"""Vectors of an artifact of stage "guide": memory-mapped, found by role and content of the text.

keys.npy     sorted keys, 32 hexadecimal digits each
vectors.npy  rows in the direction of the vectors, row i belongs to key i: float16, or int8 with 127 for the largest
             component of each row (lengths are made unit in reading, so that no scale need be kept)
guide.json   name, fingerprint and dimension of the guide
"""

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import DTypeLike, NDArray

from mecelle.base.artifacts import read_marker
from mecelle.base.document import content_hash
from mecelle.base.errors import MismatchError
from mecelle.base.protocols import Role

KEY_TYPE = "S32"


def guide_key(text: str, role: Role) -> bytes:
    """Key of a text in a role: guides such as E5 give a text another vector as a query than as a document."""
    return content_hash(f"{role}\x1f{text}").encode()


def forget(array: "np.memmap[Any, Any]") -> None:
    """Give back the memory of the pages that were touched; their content stays on the disk and in its cache."""
    array._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]


def stored(vectors: NDArray[np.floating[Any]], dtype: DTypeLike) -> NDArray[Any]:
    """Unit rows as an artifact keeps them, float16 or int8."""
    if np.dtype(dtype) != np.int8:
        return vectors.astype(dtype)
    largest = np.abs(vectors).max(axis=1, keepdims=True).astype(np.float32)
    return np.rint(vectors * (127 / np.where(largest > 0, largest, 1))).astype(np.int8)


class GuideVectors:
    """Reads the vectors of a guide artifact without loading them all."""

    def __init__(self, folder: Path) -> None:
        """Raises ArtifactError if `folder` is not a whole artifact of stage "guide"."""
        read_marker(folder, stage="guide")
        facts = orjson.loads((folder / "guide.json").read_bytes())
        self.folder = folder
        self.name, self.fingerprint = str(facts["name"]), str(facts["fingerprint"])
        self._keys: NDArray[np.bytes_] = np.load(folder / "keys.npy")
        self._vectors: np.memmap[Any, Any] = np.load(folder / "vectors.npy", mmap_mode="r")

    def rows(self, texts: Sequence[str], role: Role) -> NDArray[np.int64]:
        """Row of each text. Raises MismatchError if the guide never saw one of them."""
        keys = np.array([guide_key(text, role) for text in texts], dtype=KEY_TYPE)
        places = np.minimum(np.searchsorted(self._keys, keys), max(0, len(self._keys) - 1))
        missing = np.flatnonzero(self._keys[places] != keys) if len(self._keys) else np.arange(len(keys))
        if len(missing):
            raise MismatchError(
                f"{self.folder}: {len(missing)} of {len(texts)} {role} texts were never embedded by the guide "
                f"{self.name} (first: {texts[int(missing[0])][:60]!r}); make the guide again from these pairs"
            )
        return places

    def take(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Unit vectors of the given rows, float32: of what storing rounded away, normalising makes the length good."""
        vectors = np.asarray(self._vectors[rows], dtype=np.float32)
        forget(self._vectors)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(norms > 0, norms, 1)
        return vectors
