"""Parameters of the fine-tuning suite: one budget for every encoder."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from mecelle.base.config import Config


class FineTuningConfig(Config):
    """The search: every learning rate is trained once, and the development set is scored after every epoch."""

    learning_rates: tuple[float, ...] = (5e-5, 1e-4, 3e-4)
    """Highest rates that are tried; warm-up, then linear decay to 0 over all epochs."""
    epochs: int = Field(default=3, ge=1)
    """Passes over the training items; the best of them counts, so an early one stands for stopping early."""
    train_items: int = Field(default=1_000, ge=2)
    """Most items to train on, drawn by seed."""
    dev_items: int = Field(default=300, ge=2)
    """Most items that choose learning rate and epoch."""
    test_items: int = Field(default=1_000, ge=2)
    """Most items that are scored, once."""
    item_characters: int | None = Field(default=None, ge=1)
    """Characters that an item may have on average: of long ones, each part holds fewer. None: all the items above."""
    max_length: int = Field(default=256, ge=16)
    """Tokens that are read; contexts of questions are read in windows of so many."""
    window_overlap: int = Field(default=64, ge=0)
    """Tokens that two windows share."""
    answer_tokens: int = Field(default=30, ge=1)
    """Longest answer that is given."""
    batch_size: int = Field(default=16, ge=1)
    """Items a step."""
    warmup_share: float = Field(default=0.1, ge=0.0, le=1.0)
    """Share of the steps in which the rate rises."""
    weight_decay: float = Field(default=0.01, ge=0.0)
    """Of AdamW."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic of training; predictions are made in fp32."""


PRESETS: Mapping[str, FineTuningConfig] = {
    "full": FineTuningConfig(),
    "small": FineTuningConfig(
        epochs=2, train_items=200, dev_items=100, test_items=300, item_characters=300, max_length=128, window_overlap=32
    ),
}
"""small: what two cores do in minutes; its scores say who learns from few examples."""
