"""Which documents leave, and who stands for them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mecelle.corpus.dedup.groups import ROWS_AT_ONCE, groups
from mecelle.corpus.dedup.shingles import Hashes
from mecelle.corpus.dedup.signatures import Rows

Method = Literal["exact", "minhash", "semantic"]
METHODS: Sequence[Method] = get_args(Method)


class Cluster(NamedTuple):
    """Documents that count as one."""

    method: Method
    representative: int
    """The row that stays: a settled one before others, else the first in input order."""
    members: Rows
    """Rows that leave, in input order."""
    similarities: NDArray[np.float32]
    """Of each member to the representative, 0..1: Jaccard (1.0 for exact copies) or cosine."""


class Duplicates:
    """The verdict on every row, in columns on disk; a row leaves at most once.

    A representative may be the member of a cluster of a later method: `exact` before `minhash` before `semantic`.
    """

    def __init__(self, count: int, *, work: Path, settled: Iterable[bool] | None = None) -> None:
        """work: folder for 14 bytes a row. settled: of each row, whether a model has been trained on it; such rows stay
        if they can, wherever they stand in the input."""
        self.representative: Rows = scratch(work / "representative", count, np.int64)
        self.representative[:] = np.arange(count)
        self._similarity: NDArray[np.float32] = scratch(work / "similarity", count, np.float32)
        self._method: NDArray[np.uint8] = scratch(work / "method", count, np.uint8)
        self.settled: NDArray[np.bool_] = scratch(work / "settled", count, np.bool_)
        for row, known in enumerate(settled or ()):
            self.settled[row] = known

    def __len__(self) -> int:
        return len(self.representative)

    def stays(self, start: int, end: int) -> NDArray[np.bool_]:
        """Which of the rows from `start` to `end` have not left, shape (end - start,)."""
        here: NDArray[np.bool_] = self.representative[start:end] == np.arange(start, end)
        return here

    def leave(
        self, rows: Rows, representatives: Rows | int, similarities: NDArray[np.floating] | float, *, method: Method
    ) -> None:
        """Let rows leave that have not left."""
        self.representative[rows] = representatives
        self._similarity[rows] = similarities
        self._method[rows] = METHODS.index(method)

    def first(self, rows: Rows) -> int:
        """Who represents `rows` (ascending): a settled row before others, then the first."""
        return int(rows[np.argmax(self.settled[rows])])

    def verdict(self, row: int) -> tuple[Method, int, float]:
        """How a row that leaves was found, its representative, and its similarity to that."""
        method = METHODS[int(self._method[row])]
        return method, int(self.representative[row]), float(self._similarity[row])

    def count(self, method: Method) -> int:
        """How many rows leave by a method."""
        return sum(len(rows) for rows, _ in self._leaving(METHODS.index(method)))

    def clusters(self) -> Iterator[Cluster]:
        """All clusters by method, in the order of their representatives."""
        for number, method in enumerate(METHODS):
            column = partial(self._leaving, number)
            for found in groups(column, count=self.count(method), keys=max(1, len(self)), least=1):
                for rows in found:
                    yield Cluster(method, int(self.representative[rows[0]]), rows, self._similarity[rows])

    def _leaving(self, method: int) -> Iterator[tuple[Rows, Hashes]]:
        """Rows that leave by a method, and their representatives as keys."""
        for start in range(0, len(self), ROWS_AT_ONCE):
            end = min(start + ROWS_AT_ONCE, len(self))
            rows = start + np.flatnonzero(~self.stays(start, end) & (self._method[start:end] == method))
            yield rows, self.representative[rows].astype(np.uint64)


def scratch(path: Path, count: int, dtype: DTypeLike) -> NDArray[Any]:
    """An array of zeros in a file, which the system may put out of memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if count == 0:  # an empty file cannot be mapped
        return np.zeros(0, dtype=dtype)
    return np.asarray(np.memmap(path, dtype=dtype, mode="w+", shape=(count,)))
