"""Parameters of the stage "reward"."""

from typing import Literal

from pydantic import Field, model_validator

from mecelle.base.config import Config

STAGE = "reward"
VERSION = 3
ACCURACY_STAGE = "reward-accuracy"
ACCURACY_VERSION = 3


class RegressionConfig(Config):
    """Stage 1: a head for each objective. Source: Mecellem App. B; ArmoRM (arXiv:2406.12845)."""

    bounded: bool = True
    """Whether rewards go through a sigmoid, into 0..1 (App. B), or are left as they are (as §4.4.5 reports them)."""
    within_questions: bool = False
    """Whether heads are fitted to what answers to one question differ in (ours), not to what questions differ in, too:
    rewards of answers to different questions then compare less."""
    ridges: tuple[float, ...] = Field(default=(0.001, 0.01, 0.1, 1.0), min_length=1)
    """Penalties on the weights, of which each objective takes the one that predicts questions left out best."""
    backbone_steps: int = Field(default=0, ge=0)
    """Optimizer steps in which the backbone is trained with the heads; 0 leaves it frozen, as ArmoRM does."""
    backbone_batch: int = Field(default=16, ge=1)
    """Answers of one step."""
    backbone_rate: float = Field(default=2e-5, gt=0.0)
    """Learning rate of the backbone; falls linearly to 0. Ours: the paper gives none."""


class GateConfig(Config):
    """Stage 2: how much each objective counts for a question. Source: Mecellem §4.4.5 and App. B; sizes are ours."""

    experts: int = Field(default=4, ge=1)
    """Experts, each a network of its own from the question to five weights."""
    top_k: int = Field(default=2, ge=1)
    """Experts that count for a question."""
    hidden: int = Field(default=64, ge=1)
    """Units of an expert's one hidden layer."""
    steps: int = Field(default=300, ge=0)
    """Optimizer steps, each over all preference pairs; 0: all objectives count alike (ours)."""
    learning_rate: float = Field(default=3e-3, gt=0.0)
    """Of AdamW."""
    weight_decay: float = Field(default=0.1, ge=0.0)
    """Of AdamW: prompts are few, and their states have many components."""


class RewardConfig(Config):
    """How a reward model is trained on top of a causal language model."""

    layers: int | None = Field(default=None, ge=1)
    """Layers of the backbone that are run; null for all. The rest is left out of the saved model."""
    max_length: int = Field(default=512, ge=16)
    """Tokens of question, reference and answer. What is longer is cut at its end, and counted."""
    batch: int = Field(default=16, ge=1)
    """Conversations at a time; no part of the result but for the last bits."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the backbone's matrix products (models/precision.py). Its weights stay as they were saved, unless this is fp32
    or they are trained: then they are fp32."""
    likelihood: bool = False
    """Whether the heads also see how likely the answer is to the backbone, token by token (ours); needs all its layers,
    and its head."""
    evidence: bool = False
    """Whether the heads also see what can be read off the texts, such as citations that prompt and answer share (ours;
    reward/evidence.py)."""
    regression: RegressionConfig = RegressionConfig()
    """Stage 1."""
    gate: GateConfig = GateConfig()
    """Stage 2."""
    debias: bool = True
    """Stage 3: whether each reward is corrected for length. Source: ArmoRM; Mecellem App. B."""

    @model_validator(mode="after")
    def _head_reads_the_last_layer(self) -> "RewardConfig":
        if self.likelihood and self.layers is not None:
            raise ValueError("likelihood needs all layers of the backbone; leave `layers` null, or take likelihood off")
        return self
