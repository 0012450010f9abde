"""The mean of the old embedding: HukukBERT's way."""

import numpy as np

from mecelle.encoder.transfer.methods import METHODS, Filled, Task


@METHODS.register("mean.v1")
def mean(task: Task, *, seed: int) -> Filled:
    """One row for all: the mean over the whole old vocabulary (HukukBERT §3.4: "the existing embedding matrix").

    New tokens are then equally likely wherever they stand, until training tells them apart. seed: nothing is drawn.
    """
    rows = np.tile(task.table.mean(0), (len(task.wanted), 1))
    return Filled(rows, ["mean"] * len(rows))
