"""Whether a training made its model better at pairs that it did not see."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from mecelle.base.seeds import derive
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.pairs.record import read_pairs
from mecelle.embedding.pairs.split import split
from mecelle.evaluation.statistics.bootstrap import Interval, interval
from mecelle.evaluation.statistics.paired import Comparison, compare
from mecelle.evaluation.vectors import Vectors
from mecelle.models.folders import find_folder
from mecelle.models.names import load_encoder
from mecelle.recipes.forgetting import LEAST_PAIRS, MRR, SPEARMAN, unit_values

FEW = 30
"""Held-out pairs below which the difference of two models is mostly chance."""


class BeforeAfter(BaseModel):
    """Base and trained model on the held-out pairs."""

    model_config = ConfigDict(frozen=True)

    measure: str
    base: Interval
    trained: Interval
    change: Comparison

    @property
    def verdict(self) -> str:
        """What the difference says, by its interval."""
        if self.change.low > 0:
            return "the trained model is better"
        if self.change.high < 0:
            return "THE TRAINED MODEL IS WORSE: keep the base"
        few = f"; {self.change.n} pairs show large differences alone" if self.change.n < FEW else ""
        return f"THE TRAINED MODEL IS NOT SHOWN TO BE BETTER than its base{few}"

    def sentence(self) -> str:
        """Both scores, their difference and what it says."""
        change = self.change
        return (
            f"{self.measure} of {change.n:,} held-out pairs: base {self.base.text()}, trained {self.trained.text()}, "
            f"difference {change.difference:+.3f} [{change.low:+.3f}, {change.high:+.3f}]: {self.verdict}"
        )


def before_after(
    base: Path | str, trained: Path, pairs: Path, config: EmbeddingConfig, *, seed: int, device: str = "cpu"
) -> BeforeAfter | None:
    """Both models on the pairs that `mecelle.embedding.train` held out by this configuration and seed; None without.

    MRR@10 of the own document among all held-out documents; of graded pairs Spearman's correlation of cosine and grade.
    95% intervals over pairs. Each model has its own prompts; texts are cut at `config.max_length`.
    """
    _, held = split(list(read_pairs(pairs)), most=config.evaluation_pairs, seed=seed)
    if len(held) < LEAST_PAIRS:
        return None
    measure = MRR if held[0].grade is None else SPEARMAN
    places = (find_folder(base), trained)  # of a packaged model, the weights that the training began with
    before, after = (unit_values(_vectors(place, config, device), held)[measure] for place in places)
    drawn = derive(seed, "before_after")
    return BeforeAfter(
        measure=measure,
        base=interval(before, seed=drawn),
        trained=interval(after, seed=drawn),
        change=compare(after, before, seed=drawn),
    )


def _vectors(place: Path, config: EmbeddingConfig, device: str) -> Vectors:
    settings: dict[str, Any] = {"device": device, "max_length": config.max_length}
    return Vectors(load_encoder(place, **settings), None)
