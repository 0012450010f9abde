"""Parameters of causal pre-training, new or continual."""

from typing import Literal, Self

from pydantic import Field, model_validator

from mecelle.base.config import Config
from mecelle.decoder.shapes import TINY, DecoderShape
from mecelle.training.config import Beta, TrainingConfig
from mecelle.training.stretch import Stretch

STAGE = "decoder"
VERSION = 1

Precision = Literal["auto", "fp32", "bf16", "fp16", "bf16-fp8", "bf16-fp8-cs", "fp16-fp8", "fp16-fp8-cs"]
"""Strategies of Table 21, by the names of `decoder.precision`; "auto" takes what is faster on this machine."""


class Lora(Config):
    """Low-rank adapters (arXiv 2106.09685): only they are trained, and they are merged into the saved model."""

    rank: int = Field(default=16, ge=1)
    """Inner width of an adapter."""
    alpha: float = Field(default=32.0, gt=0)
    """An adapter's product counts alpha / rank times."""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Share of an adapter's input that is left out in training, 0..1."""


class DecoderConfig(TrainingConfig):
    """Causal pre-training: of a Qwen3 from scratch, or of any published causal model that goes on.

    The optimizer is Mecellem's (§3.4.6): Adam with weight decay 0.01 (decoupled, as NeMo's), a cosine from 5e-5 to
    5e-6 after a warm-up of 5% of the steps (Table 8: 200 of 4,170 steps to 7,675 of 153,508, 4.8% to 5.0%).
    """

    shape: DecoderShape = TINY
    """Size of a new model (Mecellem Table 7: 1.7B, 4B); without effect on a model that goes on, which has its own."""
    sequence_length: int = Field(default=512, ge=16)
    """Tokens in a packed row, special tokens included (Mecellem §3.4.6: 4,096)."""
    tokens_per_step: int = Field(default=8_192, ge=16)
    """Tokens of one optimizer step, over all processes; a multiple of rows_per_batch * sequence_length (Mecellem Table
    8, global batch: 400 rows, 800 in phase 3; so 1,638,400 and 3,276,800)."""
    rows_per_batch: int = Field(default=4, ge=1)
    """Rows that one process takes at once, the rest of a step is accumulated (Table 8, micro batch: 2, at 4B 1)."""
    learning_rate: float = Field(default=5e-5, gt=0)
    """Peak (Mecellem §3.4.6: 5e-5, for 1.7B and 4B; small models take more, new ones much more)."""
    betas: tuple[Beta, Beta] = (0.9, 0.95)
    """Memory of Adam's two moments, from 0 to under 1: not in the paper; usual for decoders, and NeMo's default."""
    epsilon: float = Field(default=1e-8, gt=0)
    """Added to the root of Adam's second moment: not in the paper; Adam's own."""
    weight_decay: float | None = Field(default=0.01, ge=0)
    """Decay of matrices per step, times the learning rate (Mecellem §3.4.6: 0.01)."""
    schedule: str = "warmup_cosine.v1"
    """One of `training/schedules/` (Mecellem §3.4.6: cosine)."""
    warmup_share: float = Field(default=0.05, ge=0, le=1)
    """Share of the steps over which the learning rate rises, 0..1 (Mecellem Table 8: 0.048 to 0.050)."""
    decay_share: float = Field(default=0.0, ge=0, le=1)
    """Share of the steps of the fall at the end, 0..1: without effect on a cosine, which falls over all the rest."""
    floor: float = Field(default=0.1, ge=0, le=1)
    """Where the fall of the learning rate would end a step after the last, as a share of the peak, 0..1, and where the
    warm-up begins (Mecellem §3.4.6: 5e-6 of 5e-5)."""
    precision: Precision = "auto"
    """Arithmetic of the forward pass, by the names of Mecellem Table 21 (§3.4.6: bf16); weights stay fp32. "auto":
    bf16 where the machine has it in hardware, else fp32. See `decoder.precision`."""
    stretch: Stretch | None = None
    """Where the run lies in a longer training, whose schedule and optimizer it goes on with; null: it is one of its
    own. `decoder pretrain --curriculum` sets it in curricula of `restart: false`."""
    lora: Lora | None = None
    """Train low-rank adapters instead of all weights, where memory is short; needs `peft`. The paper trains all."""

    @model_validator(mode="after")
    def _optimizer_can_go_on(self) -> Self:
        if self.stretch and (self.lora or self.sharded):
            raise ValueError(
                "stretch: with `lora` or `sharded: true` no optimizer goes on (adapters are merged at the end, split "
                "moments are not gathered); leave one of them out"
            )
        return self
