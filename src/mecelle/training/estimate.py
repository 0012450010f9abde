"""What a pre-training will take, before it runs."""

from mecelle.base.config import Config

SECONDS_AROUND = 10.0
"""Loading, hashing and saving, whatever the size; tokenising and evaluation add to it."""


class Estimate(Config):
    """What a pre-training will take."""

    parameters: int
    """Of the model with its head."""
    steps: int
    """Optimizer steps."""
    tokens: int
    """Tokens trained on, padding included."""
    tokens_per_second: float
    """Measured, or as given."""
    seconds: float
    """Of the whole stage."""
    memory_gib: float
    """Largest resident memory of the process."""
