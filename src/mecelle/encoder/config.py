"""Parameters of masked-language-model pre-training."""

from typing import Literal

from pydantic import Field, model_validator

from mecelle.encoder.rates import Rates, rate_faults
from mecelle.encoder.replacement import Replacement
from mecelle.encoder.shapes import TINY, Shape
from mecelle.training.config import TrainingConfig

STAGE = "encoder"
VERSION = 2

Precision = Literal["auto", "fp32", "bf16"]


class EncoderConfig(TrainingConfig):
    """Masked-language-model pre-training of a ModernBERT from scratch."""

    shape: Shape = TINY
    """Size of the model."""
    sequence_length: int = Field(default=512, ge=16)
    """Tokens in a packed row, special tokens included (Mecellem Table 4: 1,024 base, 2,048 large)."""
    masking: dict[str, float] = Field(default={"whole_word.v1": 1.0})
    """Which positions are predicted: strategies of `encoder/masking/`, each with its share of the masked tokens of
    every row, together 1. HukukBERT's four stand in `encoder.mixture`."""
    masking_rate: float | Rates = 0.30
    """Share of the tokens that is predicted, 0..1 (Mecellem Table 4: 0.3; its §3.3.4 says 0.15; HukukBERT §3.5: 0.25).
    Or a rate that changes over the run, as (share of the run, rate from there on): [[0, 0.3], [0.5, 0.15]].
    Held-out rows are masked at the last rate throughout."""
    replacement: Replacement = Replacement()
    """What stands at the predicted positions."""
    learning_rate: float = Field(default=1e-3, gt=0)
    """Peak (Mecellem Table 5: 5e-4 base, 8e-4 large; small models take more)."""
    schedule: str = "warmup_stable_decay.v1"
    """One of `training/schedules/` (Mecellem §3.3.4: `trapezoid.v1`)."""
    precision: Precision = "auto"
    """Arithmetic of the forward pass; weights stay fp32. "auto" takes what is faster on this machine."""

    @model_validator(mode="after")
    def _consistent(self) -> "EncoderConfig":
        if abs(sum(self.masking.values()) - 1) > 1e-6 or min(self.masking.values(), default=0) <= 0:
            raise ValueError(f"masking {self.masking}: shares must be over 0 and together 1")
        if fault := rate_faults(self.masking_rates):
            raise ValueError(f"masking_rate: {fault}")
        if self.sequence_length > self.shape.positions:
            raise ValueError(f"sequence_length {self.sequence_length} exceeds shape.positions {self.shape.positions}")
        return self

    @property
    def masking_rates(self) -> Rates:
        """The masking rate over the run, also where it is one number."""
        return ((0.0, self.masking_rate),) if isinstance(self.masking_rate, float) else self.masking_rate
