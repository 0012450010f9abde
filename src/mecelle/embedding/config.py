"""Parameters of the stage "embedding"."""

from typing import Literal

from pydantic import Field

from mecelle.base.config import Config

STAGE = "embedding"
VERSION = 5


class EmbeddingConfig(Config):
    """How an encoder is trained for retrieval.

    Mecellem's are by default (§3.3.5, Table 6, base): the batch of one card, accumulation, rate, weight decay and
    temperature. All else is ours, `max_length` too; the recipe `mecellem-embedding` has the whole tables.
    """

    loss: str = "guided_info_nce.v1"
    """Registered loss; one that is guided needs a guide artifact."""
    batch: int = Field(default=48, ge=2)
    """Pairs whose texts are each other's negatives, over all processes. Source: Table 6, per GPU."""
    chunk: int | None = Field(default=None, ge=1)
    """Texts that go through the model at a time, so that a large batch fits into memory for a second pass through the
    model; null for a whole batch at once. No part of the result but for the last bits."""
    accumulation: int = Field(default=4, ge=1)
    """Batches of one optimizer step. Negatives never cross batches. Source: Table 6, base."""
    epochs: float = Field(default=1.0, gt=0.0)
    """Passes over the pairs."""
    most_steps: int | None = Field(default=None, ge=1)
    """Optimizer steps at most; null leaves it to `epochs`."""
    learning_rate: float = Field(default=2e-5, gt=0.0)
    """Peak. Source: §3.3.5."""
    warmup_share: float = Field(default=0.1, ge=0.0, lt=1.0)
    """Share of the steps with rising rate; after it the rate falls linearly to 0."""
    weight_decay: float = Field(default=0.01, ge=0.0)
    """Of AdamW, for matrices only. Source: §3.3.5."""
    gradient_clip: float = Field(default=1.0, gt=0.0)
    """Largest norm of the gradient."""
    temperature: float = Field(default=0.05, gt=0.0)
    """Of the softmax over cosines. Source: Table 6."""
    margin: float = Field(default=0.0, ge=0.0, le=2.0)
    """Cosine by which a negative must be less similar than the query's own document, by the guide. Source: eq. 5."""
    tolerance: float = Field(default=0.1, ge=0.0, le=2.0)
    """Of qwen3_info_nce.v1: cosine by which a negative may seem closer to the model than the own document does.
    Source: arXiv 2506.05176, eq. 1."""
    symmetric: bool = False
    """Of multiple_negatives.v1: whether the query must also be found by its document."""
    guide_temperature: float | None = Field(default=None, gt=0.0)
    """Of the softmax over the guide's cosines, where its ranking is distilled; null takes the one at which the guide is
    right about the pairs as often as it claims, which the record and the card tell."""
    guided_weight: float = Field(default=1.0, ge=0.0)
    """Of distilled_guided.v1: weight of the guided contrast."""
    distillation_weight: float = Field(default=1.0, ge=0.0)
    """Of distilled_guided.v1: weight of the guide's ranking."""
    dims: tuple[int, ...] = ()
    """Matryoshka: leading components that are trained to stand alone, besides all of them; empty for none."""
    max_length: int = Field(default=256, ge=8)
    """Tokens of a text in training, specials and prompt included, and later for whoever loads the model. 256 hold 99.9%
    of MS MARCO-TR (§3.3.5), yet Mecellem trains at 1,024 and 2,048 (Table 6), for the sake of longer texts of law."""
    query_prompt: str | None = None
    """Put before each query, in training and by whoever loads the model ("query: " for E5); null takes that of the
    model that training begins with."""
    document_prompt: str | None = None
    """Put before each document ("passage: " for E5); null as above."""
    same_kind: bool = True
    """Whether a batch holds one kind of pair, as far as that goes."""
    evaluation_pairs: int = Field(default=256, ge=0)
    """Pairs held out for the curve, at most a tenth of all; no text of them is trained on."""
    evaluation_steps: int = Field(default=100, ge=1)
    """Optimizer steps between two looks at the held-out pairs."""
    log_steps: int = Field(default=10, ge=1)
    """Optimizer steps between two rows of the curve."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the matrix products; auto takes bf16 where GPU or processor has it in hardware (models/precision.py)."""
    checkpoint_minutes: float = Field(default=5.0, gt=0.0)
    """Time between two checkpoints; no part of the result."""


NOT_IN_KEY = {"checkpoint_minutes"}
"""Parameters that may change without starting a run anew."""


def fitting(*, guided: bool, graded: bool) -> EmbeddingConfig:
    """The parameters for pairs of which no more is known. guided: there is a guide; graded: pairs have grades."""
    if graded:
        return EmbeddingConfig(loss="cosent.v1")
    return EmbeddingConfig() if guided else EmbeddingConfig(loss="multiple_negatives.v1")
