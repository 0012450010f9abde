"""Rows that share a key, found in bounded memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mecelle.corpus.dedup.shingles import Hashes
from mecelle.corpus.dedup.signatures import Rows

ROWS_AT_ONCE = 4_000_000
"""Rows that are sorted in memory: about 32 bytes each."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Some groups: `rows[edges[i]:edges[i + 1]]` share a key, ascending."""

    rows: Rows
    edges: Rows
    """Shape (groups + 1,)."""

    def __len__(self) -> int:
        return len(self.edges) - 1

    def __iter__(self) -> Iterator[Rows]:
        for start, end in pairwise(self.edges.tolist()):
            yield self.rows[start:end]

    def choose(self, chosen: NDArray[np.bool_]) -> Self:
        """The groups that a mask of shape (groups,) marks."""
        sizes = np.diff(self.edges)
        return type(self)(self.rows[np.repeat(chosen, sizes)], _edges(sizes[chosen]))


def groups(
    column: Callable[[], Iterable[tuple[Rows, Hashes]]],
    *,
    count: int,
    keys: int = 2**64,
    least: int = 2,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Iterator[Groups]:
    """All groups of `least` or more rows, in the order of their keys, many at a time.

    column: parts of rows (ascending) and their keys; read once for each `rows_at_once` of its `count` rows, and each
    time only the keys of one range are kept: memory stays the same however many rows there are, and nothing is written.
    keys: they are spread over 0..keys-1. Only a key that more than `rows_at_once` rows share takes more memory.
    """
    passes = max(1, -(-count // rows_at_once))
    for number in range(passes):
        low, high = number * keys // passes, (number + 1) * keys // passes
        parts = [_within(rows, values, low, high) if passes > 1 else (rows, values) for rows, values in column()]
        if parts:
            found = _grouped(np.concatenate([rows for rows, _ in parts]), np.concatenate([v for _, v in parts]), least)
            if len(found):
                yield found


def _within(rows: Rows, values: Hashes, low: int, high: int) -> tuple[Rows, Hashes]:
    inside = (values >= np.uint64(low)) & (values <= np.uint64(high - 1))
    return rows[inside], values[inside]


def _grouped(rows: Rows, values: Hashes, least: int) -> Groups:
    order = np.argsort(values)  # fast, but equal keys in any order: the few that are left are sorted again
    rows, values = rows[order], values[order]
    sizes = np.diff(np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1], [True]])))
    if not len(rows):
        return Groups(rows, np.zeros(1, dtype=np.int64))
    large = sizes >= least
    chosen = np.repeat(large, sizes)
    rows, values = rows[chosen], values[chosen]
    return Groups(rows[np.lexsort((rows, values))], _edges(sizes[large]))


def _edges(sizes: Rows) -> Rows:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
