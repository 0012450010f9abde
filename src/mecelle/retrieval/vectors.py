"""Vectors in Qdrant, in files of the index or on a server, behind one small interface."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mecelle.retrieval.config import VectorConfig
from mecelle.retrieval.filters import Payload, Where

AT_ONCE = 10_000
"""Points of one request that lists or deletes."""


class VectorStore(Protocol):
    """Unit vectors under numbers that stand for their content: one that is there never needs to be made again."""

    def points(self) -> set[int]:
        """Numbers of all vectors."""

    def vectors(self, points: Collection[int]) -> dict[int, NDArray[np.float32]]:
        """The vector of each of those points that are there, shape (dimension,)."""

    def add(self, points: Sequence[int], vectors: NDArray[np.float32], payloads: Sequence[Payload]) -> None:
        """Add or replace vectors, shape (len(points), dimension); they are on disk when this returns."""

    def delete(self, points: Iterable[int]) -> None:
        """Take vectors out; unknown numbers are passed over."""

    def finish(self) -> None:
        """Build the graph over what was added."""

    def search(
        self, vector: NDArray[np.float32], k: int, where: Where = (), among: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Numbers and cosines of the `k` nearest vectors whose payload fits `where`, nearest first.

        among: the only points that may be found; None: all.
        """

    def close(self) -> None:
        """Let go of files and connections."""


def open_store(folder: Path, dimension: int, config: VectorConfig, *, may_create: bool) -> VectorStore:
    """The store that `config` names: in `folder`, or on its server.

    may_create: make it, empty, if it is absent or unreadable. Else ArtifactError is raised.
    """
    from mecelle.retrieval.vectors_edge import EdgeStore
    from mecelle.retrieval.vectors_server import ServerStore

    if config.server:
        return ServerStore.connect(config.server, dimension, config, may_create=may_create)
    return EdgeStore(folder, dimension, config, may_create=may_create)


def pages(points: Iterable[int]) -> Iterator[list[int]]:
    """The points, sorted, in lists of at most `AT_ONCE`."""
    ordered = sorted(points)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
