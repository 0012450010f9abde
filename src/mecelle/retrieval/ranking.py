"""Rankings: what every kind of search returns, with one rule for ties."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ConfigError, InputError

Ranking = list[tuple[str, float]]
"""Identifiers with their scores, best first; equal scores stand in the order of their identifiers."""


class Identifiers:
    """The ids that a score array belongs to, position by position, prepared for the rule of ties."""

    def __init__(self, ids: Sequence[str]) -> None:
        """Raises InputError if an id stands twice, since a ranking could not tell the two apart."""
        self.ids = list(ids)
        order = sorted(range(len(self.ids)), key=self.ids.__getitem__)
        for left, right in itertools.pairwise(order):
            if self.ids[left] == self.ids[right]:
                raise InputError(f"the id {self.ids[left]!r} stands twice among {len(self.ids):,}; ids must be unique")
        self._place = np.empty(len(self.ids), dtype=np.int64)
        self._place[order] = np.arange(len(self.ids))

    def __len__(self) -> int:
        return len(self.ids)

    def best(self, scores: NDArray[np.floating], k: int, *, above: float = -np.inf) -> Ranking:
        """The `k` highest scores that lie above `above`, as a Ranking.

        scores: shape (len(self),). Raises ConfigError if k is under 1.
        """
        positions = self.best_positions(scores, k, above=above)
        return [(self.ids[position], float(scores[position])) for position in positions]

    def best_positions(self, scores: NDArray[np.floating], k: int, *, above: float = -np.inf) -> list[int]:
        """Positions of what `best` returns, in the same order."""
        if k < 1:
            raise ConfigError(f"k is {k}; a search returns 1 result or more")
        found = np.flatnonzero(scores > above)
        if len(found) > k:
            # All that reach the k-th score stay for the rule of ties; argpartition alone would pick at random.
            values = scores[found]
            found = found[values >= np.partition(values, -k)[-k]]
        order = np.lexsort((self._place[found], -scores[found]))[:k]
        return [int(position) for position in found[order]]
