"""Parameters of the stage "choice"."""

from typing import Annotated

from pydantic import Field

from mecelle.base.config import Config
from mecelle.embedding.config import EmbeddingConfig
from mecelle.evaluation.compare import RESAMPLES
from mecelle.evaluation.probing.probe import ProbeConfig
from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig
from mecelle.evaluation.tasks.retrieval import Pool
from mecelle.recipes.choice.decision import Rule

STAGE = "choice"
VERSION = 2


class ChoiceConfig(Config):
    """How checkpoints are measured, and which is chosen."""

    rule: Rule = "lowest_loss"
    """Which of the checkpoints that cannot be told from the best retriever: see `decision`."""
    alpha: float = Field(default=0.05, gt=0.0, lt=1.0)
    """A checkpoint with a Holm-corrected p below this is worse than the best."""
    averages: tuple[Annotated[int, Field(ge=2)], ...] = (3,)
    """Means of the weights of the last so many checkpoints of each run stand as candidates, too."""
    post_training: EmbeddingConfig = EmbeddingConfig(
        loss="info_nce.v1", batch=32, accumulation=1, most_steps=100, learning_rate=3e-4
    )
    """The short contrastive training that every candidate gets where pairs are given; it then decides."""
    zero_shot: bool = True
    """Whether candidates are searched with as they are, too, where the short training decides: half of the time."""
    pool: Pool = "all"
    """Documents that are ranked: all, or only those of acts that some gold document belongs to."""
    most_documents: int | None = Field(default=None, ge=1)
    """Of the pool, in all: those that answer a query, and others drawn by the seed; null ranks all. Every candidate
    reads them, so they decide how long the choice takes."""
    depth: int = Field(default=100, ge=100)
    """Length of a ranking, in documents."""
    max_length: int = Field(default=256, ge=16)
    """Tokens that a model without post-training reads of a query or document."""
    masked: MaskedAccuracyConfig = MaskedAccuracyConfig()
    """Which words of the held-out texts are hidden: the same for every candidate."""
    probes: ProbeConfig = ProbeConfig()
    """Of case, number and part of speech, where a treebank is given."""
    geometry_texts: int = Field(default=1_000, ge=3)
    """Documents, drawn by the seed, whose vectors' geometry is measured."""
    resamples: int = Field(default=RESAMPLES, ge=100)
    """Bootstrap resamples and random sign flips."""
