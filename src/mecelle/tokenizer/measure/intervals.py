"""Intervals: documents are drawn again, the same ones for every tokenizer, so that ratios are paired."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.stats import binomtest

RESAMPLES = 1_000
LEVEL = 0.95


class Estimate(BaseModel):
    """A figure with its 95% interval."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    value: float
    low: float | None = None
    """None where no interval can be had: one document."""
    high: float | None = None


class Share(BaseModel):
    """How many of how many, with the 95% interval of Wilson (1927)."""

    model_config = ConfigDict(frozen=True)

    count: int
    n: int
    share: float
    low: float
    high: float


def share(count: int, n: int) -> Share:
    """The share of `count` in `n`, which is 1 or more."""
    interval = binomtest(count, n).proportion_ci(confidence_level=LEVEL, method="wilson")
    return Share(count=count, n=n, share=count / n, low=float(interval.low), high=float(interval.high))


def resampled_sums(values: NDArray[np.float64], *, seed: int, resamples: int = RESAMPLES) -> NDArray[np.float64]:
    """Sums of the columns over documents drawn with replacement (Efron 1979), shape (resamples, columns).

    values: shape (documents, columns). The same seed draws the same documents: sums of two tokenizers are paired.
    """
    rng, n = np.random.default_rng(seed), len(values)
    return np.stack([np.bincount(rng.integers(0, n, n), minlength=n) @ values for _ in range(resamples)])


def estimate(value: float, drawn: NDArray[np.float64], *, documents: int) -> Estimate:
    """A value with the percentile interval of its resamples. Resamples in which it is not defined are left out."""
    known = drawn[np.isfinite(drawn)]
    if documents < 2 or not len(known):
        return Estimate(value=value)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value=value, low=float(low), high=float(high))


def quotient(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    """top / bottom, NaN where bottom is 0."""
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom != 0)


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return float(np.median(values))
