"""Vectors of an artifact of stage "guide": memory-mapped, found by role and content of the text.

keys.npy     sorted keys, 32 hexadecimal digits each
vectors.npy  float16 unit rows, row i belongs to key i
guide.json   name, fingerprint and dimension of the guide
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from mecelle.base.artifacts import read_marker
from mecelle.base.document import content_hash
from mecelle.base.errors import MismatchError
from mecelle.base.protocols import Role

KEY_TYPE = "S32"


def guide_key(text: str, role: Role) -> bytes:
    """Key of a text in a role: guides such as E5 give a text another vector as a query than as a document."""
    return content_hash(f"{role}\x1f{text}").encode()


class GuideVectors:
    """Reads the vectors of a guide artifact without loading them all."""

    def __init__(self, folder: Path) -> None:
        """Raises ArtifactError if `folder` is not a whole artifact of stage "guide"."""
        read_marker(folder, stage="guide")
        facts = orjson.loads((folder / "guide.json").read_bytes())
        self.folder = folder
        self.name, self.fingerprint = str(facts["name"]), str(facts["fingerprint"])
        self._keys: NDArray[np.bytes_] = np.load(folder / "keys.npy")
        self._vectors: NDArray[np.float16] = np.load(folder / "vectors.npy", mmap_mode="r")

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
        """Unit vectors of the given rows, float32: what float16 rounded away is made good by normalising."""
        vectors: NDArray[np.float32] = np.asarray(self._vectors[rows], dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(norms > 0, norms, 1)
        return vectors
