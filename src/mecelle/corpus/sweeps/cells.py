"""Survivors of pairs of thresholds, and how long they are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Measures(NamedTuple):
    """One value per document, in the order of the collection."""

    tokens: Floats
    suffix_entropy: Floats
    """Normalised, 0..1."""
    lemma_diversity: Floats
    """0..1."""


class Cell(NamedTuple):
    """What survives one pair of thresholds. Lengths are in tokens, and None where nothing survives."""

    suffix_entropy: float
    lemma_diversity: float
    documents: int
    tokens: int
    reduction: float
    """Share of documents that leave, 0..1: "DR" of Mecellem Table 26."""
    token_reduction: float
    """Share of tokens that leave, 0..1."""
    mean: float | None = None
    std: float | None = None
    """Of the population, as the spread of what is there."""
    least: float | None = None
    quartile_1: float | None = None
    median: float | None = None
    quartile_3: float | None = None
    most: float | None = None


def surviving(measures: Measures, *, entropy: float, diversity: float) -> NDArray[np.bool_]:
    """Which documents reach both thresholds ("≥", as in Mecellem's Table 26; its §3.2.4 writes ">")."""
    return (measures.suffix_entropy >= entropy) & (measures.lemma_diversity >= diversity)


def cell(measures: Measures, *, entropy: float, diversity: float) -> Cell:
    """One cell of the table."""
    kept = measures.tokens[surviving(measures, entropy=entropy, diversity=diversity)]
    documents, tokens = max(len(measures.tokens), 1), max(float(measures.tokens.sum()), 1.0)
    found = Cell(
        entropy,
        diversity,
        documents=len(kept),
        tokens=int(kept.sum()),
        reduction=round(1 - len(kept) / documents, 4),
        token_reduction=round(1 - float(kept.sum()) / tokens, 4),
    )
    if not len(kept):
        return found
    quartiles = np.quantile(kept, (0.0, 0.25, 0.5, 0.75, 1.0)).tolist()
    names = ("least", "quartile_1", "median", "quartile_3", "most")
    mean, std = round(float(kept.mean()), 1), round(float(kept.std()), 1)
    return found._replace(mean=mean, std=std, **dict(zip(names, quartiles, strict=True)))


def grid(measures: Measures, *, entropies: Sequence[float], diversities: Sequence[float]) -> list[Cell]:
    """The cells of all pairs, row by row."""
    return [cell(measures, entropy=entropy, diversity=diversity) for entropy in entropies for diversity in diversities]
