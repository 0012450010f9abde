"""What every pre-training is told, whatever the model."""

from math import ceil
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from mecelle.base.config import Config
from mecelle.training.spikes import Spikes

Compilation = Literal["auto", "on", "off"]
Beta = Annotated[float, Field(ge=0, lt=1)]
"""Share of a moment that stays at each step."""

WITHOUT_EFFECT = {"checkpoint_minutes", "checkpoint_steps", "data_workers", "spikes", "sharded"}
"""Parameters that do not change the weights (`spikes` none up to the first): a run may be continued with others."""


class TrainingConfig(Config):
    """Parameters that all pre-trainings share. Defaults that a model or a paper wants otherwise are its own."""

    sequence_length: int = Field(default=512, ge=16)
    """Tokens in a packed row, special tokens included."""
    budget_tokens: int = Field(default=8_000_000, ge=1)
    """Tokens to train on, padding included; documents are seen again when there are fewer."""
    tokens_per_step: int = Field(default=8_192, ge=16)
    """Tokens of one optimizer step, over all processes; a multiple of rows_per_batch * sequence_length."""
    rows_per_batch: int = Field(default=4, ge=1)
    """Rows that one process takes at once: a matter of memory; the rest of a step is accumulated."""
    optimizer: str = "adamw.v1"
    """One of `training/optimizers/` (Mecellem §3.3.4: decoupled StableAdamW, `stable_adamw.v1`; HukukBERT: AdamW)."""
    learning_rate: float = Field(default=1e-3, gt=0)
    """Peak."""
    betas: tuple[Beta, Beta] = (0.9, 0.98)
    """Memory of the two moments of AdamW, from 0 to under 1."""
    epsilon: float = Field(default=1e-6, gt=0)
    """Added to the root of AdamW's second moment."""
    weight_decay: float | None = Field(default=None, ge=0)
    """Decay of matrices per step: times the learning rate (adamw, muon: 0.01 if not given), or at the peak rate
    (stable_adamw: 1e-5 if not given)."""
    most_gradient_norm: float = Field(default=1.0, ge=0)
    """A gradient longer than this, of all weights together, is shortened to it; 0 leaves it. With StableAdamW, too,
    whose own shortening of each tensor's step is meant to replace it (and does better: ModernBERT, arXiv 2412.13663
    §2.2.2); set 0 for that one alone."""
    schedule: str = "warmup_stable_decay.v1"
    """One of `training/schedules/`."""
    warmup_share: float = Field(default=0.06, ge=0, le=1)
    """Share of the steps over which the learning rate rises, 0..1."""
    decay_share: float = Field(default=0.20, ge=0, le=1)
    """Share of the steps over which it falls at the end, 0..1; linear and cosine schedules fall over all the rest."""
    floor: float = Field(default=0.0, ge=0, le=1)
    """Where the fall of the learning rate would end a step after the last, as a share of the peak, 0..1; the warm-up
    begins there, so that with 0 the first step moves no weight."""
    average_share: float = Field(default=0.0, ge=0, le=1)
    """Share of the run, at its end, over whose steps the weights are averaged into `average/`; 0: no average."""
    average_decay: float | None = Field(default=None, gt=0, lt=1)
    """Share of the average that stays at each step; if not given, all its steps count alike."""
    spikes: Spikes = Spikes()
    """What counts as a loss spike, and what is done about it; a run that stopped at one may go on with another."""
    precision: str = "auto"
    """Arithmetic of the forward pass; weights stay fp32. "auto" takes what is faster on this machine."""
    recompute: bool = False
    """Whether layers keep their input alone and are computed again in the backward pass: less memory, a third more
    work."""
    sharded: bool = False
    """Whether weights, gradients and moments are split over the processes (FSDP 2): less memory in each, more traffic.
    Without it each has them all. A run goes on as it began."""
    compilation: Compilation = "auto"
    """Whether layers and loss are compiled; "auto": in long runs on a processor with a compiler of C++."""
    data_workers: int = Field(default=0, ge=0)
    """Processes beside each trainer that read and mask rows ahead of it; 0: it does so itself, between its steps.
    What becomes of a row depends on its place in the run alone, so that their number changes nothing."""
    checkpoint_minutes: float = Field(default=5.0, ge=0)
    """Least time between two checkpoints; what a killed run loses at most, up to a log interval."""
    checkpoint_steps: int | None = Field(default=None, ge=1)
    """If given, also a checkpoint when so many steps are done."""
    logs: int = Field(default=200, ge=1)
    """Points of the training curve over the whole run."""
    evaluations: int = Field(default=20, ge=1)
    """Evaluations on held-out rows over the whole run."""
    evaluation_rows: int = Field(default=64, ge=1)
    """Held-out rows of an evaluation, in whole batches; at most a tenth of the tokens is held out."""
    snapshots: tuple[Annotated[float, Field(ge=0, le=1)], ...] = ()
    """Shares of the run, 0..1, at which the model is also kept for good, in `snapshots/<step>`; 0 is the untrained."""

    @field_validator("compilation", mode="before")
    @classmethod
    def _as_yaml_reads_it(cls, given: object) -> object:
        return {True: "on", False: "off"}.get(given, given) if isinstance(given, bool) else given

    @model_validator(mode="after")
    def _steps_add_up(self) -> "TrainingConfig":
        batch = self.rows_per_batch * self.sequence_length
        if self.tokens_per_step % batch:
            raise ValueError(
                f"tokens_per_step {self.tokens_per_step:,}: no multiple of rows_per_batch * sequence_length = {batch:,}"
            )
        if self.average_share and self.first_averaged_step > self.steps:
            raise ValueError(f"average_share {self.average_share:g} of {self.steps} steps is less than half a step")
        if self.average_decay is not None and not self.average_share:
            raise ValueError(
                f"average_decay {self.average_decay:g}: no effect while average_share is 0, which averages no step; "
                "give average_share, or leave average_decay out"
            )
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
    def first_averaged_step(self) -> int:
        """Number of the first step, from 1, whose weights go into the average; more than `steps` if none does."""
        return self.steps - round(self.average_share * self.steps) + 1

    @property
    def log_steps(self) -> int:
        """Steps between two points of the curve."""
        return max(1, self.steps // self.logs)

    @property
    def evaluation_steps(self) -> int:
        """Steps between two evaluations: a multiple of `log_steps`, so that each has its point of the curve."""
        return self.log_steps * max(1, round(self.steps / self.evaluations / self.log_steps))
