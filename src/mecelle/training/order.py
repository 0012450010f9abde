"""In which order rows are trained on: a pure function of (seed, epoch), so that a run can begin anywhere."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mecelle.base.seeds import generator


@lru_cache(maxsize=2)
def permutation(rows: int, *, seed: int, epoch: int) -> NDArray[np.int64]:
    """The order of `rows` rows in one epoch. Read-only, as it is kept between calls."""
    order = generator(seed, "order", epoch).permutation(rows)
    order.flags.writeable = False
    return order


class Order:
    """Rows by their place in the run: place p is place p % rows of epoch p // rows. Steps take places in turn."""

    def __init__(self, rows: int, *, rows_per_step: int, seed: int) -> None:
        """rows: in one epoch; rows_per_step: over all processes and accumulated batches."""
        assert rows > 0
        assert rows_per_step > 0
        self.rows = rows
        self.rows_per_step = rows_per_step
        self.seed = seed

    def row(self, place: int) -> int:
        """The row at a place of the run, 0-based."""
        epoch, within = divmod(place, self.rows)
        return int(permutation(self.rows, seed=self.seed, epoch=epoch)[within])

    def rows_of_step(self, step: int) -> list[int]:
        """The rows that optimizer step `step` saw; steps count from 1, as the Trainer counts them."""
        return [self.row(place) for place in range((step - 1) * self.rows_per_step, step * self.rows_per_step)]

    def steps_of_rows(self, rows: ArrayLike, *, steps: int) -> list[int]:
        """The optimizer steps, ascending, out of the run's first `steps`, that saw one of `rows`."""
        places = steps * self.rows_per_step
        found: set[int] = set()
        for epoch in range(-(-places // self.rows)):
            within = np.flatnonzero(np.isin(permutation(self.rows, seed=self.seed, epoch=epoch), rows))
            seen = epoch * self.rows + within
            found.update((seen[seen < places] // self.rows_per_step + 1).tolist())
        return sorted(found)
