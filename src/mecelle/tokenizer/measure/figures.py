"""All figures of one comparison, as measurements.json holds them."""

from pydantic import BaseModel, ConfigDict, Field

from mecelle.base.machine import Machine
from mecelle.tokenizer.measure.boundaries import BoundaryScores
from mecelle.tokenizer.measure.budget import Embedding
from mecelle.tokenizer.measure.fragments import Cut
from mecelle.tokenizer.measure.intervals import Estimate
from mecelle.tokenizer.measure.speed import Speed
from mecelle.tokenizer.measure.terms import Covered
from mecelle.tokenizer.measure.vocabulary import VocabularyScores


class Figures(BaseModel):
    """Of one tokenizer."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str
    place: str
    hash: str | None
    """Of the file it was read from; None for a hub id."""
    vocabulary: int
    rates: dict[str, Estimate]
    """By the names of rates.RATES, on the texts."""
    ratios: dict[str, Estimate]
    """To the baseline on the same documents; empty for the baseline."""
    used: int
    """Different tokens that the texts took."""
    renyi_efficiency: float
    embeddings: list[Embedding]
    tokens: VocabularyScores | None = None
    """Turkish, pure and unique tokens; None if no analyser was asked for."""
    boundaries: BoundaryScores | None = None
    term_rates: dict[str, Estimate] = Field(default_factory=dict)
    """The same rates with each term as a line."""
    term_ratios: dict[str, Estimate] = Field(default_factory=dict)
    coverage: list[Covered] = Field(default_factory=list)
    phrases: list[Cut]
    numbers: list[Cut]
    speed: Speed | None = None


class Measured(BaseModel):
    """What was measured on."""

    texts: list[str]
    seen: int
    empty: int
    documents: int
    lines: int
    words: int
    bytes: int
    terms: int = 0
    single_words: int = 0
    gold_words: int = 0


class Comparison(BaseModel):
    """Everything: the contents of measurements.json."""

    command: str
    seed: int
    baseline: str
    resamples: int
    measured: Measured
    tokenizers: list[Figures]
    versions: dict[str, str]
    machine: Machine
