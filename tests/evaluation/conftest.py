"""Small collections with known answers, and encoders whose rankings can be worked out by hand."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from mecelle.base.protocols import Role


class OneHotEncoder:
    """Knows which text goes with which: texts of one axis are alike, all others are unlike. Counts its calls."""

    name = "one-hot"
    dimension = 64

    def __init__(self, axes: Mapping[str, int], fingerprint: str = "f" * 32) -> None:
        self.axes, self.fingerprint = axes, fingerprint
        self.calls = 0

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        self.calls += 1
        return np.eye(self.dimension, dtype=np.float32)[[self.axes.get(text, 0) for text in texts]]


@pytest.fixture
def one_hot() -> type[OneHotEncoder]:
    """The class of the encoder: text -> axis."""
    return OneHotEncoder


@pytest.fixture
def write_rows(tmp_path: Path) -> Callable[[str, Sequence[Any]], Path]:
    """Writes rows as JSON Lines into a file of the test's folder."""

    def write(name: str, rows: Sequence[Any]) -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        return path

    return write
