"""What evaluation, retrieval and training ask of a model: evaluation sees models through these alone."""

from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Role = Literal["query", "document"]
"""Asymmetric models (E5's "query: ", "passage: ") prepare the two sides of a search differently."""


@runtime_checkable
class TextEncoder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    @property
    def fingerprint(self) -> str:
        """Hash of weights and settings: two encoders with equal fingerprints give equal vectors."""

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        """Unit vectors, one row per text, shape (len(texts), dimension)."""


@runtime_checkable
class MaskFiller(Protocol):
    """Fills one masked place of a sentence."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    def score_options(self, sentence: str, options: Sequence[str]) -> NDArray[np.float64]:
        """Log-probability of each option in the place of `[MASK]`, in nats; shape (len(options),)."""


@runtime_checkable
class TextScorer(Protocol):
    """Scores running text."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    def negative_log_likelihood(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Total nats of each text, shape (len(texts),)."""
