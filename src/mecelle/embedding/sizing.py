"""How long to train on a user's own pairs where nobody says it: by their number.

Mecellem's parameters (one pass, four batches a step) are for millions of pairs; 1,000 would get 5 steps of them.
"""

from collections.abc import Collection
from math import ceil

from mecelle.embedding.config import EmbeddingConfig

LEAST_STEPS = 100
"""Optimizer steps that a training has, as far as `MOST_EPOCHS` allows."""
MOST_EPOCHS = 10.0
"""Passes over the pairs at most: after more of them a model knows the pairs by heart."""
LAPTOP_CHUNK = 16
"""Texts that go through a model at a time on a processor: a batch of 48 pairs at 256 tokens takes multilingual-e5-small
14 GiB as a whole."""
ENOUGH_STEPS = 1_000
"""A pass of so many steps has some to spare: batches are accumulated as the configuration says."""


def sized(config: EmbeddingConfig, pairs: int, *, given: Collection[str]) -> tuple[EmbeddingConfig, str]:
    """`config` with accumulation and epochs for so many pairs, and a sentence that says so; "" where all stays.

    pairs: that are trained on, without those held out. given: parameters that the user set, which stay as they are. The
    warm-up is a share of the steps (`warmup_share`) and needs no change.
    """
    batch = max(1, min(config.batch, pairs))
    accumulation, epochs = config.accumulation, config.epochs
    before = _steps(config, accumulation, epochs, batch, pairs)
    if "accumulation" not in given and pairs < ENOUGH_STEPS * batch * accumulation:
        accumulation = 1
    if "epochs" not in given:
        wanted = ceil(100 * LEAST_STEPS * batch * accumulation / max(1, pairs)) / 100
        epochs = max(epochs, min(wanted, MOST_EPOCHS))
    steps = _steps(config, accumulation, epochs, batch, pairs)
    if steps == before:  # nothing to choose, or `most_steps` says it
        return config, ""
    return config.model_copy(update={"accumulation": accumulation, "epochs": epochs}), (
        f"{pairs:,} pairs: {steps:,} steps in place of {before:,}, by accumulation {accumulation} (usually "
        f"{config.accumulation}) and {epochs:g} epochs (usually {config.epochs:g}), since few steps teach little; "
        f"--set accumulation={config.accumulation} --set epochs={config.epochs:g} for the usual"
    )


def _steps(config: EmbeddingConfig, accumulation: int, epochs: float, batch: int, pairs: int) -> int:
    steps = max(1, round(epochs * pairs / (batch * accumulation)))
    return min(steps, config.most_steps or steps)
