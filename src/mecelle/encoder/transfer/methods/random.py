"""Chance: what any better way must beat."""

from mecelle.base.seeds import generator
from mecelle.encoder.transfer.methods import METHODS, Filled, Task, draw_like


@METHODS.register("random.v1")
def random(task: Task, *, seed: int) -> Filled:
    """Each row by itself, from a normal distribution with mean and deviation of the old rows, column by column."""
    rows = draw_like(task.table, len(task.wanted), rng=generator(seed, "transfer", "random"))
    return Filled(rows, ["drawn"] * len(rows))
