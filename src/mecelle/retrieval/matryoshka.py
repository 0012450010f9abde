"""Vectors cut to their leading components (Matryoshka, arXiv:2205.13147): how many, and the cut itself."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mecelle.base.artifacts import read_record
from mecelle.base.errors import ConfigError
from mecelle.base.protocols import TextEncoder
from mecelle.retrieval.config import VectorConfig

LEAST_DIMENSIONS = 256
"""What "auto" never goes below: down to it, retrieval loses little in the papers' tables."""


def kept_dimensions(encoder: TextEncoder, config: VectorConfig) -> int:
    """Leading components of the encoder's vectors that an index keeps.

    Raises ConfigError if more are asked for than the vectors have.
    """
    asked = config.dimensions
    if asked == "auto":
        cuts = [cut for cut in _trained_cuts(Path(encoder.name)) if LEAST_DIMENSIONS <= cut <= encoder.dimension]
        return min(cuts, default=encoder.dimension)
    if asked is not None and not 1 <= asked <= encoder.dimension:
        raise ConfigError(
            f"vectors.dimensions is {asked}, but {encoder.name} gives {encoder.dimension}; allowed is 1 to that"
        )
    return asked or encoder.dimension


def cut(vectors: NDArray[np.float32], kept: int) -> NDArray[np.float32]:
    """The first `kept` components as unit rows again; shape (rows, kept)."""
    if vectors.shape[1] == kept:
        return vectors
    leading = vectors[:, :kept]
    norms = np.linalg.norm(leading, axis=1, keepdims=True)
    return np.asarray(leading / np.maximum(norms, np.finfo(np.float32).tiny), dtype=np.float32)


def _trained_cuts(folder: Path) -> list[int]:
    """What the run record of a model of ours names as `dims`; nothing for other models."""
    record = read_record(folder) if folder.is_dir() and folder.name else None
    found = record.parameters.get("dims") if record else None
    return [int(one) for one in found] if isinstance(found, list) else []
