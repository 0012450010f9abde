"""Memory of a pre-training by what it is for, in GiB."""

from pydantic import computed_field

from mecelle.base.config import Config

GIB = 1024**3
PROGRAM_GIB = 1.1
"""Resident memory of a training beside what is counted: Python with torch and transformers (0.4), compiled code, what
oneDNN and the allocator hold on to. Of six measured runs of 8M and 25M parameters the peak lay 0.15 below to 0.02 above
the sum, in fp32 at 25M 0.36 above it; pages of a pack on disk that are in memory come on top (0.3, given back when
needed)."""
SCORE_BYTES = {"bf16": 6, "fp32": 4}
"""Per query, key and head, where attention keeps its scores, as ours does on a processor."""


class Memory(Config):
    """Of one process at its peak, GiB."""

    weights: float
    """fp32 weights, their bf16 copies, and their running average."""
    gradients: float
    moments: float
    """State of the optimizer."""
    activations: float
    """What the layers keep for the backward pass."""
    head: float
    """What prediction needs over the vocabulary."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> float:
        """Sum of all."""
        return self.weights + self.gradients + self.moments + self.activations + self.head
