"""The Pareto front: what nothing else beats in every respect at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def front(points: Sequence[Sequence[float]], *, higher_is_better: Sequence[bool]) -> NDArray[np.bool_]:
    """Which points no other point dominates, shape (len(points),).

    One point dominates another if it is as good in every respect and better in one; equal points stand together.
    points: shape (n, respects); higher_is_better: of each respect.
    """
    values = np.asarray(points, dtype=np.float64).reshape(len(points), len(higher_is_better))
    costs = np.where(np.asarray(higher_is_better), -values, values)
    kept = np.ones(len(costs), dtype=bool)
    for row, cost in enumerate(costs):
        kept[row] = not ((costs <= cost).all(axis=1) & (costs < cost).any(axis=1)).any()
    return kept
