"""Parameters of pre-training."""

from math import ceil
from typing import Literal

from pydantic import Field, model_validator

from mecelle.base.config import Config
from mecelle.encoder.replacement import Replacement
from mecelle.encoder.shapes import LAPTOP, Shape

STAGE = "encoder"
VERSION = 1

Precision = Literal["auto", "fp32", "bf16"]


class EncoderConfig(Config):
    """Masked-language-model pre-training of a ModernBERT from scratch."""

    shape: Shape = LAPTOP
    """Size of the model."""
    sequence_length: int = Field(default=512, ge=16)
    """Tokens in a packed row, special tokens included (Mecellem Table 4: 1,024 base, 2,048 large)."""
    masking: str = "whole_word.v1"
    """Which positions are predicted: a strategy of `encoder/masking/`."""
    masking_rate: float = Field(default=0.30, gt=0, lt=1)
    """Share of the tokens that is predicted, 0..1 (Mecellem Table 4: 0.3; its §3.3.4 says 0.15)."""
    replacement: Replacement = Replacement()
    """What stands at the predicted positions."""
    budget_tokens: int = Field(default=8_000_000, ge=1)
    """Tokens to train on, padding included; documents are seen again when there are fewer."""
    tokens_per_step: int = Field(default=8_192, ge=16)
    """Tokens of one optimizer step, over all processes; a multiple of rows_per_batch * sequence_length."""
    rows_per_batch: int = Field(default=4, ge=1)
    """Rows that one process takes at once: a matter of memory; the rest of a step is accumulated."""
    optimizer: str = "adamw.v1"
    """One of `training/optimizers/` (Mecellem §3.3.4: decoupled StableAdamW)."""
    learning_rate: float = Field(default=1e-3, gt=0)
    """Peak (Mecellem Table 5: 5e-4 base, 8e-4 large; small models take more)."""
    betas: tuple[float, float] = (0.9, 0.98)
    """Memory of the two moments of AdamW, 0..1."""
    epsilon: float = Field(default=1e-6, gt=0)
    """Added to the root of AdamW's second moment."""
    weight_decay: float = Field(default=0.01, ge=0)
    """Decay of matrices, per unit of learning rate."""
    most_gradient_norm: float = Field(default=1.0, ge=0)
    """Gradients longer than this are shortened to it; 0 leaves them."""
    schedule: str = "warmup_stable_decay.v1"
    """One of `training/schedules/` (Mecellem §3.3.4: warm-up, stable, decay)."""
    warmup_share: float = Field(default=0.06, ge=0, le=1)
    """Share of the steps over which the learning rate rises, 0..1."""
    decay_share: float = Field(default=0.20, ge=0, le=1)
    """Share of the steps over which it falls at the end, 0..1."""
    precision: Precision = "auto"
    """Arithmetic of the forward pass; weights stay fp32. "auto" takes what is faster on this machine."""
    checkpoint_minutes: float = Field(default=5.0, ge=0)
    """Least time between two checkpoints; what a killed run loses at most, up to a log interval."""
    checkpoint_steps: int | None = Field(default=None, ge=1)
    """If given, also a checkpoint when so many steps are done."""
    logs: int = Field(default=200, ge=1)
    """Points of the training curve over the whole run."""
    evaluations: int = Field(default=20, ge=1)
    """Evaluations on held-out rows over the whole run."""
    evaluation_rows: int = Field(default=64, ge=1)
    """Held-out rows of an evaluation; at most a tenth of the tokens is held out."""

    @model_validator(mode="after")
    def _consistent(self) -> "EncoderConfig":
        batch = self.rows_per_batch * self.sequence_length
        if self.tokens_per_step % batch:
            raise ValueError(
                f"tokens_per_step {self.tokens_per_step:,}: no multiple of rows_per_batch * sequence_length = {batch:,}"
            )
        if self.sequence_length > self.shape.positions:
            raise ValueError(f"sequence_length {self.sequence_length} exceeds shape.positions {self.shape.positions}")
        if self.warmup_share + self.decay_share > 1:
            raise ValueError(f"warmup_share + decay_share = {self.warmup_share + self.decay_share:g}, more than 1")
        return self

    @property
    def rows_per_step(self) -> int:
        """Rows of one optimizer step, over all processes."""
        return self.tokens_per_step // self.sequence_length

    @property
    def steps(self) -> int:
        """Optimizer steps that use up the budget."""
        return ceil(self.budget_tokens / self.tokens_per_step)

    @property
    def log_steps(self) -> int:
        """Steps between two points of the curve."""
        return max(1, self.steps // self.logs)

    @property
    def evaluation_steps(self) -> int:
        """Steps between two evaluations: a multiple of `log_steps`, so that each has its point of the curve."""
        return self.log_steps * max(1, round(self.steps / self.evaluations / self.log_steps))


WITHOUT_EFFECT = {"checkpoint_minutes", "checkpoint_steps"}
"""Parameters that do not change the weights: a run may be continued with others."""
