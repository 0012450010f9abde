"""Random vectors: what a score means that knows nothing."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mecelle.base.protocols import Role


class RandomEncoder:
    """The `TextEncoder` `random`: a unit vector that depends on the text and the seed alone, equal texts alike."""

    name = "random"

    def __init__(self, *, dimension: int = 384, seed: int) -> None:
        self.dimension, self.seed = dimension, seed

    @property
    def fingerprint(self) -> str:
        """Dimension and seed."""
        return f"random;dimension={self.dimension};seed={self.seed}"

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension), evenly spread over the sphere. `role` changes nothing."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for place, text in enumerate(texts):
            key = hashlib.blake2b(f"{self.seed}\x1f{text}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
            vectors[place] = np.random.default_rng(int.from_bytes(key, "little")).standard_normal(self.dimension)
        norms: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / norms if len(vectors) else vectors
